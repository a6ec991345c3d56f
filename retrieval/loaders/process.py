"""Reading what may be hostile: in one process that is kept warm, limited, and replaced when it dies.

A file that crashes the reader, keeps it busy or fills its memory costs itself (``UnreadableDocument``); the next one is
read by a new process. Nothing that comes back is executed (``exchange``).
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders import load
from retrieval.loaders.child import Child, Ended, Waiting
from retrieval.loaders.exchange import LONGEST_SENTENCE, BadAnswer, loaded_of, packed, source_data
from retrieval.loaders.formats import format_of
from retrieval.loaders.port import LoadedDocument, Source

ROOT = Path(__file__).resolve().parents[2]
# Shorter Markdown and text is read right here. There is no parser in C to take over, and the worst found for a file of
# this length, thousands of brackets that never close, takes two seconds; one five times as long takes half a minute.
SHORT = 6_000  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """For one file: ``seconds`` (of processor time, and twice as many on the clock, for a machine under load), bytes of
    ``memory``, and bytes of ``output``. ``start`` is how many seconds a process may take to begin."""

    seconds: int = 120
    memory: int = 1_500_000_000
    output: int = 64_000_000
    start: float = 60.0


def _nobody_minds() -> None:
    """Nobody wants to be asked while a file is read."""


class ReadingProcess:
    """Reads one file at a time, from any thread. The process starts when first needed and ends when idle."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        # -P: a folder that happens to be the current one brings no modules.
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from retrieval.loaders.reading import main; main()"
        self._command = [sys.executable, "-P", "-c", code, str(limits.memory), str(limits.seconds)]
        self._process: Child | None = None
        self._busy = False
        self._turn = threading.Lock()
        self.started = 0  # processes, so far
        self.reached: list[str] = []  # what the latest file made the process try that is not allowed

    def read(self, data: bytes, source: Source, waiting: Waiting = _nobody_minds) -> LoadedDocument:
        """What the file says. ``waiting`` is called every second; what it raises ends the reading.

        Raises ``UnreadableDocument`` naming the file: the loader's reasons, and ``crashed``, ``too_slow``,
        ``too_much_memory``, ``too_large``, ``broken``.
        """
        known = format_of(source.path)
        if known is None or (not known.confined and len(data) <= SHORT):
            return load(data, source)
        sha256 = hashlib.sha256(data).hexdigest()
        answers = self._ask({"do": "load", "source": source_data(source)}, data, source.path, self.limits, waiting)
        bodies = [body for _, body in answers]
        try:
            return loaded_of(json.loads(bodies[0]), source, sha256)
        except (BadAnswer, ValueError, IndexError, RecursionError) as error:
            raise _crashed(source.path, "its answer was none") from error

    def unpack(
        self, data: bytes, path: str, largest: int, waiting: Waiting = _nobody_minds
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """The entries of an archive (``unpacking.entries``), at most ``largest`` bytes of them. Go through all of them.

        Raises ``UnreadableDocument`` as ``read`` does.
        """
        limits = Limits(self.limits.seconds, self.limits.memory, largest, self.limits.start)
        return self._ask({"do": "unpack", "path": path}, data, path, limits, waiting)

    @property
    def pid(self) -> int | None:
        """The process that waits for files or reads one, if there is one."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, after the file it is at. It would be started again."""
        with self._turn:
            self._drop()

    def _ask(
        self, header: dict[str, Any], data: bytes, path: str, limits: Limits, waiting: Waiting
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        with self._turn:
            self.reached = []
            self._busy = True
            try:
                yield from self._answers(packed(header, data), path, limits, waiting)
            finally:
                if self._busy:  # in the middle of something that nobody waits for any more
                    self._drop()

    def _answers(
        self, request: bytes, path: str, limits: Limits, waiting: Waiting
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
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
            raise _crashed(path, f"no process could be started ({error.strerror})") from error
        self.started += 1
        return process

    def _drop(self) -> None:
        if self._process is not None:
            self._process.kill()
        self._process = None


def _crashed(path: str, why: str) -> UnreadableDocument:
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
    return _crashed(path, str(ended))
