"""Somebody else holds the database: the learner is told so, and the same message goes through afterwards."""

import asyncio
import sqlite3
from pathlib import Path

from tests.web.server.harness import Builder
from tutor.store.sql import SqlStore


async def test_a_locked_database_is_said_and_survived(builder: Builder, tmp_path: Path) -> None:
    file = tmp_path / "diotima.db"
    store = await asyncio.to_thread(SqlStore, f"sqlite:///{file}", busy_seconds=0.05)
    async with builder.open(store=store) as house:
        person = house.person()
        async with house.page(person, await house.conversation(person)) as page:
            other = sqlite3.connect(file, isolation_level=None)
            try:
                other.execute("BEGIN EXCLUSIVE")
                await page.say(type="send", client_id="m1", text="Why are leaves green?")
                error = await page.until("error")
            finally:
                other.close()
            assert (error["code"], error["client_id"], error["retryable"]) == ("store_busy", "m1", True)
            assert (await page.ask("Why are leaves green?", "m1"))["duplicate"] is False
            assert (await page.until("finished"))["outcome"] == "complete"
