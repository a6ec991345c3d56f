"""The log in memory, with its projections."""

import threading
from collections.abc import Sequence

from tutor.domain import dialogue, learner
from tutor.domain import events as e
from tutor.domain.dialogue import Transcript
from tutor.domain.errors import DuplicateKey, NotFound, SequenceConflict, TurnClosed
from tutor.domain.events import Event
from tutor.domain.learner import LearnerProfile
from tutor.ports import Append, Clock, ConversationSummary, Recorded
from tutor.store import projections as p
from tutor.store.codec import Codec
from tutor.store.text import folded, search_terms


class MemoryEventLog:
    """``EventLog``, ``Conversations`` and ``Learners``."""

    def __init__(self, codec: Codec, clock: Clock) -> None:
        self._codec = codec
        self._clock = clock
        self._lock = threading.RLock()
        self._streams: dict[str, list[Recorded]] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._words: dict[str, dict[int, str]] = {}
        self._profiles: dict[str, LearnerProfile] = {}

    # -- EventLog ------------------------------------------------------------------------------------------------------

    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        p.require_named(batch)
        encoded = [[self._codec.encode(event) for event in part.events] for part in batch]
        with self._lock:
            at = self._clock()
            changed: dict[str, list[Recorded]] = {}
            done: list[Recorded] = []
            for part, items in zip(batch, encoded, strict=True):
                stream = changed.get(part.stream) or list(self._streams.get(part.stream, ()))
                _check(part, stream)
                self._check_turn(part)
                for index, item in enumerate(items):
                    key = part.key if index == 0 else None
                    done.append(Recorded(part.stream, _last_seq(stream) + 1, at, item.event, key))
                    stream.append(done[-1])
                if stream:
                    changed[part.stream] = stream
            self._streams.update(changed)
            self._project(done)
        return tuple(done)

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        with self._lock:
            return tuple(item for item in self._streams.get(stream, ()) if item.seq > after)

    def find(self, stream: str, key: str) -> Recorded | None:
        with self._lock:
            return next((item for item in self._streams.get(stream, ()) if item.key == key), None)

    def erase(self, stream: str, tombstone: Event) -> None:
        item = self._codec.encode(tombstone)
        with self._lock:
            seq = _last_seq(self._streams.get(stream, [])) + 1
            left = Recorded(stream, seq, self._clock(), item.event)
            self._streams[stream] = [left]
            self._forget(stream)
            self._project([left])

    def refold(self) -> None:
        with self._lock:
            self._transcripts.clear()
            self._words.clear()
            self._profiles.clear()
            for stream in self._streams.values():
                self._project(stream)

    # -- Conversations and Learners ------------------------------------------------------------------------------------

    def transcript(self, conversation: str) -> Transcript:
        with self._lock:
            transcript = self._transcripts.get(conversation, Transcript())
        if transcript.deleted or transcript.started_at is None:
            raise NotFound("no such conversation", conversation=conversation)
        return transcript

    def listed(
        self, learner: str | None = None, *, course: str | None = None, search: str = "", limit: int = 100
    ) -> tuple[ConversationSummary, ...]:
        terms = search_terms(search)
        found = [
            summary
            for summary in self._summaries()
            if learner in (None, summary.learner)
            and course in (None, summary.course)
            and all(self._mentions(summary, term) for term in terms)
        ]
        found.sort(key=lambda summary: summary.id)
        found.sort(key=lambda summary: summary.updated_at, reverse=True)
        return tuple(found[:limit])

    def with_open_turn(self) -> tuple[ConversationSummary, ...]:
        found = (summary for summary in self._summaries() if summary.open_turn is not None)
        return tuple(sorted(found, key=lambda summary: (summary.updated_at, summary.id)))

    def with_contested(self) -> tuple[ConversationSummary, ...]:
        with self._lock:
            names = {
                p.conversation_of(stream)
                for stream, recorded in self._streams.items()
                if any(isinstance(one.event, e.GradeContested) for one in recorded)
            }
        found = [summary for summary in self._summaries() if summary.id in names]
        found.sort(key=lambda summary: summary.id)
        return tuple(sorted(found, key=lambda summary: summary.updated_at, reverse=True))

    def profile(self, learner: str) -> LearnerProfile:
        with self._lock:
            return self._profiles.get(learner, LearnerProfile())

    def _check_turn(self, part: Append) -> None:
        if part.turn is not None:
            running = self._transcripts.get(p.conversation_of(part.stream) or "", Transcript()).open_turn
            if running is None or running.id != part.turn:
                raise TurnClosed(turn=part.turn)

    def _summaries(self) -> list[ConversationSummary]:
        with self._lock:
            rows = [p.summary_of(name, transcript) for name, transcript in self._transcripts.items()]
        return [row for row in rows if row is not None]

    def _mentions(self, summary: ConversationSummary, term: str) -> bool:
        with self._lock:
            words = list(self._words.get(summary.id, {}).values())
        return term in folded(summary.title) or any(term in text for text in words)

    def _project(self, recorded: Sequence[Recorded]) -> None:
        for stream in dict.fromkeys(item.stream for item in recorded):
            new = [item for item in recorded if item.stream == stream]
            triples = [(item.event, item.seq, item.at) for item in new]
            if (conversation := p.conversation_of(stream)) is not None:
                transcript = dialogue.fold(triples, self._transcripts.get(conversation))
                self._transcripts[conversation] = transcript
                kept = {} if transcript.deleted else self._words.get(conversation, {})
                self._words[conversation] = {**kept, **p.words_of(new)}
            elif (name := p.learner_of(stream)) is not None:
                self._profiles[name] = learner.fold(triples, self._profiles.get(name))

    def _forget(self, stream: str) -> None:
        if (conversation := p.conversation_of(stream)) is not None:
            self._transcripts.pop(conversation, None)
            self._words.pop(conversation, None)
        elif (name := p.learner_of(stream)) is not None:
            self._profiles.pop(name, None)


def _last_seq(stream: Sequence[Recorded]) -> int:
    return stream[-1].seq if stream else 0


def _check(part: Append, stream: Sequence[Recorded]) -> None:
    if part.key is not None and (known := next((r for r in stream if r.key == part.key), None)) is not None:
        raise DuplicateKey(seq=known.seq)
    if part.expected_seq is not None and part.expected_seq != _last_seq(stream):
        raise SequenceConflict(last_seq=_last_seq(stream))
    last_type = type(stream[-1].event).__name__ if stream else None
    if part.events and not p.accepts(last_type, part.events[0]):
        raise NotFound("this stream was erased", stream=part.stream)
