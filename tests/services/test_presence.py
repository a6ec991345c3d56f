"""Who lives is told by counts, whatever the clocks say; and the turns of the dead are closed."""

import asyncio

import pytest

from tutor.domain.errors import StoreBusy
from tutor.services.presence import LOOKS, Presence
from tutor.store.memory.servers import MemoryServers


@pytest.fixture
def servers() -> MemoryServers:
    return MemoryServers()


def joined(servers: MemoryServers, name: str, seat: str = "") -> Presence:
    presence = Presence(servers, name, seat)
    presence.join()
    return presence


def test_a_server_that_looks_is_alive(servers: MemoryServers) -> None:
    a, b = joined(servers, "a"), joined(servers, "b")
    for _ in range(3 * LOOKS):
        a.look()
        b.look()
    assert all((a.alive("b"), b.alive("a"), a.alive("a")))
    a.leave()
    b.leave()


def test_a_server_whose_count_stands_still_is_dead_after_some_looks(servers: MemoryServers) -> None:
    a, b = joined(servers, "a"), joined(servers, "b")
    a.look()
    b.look()
    for _ in range(LOOKS):
        assert a.alive("b")
        a.look()
    a.look()
    assert not a.alive("b")
    # It was only asleep.
    b.look()
    a.look()
    assert a.alive("b")
    a.leave()
    b.leave()


def test_who_left_is_dead_at_once(servers: MemoryServers) -> None:
    a, b = joined(servers, "a"), joined(servers, "b")
    a.look()
    b.leave()
    a.look()
    assert not a.alive("b")
    a.leave()


def test_who_was_in_our_seat_before_is_dead_before_the_first_look(servers: MemoryServers) -> None:
    killed, beside = joined(servers, "killed", "seat"), joined(servers, "beside", "another")
    back = joined(servers, "back", "seat")
    assert not back.alive("killed")
    assert back.alive("beside")
    assert not back.alive("never heard of")
    for one in (killed, beside, back):
        one.leave()


class Away(MemoryServers):
    away = False

    def beat(self, server: str) -> dict[str, int]:
        if self.away:
            raise StoreBusy
        return dict(super().beat(server))


async def test_nobody_dies_while_the_database_is_away() -> None:
    servers = Away()
    a, b = Presence(servers, "a", every=0.001), joined(servers, "b")
    a.join()
    b.look()
    looked = asyncio.Semaphore(0)

    async def note() -> None:
        looked.release()

    servers.away = True
    watching = asyncio.create_task(a.watch(note))
    await asyncio.sleep(0.05)
    assert a.alive("b"), "the looks that failed don't count"
    servers.away = False
    async with asyncio.timeout(20):
        for _ in range(LOOKS + 2):
            await looked.acquire()
    assert not a.alive("b")
    a.stop()
    await watching
    a.leave()
    b.leave()
