"""The event types of the log, and nothing else.

Two kinds of stream, each append-only and ordered by its own ``seq`` from 1:

* ``conversation:<id>`` holds what was said and why;
* ``learner:<id>`` holds what is known of a learner, across conversations.

An event is a frozen dataclass of JSON values. Its wire name is the class name, its schema version ``VERSION``; when a
field changes meaning the version rises and ``tutor.store.codec`` learns to lift the old form. Fields follow
OpenTelemetry's ``gen_ai.*`` conventions where one exists (dots become underscores).
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

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
    """The next move and the rule that chose it (``tutor.domain.policy``)."""

    turn: str
    move: str
    rule: str
    reason: str = ""


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
class LearnerErased(Event):
    """A tombstone. The events before it are erased; it holds no content."""


CONVERSATION_EVENTS: tuple[type[Event], ...] = (
    ConversationStarted,
    ConversationRenamed,
    ConversationDeleted,
    MessageSent,
    PassagesRetrieved,
    MoveChosen,
    PromptRendered,
    SentenceSpoken,
    TurnFinished,
    TurnInterrupted,
    FeedbackGiven,
)
LEARNER_EVENTS: tuple[type[Event], ...] = (LearnerJoined, PreferenceSet, MaterialMet, LearnerErased)


def conversation_stream(conversation: str) -> str:
    return f"conversation:{conversation}"


def learner_stream(learner: str) -> str:
    return f"learner:{learner}"
