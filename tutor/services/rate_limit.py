"""How often somebody may do something."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from tutor.domain.errors import RateLimited

WINDOW = 60.0  # seconds


class RateLimit:
    """At most ``per_minute`` hits in any sixty seconds for each key (an address, an account), within this process.

    Counted by a monotonic clock. The ``limits`` library, which would do this too, counts by the time of day: a clock
    that is put back by an hour would shut everybody out for an hour.
    """

    def __init__(self, name: str, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.per_minute = per_minute
        self._now = now
        self._hits: dict[str, deque[float]] = {}
        self._swept = now()
        self._lock = threading.Lock()

    def hit(self, key: str) -> None:
        """Count one; raises ``RateLimited`` (with ``retry_after``, whole seconds) when there were too many."""
        with self._lock:
            now = self._now()
            if now - self._swept >= WINDOW:
                self._sweep(now)
            hits = self._hits.setdefault(key, deque())
            # The same sum for both, or who waits as long as was advised comes a rounding error too early.
            while hits and hits[0] + WINDOW <= now:
                hits.popleft()
            if len(hits) >= self.per_minute:
                raise RateLimited(retry_after=max(1, math.ceil(hits[0] + WINDOW - now)))
            hits.append(now)

    def _sweep(self, now: float) -> None:
        """Forget who has done nothing for a minute."""
        self._swept = now
        self._hits = {key: hits for key, hits in self._hits.items() if hits and now - hits[-1] < WINDOW}
