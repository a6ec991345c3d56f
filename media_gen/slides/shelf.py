"""The cache of slides: content-addressed, written whole or not at all; what is damaged is made anew.

Nothing is flushed to the disk before it is renamed: every entry holds the hash of its content, so one that a power cut
left short is noticed when it is read, and fifty flushes a lesson would cost more than the setting.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_INDEX = "index.json"


class Shelf:
    """Entries below ``folder``, named by the hash of all their inputs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_json(self, key: str) -> Any:
        """The value kept under the key; None where there is none, or a damaged one."""
        try:
            kept = json.loads(self._at(key).read_text("utf-8"))
            value = kept["value"]
            return value if kept["sha256"] == _sha256(_dumped(value)) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def write_json(self, key: str, value: Any) -> None:
        self._keep(key, _dumped({"value": value, "sha256": _sha256(_dumped(value))}))

    def read_pictures(self, key: str, count: int) -> tuple[Path, ...] | None:
        """The PNGs of an entry, if all of them are there and whole."""
        folder = self._at(key)
        try:
            hashes = json.loads((folder / _INDEX).read_text("utf-8"))
            paths = tuple(folder / f"{n}.png" for n in range(count))
            whole = len(hashes) == count and all(
                _sha256(path.read_bytes()) == expected for path, expected in zip(paths, hashes, strict=True)
            )
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return paths if whole else None

    def write_pictures(self, key: str, pictures: Sequence[bytes]) -> tuple[Path, ...]:
        target = self._at(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            for n, data in enumerate(pictures):
                (made / f"{n}.png").write_bytes(data)
            (made / _INDEX).write_bytes(_dumped([_sha256(data) for data in pictures]))
            self._put(made, target, len(pictures), key)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return tuple(target / f"{n}.png" for n in range(len(pictures)))

    def folder_of(self, files: Sequence[Path]) -> Path:
        """A folder that holds just copies of these files (a brand's fonts)."""
        contents = [path.read_bytes() for path in files]
        target = self._at("files-" + _sha256("".join(_sha256(data) for data in contents).encode()))
        target.mkdir(parents=True, exist_ok=True)
        for n, (path, data) in enumerate(zip(files, contents, strict=True)):
            copy = target / f"{n}{path.suffix.lower()}"
            if not copy.is_file() or copy.read_bytes() != data:
                self._keep(f"{target.name}/{copy.name}", data)
        return target

    def _at(self, key: str) -> Path:
        return self._folder / key

    def _put(self, made: Path, target: Path, count: int, key: str) -> None:
        for _ in range(3):
            try:
                made.replace(target)
                return
            except OSError:  # another process was quicker, or the entry is damaged
                if self.read_pictures(key, count) is not None:
                    return
                shutil.rmtree(target, ignore_errors=True)
        made.replace(target)

    def _keep(self, key: str, data: bytes) -> None:
        target = self._at(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(handle)
        Path(name).write_bytes(data)
        Path(name).replace(target)


def _dumped(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
