"""Opening what may be hostile: in one process that is kept warm, limited, and replaced when it dies.

A file that crashes the process, keeps it busy or fills its memory costs itself (``UnreadableDocument``); the next one
is opened by a new process. Nothing that comes back is executed (``frames``).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from retrieval.confined.child import Child, Ended, Waiting
from retrieval.confined.frames import LONGEST_SENTENCE, Frame, packed
from retrieval.errors import UnreadableDocument

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    """For one file: ``seconds`` (of processor time, and twice as many on the clock, for a machine under load), bytes of
    ``memory``, and bytes of ``output``. ``start`` is how many seconds a process may take to begin."""

    seconds: int = 120
    memory: int = 1_500_000_000
    output: int = 64_000_000
    start: float = 60.0


def nobody_minds() -> None:
    """Nobody wants to be asked while a file is open."""


class ConfinedProcess:
    """Opens one file at a time, from any thread, as ``main`` of ``module`` does it. The process starts when it is first
    needed and ends when idle."""

    def __init__(self, module: str, limits: Limits) -> None:
        self.limits = limits
        # -P: a folder that happens to be the current one brings no modules.
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {module} import main; main()"
        self._command = [sys.executable, "-P", "-c", code, str(limits.memory), str(limits.seconds)]
        self._process: Child | None = None
        self._busy = False
        self._turn = threading.Lock()
        self.started = 0  # processes, so far
        self.reached: list[str] = []  # what the latest file made the process try that is not allowed

    @property
    def pid(self) -> int | None:
        """The process that waits for files or reads one, if there is one."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, after the file it is at. It would be started again."""
        with self._turn:
            self._drop()

    def ask(
        self,
        header: dict[str, Any],
        data: bytes,
        path: str,
        waiting: Waiting = nobody_minds,
        *,
        output: int | None = None,
    ) -> Iterator[Frame]:
        """What the process answers about the file ``path`` of these bytes. Go through all of it. ``waiting`` is called
        every second; what it raises ends the work. ``output`` is another limit for this file.

        Raises ``UnreadableDocument`` naming the file: the module's own reasons, and ``crashed``, ``not_started``,
        ``too_slow``, ``too_much_memory``, ``too_large``, ``broken``.
        """
        with self._turn:
            self.reached = []
            self._busy = True
            try:
                limits = self.limits if output is None else replace(self.limits, output=output)
                yield from self._answers(packed(header, data), path, limits, waiting)
            finally:
                if self._busy:  # in the middle of something that nobody waits for any more
                    self._drop()

    def _answers(self, request: bytes, path: str, limits: Limits, waiting: Waiting) -> Iterator[Frame]:
        for attempt in (1, 2):
            fresh = self._process is None
            if self._process is None:
                self._process = self._start(path)
            seconds = 2 * limits.seconds + (limits.start if fresh else 0.0)
            frames = self._process.ask(request, seconds, limits.output, waiting)
            begun = False
            try:
                for header, body in frames:
                    begun = True
                    if header.get("over"):
                        self._over(header, path)
                        return
                    yield header, body
                return
            except Ended as ended:
                self._drop()
                # It ended for want of work just before we asked, or an earlier file did it harm: a new one will tell.
                if fresh or begun or attempt == 2 or ended.reason != "crashed":
                    raise _unreadable(ended, path, limits) from ended

    def _over(self, header: dict[str, Any], path: str) -> None:
        self._busy = False
        self.reached = [str(each)[:200] for each in header.get("reached") or ()][:20]
        if header.get("last"):
            self._drop()
        if "error" in header:
            data = header["data"] if isinstance(header.get("data"), dict) else {}
            plain = {key: value for key, value in data.items() if isinstance(value, str | int | float)}
            raise UnreadableDocument(
                str(header["error"])[:LONGEST_SENTENCE], **{"reason": "broken", **plain, "path": path}
            )
        if header.get("reason") == "too_much_memory":
            raise _too_much_memory(path, self.limits)
        if "reason" in header:
            raise UnreadableDocument(
                f"{path}: damaged, or not the kind of file that its name says. Open it in the program it was made with"
                " and save it again.",
                path=path,
                reason="broken",
                fault=str(header.get("fault"))[:500],
            )

    def _start(self, path: str) -> Child:
        try:
            process = Child(self._command)
        except OSError as error:
            raise UnreadableDocument(
                f"{path}: could not be read now: no process could be started ({error.strerror}). Try again later.",
                path=path,
                reason="not_started",
            ) from error
        self.started += 1
        return process

    def _drop(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._process = None


def crashed(path: str, why: str) -> UnreadableDocument:
    """The error of a file that was too much for the process."""
    return UnreadableDocument(
        f"{path}: could not be read: {why}. Open it in the program it was made with and save it again.",
        path=path,
        reason="crashed",
    )


def _too_much_memory(path: str, limits: Limits) -> UnreadableDocument:
    return UnreadableDocument(
        f"{path}: reading it takes more than {limits.memory // 1_000_000} MB of memory. Split it into smaller files.",
        path=path,
        reason="too_much_memory",
    )


def _unreadable(ended: Ended, path: str, limits: Limits) -> UnreadableDocument:
    if ended.reason == "too_slow":
        return UnreadableDocument(
            f"{path}: reading it takes longer than {limits.seconds} seconds. Split it into smaller files.",
            path=path,
            reason="too_slow",
        )
    if ended.reason == "too_large":
        return UnreadableDocument(
            f"{path}: what it holds comes to more than {limits.output // 1_000_000} MB. Split it into smaller files.",
            path=path,
            reason="too_large",
        )
    return crashed(path, str(ended))
