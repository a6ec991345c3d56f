"""The last moment of a turn: whatever happens beside it, it ends once, and the conversation goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain import events as e
from tutor.domain.accounts import Account
from tutor.domain.curriculum import Course
from tutor.domain.dialogue import Turn
from tutor.domain.errors import InvalidInput, StoreBusy
from tutor.ports import Append, Recorded
from tutor.services.live import Delta
from tutor.services.privacy import erase_learner
from tutor.store.memory import MemoryStore

QUESTION = "What is here?"


class ClosingLog:
    """The log in memory, with a say in how the closing event of a turn is taken."""

    def __init__(self, store: MemoryStore) -> None:
        self._log = store.log
        self.reached = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self.refusals: list[Exception] = []

    def append(self, *batch: Append) -> tuple[Recorded, ...]:
        if any(isinstance(event, e.TurnFinished) for part in batch for event in part.events):
            self.reached.set()
            self.open.wait(5)
            if self.refusals:
                raise self.refusals.pop()
        return self._log.append(*batch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


class Room:
    def __init__(self, system: System, log: ClosingLog, student: Account, conversation: str) -> None:
        self.system, self.log, self.student, self.conversation = system, log, student, conversation
        self.chat = system.chat

    async def send(self, client_id: str) -> str:
        return (await self.chat.send(self.student, self.conversation, client_id, QUESTION)).turn

    async def turn(self, turn: str) -> Turn:
        return (await self.chat.transcript(self.student, self.conversation)).turns[turn]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    store = MemoryStore()
    store.log = log = ClosingLog(store)
    store.library.put_course(Course("empty", "Empty", "en"))
    settings = Settings(data_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]
    system = build(settings, store=store, model=None, embedder=None)
    student = await system.accounts.create("student", "a long password")
    yield Room(system, log, student, await system.chat.start(student, "empty", "en"))
    log.open.set()
    await system.chat.close(0)
    system.close()


async def test_a_stop_that_comes_too_late_spares_the_next_turn(room: Room) -> None:
    room.log.open.clear()
    first = await room.send("c1")
    await asyncio.to_thread(room.log.reached.wait, 5)
    stopping = asyncio.create_task(room.chat.stop(room.student, room.conversation, first))
    await asyncio.sleep(0.05)
    room.log.open.set()
    await stopping
    await room.chat.settled(room.conversation)
    second = await room.send("c2")
    await room.chat.settled(room.conversation)
    assert [(await room.turn(turn)).status for turn in (first, second)] == ["complete", "complete"]
    assert (await room.turn(second)).reply


async def test_what_was_said_is_not_said_again_after_the_end(room: Room) -> None:
    listener = room.system.live.subscribe(room.conversation)
    await room.send("c1")
    async for event in listener:
        if isinstance(event, Recorded) and isinstance(event.event, e.TurnFinished):
            break
        assert not isinstance(event, Delta) or room.system.live.running(room.conversation)
    assert room.system.live.running(room.conversation) is None


async def test_a_locked_database_delays_the_end_and_does_not_lose_it(room: Room) -> None:
    room.log.refusals = [StoreBusy("locked"), StoreBusy("locked")]
    turn = await room.send("c1")
    await room.chat.settled(room.conversation)
    assert (await room.turn(turn)).status == "complete"


async def test_an_end_that_no_store_can_hold_voids_the_turn(room: Room) -> None:
    """Otherwise it would stay open, and the conversation blocked, until the next start."""
    room.log.refusals = [InvalidInput("cannot be stored")]
    turn = await room.send("c1")
    await room.chat.settled(room.conversation)
    assert (await room.turn(turn)).status == "interrupted"
    again = await room.send("c2")
    await room.chat.settled(room.conversation)
    assert (await room.turn(again)).status == "complete"


async def test_erasing_the_learner_meanwhile_leaves_nothing_behind(room: Room) -> None:
    """As another process does it, which can't stop the turn."""
    room.log.open.clear()
    await room.send("c1")
    await asyncio.to_thread(room.log.reached.wait, 5)
    await asyncio.to_thread(erase_learner, room.system.store, room.student.id)
    room.log.open.set()
    await room.chat.settled(room.conversation)
    assert room.system.live.running(room.conversation) is None
    left = room.system.store.log.read(e.conversation_stream(room.conversation))
    assert [type(item.event) for item in left] == [e.ConversationDeleted]


async def test_a_rating_or_a_new_title_never_costs_a_message(room: Room) -> None:
    first = await room.send("c1")
    await room.chat.settled(room.conversation)
    for number in range(20):
        sent, *_ = await asyncio.gather(
            room.send(f"more-{number}"),
            room.chat.feedback(room.student, room.conversation, first, 1),
            room.chat.rename(room.student, room.conversation, f"Title {number}"),
        )
        await room.chat.settled(room.conversation)
        assert (await room.turn(sent)).status == "complete"


async def test_shutting_down_does_not_wait_for_a_locked_database(room: Room) -> None:
    room.log.refusals = [StoreBusy("locked")] * 50
    turn = await room.send("c1")
    await asyncio.to_thread(room.log.reached.wait, 5)
    async with asyncio.timeout(15):
        await room.chat.close(0)
    room.log.refusals = []
    assert (await room.turn(turn)).status == "open"
    assert await room.chat.recover() == 1
    assert (await room.turn(turn)).status == "interrupted"
