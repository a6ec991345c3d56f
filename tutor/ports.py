"""The Protocols that services consume. Every one ships a fake, and one contract suite runs on fake and adapter.

Store ports are synchronous; a service in the event loop calls them through ``asyncio.to_thread``. All datetimes are
aware and in UTC. Unless a method says otherwise it raises ``StoreBusy`` when the database stays locked.
"""

# A server imports this before its first page, and the values that the ports carry take ten times as long to load.
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tutor.server_ports import Relay as Relay
from tutor.server_ports import Servers as Servers
from tutor.work_ports import JobQueue as JobQueue
from tutor.work_ports import Scripts as Scripts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from retrieval.values import Anchor, Document, ItemMaterial, Passage
    from tutor.domain.accounts import Account, Role, Session
    from tutor.domain.curriculum import Course
    from tutor.domain.dialogue import Transcript
    from tutor.domain.events import Event, Usage
    from tutor.domain.items.item import Item, Origin, State
    from tutor.domain.items.summary import ItemSummary
    from tutor.domain.learner import LearnerProfile

Clock = Callable[[], datetime]
NewId = Callable[[], str]


# -- language model ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModelRequest:
    """``messages`` are (role, content) pairs; roles are system, user, assistant."""

    messages: tuple[tuple[str, str], ...]
    max_tokens: int = 900
    temperature: float = 0.3


class ChatModel(Protocol):
    """A streaming chat model."""

    name: str

    def stream(self, request: ModelRequest) -> AsyncIterator[str | Usage]:
        """Yield text as it comes, then exactly one ``Usage``, last.

        Raises a ``ModelError``; text already yielded stays valid. Closing the iterator closes the connection.
        """
        ...


# -- the log -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """An event with its place in its stream."""

    stream: str
    seq: int
    at: datetime
    event: Event
    key: str | None = None


@dataclass(frozen=True)
class Append:
    """Events for one stream. ``key`` marks the *first* event as idempotent within its stream;
    ``expected_seq`` (when given) is the stream's last seq as the writer knows it; ``turn`` (when given) must be the
    conversation's open turn."""

    stream: str
    events: tuple[Event, ...]
    key: str | None = None
    expected_seq: int | None = None
    turn: str | None = None


class EventLog(Protocol):
    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        """Append to one or several streams in one transaction, projections included: all or nothing.

        Raises ``DuplicateKey`` (with ``seq``), ``SequenceConflict``, ``TurnClosed``, ``NotFound`` when the stream was
        erased (only an opening event may follow a tombstone), or ``InvalidInput`` for what JSON can't hold; then
        nothing was written.
        """
        ...

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        """Events with ``seq > after``, in order."""
        ...

    def find(self, stream: str, key: str) -> Recorded | None: ...

    def erase(self, stream: str, tombstone: Event) -> None:
        """Remove every event of the stream for good and leave ``tombstone`` at the next seq, in one transaction."""
        ...

    def refold(self) -> None:
        """Delete every projection and fold it anew from the log."""
        ...


@dataclass(frozen=True)
class ConversationSummary:
    """A row of the conversation list: a projection of the conversation stream."""

    id: str
    learner: str
    course: str
    title: str
    language: str
    started_at: datetime
    updated_at: datetime
    last_seq: int
    turns: int
    open_turn: str | None


class Conversations(Protocol):
    """Read models of conversation streams, kept by ``EventLog.append`` in the same transaction."""

    def transcript(self, conversation: str) -> Transcript:
        """The fold of the stream (cached); raises ``NotFound`` for an unknown or deleted conversation."""
        ...

    def listed(
        self, learner: str | None = None, *, course: str | None = None, search: str = "", limit: int = 100
    ) -> tuple[ConversationSummary, ...]:
        """Newest first. ``learner=None``: everybody's.

        Every word of ``search`` must occur in the title, a message or a finished reply, ignoring case."""
        ...

    def with_open_turn(self) -> tuple[ConversationSummary, ...]: ...
    def with_contested(self) -> tuple[ConversationSummary, ...]:
        """The conversations in which a grade was contested, decided or not; newest first."""
        ...


class Learners(Protocol):
    def profile(self, learner: str) -> LearnerProfile:
        """The fold of the learner stream (an empty profile for a new learner)."""
        ...


# -- people --------------------------------------------------------------------------------------------------------


class Accounts(Protocol):
    def add(self, account: Account) -> None:
        """Raises ``InvalidInput`` when the username is taken (ignoring case)."""
        ...

    def get(self, account: str) -> Account | None: ...
    def by_username(self, username: str) -> Account | None: ...
    def listed(self, role: Role | None = None) -> tuple[Account, ...]: ...
    def update(self, account: str, change: Callable[[Account], Account]) -> Account:
        """Replace the account by ``change`` of what it is now, and return it. Nothing comes between the two, so that
        changing a language can't undo a role or a password that is changed beside it.

        Raises ``NotFound``, and ``InvalidInput`` when the username is taken."""
        ...

    def erase(self, account: str) -> None:
        """Remove the account and its sessions."""
        ...

    def holder(self, token_hash: str) -> tuple[Account, Session] | None:
        """Whose session it is, in one look-up: every request begins with it."""
        ...


class Sessions(Protocol):
    def add(self, session: Session) -> None:
        """Raises ``NotFound`` when the account is gone."""
        ...

    def get(self, token_hash: str) -> Session | None: ...
    def revoke(self, token_hash: str) -> None: ...
    def revoke_all(self, account: str) -> None: ...
    def prune(self, now: datetime) -> int:
        """Delete expired sessions and return how many."""
        ...


# -- material ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentState:
    """What ingest needs to know of a stored document. ``source`` names the folder or upload it came from."""

    path: str
    sha256: str
    source: str
    title: str
    order: int
    passages: int
    embedded: int


class Library(Protocol):
    """Courses, documents and passages: the truth from which every index is rebuilt."""

    def put_course(self, course: Course) -> None: ...
    def courses(self) -> tuple[Course, ...]: ...
    def course(self, course: str) -> Course | None: ...
    def erase_course(self, course: str) -> None: ...

    def put_document(
        self, document: Document, source: str, passages: Sequence[Passage], items: Sequence[ItemMaterial]
    ) -> None:
        """Insert or replace the document with its passages and item material, in one transaction.

        Passages whose id is unchanged keep their embedded mark. Raises ``NotFound`` for an unknown course, and
        ``InvalidInput`` for text with a NUL or half a surrogate pair."""
        ...

    def remove_document(self, course: str, path: str) -> None: ...
    def documents(self, course: str) -> tuple[DocumentState, ...]:
        """In course order."""
        ...

    def titles(self, course: str) -> dict[str, str]:
        """The documents' titles by path, in course order; much cheaper than ``documents``, which counts passages."""
        ...

    def document(self, course: str, path: str) -> Document | None: ...
    def anchors(self, course: str, document: str) -> tuple[Anchor, ...]:
        """The document's own, without its text; none where it is unknown."""
        ...

    def passage(self, course: str, passage: str) -> Passage | None: ...
    def passages(self, course: str, document: str | None = None) -> Iterator[Passage]:
        """In course order, streamed."""
        ...

    def items(self, course: str) -> tuple[ItemMaterial, ...]: ...
    def not_embedded(self, course: str, embedder: str, limit: int) -> tuple[Passage, ...]: ...
    def mark_embedded(self, course: str, embedder: str, passages: Sequence[str]) -> None: ...
    def forget_embedded(self, course: str) -> None:
        """Every passage counts as not embedded again (the vectors are being rebuilt)."""
        ...

    def revision(self, course: str) -> int:
        """Rises with every change of the course's passages; the lexical index compares it with its own."""
        ...


# -- items ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankChange:
    """What ``ItemBank.put`` did, as ids. ``clashes`` were not stored: another source has an item of that id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


class ItemBank(Protocol):
    """The questions of every course, whatever they came from. ``source`` names what an item came from: the folder,
    an import, a document's own exercises; what people save themselves has none."""

    def put(self, course: str, source: str, items: Sequence[Item]) -> BankChange:
        """Make these the items of the source, in one transaction; those it had and has no more are gone.

        What a trainer did to an item outlives this: an edited item stays as edited, and an approved or rejected one
        keeps its state, for as long as the source says the same (``tutor.store.item_rows.fingerprint``). Where the
        source says something new, that counts and the decision is open again.

        Raises ``InvalidInput`` for two items of one id or of another course, and for text that no database can hold.
        """
        ...

    def get(self, course: str, item: str) -> Item | None: ...
    def listed(
        self,
        course: str,
        *,
        state: State | None = None,
        origin: Origin | None = None,
        kc: str | None = None,
        search: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Item, ...]:
        """Whole items in the order of ``summaries``. Every word of ``search`` must occur in the item, ignoring
        case."""
        ...

    def summaries(self, course: str) -> tuple[ItemSummary, ...]:
        """Every item of the course, by source and in the source's order. Kept in memory until the course changes."""
        ...

    def save(self, item: Item) -> None:
        """Add the item, or replace the one of its id; what its source says of it later is kept from it (``put``)."""
        ...

    def set_state(self, course: str, item: str, state: State) -> None:
        """Raises ``NotFound``."""
        ...

    def revision(self, course: str) -> int:
        """Rises with every change of the course's items."""
        ...

    def erase_course(self, course: str) -> None: ...


class Store(Protocol):
    """Everything in one database."""

    @property
    def log(self) -> EventLog: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def learners(self) -> Learners: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def library(self) -> Library: ...
    @property
    def bank(self) -> ItemBank: ...
    @property
    def jobs(self) -> JobQueue: ...
    @property
    def scripts(self) -> Scripts: ...
    @property
    def servers(self) -> Servers: ...

    def scrub(self) -> None:
        """Overwrite what erased rows left behind in the database's files. May take seconds on a large database."""
        ...

    def close(self) -> None: ...
