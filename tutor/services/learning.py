"""What learners do about the beliefs held of them: see the evidence, contest, and say what they want."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tutor.domain import events as e
from tutor.domain import pathway
from tutor.domain.accounts import Account
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.films import FilmState
from tutor.domain.pathway import Activity, KcState, Summary
from tutor.domain.viewing import Viewing
from tutor.ports import Append, Clock, Store

#: How many answers are shown behind a belief.
SHOWN = 12
MAX_NOTE = 1000
MAX_INTERESTS = 500
MAX_SPANS = 200
LONGEST_FILM = 12 * 3600  # seconds


@dataclass(frozen=True)
class Evidence:
    """One answer behind a belief: the question's text, the grade and where in the conversations it is."""

    seq: int
    at: datetime
    item: str
    prompt: str
    verdict: str
    hint_level: int
    conversation: str
    source: str


@dataclass(frozen=True)
class Standing:
    """Where a learner stands in a course: the map, what comes next and why, and what is known of their ways."""

    course: Course
    model: CourseModel
    map: tuple[KcState, ...]
    summary: Summary
    activity: Activity | None
    outcome: Literal["no_items", "all_mastered", "goal_reached", "open"]
    evidence: dict[str, tuple[Evidence, ...]]
    misconceptions: tuple[tuple[str, int], ...]
    viewings: tuple[Viewing, ...]
    now: datetime


class LearningService:
    """Everything here is the learner's own: there is no way to ask about somebody else."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def standing(self, account: Account, course: str) -> Standing:
        """Raises ``NotFound``."""
        return await asyncio.to_thread(self._standing, account.id, course)

    def _standing(self, learner: str, course: str) -> Standing:
        found = self._store.library.course(course)
        if found is None:
            raise NotFound("There is no such course.")
        now = self._clock()
        profile = self._store.learners.profile(learner)
        model = profile.course(course)
        viewings = [one for one in profile.viewings.values() if one.course == course]
        rows = self._store.bank.summaries(course)
        taught = tuple(row for row in rows if row.state == "approved")
        summary = pathway.summary(model, now)
        titles = [(self._named(course, name, found_.items), found_.count) for name, found_ in summary.misconceptions]
        return Standing(
            found,
            model,
            pathway.map_of(found, model, now, taught),
            summary,
            pathway.next_activity(found, model, rows, now),
            pathway.outcome(found, model, rows, now),
            self._evidence(learner, course),
            tuple((title, count) for title, count in titles if title),
            tuple(sorted(viewings, key=lambda one: one.at, reverse=True)),
            now,
        )

    def _named(self, course: str, misconception: str, items: tuple[str, ...]) -> str:
        """The misconception in the author's words, from an item that showed it."""
        for name in reversed(items):
            item = self._store.bank.get(course, name)
            for one in item.misconceptions if item else ():
                if one.id == misconception:
                    return one.title
        return ""

    def _evidence(self, learner: str, course: str) -> dict[str, tuple[Evidence, ...]]:
        """By component, newest first: the events behind each belief."""
        found: dict[str, list[Evidence]] = {}
        prompts: dict[str, str] = {}
        for one in reversed(self._store.log.read(e.learner_stream(learner))):
            event = one.event
            if not isinstance(event, e.EvidenceObserved) or event.course != course:
                continue
            for kc in event.kcs:
                listed = found.setdefault(kc, [])
                if len(listed) < SHOWN:
                    listed.append(
                        Evidence(
                            one.seq,
                            one.at,
                            event.item,
                            self._prompt(course, event.item, prompts),
                            event.verdict,
                            event.hint_level,
                            event.conversation,
                            event.source,
                        )
                    )
        return {kc: tuple(listed) for kc, listed in found.items()}

    def _prompt(self, course: str, name: str, known: dict[str, str]) -> str:
        if name not in known:
            base, _, hint = name.partition("#")
            item = self._store.bank.get(course, base)
            scaffold = next((h.text for h in item.hints if h.id == hint), "") if item and hint else ""
            known[name] = scaffold or (item.prompt if item else "")
        return known[name]

    async def contest(self, account: Account, course: str, kc: str, claim: str, note: str = "") -> None:
        """ "I don't think that's right." The path checks it with the next questions.

        Raises ``InvalidInput`` for an unknown claim or component, or a note that is too long, and ``NotFound``.
        """
        if claim not in ("know", "unsure"):
            raise InvalidInput("A claim is know or unsure.", field="claim")
        if len(note) > MAX_NOTE:
            raise InvalidInput(f"A note has at most {MAX_NOTE} characters.", field="note")
        if kc not in await self._components(course):
            raise InvalidInput("There is no such topic in this course.", field="kc")
        await self._append(account, e.BeliefContested(course, kc, claim, note.strip()))

    async def choose_goal(self, account: Account, course: str, kcs: tuple[str, ...]) -> None:
        """Work towards these components first; none: the whole course. Raises ``InvalidInput`` and ``NotFound``."""
        known = await self._components(course)
        if not set(kcs) <= known:
            raise InvalidInput("There is no such topic in this course.", field="kc")
        await self._append(account, e.GoalChosen(course, tuple(dict.fromkeys(kcs))))

    async def tell_interests(self, account: Account, interests: str) -> None:
        """Raises ``InvalidInput`` for more than 500 characters."""
        if len(interests) > MAX_INTERESTS:
            raise InvalidInput(f"Interests have at most {MAX_INTERESTS} characters.", field="interests")
        await self._append(account, e.PreferenceSet("interests", " ".join(interests.split())))

    async def watched(self, account: Account, film: FilmState, spans: Sequence[tuple[int, int]], length: int) -> None:
        """Stretches of a film were played: exposure, never mastery. Raises ``InvalidInput`` for what no film can be."""
        if not 0 < length <= LONGEST_FILM or len(spans) > MAX_SPANS:
            raise InvalidInput("No film is so long.", field="length")
        if any(not 0 <= start < to <= length + 1 for start, to in spans):
            raise InvalidInput("A stretch lies within the film.", field="spans")
        if spans:
            seen = e.FilmWatched(film.course, film.job, film.title, film.language, length, tuple(spans))
            await self._append(account, seen)

    async def _components(self, course: str) -> set[str]:
        found = await asyncio.to_thread(self._store.library.course, course)
        if found is None:
            raise NotFound("There is no such course.")
        rows = await asyncio.to_thread(self._store.bank.summaries, course)
        return {component.id for component in found.components} | {kc for row in rows for kc in row.kcs}

    async def _append(self, account: Account, event: e.Event) -> None:
        await asyncio.to_thread(self._store.log.append, Append(e.learner_stream(account.id), (event,)))
