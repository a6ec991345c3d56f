"""Word between servers by PostgreSQL's LISTEN and NOTIFY.

Names and numbers only, far below NOTIFY's limit of 8,000 bytes. It is sent after the commit, on a connection of its
own and many at once: PostgreSQL commits transactions that notify one after the other, so a NOTIFY inside an append
would make all appends of all servers queue. What a crash swallows between the two is made good when the dead server's
turn is closed: that is told too, and listeners read everything after what they have.

Both connections come back by themselves; after each pause in listening ``Missed`` is heard.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tutor.domain.errors import StoreBusy
from tutor.observe import Logger
from tutor.server_ports import Hear, Missed, SessionsEnded, StopWanted, Word, Written
from tutor.store.sql.engine import normalised

if TYPE_CHECKING:
    from psycopg import AsyncConnection

log = Logger(__name__)

CHANNEL = "diotima"
WAITS = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds between attempts to connect, the last one for as long as it takes
GOODBYE = 1.0  # seconds to deliver what waits when we close
# A network that swallows packets is noticed within half a minute, at both ends.
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
SERVER_KEEPALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"


class PostgresRelay:
    """``me`` marks what we told ourselves, which we don't hear."""

    def __init__(self, url: str, me: str) -> None:
        self._url = connection_string(url)
        self._me = me
        self._waiting: dict[tuple[str, ...], Word] = {}
        self._wake = asyncio.Event()
        self._delivered = asyncio.Event()
        self._delivered.set()
        self._tasks: list[asyncio.Task[None]] = []
        self._lost: set[str] = set()

    def start(self, hear: Hear) -> None:
        async def listen(connection: "AsyncConnection[Any]") -> None:
            await self._listen(connection, hear)

        for name, work in (("listen", listen), ("notify", self._deliver)):
            self._lost.add(name)
            self._tasks.append(asyncio.create_task(self._connected(name, work), name=f"relay {name}"))

    def tell(self, word: Word) -> None:
        key: tuple[str, ...]
        match word:
            case Written():
                key = (word.conversation,)
                # Several appends while one delivery is under way are one piece of news.
                known = self._waiting.get(key)
                first = known.first if isinstance(known, Written) else word.first
                word = Written(word.conversation, min(first, word.first), word.last)
            case StopWanted():
                key = (word.conversation, word.turn)
            case SessionsEnded():
                key = ("sessions", word.account, word.token_hash or "")
        self._waiting[key] = word
        self._delivered.clear()
        self._wake.set()

    def check(self) -> None:
        if self._lost:
            raise StoreBusy("the other servers can't be reached", connection=" and ".join(sorted(self._lost)))

    async def close(self) -> None:
        if self._tasks:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._delivered.wait(), GOODBYE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _listen(self, connection: "AsyncConnection[Any]", hear: Hear) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        hear(Missed())
        async for notice in connection.notifies():
            word = decoded(notice.payload, self._me)
            if word is not None:
                hear(word)

    async def _deliver(self, connection: "AsyncConnection[Any]") -> None:
        while True:
            batch = dict(self._waiting)
            if batch:
                words = [encoded(word, self._me) for word in batch.values()]
                query = "SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word"
                await connection.execute(query, (CHANNEL, words))
                for key, word in batch.items():
                    if self._waiting.get(key) == word:
                        del self._waiting[key]
            if not self._waiting:
                self._delivered.set()
                self._wake.clear()
                await self._wake.wait()

    async def _connected(self, name: str, work: "Callable[[AsyncConnection[Any]], Awaitable[None]]") -> None:
        """Do ``work`` on a connection, and on another one each time the last was lost."""
        import psycopg

        attempt = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, **options()) as connection:
                    attempt = 0
                    self._lost.discard(name)
                    await work(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("relay.lost", connection=name, cause=type(error).__name__)
            except Exception:  # what somebody does with a word must not make us deaf
                log.exception("relay.failed", connection=name)
            self._lost.add(name)
            await asyncio.sleep(WAITS[min(attempt, len(WAITS) - 1)])
            attempt += 1


def connection_string(url: str) -> str:
    """SQLAlchemy's URL as libpq reads it."""
    return normalised(url).set(drivername="postgresql").render_as_string(hide_password=False)


def options() -> dict[str, Any]:
    """What a connection that stays open for hours is opened with."""
    return {"connect_timeout": 5, "options": SERVER_KEEPALIVE, **KEEPALIVE}


def encoded(word: Word, me: str) -> str:
    match word:
        case Written():
            return json.dumps([me, "written", word.conversation, word.first, word.last])
        case StopWanted():
            return json.dumps([me, "stop", word.conversation, word.turn])
        case SessionsEnded():
            return json.dumps([me, "sessions", word.account, word.token_hash])


def decoded(payload: str, me: str) -> Word | None:
    """None for our own word, and for what another version of this program says."""
    try:
        match json.loads(payload):
            case [str(other), "written", str(conversation), int(first), int(last)] if other != me:
                return Written(conversation, first, last)
            case [str(other), "stop", str(conversation), str(turn)] if other != me:
                return StopWanted(conversation, turn)
            case [str(other), "sessions", str(account), str() | None as token_hash] if other != me:
                return SessionsEnded(account, token_hash)
    except (ValueError, RecursionError):
        log.warning("relay.not_understood")
    return None
