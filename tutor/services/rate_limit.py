"""How often somebody may do something."""

import math
import time
from typing import TYPE_CHECKING

from tutor.domain.errors import RateLimited

if TYPE_CHECKING:
    from limits.strategies import MovingWindowRateLimiter


class RateLimit:
    """At most ``per_minute`` hits in any sixty seconds for each key (an address, an account), within this process.

    The window is the ``limits`` library's own moving window in memory; it is loaded at the first hit.
    """

    def __init__(self, name: str, per_minute: int) -> None:
        self.name = name
        self.per_minute = per_minute
        self._limiter: MovingWindowRateLimiter | None = None

    def hit(self, key: str) -> None:
        """Count one; raises ``RateLimited`` (with ``retry_after``, whole seconds) when there were too many."""
        from limits import RateLimitItemPerMinute

        item = RateLimitItemPerMinute(self.per_minute, namespace=self.name)
        limiter = self._loaded()
        if not limiter.hit(item, key):
            reset = limiter.get_window_stats(item, key).reset_time
            # The window counts in wall-clock seconds, so what is left of it is told in the same.
            raise RateLimited(retry_after=max(1, math.ceil(reset - time.time())))

    def _loaded(self) -> "MovingWindowRateLimiter":
        if self._limiter is None:
            from limits.storage import MemoryStorage
            from limits.strategies import MovingWindowRateLimiter

            self._limiter = MovingWindowRateLimiter(MemoryStorage())
        return self._limiter
