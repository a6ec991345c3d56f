"""Which servers live, and what becomes of the turns of those that don't.

Every server raises its own count in the database and looks at everybody's. One whose count stands still for ``LOOKS``
looks of ours is dead; so is one that isn't there at all. Our own looks are what is counted, and not seconds: while
the database is away nobody looks, and no clock that is put forward or back makes anybody die.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from tutor.domain.errors import StoreBusy
from tutor.observe import Logger
from tutor.server_ports import Servers

log = Logger(__name__)

LOOKS = 5  # without a change
EVERY = 3.0  # seconds between two looks

Alive = Callable[[str], bool]


class Presence:
    """This server among the others. ``seat`` is a place that only one server can hold at a time; ``alone`` means that
    no other server can be on this database."""

    def __init__(self, servers: Servers, me: str, seat: str = "", *, alone: bool = False, every: float = EVERY) -> None:
        self.me = me
        self._servers = servers
        self._seat = seat
        self._alone = alone
        self._every = every
        self._counts: dict[str, int] = {}
        self._still: dict[str, int] = {}
        # A thread of its own: a server whose threads are all searching is alive.
        self._stopped = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="presence")

    def join(self) -> None:
        """Before the first turn. Whoever was in our seat is dead from now on."""
        self._servers.join(self.me, self._seat, alone=self._alone)
        self._note(dict(self._servers.counts()))

    def look(self) -> None:
        """Raise our count and note who raised theirs. Raises ``StoreBusy``, and nobody is a look older then."""
        if not self._alone:
            self._note(dict(self._servers.beat(self.me)))

    def alive(self, server: str) -> bool:
        """As far as we have seen; ourselves always."""
        return server == self.me or (server in self._counts and self._still[server] < LOOKS)

    async def watch(self, then: Callable[[], Awaitable[object]]) -> None:
        """Look again and again, and after each look do ``then``; until ``stop``, and then what is under way is done."""
        loop = asyncio.get_running_loop()
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), self._every)
                return
            try:
                await loop.run_in_executor(self._thread, self.look)
                await then()
            except StoreBusy as error:
                log.warning("presence.not_seen", code=error.code)
            except Exception:  # the watch outlives whatever the database does
                log.exception("presence.failed")

    def stop(self) -> None:
        """End ``watch``; in its event loop."""
        self._stopped.set()

    def leave(self) -> None:
        """Be gone at once for the others, and end the thread. When ``watch`` has ended."""
        try:
            self._servers.leave(self.me)
        except StoreBusy:
            log.warning("presence.left_unsaid")  # the others find out by looking
        self._thread.shutdown(wait=False)

    def _note(self, counts: dict[str, int]) -> None:
        self._still = {
            server: self._still.get(server, 0) + 1 if self._counts.get(server) == count else 0
            for server, count in counts.items()
        }
        for server, still in self._still.items():
            if still == LOOKS and server != self.me:
                log.warning("presence.server_lost", server=server)
        self._counts = counts
