"""What events are made of: their base, and the values that stand inside them."""

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
    """A verbatim quote and where it stands: ``[start, end)`` are character offsets in the document's text.

    ``page`` (1-based; a slide counts as one) and ``second`` are where the quote begins in a paged or timed file.
    """

    number: int
    passage: str
    document: str
    title: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    quote: str
    page: int | None = None
    second: float | None = None


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
