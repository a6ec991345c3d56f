"""What embeds is killed: learners are answered by words, and what came in meanwhile gets its vectors afterwards."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from retrieval.embedders.litellm import LiteLlmEmbedder
from tests.fakes.embedding_server import DIMENSIONS
from tests.web.server.harness import COURSE, QUESTION, Builder, House, eventually
from tests.web.server.processes import free_port, process, uploaded
from tutor.bootstrap import Overrides
from tutor.domain.accounts import Role
from tutor.store.sql import SqlStore

LONG = 60.0  # seconds: the library of providers takes its time to begin, and tries again
MOSS = "# Moss\n\n## How moss drinks\n\nMoss has no roots and takes in water through its leaves, which are thin.\n"


async def mode(house: House, question: str = QUESTION) -> str:
    found = await asyncio.to_thread(house.system.retriever.search, COURSE, question)
    assert found.hits
    return found.signals.mode


async def test_a_killed_embedder_costs_meaning_and_not_answers(tmp_path: Path) -> None:
    port = free_port()
    command = (sys.executable, "-m", "tests.fakes.embedding_server", str(port))
    embedder = LiteLlmEmbedder(
        "openai/hashing", DIMENSIONS, api_key="none", api_base=f"http://127.0.0.1:{port}/v1", timeout_s=10
    )
    parts: Overrides = {"embedder": embedder}
    store = await asyncio.to_thread(SqlStore, f"sqlite:///{tmp_path / 'diotima.db'}")
    async with (
        process(*command, until=b"listening") as provider,
        Builder(tmp_path).open(store=store, parts=parts) as house,
    ):
        house.system.ingest.start()
        assert await mode(house) == "hybrid"

        os.kill(provider.pid, signal.SIGKILL)
        await provider.wait()
        ada, trainer = house.person(), house.person(Role.TRAINER)
        async with house.page(ada, await house.conversation(ada)) as page:
            await page.ask()
            assert (await page.until("finished"))["outcome"] == "complete"
        assert await uploaded(house, trainer, "moss.md", MOSS) == 303
        await eventually(lambda: any(job.status == "failed" for job in house.system.ingest.jobs()), LONG)
        (failed,) = [job for job in house.system.ingest.jobs() if job.status == "failed"]
        assert (failed.kind, "did not answer" in (failed.error or "")) == ("embed", True)
        assert await mode(house, "How does moss drink?") == "lexical"

        async with process(*command, until=b"listening"):

            async def embedded() -> bool:
                states = house.system.store.library.documents(COURSE)
                return all(state.embedded == state.passages for state in states)

            await eventually(embedded, LONG)
            assert len(house.system.store.library.documents(COURSE)) == 2
            assert await mode(house, "How does moss drink?") == "hybrid"
            await eventually(lambda: all(job.status == "done" for job in house.system.ingest.jobs()), LONG)
