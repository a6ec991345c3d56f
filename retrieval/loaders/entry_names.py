"""Names of files inside archives: which can be paths at all, and how they are shown. Pure."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_DRIVE = re.compile(r"^[A-Za-z]:")
LONGEST_PART, LONGEST, DEEPEST = 200, 1000, 20  # bytes, characters, folders


def safe_member_name(name: str) -> str | None:
    """The name of an entry as a relative path with forward slashes, or ``None`` where it leaves the archive or can be
    no path."""
    if "\x00" in name or "\\" in name or name.startswith("/") or _DRIVE.match(name):
        return None
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or any(len(part.encode("utf-8", "replace")) > LONGEST_PART for part in parts):
        return None
    if len(parts) > DEEPEST or len(name) > LONGEST or not name.isprintable():
        return None
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return PurePosixPath(*parts).as_posix()


def shown(name: str) -> str:
    """The name of an entry as it can be shown in a message."""
    return "".join(character if character.isprintable() else "?" for character in name[:120])
