"""What the steps of a teaching turn hand to one another: where a message falls, its grade, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tutor.domain import events as e
from tutor.domain.assessment import Verdict
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.items.item import Hint, Item
from tutor.domain.learner import LearnerProfile
from tutor.domain.lesson import Lesson
from tutor.domain.socratic import TeachingMove


@dataclass(frozen=True)
class Scene:
    """Where a message falls: the conversation up to it, the learner, and the question that is open."""

    turn: str
    conversation: str
    message: e.MessageSent
    transcript: Transcript
    path: tuple[Turn, ...]
    profile: LearnerProfile
    course: Course
    lesson: Lesson
    item: Item | None = None
    hint: Hint | None = None
    now: datetime = field(default_factory=lambda: datetime.min)

    @property
    def language(self) -> str:
        return self.transcript.language

    @property
    def model(self) -> CourseModel:
        return self.profile.course(self.course.id)

    @property
    def asked(self) -> str:
        """The question as it was last put: the item's, a scaffold's or a narrower one."""
        posed = next((turn.posed for turn in reversed(self.path) if turn.posed), None)
        return posed.prompt if posed else ""


@dataclass(frozen=True)
class Graded:
    """``event`` for the conversation, ``evidence`` for the learner (none where nothing can be learned from it)."""

    event: e.AnswerGraded
    verdict: Verdict
    evidence: e.EvidenceObserved | None
    newly: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The teaching move with the question that goes with it (``posed``, of ``next_item``); ``item`` is the one the
    message was about. ``covered`` are its ideas that may be said. ``chosen`` is set when the learner chose what comes
    next against the path."""

    move: TeachingMove
    item: Item | None
    posed: e.ItemPosed | None = None
    next_item: Item | None = None
    actions: tuple[str, ...] = ()
    outcome: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    covered: frozenset[str] = frozenset()
    known: tuple[str, ...] = ()
    chosen: e.ActivityChosen | None = None
