"""The contract of ``Relay``: in one process, and through PostgreSQL."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from tests.postgres import Cluster
from tutor.domain.errors import StoreBusy
from tutor.ports import Relay
from tutor.server_ports import Missed, SessionsEnded, StopWanted, Word, Written
from tutor.store.memory.relay import Exchange, MemoryRelay
from tutor.store.sql.relay import PostgresRelay

PATIENCE = 30.0


@dataclass
class Listener:
    """One server's relay, and all that it heard."""

    relay: Relay
    heard: list[Word | Missed] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        self.relay.start(self._hear)

    def _hear(self, word: Word | Missed) -> None:
        self.heard.append(word)
        self._news.set()

    @property
    def words(self) -> list[Word]:
        return [word for word in self.heard if not isinstance(word, Missed)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._news.clear()
                await self._news.wait()


Make = Callable[[str], Listener]


@pytest.fixture(params=["memory", "postgresql"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    made: list[Listener] = []
    exchange = Exchange()

    def one(name: str) -> Listener:
        relay: Relay
        if request.param == "memory":
            relay = MemoryRelay(exchange)
        else:
            relay = PostgresRelay(request.getfixturevalue("migrated_postgresql"), name)
        made.append(Listener(relay))
        return made[-1]

    yield one
    for listener in made:
        await listener.relay.close()


async def joined(make: Make, *names: str) -> list[Listener]:
    """Servers that hear each other already."""
    listeners = [make(name) for name in names]
    for listener in listeners:
        listener.start()
    for listener in listeners:
        # PostgreSQL says when it has begun to listen: until then anything may have been missed.
        if isinstance(listener.relay, PostgresRelay):
            await listener.until(lambda listener=listener: Missed() in listener.heard)  # type: ignore[misc]
    return listeners


async def test_the_others_hear_what_one_tells_and_not_itself(make: Make) -> None:
    a, b, c = await joined(make, "a", "b", "c")
    a.relay.tell(Written("talk", 3, 4))
    a.relay.tell(StopWanted("talk", "t1"))
    a.relay.tell(SessionsEnded("ada", None))
    a.relay.tell(SessionsEnded("ada", "hash"))
    for other in (b, c):
        await other.until(lambda other=other: len(other.words) == 4)  # type: ignore[misc]
        assert other.words == [
            Written("talk", 3, 4), StopWanted("talk", "t1"), SessionsEnded("ada", None), SessionsEnded("ada", "hash"),
        ]  # fmt: skip
    b.relay.tell(Written("other", 1, 1))
    await a.until(lambda: bool(a.words))
    assert a.words == [Written("other", 1, 1)]


async def test_of_every_conversation_the_newest_place_is_heard(make: Make) -> None:
    """Several words of one conversation may come as one."""
    a, b = await joined(make, "a", "b")
    for seq in range(1, 101):
        a.relay.tell(Written("x", seq, seq))
        a.relay.tell(Written("ü" * 100, seq, seq))
    last = {"x": 100, "ü" * 100: 100}
    await b.until(lambda: {w.conversation: w.last for w in b.words if isinstance(w, Written)} == last)
    for name in last:
        places = [(w.first, w.last) for w in b.words if isinstance(w, Written) and w.conversation == name]
        assert places[0][0] == 1
        assert all(later[0] <= earlier[1] + 1 for earlier, later in itertools.pairwise(places)), "no hole"


async def test_who_has_closed_hears_nothing_more_and_may_be_told_things(make: Make) -> None:
    a, b = await joined(make, "a", "b")
    await b.relay.close()
    a.relay.tell(Written("talk", 1, 1))
    b.relay.tell(Written("talk", 2, 2))
    await a.relay.close()
    assert b.words == []


async def test_after_the_database_was_away_one_listens_again_and_says_that_something_may_be_missing(
    cluster: Cluster, migrated_postgresql: str
) -> None:
    a, b = Listener(PostgresRelay(migrated_postgresql, "a")), Listener(PostgresRelay(migrated_postgresql, "b"))
    try:
        for one in (a, b):
            one.start()
            await one.until(lambda one=one: one.heard == [Missed()])  # type: ignore[misc]
        await asyncio.to_thread(cluster.restart)
        await b.until(lambda: b.heard == [Missed()] * 2)
        # What was told while it was away arrives, or was covered by that.
        a.relay.tell(Written("talk", 7, 8))
        await b.until(lambda: b.words == [Written("talk", 7, 8)])
    finally:
        await a.relay.close()
        await b.relay.close()


async def test_what_others_shout_into_the_channel_is_passed_over(cluster: Cluster, migrated_postgresql: str) -> None:
    b = Listener(PostgresRelay(migrated_postgresql, "b"))
    a = PostgresRelay(migrated_postgresql, "a")
    try:
        b.start()
        await b.until(lambda: b.heard == [Missed()])
        for payload in (
            "",
            "{",
            "[]",
            '["a", "written", "c", "x", 2]',
            '["a", "newer", 1]',
            '["a", "sessions", 1, 2]',
            "null",
        ):
            await asyncio.to_thread(cluster.sql, f"NOTIFY diotima, '{payload}'", "diotima")
        a.start(lambda word: None)
        a.tell(StopWanted("c", "t"))
        await b.until(lambda: len(b.heard) == 2)
        assert b.heard[1] == StopWanted("c", "t")
    finally:
        await a.close()
        await b.relay.close()


async def test_a_relay_that_listens_has_nothing_to_complain_of(make: Make) -> None:
    a, b = await joined(make, "a", "b")
    a.relay.tell(Written("talk", 1, 1))
    await b.until(lambda: bool(b.words))
    a.relay.check()


async def test_a_relay_whose_database_is_away_says_so() -> None:
    relay = PostgresRelay("postgresql://nobody@127.0.0.1:1/none", "a")
    relay.check()
    relay.start(lambda word: None)
    try:
        with pytest.raises(StoreBusy):
            relay.check()
    finally:
        await relay.close()
