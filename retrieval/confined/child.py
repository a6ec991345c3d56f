"""A confined process, seen from outside: started, asked through its pipes, and ended. See ``process``."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

from retrieval.confined.frames import LENGTHS

PAUSE = 1.0  # seconds between two looks at whether somebody still waits
WRITTEN = 1 << 20  # bytes handed over at once
Waiting = Callable[[], None]


class Ended(Exception):
    """The process is gone, or is to go. ``reason`` is ``crashed``, ``too_slow`` or ``too_large``."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(why or reason)
        self.reason = reason


class Child:
    """Raises ``OSError`` where it can't be started."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/"},  # none of the settings and keys that ours has
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(
        self, request: bytes, seconds: float, output: int, waiting: Waiting
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """The frames of the answer, up to the one that says ``over``; raises ``Ended``."""
        stream = _Stream(self._to, self._from, request, time.monotonic() + seconds, output, waiting)
        over = False
        while not over:
            head, body = LENGTHS.unpack(self._received(stream, LENGTHS.size))
            if head > 1 << 20:
                raise Ended("crashed", "its answer was none")
            try:
                header = dict(json.loads(self._received(stream, head)))
            except (ValueError, TypeError, RecursionError) as error:
                raise Ended("crashed", "its answer was none") from error
            over = bool(header.get("over"))
            yield header, self._received(stream, body)

    def _received(self, stream: _Stream, size: int) -> bytes:
        try:
            return stream.receive(size)
        except EOFError:
            raise self._gone() from None

    def _gone(self) -> Ended:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        code = self._process.poll()
        if code is None:
            return Ended("crashed", "the reader stopped answering")
        if code == -signal.SIGXCPU:
            return Ended("too_slow")
        if code < 0:
            with contextlib.suppress(ValueError):
                return Ended("crashed", f"the reader was ended by {signal.Signals(-code).name}")
        return Ended("crashed", f"the reader ended with status {code}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class _Stream:
    """A request on its way in and an answer on its way out at the same time: neither end can wait for the other."""

    def __init__(self, to: int, back: int, request: bytes, deadline: float, most: int, waiting: Waiting) -> None:
        self._to, self._back = to, back
        self._rest = memoryview(request)
        self._deadline = deadline
        self._left = most + (1 << 20)  # headers too
        self._waiting = waiting

    def receive(self, size: int) -> bytes:
        """Exactly ``size`` bytes. Raises ``Ended`` (``too_slow``, ``too_large``) and ``EOFError``."""
        if size > self._left:
            raise Ended("too_large")
        self._left -= size
        found = bytearray()
        while len(found) < size:
            for descriptor, _ in self._ready():
                if descriptor == self._to:
                    self._send()
                else:
                    chunk = os.read(self._back, min(size - len(found), WRITTEN))
                    if not chunk:
                        raise EOFError
                    found += chunk
        return bytes(found)

    def _ready(self) -> list[tuple[int, int]]:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Ended("too_slow")
        poll = select.poll()
        poll.register(self._back, select.POLLIN)
        if self._rest:
            poll.register(self._to, select.POLLOUT)
        ready = poll.poll(min(left, PAUSE) * 1000)
        if not ready:
            self._waiting()
        return ready

    def _send(self) -> None:
        try:
            self._rest = self._rest[os.write(self._to, self._rest[:WRITTEN]) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self._rest = self._rest[:0]  # gone: what it said last is read, then its end
