"""What films are made from is kept by content, and may be thrown away at any time: it is made anew where it lacks."""

import contextlib
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

_ENTRY = re.compile(r"[0-9a-f]{32,64}")
IN_USE = 3600.0  # seconds: what was used so lately may belong to a render under way


@dataclass(frozen=True)
class _Entry:
    path: Path
    size: int
    used: float


def sweep(cache: Path, limit: int, *, in_use: float = IN_USE) -> int:
    """Remove what was used longest ago until ``limit`` bytes are left; how many bytes went.

    An entry is a file, or a folder whose name is a hash. Used means read or written, as far as the disk notes it.
    """
    entries = _entries(cache) if cache.is_dir() else []
    size, before, removed = sum(entry.size for entry in entries), time.time() - in_use, 0
    for entry in sorted(entries, key=lambda entry: entry.used):
        if size - removed <= limit or entry.used > before:
            break
        with contextlib.suppress(OSError):
            _remove(entry.path)
            removed += entry.size
    return removed


def clear(cache: Path) -> None:
    """Remove all of it: of a person who is erased nothing may be left, and no entry says whose film it was for."""
    for path in cache.iterdir() if cache.is_dir() else ():
        with contextlib.suppress(OSError):
            _remove(path)


def _entries(folder: Path) -> list[_Entry]:
    found: list[_Entry] = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.is_dir() and not path.is_symlink() and not _ENTRY.fullmatch(path.name):
                found += _entries(path)
                continue
            files = [path] if not path.is_dir() else [one for one in path.rglob("*") if one.is_file()]
            stats = [one.stat() for one in files]
            used = max((max(stat.st_atime, stat.st_mtime) for stat in stats), default=path.stat().st_mtime)
            found.append(_Entry(path, sum(stat.st_size for stat in stats), used))
    return found


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
