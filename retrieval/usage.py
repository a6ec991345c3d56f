"""Closing a shared resource only when nobody uses it any more.

A SQLite connection closed under a thread that is inside a call takes the whole process with it. Chroma is native code
too and is treated alike.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval.errors import IndexUnavailable

LONGEST = 60.0  # seconds to wait for the last user


class Usage:
    """Counts who is inside. ``index`` names the resource in errors."""

    def __init__(self, index: str) -> None:
        self._index = index
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False
        self._held = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Using the resource; raises ``IndexUnavailable`` once it is being closed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, LONGEST)
            if self._closed or self._held:
                raise IndexUnavailable("This index has been closed.", index=self._index)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is inside; who wants in waits. Not from inside. Raises ``IndexUnavailable`` where somebody
        doesn't leave."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, LONGEST)
            self._held = True
            if not self._changed.wait_for(lambda: self._inside == 0, LONGEST):
                self._held = False
                self._changed.notify_all()
                raise IndexUnavailable("This index is in use.", index=self._index)
        try:
            yield
        finally:
            with self._changed:
                self._held = False
                self._changed.notify_all()

    def close(self) -> bool:
        """Let nobody in any more and wait for those inside; whether all have left."""
        with self._changed:
            self._closed = True
            return self._changed.wait_for(lambda: self._inside == 0, LONGEST)
