"""Two servers on one PostgreSQL: whichever one a page is on, it is the same conversation."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Backend
from tests.postgres import Cluster
from tests.web.server.harness import PATIENCE, Builder, House, Page, Person, eventually, spoken
from tutor.bootstrap import Overrides
from tutor.domain import events as e
from tutor.llm.scripted import Pause, Say, Step
from tutor.store.sql import SqlStore
from web.limits import ChatLimits

HALVES: list[Step] = [Say("Green light is reflected. And so "), Pause(1), Say("leaves look green.")]
FAR = ChatLimits(heartbeat=10_000)


@dataclass
class Two:
    """Two houses, and somebody who is signed in to both: sessions are in the database."""

    a: House
    b: House
    at_a: Builder
    at_b: Builder
    ada: Person

    async def begun(self) -> str:
        return await self.a.conversation(self.ada)

    def log(self, conversation: str) -> list[e.Event]:
        return [one.event for one in self.a.system.store.log.read(e.conversation_stream(conversation))]


class Pair:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    @contextlib.asynccontextmanager
    async def open(self, *scripts: list[Step], look_seconds: float = 0.2) -> AsyncIterator[Two]:
        """Both speak from the same scripts."""
        parts: Overrides = {"look_seconds": look_seconds}
        at_a, at_b = Builder(self.folder / "a"), Builder(self.folder / "b")
        stores = [await asyncio.to_thread(SqlStore, self.url) for _ in "ab"]
        async with (
            at_a.open(*scripts, store=stores[0], parts=parts, database_url=self.url) as a,
            at_b.open(*scripts, store=stores[1], parts=parts, limits=FAR, database_url=self.url, course=False) as b,
        ):
            yield Two(a, b, at_a, at_b, a.person())


@pytest.fixture
def pair(tmp_path: Path, postgresql_backend: Backend) -> Pair:
    return Pair(tmp_path, postgresql_backend.url)


def durable(page: Page) -> list[tuple[int, str]]:
    """All but sentences: whoever heard one spoken is not told that it was recorded."""
    return [(f["seq"], f["type"]) for f in page.frames if "seq" in f and f["type"] not in ("ack", "sentence")]


async def until_seq(page: Page, seq: int) -> None:
    while page.last_seq < seq:
        await page.next()


async def test_a_conversation_begun_on_one_goes_on_on_the_other(pair: Pair) -> None:
    async with pair.open([Say("Because of chlorophyll.")], [Say("In the leaf.")]) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a, two.b.page(two.ada, talk) as on_b:
            first = (await on_a.ask(client_id="m1"))["turn"]
            await on_a.until("finished")
            await on_b.until("finished")
            second = (await on_b.ask("And where?", client_id="m2"))["turn"]
            await on_b.until("finished")
            await until_seq(on_a, on_b.last_seq)
            # The same message, sent again to the other server, is the same message.
            again = await on_b.ask(client_id="m1")
            assert (again["turn"], again["duplicate"]) == (first, True)
        assert on_a.replies == on_b.replies
        assert set(on_a.replies) == {first, second}
        transcript = await two.b.system.chat.transcript(two.ada.account, talk)
        assert [turn.parent for turn in transcript.turns.values()] == [None, first]


async def test_a_page_on_the_other_server_is_given_the_reply_a_sentence_at_a_time(pair: Pair) -> None:
    async with pair.open(HALVES) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a, two.b.page(two.ada, talk) as on_b:
            turn = (await on_a.ask())["turn"]
            await on_b.until("sentence")
            # One that comes in the middle has what was said so far.
            async with two.b.page(two.ada) as late:
                welcome = await late.hello(talk)
                assert welcome["open_turn"] == turn
                assert late.replies[turn] == on_b.replies[turn] != ""
                two.at_a.gate.let_pass()
                for page in (on_a, on_b, late):
                    assert (await page.until("finished"))["outcome"] == "complete"
            assert on_a.replies == on_b.replies == late.replies


async def test_one_turn_at_a_time_and_each_can_be_stopped_from_either_server(pair: Pair) -> None:
    async with pair.open(HALVES) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a, two.b.page(two.ada, talk) as on_b:
            turn = (await on_a.ask())["turn"]
            await on_b.until("sentence")
            await on_b.say(type="send", client_id="m2", text="Quick!")
            assert (await on_b.until("error"))["code"] == "turn_in_progress"
            await on_b.say(type="stop", turn=turn)
            for page in (on_a, on_b):
                assert (await page.until("finished"))["outcome"] == "stopped"
            assert on_a.replies == on_b.replies


async def test_what_both_servers_write_is_heard_by_both_in_the_order_of_the_log(pair: Pair) -> None:
    async with pair.open([Say("Because of chlorophyll. And "), Pause(1), Say("in the leaf.")]) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a, two.b.page(two.ada, talk) as on_b:
            turn = (await on_a.ask())["turn"]
            await on_b.until("sentence")

            async def rename(house: House, name: str) -> None:
                for number in range(15):
                    await house.system.chat.rename(two.ada.account, talk, f"{name} {number}")

            await asyncio.gather(rename(two.a, "A"), rename(two.b, "B"))
            two.at_a.gate.let_pass()
            await two.a.system.chat.settled(talk)
            last = two.a.system.store.log.read(e.conversation_stream(talk))[-1].seq
            for page in (on_a, on_b):
                await until_seq(page, last)
        assert durable(on_a) == durable(on_b)
        assert len([1 for _, kind in durable(on_a) if kind == "renamed"]) == 30
        assert on_a.replies == on_b.replies
        assert on_a.replies[turn].endswith("leaf.")


async def test_pages_on_both_go_on_after_the_database_was_restarted(pair: Pair, cluster: Cluster) -> None:
    async with pair.open([Say("Because of chlorophyll.")], [Say("In the leaf.")]) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a, two.b.page(two.ada, talk) as on_b:
            await on_a.ask(client_id="m1")
            await on_b.until("finished")
            await asyncio.to_thread(cluster.restart)
            # Word of what is written before the other listens again is lost; what is written is not.
            for number, page in enumerate((on_a, on_b)):
                await page.ask(client_id=f"after {number}")
                await page.until("finished")
            last = max(on_a.last_seq, on_b.last_seq)
            for page in (on_a, on_b):
                await until_seq(page, last)
        assert durable(on_a) == durable(on_b)
        assert on_a.replies == on_b.replies


async def test_a_conversation_deleted_on_one_server_ends_on_the_other(pair: Pair) -> None:
    async with pair.open(HALVES) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a:
            await on_a.ask()
            await spoken(two.a.system.store, talk)
            await two.b.system.chat.delete(two.ada.account, talk)
            await on_a.until("deleted")
        assert [type(event) for event in two.log(talk)] == [e.ConversationDeleted]
        await eventually(lambda: not two.a.system.chat._tasks)
        assert [type(event) for event in two.log(talk)] == [e.ConversationDeleted]


async def test_a_server_that_starts_or_looks_leaves_the_turns_of_the_living_alone(pair: Pair) -> None:
    async with pair.open(HALVES, look_seconds=0.05) as two:
        talk = await two.begun()
        async with two.a.page(two.ada, talk) as on_a:
            turn = (await on_a.ask())["turn"]
            await spoken(two.a.system.store, talk)
            third = Builder(pair.folder / "c")
            store = await asyncio.to_thread(SqlStore, pair.url)
            parts: Overrides = {"look_seconds": 0.05}
            async with third.open(store=store, parts=parts, database_url=pair.url, course=False) as c:
                before = dict(c.system.store.servers.counts())
                assert len(before) == 3

                def all_looked() -> bool:
                    now = c.system.store.servers.counts()
                    return all(now[name] > count + 12 for name, count in before.items())

                await eventually(all_looked)
                assert two.log(talk)[-1] != e.TurnInterrupted(turn)
            two.at_a.gate.let_pass()
            assert (await on_a.until("finished"))["outcome"] == "complete"


async def test_a_turn_whose_server_is_gone_is_closed_by_one_that_lives(pair: Pair) -> None:
    async with pair.open(HALVES, look_seconds=0.05) as two:
        talk = await two.begun()
        store = two.b.system.store
        async with two.b.page(two.ada, talk) as on_b:
            # As a third server leaves it that loses power: an open turn, and a count that nobody raises any more.
            store.servers.join("third", "")
            message = e.MessageSent("t9", "m9", "Why?", server="third")
            await two.b.system.chat._append(talk, message)
            interrupted = await on_b.until("interrupted")
        assert interrupted["turn"] == "t9"
        assert interrupted["retryable"] is True
        assert sum(isinstance(event, e.TurnInterrupted) for event in two.log(talk)) == 1


async def test_one_server_works_on_the_indexes_and_the_other_takes_over(pair: Pair) -> None:
    async with pair.open() as two:
        assert two.a.system.ingest.holds_lock()
        assert not two.b.system.ingest.holds_lock()
        two.a.system.ingest._lock.release()  # as when it dies
        assert two.b.system.ingest.holds_lock()
        assert not two.a.system.ingest.holds_lock()


async def test_the_index_lock_is_lost_with_its_connection_and_found_again(pair: Pair, cluster: Cluster) -> None:
    async with pair.open() as two:
        assert two.a.system.ingest.holds_lock()
        await asyncio.to_thread(cluster.restart)
        async with asyncio.timeout(PATIENCE):
            assert await asyncio.to_thread(two.b.system.ingest.holds_lock)
            assert not await asyncio.to_thread(two.a.system.ingest.holds_lock)


async def test_who_signs_out_on_one_server_is_signed_out_on_the_other_at_once(pair: Pair) -> None:
    async with pair.open() as two:
        talk = await two.begun()
        async with two.b.page(two.ada, talk) as on_b:
            async with two.a.client(two.ada) as client:
                assert (await client.post("/sign-out")).status_code == 303
            assert await on_b.closed() == 4401  # the next heartbeat is far
