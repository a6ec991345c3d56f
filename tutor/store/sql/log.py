"""The log in SQL, with the projections that are written in its transactions."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from tutor.domain import dialogue, learner
from tutor.domain.dialogue import Transcript
from tutor.domain.errors import DuplicateKey, NotFound, SequenceConflict, TurnClosed
from tutor.domain.events import ConversationDeleted, Event, conversation_stream, learner_stream
from tutor.domain.learner import LearnerProfile
from tutor.ports import Append, Clock, ConversationSummary, Recorded
from tutor.store import projections as p
from tutor.store import text as t
from tutor.store.codec import Codec
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import conversation_words, conversations, events, learners

# As many as may be talking at once: one that is not here is read from its beginning at every sentence.
_CACHED = 1024

# Built once: putting a statement together costs more than running it.
_STREAM: sa.BindParameter[str] = sa.bindparam("of_stream")
_NAME: sa.BindParameter[str] = sa.bindparam("of_name")
_LAST = sa.select(events.c.seq, events.c.type).where(events.c.stream == _STREAM).order_by(events.c.seq.desc()).limit(1)
_STREAMS: sa.BindParameter[list[str]] = sa.bindparam("streams", expanding=True)
_ENDS = sa.select(events.c.stream, sa.func.max(events.c.seq)).where(events.c.stream.in_(_STREAMS))
_LASTS = sa.select(events.c.stream, events.c.seq, events.c.type).where(
    sa.tuple_(events.c.stream, events.c.seq).in_(_ENDS.group_by(events.c.stream))
)
_BY_KEY = sa.select(events).where(events.c.stream == _STREAM, events.c.key == sa.bindparam("of_key"))
_AFTER = (
    sa.select(events).where(events.c.stream == _STREAM, events.c.seq > sa.bindparam("after")).order_by(events.c.seq)
)
_INSERT = events.insert()
_TITLE = sa.select(conversations.c.title).where(conversations.c.id == _NAME)
_NAMES: sa.BindParameter[list[str]] = sa.bindparam("names", expanding=True)
_OPEN_TURNS = sa.select(conversations.c.id, conversations.c.open_turn).where(conversations.c.id.in_(_NAMES))
_LIST = conversations.insert()
_COLUMNS = tuple(column.name for column in conversations.columns)
_UPDATE = (
    conversations.update()
    .where(conversations.c.id == _NAME)
    .values({name: sa.bindparam(f"new_{name}") for name in _COLUMNS if name != "id"})
)


class _Placed(Protocol):
    @property
    def last_seq(self) -> int: ...


State = TypeVar("State", bound=_Placed)


class Folds(Generic[State]):
    """Folded streams kept in this process, the most recently used ones.

    Always right, however many processes write: a fold is only a start, and events after its ``last_seq`` are read
    before it is used.
    """

    def __init__(self, limit: int = _CACHED) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, State] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> State | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def keep(self, name: str, state: State) -> None:
        """Keep it unless a later state is there already. Only ever called with committed states."""
        with self._lock:
            known = self._kept.get(name)
            if known is None or state.last_seq >= known.last_seq:
                self._kept[name] = state
                self._kept.move_to_end(name)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


class SqlEventLog:
    """``EventLog``, ``Conversations`` and ``Learners`` over one database."""

    def __init__(self, database: Database, codec: Codec, clock: Clock) -> None:
        self._db = database
        self._codec = codec
        self._clock = clock
        self._transcripts: Folds[Transcript] = Folds()
        self._profiles: Folds[LearnerProfile] = Folds()

    @cached_property
    def _profile(self) -> TypeAdapter[LearnerProfile]:
        return TypeAdapter(LearnerProfile)  # built at first use: it costs start-up time

    # -- EventLog ------------------------------------------------------------------------------------------------------

    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        p.require_named(batch)
        encoded = [[self._codec.encode(event) for event in part.events] for part in batch]
        done: list[Recorded] = []
        rows: list[dict[str, Any]] = []
        with self._db.write() as connection:
            self._db.lock(connection, *(part.stream for part in batch))
            at = self._clock()
            ends = self._ends(connection, batch) if len(batch) > 1 else {}
            for part, payloads in zip(batch, encoded, strict=True):
                last, last_type = ends.get(part.stream) or self._end(connection, part.stream)
                self._check(connection, part, last, last_type, rows)
                for index, item in enumerate(payloads):
                    last, last_type = last + 1, item.type
                    key = part.key if index == 0 else None
                    done.append(Recorded(part.stream, last, at, item.event, key))
                    rows.append(_row(part.stream, last, at, item.type, item.version, item.payload, key))
                ends[part.stream] = (last, last_type)
            self._check_turns(connection, batch)
            if not rows:
                return ()
            connection.execute(_INSERT, rows)
            folded = self._project(connection, done)
        self._keep(folded)
        return tuple(done)

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        with self._db.read() as connection:
            return self._read(connection, stream, after)

    def find(self, stream: str, key: str) -> Recorded | None:
        with self._db.read() as connection:
            row = connection.execute(_BY_KEY, {"of_stream": stream, "of_key": key}).one_or_none()
        return self._recorded(row) if row else None

    def erase(self, stream: str, tombstone: Event) -> None:
        item = self._codec.encode(tombstone)
        with self._db.write() as connection:
            self._db.lock(connection, stream)
            last, _ = self._end(connection, stream)
            connection.execute(events.delete().where(events.c.stream == stream))
            at = self._clock()
            row = _row(stream, last + 1, at, item.type, item.version, item.payload, None)
            connection.execute(events.insert(), row)
            self._forget(connection, stream)
            folded = self._project(connection, [Recorded(stream, last + 1, at, item.event)])
        self._keep(folded)

    def refold(self) -> None:
        with self._db.write() as connection:
            if not self._db.sqlite:
                # Appends wait; reads don't.
                connection.execute(sa.text("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE"))
            for table in (conversations, conversation_words, learners):
                connection.execute(table.delete())
            streams = connection.execute(sa.select(events.c.stream).distinct()).scalars().all()
            self._transcripts.clear()
            self._profiles.clear()
            for stream in streams:
                self._project(connection, self._read(connection, stream, 0))

    # -- Conversations -------------------------------------------------------------------------------------------------

    def transcript(self, conversation: str) -> Transcript:
        with self._db.read() as connection:
            _, transcript = self._catch_up(connection, conversation)
        if transcript.last_seq:
            self._transcripts.keep(conversation, transcript)
        if transcript.deleted or transcript.started_at is None:
            raise NotFound("no such conversation", conversation=conversation)
        return transcript

    def listed(
        self, learner: str | None = None, *, course: str | None = None, search: str = "", limit: int = 100
    ) -> tuple[ConversationSummary, ...]:
        query = sa.select(conversations).order_by(conversations.c.updated_at.desc(), conversations.c.id).limit(limit)
        if learner is not None:
            query = query.where(conversations.c.learner == learner)
        if course is not None:
            query = query.where(conversations.c.course == course)
        for term in t.search_terms(search):
            of_this = conversation_words.c.conversation == conversations.c.id
            query = query.where(sa.exists().where(of_this, conversation_words.c.words.contains(term, autoescape=True)))
        with self._db.read() as connection:
            return _summaries(connection.execute(query))

    def with_open_turn(self) -> tuple[ConversationSummary, ...]:
        query = sa.select(conversations).where(conversations.c.open_turn.is_not(None))
        with self._db.read() as connection:
            return _summaries(connection.execute(query.order_by(conversations.c.updated_at, conversations.c.id)))

    def with_contested(self) -> tuple[ConversationSummary, ...]:
        contested = sa.select(events.c.stream).where(events.c.type == "GradeContested")
        query = sa.select(conversations).where(("conversation:" + conversations.c.id).in_(contested))
        with self._db.read() as connection:
            ordered = query.order_by(conversations.c.updated_at.desc(), conversations.c.id)
            return _summaries(connection.execute(ordered))

    # -- Learners ------------------------------------------------------------------------------------------------------

    def profile(self, learner: str) -> LearnerProfile:
        with self._db.read() as connection:
            profile = self._caught_up_profile(connection, learner)
        if profile.last_seq:
            self._profiles.keep(learner, profile)
        return profile

    # -- inside a transaction ------------------------------------------------------------------------------------------

    def _end(self, connection: sa.Connection, stream: str) -> tuple[int, str | None]:
        row = connection.execute(_LAST, {"of_stream": stream}).one_or_none()
        return (row.seq, row.type) if row else (0, None)

    def _ends(self, connection: sa.Connection, batch: Sequence[Append]) -> dict[str, tuple[int, str | None]]:
        """The ends of all these streams at once."""
        streams = list({part.stream for part in batch})
        found: dict[str, tuple[int, str | None]] = dict.fromkeys(streams, (0, None))
        for row in connection.execute(_LASTS, {"streams": streams}):
            found[row.stream] = (row.seq, row.type)
        return found

    def _check(
        self, connection: sa.Connection, part: Append, last: int, last_type: str | None, waiting: list[dict[str, Any]]
    ) -> None:
        if part.key is not None:
            known = connection.execute(_BY_KEY, {"of_stream": part.stream, "of_key": part.key}).one_or_none()
            seq = known.seq if known is not None else None
            seq = seq or next(
                (row["seq"] for row in waiting if (row["stream"], row["key"]) == (part.stream, part.key)), None
            )
            if seq is not None:
                raise DuplicateKey(seq=seq)
        if part.expected_seq is not None and part.expected_seq != last:
            raise SequenceConflict(last_seq=last)
        if part.events and not p.accepts(last_type, part.events[0]):
            raise NotFound("this stream was erased", stream=part.stream)

    def _check_turns(self, connection: sa.Connection, batch: Sequence[Append]) -> None:
        wanted = [(p.conversation_of(part.stream) or "", part.turn) for part in batch if part.turn is not None]
        if wanted:
            rows = connection.execute(_OPEN_TURNS, {"names": list({name for name, _ in wanted})})
            opened = {row.id: row.open_turn for row in rows}
            for name, turn in wanted:
                if opened.get(name) != turn:
                    raise TurnClosed(turn=turn)

    def _read(self, connection: sa.Connection, stream: str, after: int) -> tuple[Recorded, ...]:
        rows = connection.execute(_AFTER, {"of_stream": stream, "after": after})
        return tuple(self._recorded(row) for row in rows)

    def _recorded(self, row: sa.Row[Any]) -> Recorded:
        return Recorded(row.stream, row.seq, row.at, self._codec.decode(row.type, row.version, row.payload), row.key)

    def _catch_up(
        self, connection: sa.Connection, conversation: str, new: Sequence[Recorded] = ()
    ) -> tuple[Transcript, Transcript]:
        """The fold as it was kept here, and up to now. ``new`` are the stream's last events, where they are known: what
        was kept may lack no others, and then nothing is read."""
        kept = self._transcripts.get(conversation) or Transcript()
        newer = new if _follows(new, kept) else self._read(connection, conversation_stream(conversation), kept.last_seq)
        return kept, dialogue.fold(_triples(newer), kept)

    def _caught_up_profile(self, connection: sa.Connection, name: str, new: Sequence[Recorded] = ()) -> LearnerProfile:
        start = self._profiles.get(name) or self._snapshot(connection, name)
        newer = new if _follows(new, start) else self._read(connection, learner_stream(name), start.last_seq)
        return learner.fold(_triples(newer), start)

    def _snapshot(self, connection: sa.Connection, name: str) -> LearnerProfile:
        """A stored profile to go on from, or an empty one where none is, or where an older fold made it: everything is
        newer than nothing, so it is folded anew."""
        stored = connection.execute(sa.select(learners.c.profile).where(learners.c.id == name)).scalar_one_or_none()
        if stored is not None:
            try:
                profile = self._profile.validate_json(stored)
            except ValidationError:
                return LearnerProfile()
            if profile.made_by == learner.FOLD:
                return profile
        return LearnerProfile()

    def _project(self, connection: sa.Connection, recorded: Sequence[Recorded]) -> "_Folded":
        """Bring the projections of these events' streams up to date; the events are in the table already."""
        folded = _Folded()
        by_stream: dict[str, list[Recorded]] = {}
        for item in recorded:
            by_stream.setdefault(item.stream, []).append(item)
        for stream, new in by_stream.items():
            if (conversation := p.conversation_of(stream)) is not None:
                kept, transcript = self._catch_up(connection, conversation, new)
                folded.transcripts[conversation] = transcript
                before = p.summary_of(conversation, kept) if _follows(new, kept) else None
                self._write_conversation(connection, folded, conversation, before, new)
            elif (name := p.learner_of(stream)) is not None:
                folded.profiles[name] = profile = self._caught_up_profile(connection, name, new)
                text = self._profile.dump_json(profile, exclude_defaults=True).decode()
                connection.execute(learners.delete().where(learners.c.id == name))
                connection.execute(learners.insert(), {"id": name, "last_seq": profile.last_seq, "profile": text})
        if folded.changes:
            connection.execute(_UPDATE, folded.changes)
        return folded

    def _write_conversation(
        self,
        connection: sa.Connection,
        folded: "_Folded",
        name: str,
        before: ConversationSummary | None,
        new: Sequence[Recorded],
    ) -> None:
        """``before`` is the row as it stands, where that is known. What changes is noted, to be written all at once."""
        if any(isinstance(item.event, ConversationDeleted) for item in new):
            self._forget(connection, conversation_stream(name))
        self._write_words(connection, name, p.words_of(new))
        summary = p.summary_of(name, folded.transcripts[name])
        if summary is None:
            return
        old = before.title if before else connection.execute(_TITLE, {"of_name": name}).scalar_one_or_none()
        if old is None:
            connection.execute(_LIST, {name: getattr(summary, name) for name in _COLUMNS})
        else:
            values = {f"new_{column}": getattr(summary, column) for column in _COLUMNS if column != "id"}
            folded.changes.append({"of_name": name, **values})
        if old is None or old != summary.title:
            title = (conversation_words.c.conversation == name) & (conversation_words.c.seq == 0)
            connection.execute(conversation_words.delete().where(title))
            self._write_words(connection, name, {0: t.folded(summary.title)})

    def _write_words(self, connection: sa.Connection, conversation: str, words: Mapping[int, str]) -> None:
        rows = [{"conversation": conversation, "seq": seq, "words": text} for seq, text in words.items()]
        if rows:
            connection.execute(conversation_words.insert(), rows)

    def _forget(self, connection: sa.Connection, stream: str) -> None:
        if (conversation := p.conversation_of(stream)) is not None:
            connection.execute(conversations.delete().where(conversations.c.id == conversation))
            mine = conversation_words.c.conversation == conversation
            connection.execute(conversation_words.delete().where(mine))
        elif (name := p.learner_of(stream)) is not None:
            connection.execute(learners.delete().where(learners.c.id == name))

    def _keep(self, folded: "_Folded") -> None:
        for conversation, transcript in folded.transcripts.items():
            self._transcripts.keep(conversation, transcript)
        for name, profile in folded.profiles.items():
            self._profiles.keep(name, profile)


@dataclass
class _Folded:
    """What a transaction folded: to be kept when it is committed."""

    transcripts: dict[str, Transcript] = field(default_factory=dict)
    profiles: dict[str, LearnerProfile] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)


def _row(stream: str, seq: int, at: datetime, kind: str, version: int, payload: str, key: str | None) -> dict[str, Any]:
    return {
        "stream": stream,
        "seq": seq,
        "at": at,
        "type": kind,
        "version": version,
        "payload": payload,
        "key": key,
    }


def _follows(new: Sequence[Recorded], kept: _Placed) -> bool:
    """Whether ``new`` goes on right where ``kept`` ends."""
    return bool(new) and new[0].seq == kept.last_seq + 1


def _triples(recorded: Iterable[Recorded]) -> Iterable[tuple[Event, int, datetime]]:
    return ((item.event, item.seq, item.at) for item in recorded)


def _summaries(rows: Iterable[sa.Row[Any]]) -> tuple[ConversationSummary, ...]:
    return tuple(ConversationSummary(**row._mapping) for row in rows)
