"""The servers that are running, in memory."""

import threading
from collections.abc import Mapping


class MemoryServers:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[str, int]] = {}

    def join(self, server: str, seat: str, *, alone: bool = False) -> None:
        with self._lock:
            kept = {} if alone else {name: row for name, row in self._rows.items() if not seat or row[0] != seat}
            self._rows = {**kept, server: (seat, 0)}

    def beat(self, server: str) -> Mapping[str, int]:
        with self._lock:
            seat, count = self._rows.get(server, ("", -1))
            self._rows[server] = (seat, count + 1)
        return self.counts()

    def counts(self) -> Mapping[str, int]:
        with self._lock:
            return {name: count for name, (_, count) in self._rows.items()}

    def leave(self, server: str) -> None:
        with self._lock:
            self._rows.pop(server, None)
