"""The outside of speech processes: a bounded number of them, killed when they take too long, replaced when they die.

A crash or a runaway costs the sentence that caused it (``SpeechFailed``); the next one is spoken by a new process.
"""

import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media_gen.errors import SpeechFailed, VoiceBusy, VoiceMissing
from media_gen.speech.port import Samples, Utterance
from media_gen.speech.worker import LENGTHS, LONGEST, request

ROOT = Path(__file__).resolve().parents[2]
ERRORS = {error.code: error for error in (SpeechFailed, VoiceMissing, VoiceBusy)}
# All that a speech process gets of an environment: none of the settings and keys that ours may have.
ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": str(Path.home()),
    "TMPDIR": tempfile.gettempdir(),
    "LANG": "C.UTF-8",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


@dataclass(frozen=True)
class Patience:
    """How long a sentence may take, in seconds: ``start`` more for the first, which loads the voice."""

    start: float = 90.0
    sentence: float = 20.0
    character: float = 0.5

    def limit(self, text: str, *, first: bool) -> float:
        return self.sentence + self.character * len(text) + (self.start if first else 0.0)


class Pool:
    """At most ``size`` processes that speak with ``source`` (``package.module:function``, see ``worker``)."""

    def __init__(
        self, engine: str, source: str, options: dict[str, Any], *, size: int = 1, patience: Patience = Patience()
    ) -> None:
        self._engine, self._patience = engine, patience
        # -P: a folder that happens to be the current one brings no modules.
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from media_gen.speech.worker import main; main()"
        self._command = [sys.executable, "-P", "-c", code, source, json.dumps(options)]
        self._places: queue.LifoQueue[_Process | None] = queue.LifoQueue()
        self._size = size
        for _ in range(size):
            self._places.put(None)
        self._closed = False

    def speak(self, utterance: Utterance) -> Samples:
        """Raises ``SpeechFailed`` or one of its kinds; waits while all processes are busy."""
        message = request(utterance)
        with self._process() as place:
            fresh = place.process is None
            if place.process is None:
                place.process = _Process(self._command)
            limit = self._patience.limit(utterance.text, first=fresh)
            try:
                header, body = place.process.ask(message, limit)
            except _Ended as ended:
                place.drop()
                if fresh or not ended.idle:
                    raise self._failed(utterance, str(ended)) from ended
                # It ended by itself for want of work, just before we asked.
                place.process = _Process(self._command)
                try:
                    header, body = place.process.ask(message, self._patience.limit(utterance.text, first=True))
                except _Ended as again:
                    place.drop()
                    raise self._failed(utterance, str(again)) from again
        if "error" in header:
            kind = ERRORS.get(header["error"], SpeechFailed)
            data = {"engine": self._engine, "language": utterance.language, **header["data"]}
            raise kind(f"{self._engine}: {header['message']}", **data)
        return np.frombuffer(body, dtype=np.float32)

    def close(self) -> None:
        """Ends the processes, after the sentences they are at."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._size):
            process = self._places.get()
            if process is not None:
                process.end()

    def _failed(self, utterance: Utterance, why: str) -> SpeechFailed:
        return SpeechFailed(f"{self._engine} {why}.", engine=self._engine, language=utterance.language)

    @contextlib.contextmanager
    def _process(self) -> Iterator["_Place"]:
        if self._closed:
            raise SpeechFailed(f"{self._engine} was closed.", engine=self._engine)
        place = _Place(self._places.get())
        try:
            yield place
        finally:
            self._places.put(place.process)


@dataclass
class _Place:
    process: "_Process | None"

    def drop(self) -> None:
        if self.process is not None:
            self.process.kill()
        self.process = None


class _Ended(Exception):
    """The process is gone. ``idle``: it ended by itself, in order."""

    def __init__(self, message: str, *, idle: bool = False) -> None:
        super().__init__(message)
        self.idle = idle


class _Process:
    def __init__(self, command: list[str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=ENVIRONMENT,
            bufsize=0,
        )

    def ask(self, message: bytes, limit: float) -> tuple[dict[str, Any], bytes]:
        """The answer's header and body; raises ``_Ended`` when none came within ``limit`` seconds."""
        assert self._process.stdin is not None
        deadline = time.monotonic() + limit
        try:
            self._process.stdin.write(message)
            head, body = LENGTHS.unpack(self._receive(LENGTHS.size, deadline, limit))
            if body > LONGEST:
                raise _Ended("answered with too much")
            header = json.loads(self._receive(head, deadline, limit))
            return dict(header), self._receive(body, deadline, limit)
        except BrokenPipeError:
            raise self._gone() from None

    def _receive(self, size: int, deadline: float, limit: float) -> bytes:
        stream = self._process.stdout
        assert stream is not None
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stream], [], [], left)[0]:
                raise _Ended(f"did not answer within {limit:.0f} seconds and was stopped")
            chunk = stream.read(min(size - len(data), 1 << 20))
            if not chunk:
                raise self._gone()
            data += chunk
        return bytes(data)

    def _gone(self) -> _Ended:
        code = self._process.wait()
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 2000))
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        return _Ended(f"{ended} ({said[-1]})" if said and code else ended, idle=code == 0)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
