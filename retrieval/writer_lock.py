"""The right to write an index, held by one process at a time."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import IO

from retrieval.errors import IndexLocked


class WriterLock:
    """An advisory lock on a file. The kernel lets go of it when the process ends, however it ends.

    Two locks on the same file exclude each other within one process as well.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._guard = threading.Lock()

    def acquire(self) -> None:
        """Take the lock, or raise ``IndexLocked`` at once. Taking it again is harmless, and takes it anew where the
        file was deleted: a lock on a file that nobody finds any more keeps nobody out."""
        import fcntl

        with self._guard:
            if self._file is not None:
                if self._is_at_path(self._file):
                    return
                self._file.close()
                self._file = None
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.close()
                raise IndexLocked(
                    "Another process is writing this index. Hand the work to it, or stop it first.",
                    path=str(self._path),
                ) from error
            self._file = file

    def _is_at_path(self, file: IO[bytes]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Let go; harmless where not held."""
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None

    @property
    def held(self) -> bool:
        return self._file is not None
