"""Word between servers inside one process: the fake, and what a server that is alone uses."""

import asyncio

from tutor.server_ports import Hear, Word


class Exchange:
    """Where the relays of several servers meet."""

    def __init__(self) -> None:
        self.relays: list[MemoryRelay] = []


class MemoryRelay:
    """A relay among those of ``exchange``; without one there is nobody to tell."""

    def __init__(self, exchange: Exchange | None = None) -> None:
        self._exchange = exchange
        self._hear: Hear | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, hear: Hear) -> None:
        self._hear, self._loop = hear, asyncio.get_running_loop()
        if self._exchange is not None:
            self._exchange.relays.append(self)

    def tell(self, word: Word) -> None:
        for other in self._exchange.relays if self._exchange else ():
            if other is not self and other._hear is not None and other._loop is not None:
                other._loop.call_soon_threadsafe(other._hear, word)

    def check(self) -> None: ...

    async def close(self) -> None:
        if self._exchange is not None and self in self._exchange.relays:
            self._exchange.relays.remove(self)
