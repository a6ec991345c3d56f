"""What is recorded is heard, in the order of its seq, whoever writes and whoever gives up waiting."""

import asyncio
import random
import threading

import pytest

from tests.conftest import StillClock
from tutor.domain.errors import DiotimaError
from tutor.domain.events import (
    ConversationDeleted,
    ConversationRenamed,
    ConversationStarted,
    MessageSent,
    SentenceSpoken,
    conversation_stream,
)
from tutor.ports import Append, Recorded
from tutor.services.live import Delta, Live
from tutor.services.recording import Recorder
from tutor.services.spoken import SpokenLog
from tutor.store.memory import MemoryStore

STREAM = conversation_stream("c")


class SlowLog:
    """The log in memory, each append finishing when the test says so, or after a random number of yields."""

    def __init__(self, store: MemoryStore, gate: threading.Event | None = None) -> None:
        self._log = store.log
        self._gate = gate
        self._random = random.Random(7)

    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        recorded = self._log.append(*batch)
        if self._gate is not None:
            self._gate.wait(5)
        else:
            threading.Event().wait(self._random.random() / 200)
        return recorded

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


@pytest.fixture
def memory(clock: StillClock) -> MemoryStore:
    store = MemoryStore(clock=clock)
    store.log.append(Append(STREAM, (ConversationStarted("l", "course", "en"),)))
    return store


async def test_many_writers_are_heard_in_the_order_of_seq(memory: MemoryStore) -> None:
    live = Live()
    recorder = Recorder(SlowLog(memory), live)  # type: ignore[arg-type]
    listener = live.subscribe("c")
    await asyncio.gather(*(recorder.record("c", Append(STREAM, (ConversationRenamed(str(i)),))) for i in range(20)))
    heard = [event.seq for event in listener.drain() if isinstance(event, Recorded)]
    assert heard == list(range(2, 22))


async def test_what_was_begun_is_heard_although_the_writer_was_cancelled(memory: MemoryStore) -> None:
    live, gate = Live(), threading.Event()
    recorder = Recorder(SlowLog(memory, gate), live)  # type: ignore[arg-type]
    listener = live.subscribe("c")
    writing = asyncio.create_task(recorder.record("c", Append(STREAM, (ConversationRenamed("kept"),))))
    await asyncio.sleep(0.01)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    gate.set()
    event = await anext(aiter(listener))
    assert isinstance(event, Recorded)
    assert event.event == ConversationRenamed("kept")


async def test_only_the_conversation_s_own_events_are_published(memory: MemoryStore) -> None:
    live = Live()
    listener = live.subscribe("c")
    other = Append(conversation_stream("d"), (ConversationStarted("l", "course", "en"),))
    await Recorder(memory.log, live).record("c", Append(STREAM, (ConversationRenamed("mine"),)), other)
    assert [event.stream for event in listener.drain() if isinstance(event, Recorded)] == [STREAM]


# -- sentences of many turns -----------------------------------------------------------------------------------------


def begun(memory: MemoryStore, name: str) -> str:
    """A conversation with an open turn; its stream."""
    stream = conversation_stream(name)
    memory.log.append(Append(stream, (ConversationStarted("l", "course", "en"), MessageSent(f"t-{name}", "m", "Hi"))))
    return stream


def said(name: str, *texts: str) -> list[SentenceSpoken]:
    offsets = [sum(map(len, texts[:place])) for place in range(len(texts))]
    return [SentenceSpoken(f"t-{name}", at, text, "model") for at, text in zip(offsets, texts, strict=True)]


class CountingLog(SlowLog):
    """How many streams each append touched."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.sizes: list[int] = []

    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        self.sizes.append(len(batch))
        return super().append(*batch)


async def test_sentences_of_many_turns_are_one_transaction_and_each_in_its_order(memory: MemoryStore) -> None:
    streams = [begun(memory, name) for name in "abc"]
    log, live = CountingLog(memory), Live()
    spoken = SpokenLog(Recorder(log, live), pause=60)  # type: ignore[arg-type]
    for name in "abc":
        for sentence in said(name, "One. ", "Two."):
            spoken.add(name, sentence)
    await spoken.settled("b")  # hurries it for all
    assert log.sizes == [3]
    for stream in streams:
        texts = [one.event.text for one in memory.log.read(stream, 2) if isinstance(one.event, SentenceSpoken)]
        assert texts == ["One. ", "Two."]


async def test_sentences_are_recorded_by_themselves_after_a_pause(memory: MemoryStore) -> None:
    stream, live = begun(memory, "a"), Live()
    listener = live.subscribe("a")
    spoken = SpokenLog(Recorder(memory.log, live), pause=0.01)
    spoken.add("a", said("a", "One.")[0])
    (event,) = await asyncio.wait_for(listener.some(), 20)
    assert isinstance(event, Recorded)
    assert memory.log.read(stream, 2)[0].event == event.event
    await spoken.settled("a")


async def test_one_erased_conversation_does_not_keep_the_others_from_being_recorded(memory: MemoryStore) -> None:
    stream, gone = begun(memory, "a"), begun(memory, "b")
    memory.log.erase(gone, ConversationDeleted())
    spoken = SpokenLog(Recorder(memory.log, Live()), pause=60)
    for name in "ab":
        spoken.add(name, said(name, "One.")[0])
    await spoken.settled("a")
    assert len(memory.log.read(stream, 2)) == 1
    with pytest.raises(DiotimaError):
        await spoken.settled("b")
    await spoken.settled("b")  # told once


async def test_a_sentence_that_is_recorded_late_cuts_off_nothing(memory: MemoryStore) -> None:
    begun(memory, "a")
    live = Live()
    listener = live.subscribe("a")
    spoken = SpokenLog(Recorder(memory.log, live), pause=60)
    live.publish("a", Delta("t-a", 0, "One. "))
    spoken.add("a", said("a", "One. ")[0])
    live.publish("a", Delta("t-a", 5, "Two, and m"))
    await spoken.settled("a")
    reply = ""
    for event in listener.drain():
        piece = event.event if isinstance(event, Recorded) else event
        assert isinstance(piece, Delta | SentenceSpoken)
        assert piece.offset <= len(reply)
        if isinstance(piece, SentenceSpoken):
            assert reply.startswith(piece.text, piece.offset)  # there already: it changes nothing
            continue
        reply = reply[: piece.offset] + piece.text
    assert reply == "One. Two, and m"
    assert live.running("a") == Delta("t-a", 0, "One. Two, and m")
