"""Somebody else holds the database: the learner is told so, and the same message goes through afterwards."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from tests.web.server.harness import Builder
from tutor.domain.accounts import Account, Session
from tutor.domain.errors import StoreBusy
from tutor.store.memory import MemoryStore
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


class AwayAccounts:
    """Accounts in a database that is away."""

    def __init__(self, store: MemoryStore) -> None:
        self._accounts = store.accounts
        self.away = False

    def holder(self, token_hash: str) -> tuple[Account, Session] | None:
        if self.away:
            raise StoreBusy("the database is away")
        return self._accounts.holder(token_hash)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._accounts, name)


async def test_a_session_that_cannot_be_looked_up_is_not_signed_out(builder: Builder) -> None:
    store = MemoryStore()
    store.accounts = accounts = AwayAccounts(store)
    async with builder.open(store=store) as house:
        person = house.person()
        accounts.away = True
        async with house.client(person) as client:
            page, call = await client.get("/chat"), await client.get("/api/conversations")
            sent = await client.post("/sign-out")
        accounts.away = False
        async with house.client(person) as client:
            assert (await client.get("/chat")).status_code == 200
    assert [answer.status_code for answer in (page, call, sent)] == [503] * 3
    assert call.json()["code"] == "store_busy"
    assert call.json()["retryable"] is True
