"""The Protocols by which several servers on one database know of each other. ``tutor.ports`` hands them on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Servers(Protocol):
    """The servers that are running, each with a count that only it raises.

    A server is dead when its count stands still while others look (``services.presence``): no two clocks are ever
    compared, and no clock that is put forward or back kills anybody.
    """

    def join(self, server: str, seat: str, *, alone: bool = False) -> None:
        """Be there from now on. Whoever was in the same ``seat`` before is gone, and with ``alone`` everybody."""
        ...

    def beat(self, server: str) -> Mapping[str, int]:
        """Raise this server's count (one that was given up for dead is there again), and return everybody's."""
        ...

    def counts(self) -> Mapping[str, int]: ...

    def leave(self, server: str) -> None:
        """No error for one that isn't there."""
        ...


@dataclass(frozen=True)
class Written:
    """Events ``first`` to ``last`` of the conversation are in the log."""

    conversation: str
    first: int
    last: int


@dataclass(frozen=True)
class StopWanted:
    """Whoever runs this turn should end it."""

    conversation: str
    turn: str


@dataclass(frozen=True)
class SessionsEnded:
    """A session of the account is over (None: all of them)."""

    account: str
    token_hash: str | None


@dataclass(frozen=True)
class Missed:
    """Some word may not have reached us: whoever follows a conversation reads the log again."""


Word = Written | StopWanted | SessionsEnded
Hear = Callable[[Word | Missed], None]


class Relay(Protocol):
    """Carries word between the servers on one database: names and numbers only, what they stand for is in the log."""

    def start(self, hear: Hear) -> None:
        """Begin to listen, in the running event loop; ``hear`` is called in it, for what others tell, in the order of
        their telling."""
        ...

    def tell(self, word: Word) -> None:
        """Pass it on soon. Never waits and never raises; what can't be delivered now is delivered later, or
        the others hear ``Missed``."""
        ...

    def check(self) -> None:
        """Raises ``StoreBusy`` while the others can't be heard or told. From any thread."""
        ...

    async def close(self) -> None:
        """Deliver what waits, if that is quick, and stop listening."""
        ...


class IndexLock(Protocol):
    """The right to work on the indexes, which one process at a time has."""

    def acquire(self) -> None:
        """Take it, or raise ``IndexLocked`` at once. Taking it again is harmless, and finds out whether it was
        lost."""
        ...

    def release(self) -> None:
        """Harmless where not held."""
        ...
