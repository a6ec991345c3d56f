"""What people decide about grades: the contested ones, and what they should have been."""

import asyncio
import contextlib
from dataclasses import dataclass

from tutor.domain import events as e
from tutor.domain import learner as learners
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Turn
from tutor.domain.errors import InvalidInput, NotAllowed, SequenceConflict
from tutor.domain.learner import LearnerProfile
from tutor.ports import Append, ConversationSummary, Store
from tutor.services import deciding
from tutor.services.recording import Recorder

#: What a reviewer may say a grade should have been, and the credit it stands for.
VERDICTS = {"correct": 1.0, "partial": 0.5, "incorrect": 0.0}

#: How often a decision is tried while others write.
_ATTEMPTS = 8


@dataclass(frozen=True)
class Contested:
    """A grade that a learner contests: where it is, and the turn with its answer."""

    conversation: ConversationSummary
    turn: Turn


class ReviewService:
    """For reviewers only: every method raises ``NotAllowed`` for anybody else."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder

    async def contested(self, account: Account, limit: int = 100) -> tuple[Contested, ...]:
        """Contested grades that nobody has decided yet, the newest first."""
        _require_reviewer(account)
        return await asyncio.to_thread(self._contested, limit)

    def _contested(self, limit: int) -> tuple[Contested, ...]:
        found: list[Contested] = []
        for row in self._store.conversations.with_contested():
            transcript = self._store.conversations.transcript(row.id)
            waiting = (t for t in transcript.turns.values() if t.contested is not None and t.reviewed is None)
            found += [Contested(row, turn) for turn in waiting]
        return tuple(sorted(found, key=lambda one: one.turn.sent_at, reverse=True)[:limit])

    async def decide(self, account: Account, conversation: str, turn: str, verdict: str, note: str = "") -> None:
        """Say what the grade of ``turn`` should have been. A grade that was wrong is made good in the learner's
        record: the evidence stays, and the reviewer's stands beside it.

        Raises ``InvalidInput`` for an unknown verdict or a turn without a grade, and ``NotFound``.
        """
        _require_reviewer(account)
        if verdict not in VERDICTS:
            raise InvalidInput(f"A verdict is one of {', '.join(VERDICTS)}.", field="verdict")
        if len(note) > 2000:
            raise InvalidInput("A note has at most 2,000 characters.", field="note")
        decided = e.GradeReviewed(turn, verdict, account.id, note)
        for _ in range(_ATTEMPTS):
            batch = await asyncio.to_thread(self._batch, conversation, decided)
            # Somebody else may decide, or the learner answer, at this moment: then it is looked at anew.
            with contextlib.suppress(SequenceConflict):
                await self._recorder.record(conversation, *batch)
                return
        raise SequenceConflict("The conversation changed again and again.")

    def _batch(self, conversation: str, decided: e.GradeReviewed) -> tuple[Append, ...]:
        """The decision, and what it changes: nothing where the same was decided before."""
        transcript = self._store.conversations.transcript(conversation)
        turn = transcript.turns.get(decided.turn)
        graded = turn.graded if turn is not None else None
        if turn is None or graded is None:
            raise InvalidInput("There is no grade in this turn.", field="turn")
        decision = Append(e.conversation_stream(conversation), (decided,), expected_seq=transcript.last_seq)
        place = deciding.decided(transcript.course, graded.item, conversation, decided.turn)
        standing = turn.reviewed.verdict if turn.reviewed is not None else graded.verdict
        if decided.verdict == ("incorrect" if standing == "misconception" else standing):
            return decision, place
        profile = self._store.learners.profile(transcript.learner)
        made_good = self._evidence(profile, transcript.course, conversation, graded, decided.verdict)
        learned = Append(e.learner_stream(transcript.learner), made_good, expected_seq=profile.last_seq)
        return decision, place, learned

    def _evidence(
        self, profile: LearnerProfile, course: str, conversation: str, graded: e.AnswerGraded, verdict: str
    ) -> tuple[e.Event, ...]:
        item = self._store.bank.get(course, graded.item)
        observed = e.EvidenceObserved(
            course=course,
            item=graded.item,
            kcs=item.kcs if item else (),
            verdict=verdict,
            credit=VERDICTS[verdict],
            attempt=graded.attempt,
            opportunity=graded.attempt == 1 and not graded.hint,
            difficulty=item.difficulty if item else 0.0,
            format=item.type if item else "",
            conversation=conversation,
            turn=graded.turn,
            source="reviewer",
        )
        now = profile.updated_at
        shifts = learners.shifts(profile.course(course), observed, now) if now and observed.kcs else ()
        changed = (e.MasteryChanged(course, shift, profile.last_seq + 1) for shift in shifts)
        return (observed, *changed)


def _require_reviewer(account: Account) -> None:
    if not account.may(Role.REVIEWER):
        raise NotAllowed("Only reviewers decide about grades.")
