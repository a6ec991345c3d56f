"""The event types of the log, and nothing else; those of the learner stream are in ``learner_events``.

Two kinds of stream, each append-only and ordered by its own ``seq`` from 1 (and ``course:<id>``, which keeps the
parameters refitted for a course, and where people decided about answers in it):

* ``conversation:<id>`` holds what was said and why;
* ``learner:<id>`` holds what is known of a learner, across conversations.

An event is a frozen dataclass of JSON values. Its wire name is the class name, its schema version ``VERSION``; when a
field changes meaning the version rises and ``tutor.store.codec`` learns to lift the old form. Fields follow
OpenTelemetry's ``gen_ai.*`` conventions where one exists (dots become underscores).
"""

from dataclasses import dataclass, field
from typing import Any

from tutor.domain.event_values import (
    CitedSpan,
    Event,
    ItemReply,
    MasteryShift,
    Outcome,
    RetrievedPassage,
    Source,
    Usage,
)
from tutor.domain.learner_events import (
    ActivityChosen,
    AnswerDecided,
    BeliefContested,
    EvidenceObserved,
    FilmWatched,
    GoalChosen,
    ItemMet,
    LearnerErased,
    LearnerJoined,
    MasteryChanged,
    MaterialMet,
    ParametersAdopted,
    PlacementFinished,
    PreferenceSet,
)

__all__ = [
    "CONVERSATION_EVENTS",
    "COURSE_EVENTS",
    "LEARNER_EVENTS",
    "ActivityChosen",
    "AnswerDecided",
    "AnswerGraded",
    "BeliefContested",
    "CitedSpan",
    "ConversationDeleted",
    "ConversationRenamed",
    "ConversationStarted",
    "Event",
    "EvidenceObserved",
    "FeedbackGiven",
    "FilmRequested",
    "FilmWatched",
    "GoalChosen",
    "GradeContested",
    "GradeReviewed",
    "ItemMet",
    "ItemPosed",
    "ItemReply",
    "LearnerErased",
    "LearnerJoined",
    "MasteryChanged",
    "MasteryShift",
    "MaterialMet",
    "MessageSent",
    "MessageUnderstood",
    "MoveChosen",
    "Outcome",
    "ParametersAdopted",
    "PassagesRetrieved",
    "PlacementFinished",
    "PreferenceSet",
    "PromptRendered",
    "RetrievedPassage",
    "SentenceReplaced",
    "SentenceSpoken",
    "Source",
    "TurnFinished",
    "TurnInterrupted",
    "Usage",
    "conversation_stream",
    "learner_stream",
]

# -- conversation stream -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConversationStarted(Event):
    learner: str
    course: str
    language: str


@dataclass(frozen=True)
class ConversationRenamed(Event):
    title: str


@dataclass(frozen=True)
class ConversationDeleted(Event):
    """A tombstone. The events before it are erased; it holds no content."""


@dataclass(frozen=True)
class MessageSent(Event):
    """Opens turn ``turn``, a child of ``parent`` (None: the first turn).

    ``edit_of`` and ``retry_of`` name the turn this one replaces; both start a branch and retract nothing.
    ``server`` runs the turn: when it dies, others know that nobody will end it.
    """

    turn: str
    client_id: str
    text: str
    parent: str | None = None
    edit_of: str | None = None
    retry_of: str | None = None
    language: str | None = None
    reply: "ItemReply | None" = None
    server: str = ""


@dataclass(frozen=True)
class MessageUnderstood(Event):
    """What the message was taken for (``tutor.domain.assessment.Intent``), before anything was graded."""

    turn: str
    intent: str
    probability: float
    answer_probability: float = 0.0


@dataclass(frozen=True)
class PassagesRetrieved(Event):
    turn: str
    query: str
    passages: tuple[RetrievedPassage, ...]
    covered: bool
    signals: dict[str, float] = field(default_factory=dict)
    mode: str = "hybrid"


@dataclass(frozen=True)
class MoveChosen(Event):
    """The next move and the rule that chose it (``tutor.domain.policy``, ``tutor.domain.socratic``).

    While a question is open, ``item`` is it, ``hint`` and ``focus`` are the rung's, and ``closes`` says that the
    tutor is done with it."""

    turn: str
    move: str
    rule: str
    reason: str = ""
    item: str = ""
    hint: str = ""
    focus: str = ""
    closes: bool = False


@dataclass(frozen=True)
class AnswerGraded(Event):
    """The verdict on the answer in ``turn`` (``tutor.domain.assessment.Verdict``) with its evidence.

    ``attempt`` counts from 1 for the item as posed; ``hint`` is set when a scaffold of the item was answered.
    ``shifts`` are the beliefs that moved; the same shifts are in the learner stream.
    """

    turn: str
    item: str
    verdict: str
    probability: float
    credit: float
    attempt: int
    hint: str = ""
    answer: str = ""
    covered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    misconception: str | None = None
    evidence: str = ""
    reading: str = ""
    note: str = ""
    shifts: tuple[MasteryShift, ...] = ()


@dataclass(frozen=True)
class ItemPosed(Event):
    """A question put at the end of ``turn``. ``hint`` names a scaffold of the item, else the item itself is meant.

    ``prompt`` is Markdown, ``card`` the rendering hints without the answer, ``data`` the item as it was then (with
    its answer key, for reviewers and regression cases; never sent to a learner). ``reason`` is a code of
    ``path.why.<code>`` with the facts in ``facts``: why this next.
    """

    turn: str
    item: str
    prompt: str
    card: dict[str, Any]
    kcs: tuple[str, ...] = ()
    hint: str = ""
    reason: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    purpose: str = "practice"
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SentenceReplaced(Event):
    """The guard kept a sentence back: ``text`` is what would have been said, ``why`` a code of the guard."""

    turn: str
    text: str
    why: str
    detail: str = ""
    replacement: str = ""


@dataclass(frozen=True)
class GradeContested(Event):
    """The learner says that the grade of ``graded`` (a turn) is wrong; a reviewer decides."""

    turn: str
    graded: str
    item: str
    note: str = ""


@dataclass(frozen=True)
class GradeReviewed(Event):
    """A reviewer's decision on a contested grade; ``verdict`` is what it should have been."""

    turn: str
    verdict: str
    reviewer: str
    note: str = ""


@dataclass(frozen=True)
class PromptRendered(Event):
    turn: str
    template: str
    sha256: str
    messages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SentenceSpoken(Event):
    """A finished stretch of the reply: ``text`` begins at character ``offset`` of the turn's Markdown."""

    turn: str
    offset: int
    text: str
    source: Source = "model"


@dataclass(frozen=True)
class TurnFinished(Event):
    """The reply as it stands for good. ``text`` is Markdown and replaces the sentences streamed before it."""

    turn: str
    outcome: Outcome
    text: str
    source: Source
    citations: tuple[CitedSpan, ...] = ()
    error: str | None = None
    retryable: bool = False
    usage: Usage | None = None
    seconds: float | None = None
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class TurnInterrupted(Event):
    """Closes a turn that a crash left open, and replaces its partial text."""

    turn: str
    reason: str = "server_restarted"


@dataclass(frozen=True)
class FilmRequested(Event):
    """The learner asked for a film in ``turn``, and ``job`` makes it; ``key`` names what it will be made of.

    ``form`` is explainer, example, misconception or course_film. ``wanted`` is the language asked for where it could
    not be had; ``draft`` says that a machine translated the film and nobody has read the translation."""

    turn: str
    job: str
    key: str
    title: str
    language: str
    form: str
    wanted: str = ""
    draft: bool = False


@dataclass(frozen=True)
class FeedbackGiven(Event):
    """``rating`` is 1 (helpful), -1 (not helpful) or 0 (taken back)."""

    turn: str
    rating: int
    comment: str = ""


CONVERSATION_EVENTS: tuple[type[Event], ...] = (
    ConversationStarted,
    ConversationRenamed,
    ConversationDeleted,
    MessageSent,
    MessageUnderstood,
    AnswerGraded,
    PassagesRetrieved,
    MoveChosen,
    ItemPosed,
    SentenceReplaced,
    GradeContested,
    GradeReviewed,
    PromptRendered,
    SentenceSpoken,
    TurnFinished,
    TurnInterrupted,
    FilmRequested,
    FeedbackGiven,
)
LEARNER_EVENTS: tuple[type[Event], ...] = (
    LearnerJoined,
    PreferenceSet,
    MaterialMet,
    ItemMet,
    EvidenceObserved,
    MasteryChanged,
    BeliefContested,
    GoalChosen,
    ActivityChosen,
    PlacementFinished,
    ParametersAdopted,
    FilmWatched,
    LearnerErased,
)

#: Of a course's own stream, beside ``ParametersAdopted``.
COURSE_EVENTS: tuple[type[Event], ...] = (AnswerDecided,)


def conversation_stream(conversation: str) -> str:
    return f"conversation:{conversation}"


def learner_stream(learner: str) -> str:
    return f"learner:{learner}"
