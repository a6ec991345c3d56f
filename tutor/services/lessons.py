"""A message seen as a step of a lesson: understood, graded and recorded as evidence, in one transaction; then the move.

The runner of turns asks ``read`` what a message means and gets a ``Step``: either a teaching move with its question, or
a free question to be answered from the course beside a question that stays open.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tutor.domain import events as e
from tutor.domain import learner as learners
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Transcript
from tutor.domain.errors import SequenceConflict
from tutor.domain.items.item import Hint, Item
from tutor.domain.items.poll import Poll
from tutor.domain.learner import LearnerProfile
from tutor.locales import Locale
from tutor.ports import Append, Recorded, Store
from tutor.services import adopting, lesson_words
from tutor.services.marking import Marker
from tutor.services.recording import Recorder
from tutor.services.scene import Decision, Graded, Scene
from tutor.services.teaching import Teacher
from tutor.services.watching import Guard, Watch

if TYPE_CHECKING:
    from tutor.grading.guard import Secret

#: How often evidence is graded anew because the learner answered elsewhere at the same moment.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Step:
    """``decision`` is None for a free question; ``query`` is then what to look up instead of the message, if anything,
    and ``actions`` what the page offers next."""

    scene: Scene
    understood: e.MessageUnderstood
    graded: Graded | None
    decision: Decision | None
    query: str = ""
    actions: tuple[str, ...] = ()


class Lessons:
    """See the module. ``locale`` loads a language."""

    def __init__(
        self,
        store: Store,
        recorder: Recorder,
        marker: Marker,
        teacher: Teacher,
        guard: Guard,
        locale: Callable[[str], Locale],
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._marker = marker
        self._teacher = teacher
        self._guard = guard
        self._locale = locale
        self._hints: dict[tuple[str, str, int], tuple[Hint, ...]] = {}

    async def read(
        self,
        conversation: str,
        learner: str,
        message: e.MessageSent,
        transcript: Transcript,
        profile: LearnerProfile,
        course: Course,
    ) -> Step:
        """Understand and grade the message, record both with the evidence, and decide."""
        if course.id not in profile.courses:
            profile = await asyncio.to_thread(self._adopt, learner, course.id, profile)
        for _ in range(_ATTEMPTS):
            scene = await asyncio.to_thread(self._teacher.scene, conversation, message, transcript, profile, course)
            if scene.item is not None:
                scene = replace(scene, item=await asyncio.to_thread(self._without_giveaways, scene.item))
            understood = await asyncio.to_thread(self._marker.understand, scene)
            graded = await asyncio.to_thread(self._marker.grade, scene, understood)
            try:
                profile = await self._record(scene, learner, understood, graded)
                break
            except SequenceConflict:
                profile = await asyncio.to_thread(self._store.learners.profile, learner)
        else:
            raise SequenceConflict("The learner's record changed again and again.")
        scene = replace(scene, profile=profile)
        decision = await asyncio.to_thread(self._teacher.decide, scene, understood, graded)
        if decision is not None:
            await self._follow_up(scene, learner, decision)
            return Step(scene, understood, graded, decision)
        reply = message.reply
        generic = understood.intent in ("explain", "confirm") or (reply is not None and reply.action == "explain")
        actions = await asyncio.to_thread(self._offers, scene)
        return Step(scene, understood, graded, None, scene.asked if generic and scene.item else "", actions)

    def _without_giveaways(self, item: Item) -> Item:
        """The item without the hints that hold its answer, as the last hint of imported items often does: what tells
        is the last rung's to say, after all that helps."""
        key = (item.course, item.id, hash((item.prompt, item.body, item.hints)))
        kept = self._hints.get(key)
        if kept is None:
            from tutor.grading.guard import secret_of

            secret = secret_of(item, frozenset())
            kept = tuple(h for h in item.hints if self._guard.check(h.text, secret) is None)
            if len(self._hints) > 1000:
                self._hints.clear()
            self._hints[key] = kept
        return replace(item, hints=kept)

    def wording(self, step: Step) -> tuple[str, ...]:
        """What the tutor says by itself. Nothing of it gives away the question that is put with it: a paragraph that
        would (the explanation of a sibling, say) is left out."""
        assert step.decision is not None
        locale = self._locale(step.scene.language)
        found = lesson_words.words(locale, step.scene, step.decision, step.graded)
        watch, fixed = self.watch(step), lesson_words.fixed(locale)
        kept = tuple(text for text in found if text in fixed or watch.leak(text) is None)
        instead = "told_last" if step.decision.move.closes else "resume"
        return kept or (locale.t(f"tutor.teach.{instead}"),)

    def watch(self, step: Step) -> Watch:
        """The guard over whatever question is open once this turn ends."""
        decision, scene = step.decision, step.scene
        secrets: tuple[Secret, ...] = ()
        if scene.item is None and (decision is None or decision.next_item is None):
            return Watch(self._guard, (), questions=1)
        from tutor.grading.guard import secret_of  # loads numpy, and free talk needs none of it

        if decision is not None and decision.next_item is not None and decision.posed is not None:
            item = decision.next_item
            hint = next((h for h in item.hints if h.id == decision.posed.hint), None)
            secrets = (secret_of(item, decision.covered, hint),)
        elif decision is None and scene.item is not None and scene.lesson.open is not None:
            secrets = (secret_of(scene.item, scene.lesson.open.covered, scene.hint),)
        elif decision is not None and decision.item is not None and not decision.move.closes and scene.lesson.open:
            secrets = (secret_of(decision.item, decision.covered, scene.hint),)
        asks = decision is not None and decision.posed is None and bool(decision.actions)
        return Watch(self._guard, secrets, questions=1 if asks or (decision is None and not secrets) else 0)

    def again(self, step: Step) -> e.ItemPosed | None:
        """The open question once more, as it was put last, after a free question was answered."""
        scene = step.scene
        posed = next((turn.posed for turn in reversed(scene.path) if turn.posed), None)
        if scene.item is None or posed is None:
            return None
        return replace(posed, turn=scene.turn, reason="", facts={})

    def _offers(self, scene: Scene) -> tuple[str, ...]:
        if scene.item is not None or not self._teacher.teaches(scene.course.id):
            return ()
        known = any(seen.times for seen in scene.model.seen.values())
        return ("practise", "video") if known else ("practise", "placement", "video")

    # -- recording -------------------------------------------------------------------------------------------------

    async def _record(
        self, scene: Scene, learner: str, understood: e.MessageUnderstood, graded: Graded | None
    ) -> LearnerProfile:
        """The grade and what it says of the learner: both streams in one transaction. Returns the profile after it."""
        talk: tuple[e.Event, ...] = (understood,) if graded is None else (understood, graded.event)
        batch = [Append(e.conversation_stream(scene.conversation), talk)]
        learned = self._learned(scene, graded)
        if learned:
            batch.append(Append(e.learner_stream(learner), learned, expected_seq=scene.profile.last_seq))
        recorded = await self._recorder.record(scene.conversation, *batch)
        return _after(scene.profile, learner, recorded)

    def _learned(self, scene: Scene, graded: Graded | None) -> tuple[e.Event, ...]:
        told = self._marker.confidence(scene)
        if told is not None:
            return (told,)
        if graded is None:
            return ()
        if graded.verdict.kind == "noted" and scene.item is not None and isinstance(scene.item.body, Poll):
            return (_preferred(scene, scene.item, scene.item.body.about, graded.verdict.evidence),)
        if graded.evidence is None:
            return ()
        seq = scene.profile.last_seq + 1
        shifts = (e.MasteryChanged(scene.course.id, shift, seq) for shift in graded.event.shifts)
        return (graded.evidence, *shifts)

    def _adopt(self, learner: str, course: str, profile: LearnerProfile) -> LearnerProfile:
        """A learner who is new to the course starts from the parameters refitted for it, where there are any."""
        found = adopting.current(self._store.log, course)
        if found is None:
            return profile
        with contextlib.suppress(SequenceConflict):  # somebody else wrote just now; whatever counts is in the log
            self._store.log.append(Append(e.learner_stream(learner), (found,), expected_seq=profile.last_seq))
        return self._store.learners.profile(learner)

    async def _follow_up(self, scene: Scene, learner: str, decision: Decision) -> None:
        """What a move itself leaves in the log."""
        batch: list[Append] = []
        if decision.move.name == "contest_noted" and scene.lesson.last_graded:
            contested = e.GradeContested(
                scene.turn, scene.lesson.last_graded, scene.lesson.last_item, scene.message.text[:500]
            )
            batch.append(Append(e.conversation_stream(scene.conversation), (contested,)))
        learned: list[e.Event] = []
        if decision.outcome == "placed":
            learned.append(e.PlacementFinished(scene.course.id, len(scene.lesson.placed) + 1, decision.known))
        if decision.chosen is not None:
            learned.append(decision.chosen)
        open_, posed = scene.lesson.open, decision.posed
        if posed is not None and (open_ is None or posed.item != open_.item):
            learned.append(e.ItemMet(scene.course.id, posed.item, scene.conversation, scene.turn))
        if (told := self._marker.told(scene, decision)) is not None:
            learned.append(told)
        if learned:
            batch.append(Append(e.learner_stream(learner), tuple(learned)))
        if batch:
            await self._recorder.record(scene.conversation, *batch)


def _after(profile: LearnerProfile, learner: str, recorded: tuple[Recorded, ...]) -> LearnerProfile:
    stream = e.learner_stream(learner)
    ours = ((one.event, one.seq, one.at) for one in recorded if one.stream == stream)
    return learners.fold(ours, profile)


def _preferred(scene: Scene, item: Item, about: str, said: str) -> e.PreferenceSet:
    """What a poll told. An interest joins those that the learner told before: the path reads them all."""
    said = (said or scene.message.text)[:500]
    if about not in ("interest", "interests"):
        return e.PreferenceSet(about or f"poll:{item.id}", said)
    told = dict.fromkeys((*scene.profile.interests, said))
    return e.PreferenceSet("interests", "; ".join(told))
