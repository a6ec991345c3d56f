"""What the stores keep beside the log: pure functions from events and folds to rows.

Both stores use them, so a list, a search or a title can't differ between the fake and the databases.
"""

from collections.abc import Sequence

from tutor.domain import events as e
from tutor.domain.dialogue import Transcript
from tutor.ports import Append, ConversationSummary, Recorded
from tutor.store.text import folded, require_storable, storable

TOMBSTONES = ("ConversationDeleted", "LearnerErased")
OPENINGS = ("ConversationStarted", "LearnerJoined")


def conversation_of(stream: str) -> str | None:
    """The conversation's id when this is a conversation stream."""
    kind, _, name = stream.partition(":")
    return name if kind == "conversation" else None


def learner_of(stream: str) -> str | None:
    """The learner's id when this is a learner stream."""
    kind, _, name = stream.partition(":")
    return name if kind == "learner" else None


def accepts(last_type: str | None, first: e.Event) -> bool:
    """Whether a stream whose last event is of ``last_type`` may go on with ``first``.

    After a tombstone only an opening event may follow: a turn that was still running when the learner was erased
    must not put their words back.
    """
    return last_type not in TOMBSTONES or type(first).__name__ in OPENINGS


def summary_of(conversation: str, transcript: Transcript) -> ConversationSummary | None:
    """The row of the conversation list; None while there is nothing to list (not started, or deleted)."""
    if transcript.deleted or transcript.started_at is None or transcript.updated_at is None:
        return None
    open_turn = transcript.open_turn
    return ConversationSummary(
        id=conversation,
        learner=storable(transcript.learner),
        course=storable(transcript.course),
        title=storable(transcript.title),
        language=storable(transcript.language),
        started_at=transcript.started_at,
        updated_at=transcript.updated_at,
        last_seq=transcript.last_seq,
        turns=len(transcript.turns),
        open_turn=storable(open_turn.id) if open_turn else None,
    )


def searchable(event: e.Event) -> str | None:
    """The words of this event that a search over conversations finds, folded; None when it has none."""
    match event:
        case e.MessageSent(text=text) | e.TurnFinished(text=text) if text:
            return folded(text)
    return None


def words_of(recorded: Sequence[Recorded]) -> dict[int, str]:
    """The searchable words of a stretch of one stream, by ``seq``: nothing from before a deletion."""
    found: dict[int, str] = {}
    for item in recorded:
        if isinstance(item.event, e.ConversationDeleted):
            found.clear()
        elif (words := searchable(item.event)) is not None:
            found[item.seq] = words
    return found


def require_named(batch: Sequence[Append]) -> None:
    """Raise ``InvalidInput`` for a stream or key that can't be a name: keys come from clients."""
    for part in batch:
        require_storable(stream=part.stream, key=part.key or "")
