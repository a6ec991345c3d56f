"""The event types of the log, and nothing else.

Two kinds of stream, each append-only and ordered by its own ``seq`` from 1:

* ``conversation:<id>`` holds what was said and why;
* ``learner:<id>`` holds what is known of a learner, across conversations.

An event is a frozen dataclass of JSON values. Its wire name is the class name, its schema version ``VERSION``; when a
field changes meaning the version rises and ``tutor.store.codec`` learns to lift the old form. Fields follow
OpenTelemetry's ``gen_ai.*`` conventions where one exists (dots become underscores).
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Outcome = Literal["complete", "stopped", "failed"]
Source = Literal["model", "extractive", "authored"]


@dataclass(frozen=True)
class Event:
    """Base of all events."""

    VERSION: ClassVar[int] = 1


@dataclass(frozen=True)
class CitedSpan:
    """A verbatim quote and where it stands: ``[start, end)`` are character offsets in the document's text."""

    number: int
    passage: str
    document: str
    title: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class RetrievedPassage:
    """One passage as the retriever scored it; the text is kept so that a later re-ingest can't rewrite history."""

    passage: str
    document: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    score: float
    lexical: float | None = None
    dense: float | None = None


@dataclass(frozen=True)
class ItemReply:
    """What a question card sent along: ``item`` (and ``hint`` for a scaffold of it) that was answered, ``selected`` as
    in ``tutor.domain.items.item.Answer``, ``confidence`` (0 to 1) as the learner stated it, ``seconds`` spent, and
    ``action`` for a button ("hint", "skip", "tell_me", "practise", "contest", "placement", "next", "explain",
    "confirm", "deny"): then the text is only its label."""

    item: str = ""
    hint: str = ""
    selected: tuple[str, ...] = ()
    confidence: float | None = None
    seconds: float | None = None
    action: str = ""


@dataclass(frozen=True)
class MasteryShift:
    """How a belief moved: probabilities of a right next answer. ``why`` is a reason code worded by the language files
    (``mastery.why.<code>``) with the facts in ``data``."""

    kc: str
    before: float
    after: float
    lower: float
    upper: float
    why: str
    data: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Usage:
    """What a model call cost; ``cost_usd`` is None where the price is unknown."""

    gen_ai_provider_name: str
    gen_ai_request_model: str
    gen_ai_response_model: str | None = None
    gen_ai_usage_input_tokens: int | None = None
    gen_ai_usage_output_tokens: int | None = None
    gen_ai_response_finish_reason: str | None = None
    cost_usd: float | None = None


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
    """

    turn: str
    client_id: str
    text: str
    parent: str | None = None
    edit_of: str | None = None
    retry_of: str | None = None
    language: str | None = None
    reply: "ItemReply | None" = None


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
class FeedbackGiven(Event):
    """``rating`` is 1 (helpful), -1 (not helpful) or 0 (taken back)."""

    turn: str
    rating: int
    comment: str = ""


# -- learner stream ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LearnerJoined(Event):
    language: str


@dataclass(frozen=True)
class PreferenceSet(Event):
    name: str
    value: str


@dataclass(frozen=True)
class MaterialMet(Event):
    """The learner was shown passages: exposure, never mastery. ``position`` is the place in the course's order."""

    course: str
    conversation: str
    turn: str
    passages: tuple[str, ...]
    position: int


@dataclass(frozen=True)
class EvidenceObserved(Event):
    """One graded answer as evidence. ``credit`` is 0 to 1; ``certainty`` (0 to 1) says how far the grade is to be
    trusted. ``hint_level`` is 0 without help, 1 to 3 for pump, hint, prompt or scaffold, 4 when the answer was told.
    ``confidence`` is the learner's own (0 to 1). ``opportunity`` is False for a repeated try at the same question.
    ``source`` is "chat", "placement", "review", "check" or "reviewer"."""

    course: str
    item: str
    kcs: tuple[str, ...]
    verdict: str
    credit: float
    certainty: float = 1.0
    hint_level: int = 0
    attempt: int = 1
    opportunity: bool = True
    seconds: float | None = None
    confidence: float | None = None
    difficulty: float = 0.0
    misconception: str | None = None
    refuted: tuple[str, ...] = ()
    format: str = ""
    helped_by: str = ""
    conversation: str = ""
    turn: str = ""
    source: str = "chat"


@dataclass(frozen=True)
class MasteryChanged(Event):
    """A belief moved because of the evidence at ``evidence`` (seq in this stream)."""

    course: str
    shift: MasteryShift
    evidence: int


@dataclass(frozen=True)
class BeliefContested(Event):
    """ "I don't think that's right": the learner's view of component ``kc`` ("know" or "unsure"), and a note."""

    course: str
    kc: str
    claim: str
    note: str = ""


@dataclass(frozen=True)
class GoalChosen(Event):
    """What the learner works towards: ids of knowledge components, none for the whole course."""

    course: str
    kcs: tuple[str, ...]


@dataclass(frozen=True)
class ActivityChosen(Event):
    """The path's choice and the learner's own: ``chosen`` differs from ``offered`` when they chose otherwise."""

    course: str
    offered: str
    chosen: str
    reason: str = ""


@dataclass(frozen=True)
class PlacementFinished(Event):
    """The placement's end: the items asked, and the components taken for known."""

    course: str
    asked: int
    known: tuple[str, ...]


@dataclass(frozen=True)
class ParametersAdopted(Event):
    """Refitted parameters of the learner model count from here on: refolding stays true."""

    course: str
    version: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class LearnerErased(Event):
    """A tombstone. The events before it are erased; it holds no content."""


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
    FeedbackGiven,
)
LEARNER_EVENTS: tuple[type[Event], ...] = (
    LearnerJoined,
    PreferenceSet,
    MaterialMet,
    EvidenceObserved,
    MasteryChanged,
    BeliefContested,
    GoalChosen,
    ActivityChosen,
    PlacementFinished,
    ParametersAdopted,
    LearnerErased,
)


def conversation_stream(conversation: str) -> str:
    return f"conversation:{conversation}"


def learner_stream(learner: str) -> str:
    return f"learner:{learner}"
