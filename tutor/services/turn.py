"""One turn, from the message to its end: look up, decide, speak, record.

Whatever happens (an answer, a model that fails, a stop, a shutdown), the turn ends with ``TurnFinished`` or
``TurnInterrupted``. Only a dead process leaves it open; then ``services.presence`` closes it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import Literal

from retrieval.retriever import Retriever
from retrieval.values import SearchResult
from tutor.domain import events as e
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.errors import DiotimaError, ModelTimeout, NotFound, StoreBusy, TurnClosed
from tutor.domain.learner import LearnerProfile
from tutor.domain.policy import Situation, is_greeting, next_move, retrieval_query
from tutor.observe import Logger
from tutor.ports import Append, Store
from tutor.services.explain.explaining import Brief, Explains, Made
from tutor.services.explain.wish import Wish
from tutor.services.lessons import Lessons, Step
from tutor.services.live import Delta, Live
from tutor.services.recording import Recorder
from tutor.services.speaking import Closing, Draft, Piece, Sentence, Speaker, Token
from tutor.services.spoken import SpokenLog

log = Logger(__name__)

EndReason = Literal["stopped", "interrupted"]
# The closing event must not be lost while the database is locked or away, or the conversation would stay blocked: the
# waits, in seconds, between attempts, the last one for as long as it takes.
_CLOSING_WAITS = (0.2, 1.0, 3.0, 10.0)


@dataclass
class _Turn:
    """What a running turn has gathered so far: ``text`` is spoken for good, ``tail`` only shown."""

    learner: str
    conversation: str
    message: e.MessageSent
    language: str = "en"
    course: str = ""
    text: str = ""
    tail: str = ""
    closing: Closing = field(default_factory=Closing)
    positions: dict[str, int] = field(default_factory=dict)
    draft: Draft | None = None
    posed: e.ItemPosed | None = None
    actions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.message.turn


class TurnRunner:
    """Runs turns. ``retriever`` finds passages; ``speaker`` words the move; both know nothing of the log."""

    def __init__(
        self,
        store: Store,
        live: Live,
        recorder: Recorder,
        retriever: Retriever,
        speaker: Speaker,
        lessons: Lessons,
        turn_seconds: float,
        explainer: Explains | None = None,
    ) -> None:
        self._store = store
        self._live = live
        self._recorder = recorder
        self._retriever = retriever
        self._speaker = speaker
        self._lessons = lessons
        self._explainer = explainer
        self._turn_seconds = turn_seconds
        self._spoken = SpokenLog(recorder)
        self._inner: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, EndReason] = {}

    def end(self, turn: str, reason: EndReason) -> None:
        """Ask a turn that runs to end; ``run`` then records why. One that is closing already ends as it does."""
        self._ends[turn] = reason
        inner = self._inner.get(turn)
        if inner is not None:
            inner.cancel()

    async def run(self, learner: str, conversation: str, message: e.MessageSent) -> None:
        """Answer ``message``. Returns when the turn's closing event is recorded."""
        turn = _Turn(learner, conversation, message)
        began = time.monotonic()
        closing: e.Event
        try:
            closing = await self._attempt(turn)
        except DiotimaError as error:
            log.warning("turn.failed", code=error.code, turn=turn.id)
            closing = self._failed(turn, error.code, error.retryable)
        except Exception:
            # The last line of defence: a defect of ours must still end the turn, and loudly in the log.
            log.exception("turn.crashed", turn=turn.id)
            closing = self._failed(turn, "internal", True)
        if isinstance(closing, e.TurnFinished):
            closing = replace(closing, seconds=time.monotonic() - began)
        try:
            await self._close(turn, closing)
        finally:
            self._live.settle(conversation)
            self._inner.pop(turn.id, None)
            self._ends.pop(turn.id, None)

    async def _attempt(self, turn: _Turn) -> e.Event:
        inner = asyncio.create_task(self._respond(turn), name=f"respond {turn.id}")
        self._inner[turn.id] = inner
        if turn.id in self._ends:
            inner.cancel()
        try:
            async with asyncio.timeout(self._turn_seconds):
                await inner
        except TimeoutError as timeout:
            raise ModelTimeout("The turn took too long.") from timeout
        except asyncio.CancelledError:
            reason = self._ends.get(turn.id)
            if reason is None:
                raise
            return e.TurnInterrupted(turn.id) if reason == "interrupted" else await self._stopped(turn)
        return self._finished(turn, "complete")

    # -- the steps -------------------------------------------------------------------------------------------------

    async def _respond(self, turn: _Turn) -> None:
        transcript, profile, course, has_material = await asyncio.to_thread(self._load, turn)
        turn.language, turn.course = transcript.language, course.id
        step = await self._lessons.read(turn.conversation, turn.learner, turn.message, transcript, profile, course)
        if step.decision is not None:
            await self._teach(turn, step)
        else:
            await self._answer(turn, step, has_material)

    async def _teach(self, turn: _Turn, step: Step) -> None:
        """A move of the policy, with the question that goes with it."""
        decision, scene = step.decision, step.scene
        assert decision is not None
        move = decision.move
        chosen = e.MoveChosen(
            turn=turn.id,
            move=move.name,
            rule=move.rule,
            reason=move.reason,
            item=decision.item.id if decision.item else "",
            hint=move.hint,
            focus=move.focus,
            closes=move.closes,
        )
        await self._record(turn, chosen)
        wording = await asyncio.to_thread(self._lessons.wording, step)
        turn.posed, turn.actions = decision.posed, decision.actions
        turn.draft = Draft(
            scene.course,
            turn.language,
            turn.message.text,
            earlier=scene.path,
            watch=self._lessons.watch(step),
            question=decision.posed.prompt if decision.posed else "",
        )
        await self._say(turn, self._speaker.teach(move.name, wording, turn.draft))

    async def _answer(self, turn: _Turn, step: Step, has_material: bool) -> None:
        """A free question: the course answers it, and a question that was open is put again."""
        scene = step.scene
        wish = self._explainer.wish(turn.message) if self._explainer else None
        if wish is not None and self._explainer is not None:
            await self._film(self._explainer, turn, step, wish, has_material)
            return
        greeted = scene.item is None and is_greeting(turn.message.text, self._speaker.greetings(turn.language))
        earlier = tuple(t.message for t in scene.path)
        query = step.query or retrieval_query(turn.message.text, earlier, self._speaker.leaning())
        found: SearchResult | None = None
        result: SearchResult | None = None
        watch = self._lessons.watch(step)
        steps: list[e.Event] = []
        if has_material and not greeted:
            found = await asyncio.to_thread(self._search, scene.course, query, scene.profile)
            result = await asyncio.to_thread(watch.without_answers, found)
            turn.positions = {hit.passage.id: hit.passage.position for hit in result.hits}
            steps.append(_retrieved(turn.id, query, result))
        move = next_move(_situation(greeted, has_material, found, result))
        await self._record(turn, *steps, e.MoveChosen(turn.id, move.name, move.rule, move.reason))
        turn.posed = await asyncio.to_thread(self._lessons.again, step)
        turn.actions = step.actions
        question = turn.posed.prompt if turn.posed else ""
        turn.draft = Draft(
            scene.course, turn.language, turn.message.text, query, scene.path, result, watch=watch, question=question
        )
        await self._say(turn, self._speaker.speak(move, turn.draft))

    async def _film(self, explainer: Explains, turn: _Turn, step: Step, wish: Wish, has_material: bool) -> None:
        """A film is wanted: its script is written from the course's passages, and a job begins to make it."""
        scene, watch = step.scene, self._lessons.watch(step)
        own = not wish.about and scene.item is not None
        topic = wish.about or step.query or last_topic(scene.path)
        result: SearchResult | None = None
        if has_material and topic:
            result = await asyncio.to_thread(self._search, scene.course, topic, scene.profile)
            result = await asyncio.to_thread(watch.without_answers, result)
            turn.positions = {hit.passage.id: hit.passage.position for hit in result.hits}
            await self._record(turn, _retrieved(turn.id, topic, result))
        made: Made | None = None
        refused = "nothing"
        try:
            if result is not None and (result.covered or own):
                made = await explainer.make(Brief(wish, scene, topic, result, watch, own), turn.learner)
        except NotFound as nothing:
            log.info("film.nothing", code=nothing.code, turn=turn.id)
        except DiotimaError as error:
            log.warning("film.unavailable", code=error.code, turn=turn.id)
            refused = "unavailable"
        turn.posed = await asyncio.to_thread(self._lessons.again, step)
        turn.actions = step.actions
        if made is None:
            reason = "No film can be made of this." if refused == "nothing" else "Films can't be made here now."
            await self._record(turn, e.MoveChosen(turn.id, "no_film", f"film_{refused}", reason))
            await self._say(turn, self._speaker.of_film(refused, turn.language))
            return
        await self._record(turn, e.MoveChosen(turn.id, "film", f"film_{made.form}", "The learner asked for a film."))
        await self._record(
            turn,
            e.FilmRequested(turn.id, made.job, made.key, made.title, made.language, made.form, made.wanted, made.draft),
        )
        await self._say(turn, self._speaker.of_film(made, turn.language))

    def _load(self, turn: _Turn) -> tuple[Transcript, LearnerProfile, Course, bool]:
        transcript = self._store.conversations.transcript(turn.conversation)
        profile = self._store.learners.profile(turn.learner)
        course = self._store.library.course(transcript.course) or Course(transcript.course, transcript.course)
        return transcript, profile, course, bool(self._store.library.titles(course.id))

    def _search(self, course: Course, query: str, profile: LearnerProfile) -> SearchResult:
        position = profile.positions.get(course.id)
        return self._retriever.search(course.id, query, course_language=course.language, position=position)

    async def _say(self, turn: _Turn, pieces: AsyncIterator[Piece]) -> None:
        async for piece in pieces:
            match piece:
                case e.SentenceReplaced():
                    self._spoken.add(turn.conversation, replace(piece, turn=turn.id))
                    if turn.tail:  # what was shown of it goes
                        turn.tail = ""
                        self._live.publish(turn.conversation, Delta(turn.id, len(turn.text), ""))
                case e.PromptRendered():
                    await self._record(turn, replace(piece, turn=turn.id))
                case Token():
                    offset = len(turn.text) + len(turn.tail)
                    turn.tail += piece.text
                    self._live.publish(turn.conversation, Delta(turn.id, offset, piece.text))
                case Sentence():
                    await self._sentence(turn, piece)
                case Closing():
                    turn.closing = piece
        await self._spoken.settled(turn.conversation)

    async def _sentence(self, turn: _Turn, piece: Sentence) -> None:
        """A model's sentence is heard at once and recorded soon, together with those of other turns; one of ours, of
        which there are few, is heard when it is recorded."""
        said, shown = e.SentenceSpoken(turn.id, len(turn.text), piece.text, piece.source), turn.tail
        turn.text, turn.tail = turn.text + piece.text, piece.tail
        turn.closing = replace(turn.closing, source=piece.source)
        if shown or piece.source == "model":
            text = piece.text + piece.tail
            known = len(shown) if text.startswith(shown) else 0
            if text[known:] or not known:
                self._live.publish(turn.conversation, Delta(turn.id, said.offset + known, text[known:]))
            self._spoken.add(turn.conversation, said)
            return
        self._spoken.add(turn.conversation, said)
        await self._spoken.settled(turn.conversation)
        if piece.tail:
            self._live.publish(turn.conversation, Delta(turn.id, len(turn.text), piece.tail))

    # -- recording -------------------------------------------------------------------------------------------------

    async def _record(self, turn: _Turn, *events: e.Event) -> None:
        await self._spoken.settled(turn.conversation)
        await self._recorder.record(turn.conversation, self._for_conversation(turn, *events))

    def _for_conversation(self, turn: _Turn, *events: e.Event) -> Append:
        return Append(e.conversation_stream(turn.conversation), events, turn=turn.id)

    def _finished(self, turn: _Turn, outcome: e.Outcome) -> e.TurnFinished:
        closing = turn.closing
        return e.TurnFinished(
            turn=turn.id,
            outcome=outcome,
            text=turn.text.strip(),
            source=closing.source,
            citations=closing.citations,
            error=closing.error.code if closing.error else None,
            retryable=closing.error is not None,
            usage=closing.usage,
            actions=turn.actions,
        )

    async def _stopped(self, turn: _Turn) -> e.TurnFinished:
        """What the learner saw stays, the begun sentence too, with the citations in it."""
        finished = self._finished(turn, "stopped")
        if turn.draft is None or not (turn.tail or turn.closing.source == "model"):
            return finished
        text, citations = await self._speaker.broken_off(turn.draft, turn.text, turn.tail)
        return replace(finished, text=text, citations=citations, source="model")

    def _failed(self, turn: _Turn, code: str, retryable: bool) -> e.TurnFinished:
        return replace(self._finished(turn, "failed"), error=code, retryable=retryable)

    async def _close(self, turn: _Turn, closing: e.Event) -> None:
        with suppress(
            Exception
        ):  # a turn that fails for it has heard of it before; the closing event has the whole text
            await self._spoken.settled(turn.conversation)
        batch = [self._for_conversation(turn, closing)]
        if turn.posed is not None and isinstance(closing, e.TurnFinished) and closing.outcome != "failed":
            # The question and the end of the turn are one step: a card never stands without its turn.
            batch[0] = replace(batch[0], events=(turn.posed, closing))
        if isinstance(closing, e.TurnFinished) and closing.citations:
            cited = tuple(dict.fromkeys(c.passage for c in closing.citations))
            met = e.MaterialMet(turn.course, turn.conversation, turn.id, cited, turn.positions.get(cited[0], 0))
            batch.append(Append(e.learner_stream(turn.learner), (met,)))
        try:
            await self._record_surely(turn.conversation, batch)
        except NotFound:
            log.info("turn.erased", turn=turn.id)  # the conversation or the learner went, and the turn with them
        except TurnClosed:
            # Another server took this one for dead, and whoever follows the conversation has been told.
            log.warning("turn.closed_by_another", turn=turn.id)
        except Exception:
            # What can't be recorded as it is must not keep the turn open: then it is void.
            log.exception("turn.not_recorded", turn=turn.id)
            await self._record_surely(turn.conversation, [self._for_conversation(turn, e.TurnInterrupted(turn.id))])

    async def _record_surely(self, conversation: str, batch: list[Append]) -> None:
        for wait in chain(_CLOSING_WAITS, repeat(_CLOSING_WAITS[-1])):
            try:
                await self._recorder.record(conversation, *batch)
            except StoreBusy as error:
                log.warning("turn.waits_for_the_store", code=error.code, seconds=wait)
                await asyncio.sleep(wait)
            else:
                return


def last_topic(path: tuple[Turn, ...]) -> str:
    """What "that" means: what was last asked about, or the heading of what was last quoted."""
    for turn in reversed(path):
        if turn.citations and turn.citations[0].heading_path:
            return turn.citations[0].heading_path[-1]
        if turn.posed is not None:
            return turn.posed.prompt
        if turn.retrieved is not None:
            return turn.retrieved.query
    return ""


def _situation(greeted: bool, has_material: bool, found: SearchResult | None, shown: SearchResult | None) -> Situation:
    """``found`` in the course, and what of it may be ``shown`` while a question is open."""
    if found is None or shown is None:
        return Situation(greeted, has_material, found=0, covered=False)
    touches = bool(found.hits) and found.hits[:1] != shown.hits[:1]
    return Situation(greeted, has_material, len(shown.hits), shown.covered, len(found.withheld), touches)


def _retrieved(turn: str, query: str, result: SearchResult) -> e.PassagesRetrieved:
    signals = result.signals.as_data()
    return e.PassagesRetrieved(
        turn=turn,
        query=query,
        passages=tuple(
            e.RetrievedPassage(
                hit.passage.id,
                hit.passage.document,
                hit.passage.heading_path,
                hit.passage.start,
                hit.passage.end,
                hit.passage.text,
                hit.score,
                hit.lexical,
                hit.dense,
            )
            for hit in result.hits
        ),
        covered=result.covered,
        signals={name: value for name, value in signals.items() if isinstance(value, float)},
        mode=str(signals["mode"]),
    )
