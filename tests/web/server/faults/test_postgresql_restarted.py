"""PostgreSQL goes away and comes back: learners are told to try again, and what was under way is carried on."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import Backend
from tests.postgres import Cluster
from tests.web.server.harness import QUESTION, Builder, eventually, spoken
from tutor.domain import events as e
from tutor.domain.errors import StoreBusy
from tutor.llm.scripted import Pause, Say
from tutor.store.sql import SqlStore
from web.limits import ChatLimits


@contextlib.contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    cluster.halt()
    try:
        yield
    finally:
        cluster.resume()


async def test_a_database_that_restarts_costs_nobody_a_word(
    tmp_path: Path, postgresql_backend: Backend, cluster: Cluster
) -> None:
    url = postgresql_backend.url
    builder = Builder(tmp_path)
    store = await asyncio.to_thread(SqlStore, url)
    script = [Say("Green light is reflected. And so "), Pause(1), Say("leaves look green.")]
    # The session is looked up again every moment: nobody is signed out because it can't be found.
    patient = ChatLimits(heartbeat=0.1)
    async with (
        contextlib.AsyncExitStack() as away,
        builder.open(script, store=store, database_url=url, limits=patient) as house,
    ):
        ada = house.person()
        talk, other = await house.conversation(ada), await house.conversation(ada)
        async with house.page(ada, talk) as page, house.page(ada, other) as beside:
            turn = (await page.ask())["turn"]
            await spoken(store, talk)

            away.enter_context(stopped(cluster))
            await beside.say(type="send", client_id="b1", text=QUESTION)
            error = await beside.until("error")
            assert (error["code"], error["retryable"], error["client_id"]) == ("store_busy", True, "b1")
            async with house.client(ada) as client:
                assert (await client.get("/chat")).status_code == 503
            async with house.client() as watch:
                assert (await watch.get("/healthz")).status_code == 200
            builder.gate.let_pass(5)  # the tutor says the rest, and can't write it down yet
            await away.aclose()

            # The same two connections go on.
            finished = await page.until("finished")
            assert finished["turn"] == turn
            assert finished["outcome"] in ("complete", "failed")
            assert finished["text"].startswith("Green light is reflected.")
            assert (await beside.ask(client_id="b1"))["duplicate"] is False
            assert (await beside.until("finished"))["outcome"] == "complete"
        log = [one.event for one in store.log.read(e.conversation_stream(talk))]
        assert sum(isinstance(event, e.TurnFinished) for event in log) == 1
        assert not any(isinstance(event, e.TurnInterrupted) for event in log)

        # So does the work on the material, with its lock.
        async def works() -> bool:
            try:
                return await asyncio.to_thread(house.system.ingest.holds_lock)
            except StoreBusy:
                return False

        await eventually(works)
