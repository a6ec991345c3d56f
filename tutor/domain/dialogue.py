"""A conversation as a fold over its stream: a tree of turns, of which one path is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from tutor.domain import events as e

TurnStatus = Literal["open", "complete", "stopped", "failed", "interrupted"]


@dataclass(frozen=True)
class Turn:
    """One exchange: what the learner sent and what the tutor said."""

    id: str
    parent: str | None
    seq: int
    client_id: str
    message: str
    sent_at: datetime
    edit_of: str | None = None
    retry_of: str | None = None
    status: TurnStatus = "open"
    reply: str = ""
    source: e.Source | None = None
    citations: tuple[e.CitedSpan, ...] = ()
    retrieved: e.PassagesRetrieved | None = None
    move: e.MoveChosen | None = None
    prompt: e.PromptRendered | None = None
    usage: e.Usage | None = None
    seconds: float | None = None
    error: str | None = None
    retryable: bool = False
    rating: int = 0
    comment: str = ""
    card: e.ItemReply | None = None
    understood: e.MessageUnderstood | None = None
    graded: e.AnswerGraded | None = None
    posed: e.ItemPosed | None = None
    replaced: tuple[e.SentenceReplaced, ...] = ()
    contested: e.GradeContested | None = None
    reviewed: e.GradeReviewed | None = None
    actions: tuple[str, ...] = ()
    film: e.FilmRequested | None = None
    server: str = ""


@dataclass(frozen=True)
class Transcript:
    """The whole tree. ``turns`` is in order of sending; ``last_seq`` is 0 for an empty stream."""

    learner: str = ""
    course: str = ""
    language: str = "en"
    title: str = ""
    started_at: datetime | None = None
    updated_at: datetime | None = None
    last_seq: int = 0
    deleted: bool = False
    turns: Mapping[str, Turn] = field(default_factory=dict)

    @property
    def latest(self) -> Turn | None:
        return next(reversed(list(self.turns.values())), None)

    @property
    def open_turn(self) -> Turn | None:
        return next((t for t in self.turns.values() if t.status == "open"), None)

    def path(self, leaf: str | None = None) -> tuple[Turn, ...]:
        """The turns from the root to ``leaf`` (default: the branch last spoken on)."""
        turn = self.turns.get(leaf) if leaf else self.latest
        found: list[Turn] = []
        while turn is not None:
            found.append(turn)
            turn = self.turns.get(turn.parent) if turn.parent else None
        return tuple(reversed(found))

    def siblings(self, turn: str) -> tuple[Turn, ...]:
        """The alternatives at this point, in order of sending, itself included."""
        parent = self.turns[turn].parent
        return tuple(t for t in self.turns.values() if t.parent == parent)


def default_title(text: str, limit: int = 60) -> str:
    """The first message, cut at a word, as the conversation's first name."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head, _, _ = line[:limit].rpartition(" ")
    return (head or line[:limit]) + "…"


def _names_nothing(reply: e.ItemReply | None) -> bool:
    """Whether a message is an answer on a card or a press of "Start learning". A placement is a name of its own."""
    return reply is not None and reply.action != "placement"


def apply(state: Transcript, event: e.Event, seq: int, at: datetime) -> Transcript:
    """One step of the fold. An event type it does not know changes only ``last_seq``."""
    state = replace(state, last_seq=seq, updated_at=at)
    match event:
        case e.ConversationStarted():
            return replace(
                state, learner=event.learner, course=event.course, language=event.language, started_at=at, deleted=False
            )
        case e.ConversationRenamed():
            return replace(state, title=event.title)
        case e.ConversationDeleted():
            return Transcript(last_seq=seq, updated_at=at, deleted=True)
        case e.MessageSent():
            turn = Turn(
                event.turn,
                event.parent,
                seq,
                event.client_id,
                event.text,
                at,
                event.edit_of,
                event.retry_of,
                card=event.reply,
                server=event.server,
            )
            title = state.title or ("" if _names_nothing(event.reply) else default_title(event.text))
            return replace(state, title=title, turns={**state.turns, event.turn: turn})
        case e.ItemPosed() if not state.title:
            # Begun with a button: the topic of the first question is a better name than the button's words.
            state = replace(state, title=default_title(event.facts.get("title", "")))
    # A contested grade belongs to the turn in which it was given.
    turn_id = event.graded if isinstance(event, e.GradeContested) else getattr(event, "turn", None)
    old = state.turns.get(turn_id) if turn_id else None
    if old is None:
        return state
    return replace(state, turns={**state.turns, old.id: _apply_to_turn(old, event)})


def _apply_to_turn(turn: Turn, event: e.Event) -> Turn:
    match event:
        case e.PassagesRetrieved():
            return replace(turn, retrieved=event)
        case e.MoveChosen():
            return replace(turn, move=event)
        case e.MessageUnderstood():
            return replace(turn, understood=event)
        case e.AnswerGraded():
            return replace(turn, graded=event)
        case e.ItemPosed():
            return replace(turn, posed=event)
        case e.SentenceReplaced():
            return replace(turn, replaced=(*turn.replaced, event))
        case e.FilmRequested():
            return replace(turn, film=event)
        case e.GradeContested():
            return replace(turn, contested=event)
        case e.GradeReviewed():
            return replace(turn, reviewed=event)
        case e.PromptRendered():
            return replace(turn, prompt=event)
        case e.SentenceSpoken() if turn.status == "open":
            # Offsets make the fold idempotent: a sentence spoken twice is still there once.
            return replace(turn, reply=turn.reply[: event.offset] + event.text, source=event.source)
        case e.TurnFinished():
            return replace(
                turn,
                status=event.outcome,
                reply=event.text,
                source=event.source,
                citations=event.citations,
                usage=event.usage,
                seconds=event.seconds,
                error=event.error,
                retryable=event.retryable,
                actions=event.actions,
            )
        case e.TurnInterrupted():
            return replace(
                turn, status="interrupted", reply="", posed=None, film=None, error=event.reason, retryable=True
            )
        case e.FeedbackGiven():
            return replace(turn, rating=event.rating, comment=event.comment)
    return turn


def fold(recorded: Iterable[tuple[e.Event, int, datetime]], start: Transcript | None = None) -> Transcript:
    """Fold ``(event, seq, at)`` triples in order of ``seq``."""
    state = start or Transcript()
    for event, seq, at in recorded:
        state = apply(state, event, seq, at)
    return state
