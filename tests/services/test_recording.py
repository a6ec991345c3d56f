"""What is recorded is heard, in the order of its seq, whoever writes and whoever gives up waiting."""

import asyncio
import random
import threading

import pytest

from tests.conftest import StillClock
from tutor.domain.events import ConversationRenamed, ConversationStarted, conversation_stream
from tutor.ports import Append, Recorded
from tutor.services.live import Live
from tutor.services.recording import Recorder
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
