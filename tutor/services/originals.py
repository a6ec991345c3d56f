"""The files of a course as they were brought in, kept by their content, where their pages can be shown.

A copy, because the folder an operator named may be on another machine, may change, and is nobody's business: from here
nothing but the very file that was cited can be read, and no path leads anywhere.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

PDF = "application/pdf"
KEPT = frozenset({".pdf"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Originals:
    """``folder`` may be shared by several machines; one of them writes, the one that brings material in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, path: str, sha256: str, data: bytes) -> None:
        """Keep the bytes of the document at ``path``, if pages of its kind are shown. ``sha256`` is theirs."""
        if PurePosixPath(path).suffix.lower() not in KEPT or self.path(sha256) is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f".{os.urandom(12).hex()}.part"
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / sha256)
        finally:
            temporary.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path | None:
        """The file of this content."""
        path = self._folder / sha256
        return path if _SHA256.fullmatch(sha256) and path.is_file() else None

    def sweep(self, wanted: Iterable[str]) -> int:
        """Remove the files of documents that are gone; how many. ``wanted`` are the SHA-256 of all there are."""
        kept, removed = frozenset(wanted), 0
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.name not in kept:
                with contextlib.suppress(OSError):
                    path.unlink()
                    removed += 1
        return removed
