"""The open chat connections of this process, so that a revoked session or a shutdown ends them at once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from web.security import SignedIn

SIGNED_OUT = 4401
ORIGIN_REFUSED = 4403
NO_SUCH_CONVERSATION = 4404
HELLO_TIMEOUT = 4408
TOO_SLOW = 4409
RATE_LIMITED = 4429
GOING_AWAY = 1001
TRY_AGAIN_LATER = 1013
POLICY = 1008


@dataclass(eq=False, frozen=True)
class Connection:
    """``end(code, reason)`` asks the connection to close; it may be called more than once, and returns at once."""

    signed: SignedIn
    end: Callable[[int, str], None]


class Connections:
    """Every open connection, by what may end it. Lives in the event loop."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._open)

    def count(self, account: str) -> int:
        """How many the account has open."""
        return sum(c.signed.account.id == account for c in self._open)

    def add(self, connection: Connection) -> None:
        self._open.add(connection)
        self._empty.clear()

    def remove(self, connection: Connection) -> None:
        self._open.discard(connection)
        if not self._open:
            self._empty.set()

    def revoked(self, account: str, token_hash: str | None) -> None:
        """A session ended (or all of the account's, for None)."""
        for connection in tuple(self._open):
            session = connection.signed.session
            if session.account == account and token_hash in (None, session.token_hash):
                connection.end(SIGNED_OUT, "signed out")

    def close_all(self, code: int, reason: str) -> None:
        for connection in tuple(self._open):
            connection.end(code, reason)

    async def all_closed(self, timeout: float) -> bool:  # noqa: ASYNC109
        """Whether the last one was closed within ``timeout`` seconds."""
        try:
            await asyncio.wait_for(self._empty.wait(), timeout)
        except TimeoutError:
            return False
        return True
