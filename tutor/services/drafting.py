"""Questions drafted by a language model from the course's own passages, for a trainer to read.

A draft is never taught before a trainer approved it. Each rests on a passage: its quote must be found there word for
word, and document and quote are kept with it. What doesn't fit the schema is sent back once with what is wrong, and
then dropped. The work is a job like those on material, in a task beside the requests.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any

from prompts import DraftItems, PromptPassage, render
from retrieval import quotes
from retrieval.values import Passage
from tutor.domain.curriculum import Course
from tutor.domain.errors import DiotimaError, InvalidInput, ModelError, ModelGarbled, NotFound
from tutor.domain.events import Usage
from tutor.domain.items import read_item
from tutor.domain.items.item import BadItem, Item
from tutor.domain.jobs import Job
from tutor.observe import Logger
from tutor.ports import ChatModel, ItemBank, JobQueue, Library, ModelRequest, NewId
from tutor.services.components import Matcher, with_components

log = Logger(__name__)

KIND = "draft"
LEASE = 180.0  # seconds; renewed after every passage, which is one or two calls of the model
MOST_PASSAGES = 12  # of one document and job: a trainer has to read what comes out
FEWEST_WORDS = 40  # of a passage that can carry a question
EACH = 2  # questions from one passage
TOLD = 20  # components and known questions that the model is told of
MOST_TOKENS = 1800
TYPES = ("short_answer", "multiple_choice", "numeric", "cloze", "ordering", "matching")
_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")


class NoModel(InvalidInput):
    """No language model is set, so nothing can be drafted."""

    code = "no_model"


@dataclass(frozen=True)
class _Read:
    """What a reply held: usable items, and what is wrong with the rest."""

    items: tuple[Item, ...]
    problems: tuple[str, ...]


class Drafting:
    """See the module. ``ask`` puts a job into the queue; ``run_pending`` works them off."""

    def __init__(
        self,
        library: Library,
        bank: ItemBank,
        jobs: JobQueue,
        model: ChatModel | None,
        new_id: NewId,
    ) -> None:
        self._library = library
        self._bank = bank
        self._jobs = jobs
        self._model = model
        self._worker = f"draft-{new_id()}"
        self._task: asyncio.Task[int] | None = None

    @property
    def available(self) -> bool:
        return self._model is not None

    async def ask(self, course: str, document: str, owner: str | None = None) -> Job:
        """Ask for drafts from a document; asked for again while it waits, it is the same job. The work begins at once.

        Raises ``NoModel`` and ``NotFound``.
        """
        if self._model is None:
            raise NoModel("No language model is set.")
        if await asyncio.to_thread(self._library.document, course, document) is None:
            raise NotFound("There is no such document.", course=course, path=document)
        arguments = {"course": course, "path": document}
        job = await asyncio.to_thread(self._jobs.enqueue, KIND, f"{course}:{document}", arguments, owner)
        self.wake()
        return job

    def wake(self) -> None:
        """Work off what waits, beside whatever else goes on: also what another process left behind."""
        if self._model is not None and (self._task is None or self._task.done()):
            # In a context of its own: what it logs is not the request's that woke it.
            self._task = asyncio.create_task(self.run_pending(), name="drafting", context=Context())

    async def close(self) -> None:
        """Stop; a job under way is handed back and begins anew at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def jobs(self, course: str, limit: int = 5) -> tuple[Job, ...]:
        """The newest drafting jobs of a course."""
        found = (job for job in self._jobs.listed(KIND) if job.arguments.get("course") == course)
        return tuple(found)[:limit]

    async def run_pending(self) -> int:
        """Work off every waiting job; how many."""
        count = 0
        while job := await asyncio.to_thread(self._jobs.claim, self._worker, LEASE, (KIND,)):
            await self._work(job)
            count += 1
        return count

    async def _work(self, job: Job) -> None:
        finish = self._jobs.finish
        try:
            await self._draft(job)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(finish, job.id, self._worker, "pending"))
            raise
        except DiotimaError as error:
            log.warning("drafting.job_failed", job=job.id, code=error.code)
            await asyncio.to_thread(finish, job.id, self._worker, "failed", error.code)
        except Exception as error:
            log.exception("drafting.job_failed", job=job.id)
            await asyncio.to_thread(finish, job.id, self._worker, "failed", type(error).__name__)
        else:
            await asyncio.to_thread(finish, job.id, self._worker, "done")

    # -- one document --------------------------------------------------------------------------------------------------

    async def _draft(self, job: Job) -> None:
        """Raises the last ``ModelError`` where no passage could be worked on at all."""
        course, path = await asyncio.to_thread(self._library.course, job.arguments["course"]), job.arguments["path"]
        if course is None:
            raise NotFound("There is no such course.")
        passages = await asyncio.to_thread(self._passages, course.id, path)
        document = await asyncio.to_thread(self._library.document, course.id, path)
        named = document.kcs if document else ()
        failed: ModelError | None = None
        served = 0
        for done, passage in enumerate(passages):
            if not await self._report(job, done, len(passages)):
                return
            try:
                found = await self.from_passage(course, passage, named)
                served += 1
            except ModelError as error:
                failed = error
                if not error.retryable:
                    break
                continue
            kept = [item for item in found.items if await asyncio.to_thread(self._keep, item)]
            log.info("drafting.passage", course=course.id, kept=len(kept), dropped=len(found.problems))
            for problem in found.problems:
                await self._report(job, done, len(passages), problem)
        if failed is not None and not served:
            raise failed
        await self._report(job, len(passages), len(passages))

    def _passages(self, course: str, path: str) -> list[Passage]:
        """Evenly from the whole document, where it has more than a trainer wants to read questions on."""
        found = [one for one in self._library.passages(course, path) if len(one.text.split()) >= FEWEST_WORDS]
        found = found or list(self._library.passages(course, path))
        if len(found) <= MOST_PASSAGES:
            return found
        return [found[at * len(found) // MOST_PASSAGES] for at in range(MOST_PASSAGES)]

    def _keep(self, item: Item) -> bool:
        """Store a new draft; one that was there before, whatever a trainer made of it, stays as it is."""
        if self._bank.get(item.course, item.id) is not None:
            return False
        self._bank.save(item)
        return True

    async def _report(self, job: Job, done: int, total: int, message: str | None = None) -> bool:
        return await asyncio.to_thread(
            self._jobs.progress,
            job.id,
            self._worker,
            LEASE,
            stage="drafting",
            done=done,
            total=total,
            message=message,
        )

    # -- one passage ---------------------------------------------------------------------------------------------------

    async def from_passage(self, course: Course, passage: Passage, named: Sequence[str] = ()) -> _Read:
        """Drafts from one passage. ``named`` are the components its document teaches. Raises a ``ModelError``."""
        held = await asyncio.to_thread(self._bank.listed, course.id, limit=10_000)
        asked = tuple(item.prompt for item in held if item.place == passage.document)[:TOLD]
        near = [one for one in course.components if one.id in named] or list(course.components)
        prompt = DraftItems(
            course_title=course.title,
            language=course.language,
            passage=PromptPassage(1, passage.prefix, passage.text),
            components=tuple((one.id, f"{one.title}. {one.objective}".strip()) for one in near[:TOLD]),
            count=EACH,
            asked=asked,
        )
        matcher = Matcher(course.components, course.language)
        reply = await self._ask(prompt)
        first = read_reply(reply, course, passage, self._name)
        if first.problems:
            again = replace(prompt, rejected_reply=reply, problems=first.problems)
            second = read_reply(await self._ask(again), course, passage, self._name)
            first = _Read(tuple({item.id: item for item in (*first.items, *second.items)}.values()), second.problems)
        return replace(first, items=tuple(with_components(item, matcher, named) for item in first.items))

    @property
    def _name(self) -> str:
        return self._model.name if self._model else ""

    async def _ask(self, prompt: DraftItems) -> str:
        if self._model is None:
            raise NoModel("No language model is set.")
        request = ModelRequest(render(prompt).messages, max_tokens=MOST_TOKENS, temperature=0.4)
        parts = [part async for part in self._model.stream(request) if not isinstance(part, Usage)]
        return "".join(parts).strip() or _empty()


def _empty() -> str:
    raise ModelGarbled("the model said nothing")


def read_reply(reply: str, course: Course, passage: Passage, model: str) -> _Read:
    """The items of a model's reply that fit the schema and rest on the passage."""
    try:
        data = json.loads(_FENCE.sub("", reply))
    except (ValueError, RecursionError):
        return _Read((), ("the reply is not JSON",))
    entries = data.get("items") if isinstance(data, Mapping) else None
    if not isinstance(entries, list):
        return _Read((), ('the reply has no list called "items"',))
    items: dict[str, Item] = {}
    problems: list[str] = []
    for number, entry in enumerate(entries[: 2 * EACH], 1):
        try:
            item = _item(entry, course, passage, model)
        except BadItem as error:
            problems.append(f"item {number}: {error}")
        else:
            items[item.id] = item
    return _Read(tuple(items.values()), tuple(problems))


def _item(entry: Any, course: Course, passage: Passage, model: str) -> Item:
    if not isinstance(entry, Mapping):
        raise BadItem("it must be an object")
    if entry.get("type") not in TYPES:
        raise BadItem(f"type must be one of {', '.join(TYPES)}")
    quote = entry.get("quote")
    if not isinstance(quote, str) or not quote.strip():
        raise BadItem("quote is missing")
    citation = quotes.cite(quote, passage)
    if citation is None:
        raise BadItem("quote: these words do not stand in the passage")
    known = {one.id for one in course.components}
    named = entry.get("kcs", [])
    kcs = [one for one in named if isinstance(one, str) and one in known] if isinstance(named, list) else []
    prompt = entry.get("prompt")
    digest = hashlib.sha256(f"{passage.document}\x1f{prompt}".encode("utf-8", "surrogatepass")).hexdigest()[:12]
    data = {key: value for key, value in entry.items() if key not in _OURS}
    item = read_item({**data, "id": f"draft-{digest}", "kcs": kcs}, course.id)
    return replace(
        item,
        origin="drafted",
        state="draft",
        place=passage.document,
        extra={"passage": passage.id, "quote": citation.quote, "model": model},
    )


# Not the model's to say.
_OURS = frozenset(
    ("quote", "origin", "state", "place", "item_extra", "attribution", "kcs_guessed", "variant_of", "difficulty")
)
