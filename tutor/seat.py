"""The place of a server on its data folder: who is in it, and that only one is.

The kernel lets go of a seat when its process ends, however it ends, and gives it to the next: so whoever takes a seat
knows that the server before it in this seat is dead.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tutor.domain.errors import DiotimaError

SEATS = 64  # servers on one folder


class DataFolderInUse(DiotimaError):
    """Another server runs on this data folder. ``data`` holds ``folder``, and where known its ``pid`` and
    ``address``."""

    code = "data_folder_in_use"


@dataclass
class Seat:
    """``name`` stays the same for every server that sits here; ``alone``: there is no other seat. Without a name
    it is no seat at all: a server that nobody waits for."""

    name: str = ""
    alone: bool = False
    _file: IO[str] | None = None

    def leave(self) -> None:
        """Harmless when left already."""
        if self._file is not None:
            self._file.close()
            self._file = None


def take(folder: Path, address: str, *, alone: bool) -> Seat:
    """The first free seat; with ``alone`` there is only one. Raises ``DataFolderInUse``, and ``OSError`` for a folder
    that can't be written.

    ``address`` is left there for whoever finds the seat taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken: dict[str, Any] = {}
    for number in range(1 if alone else SEATS):
        path = folder / (f"server-{number}.lock" if number else "server.lock")
        file = path.open("a+", encoding="utf-8")
        if not _locked(file):
            taken = taken or _read(file)
            file.close()
            continue
        name = str(_read(file).get("seat") or secrets.token_urlsafe(12))
        file.truncate(0)
        file.write(json.dumps({"seat": name, "pid": os.getpid(), "address": address}))
        file.flush()
        return Seat(name, alone, file)
    raise DataFolderInUse(
        "Another server runs on this data folder.",
        folder=str(folder.resolve()),
        **{key: taken[key] for key in ("pid", "address") if key in taken},
    )


def _locked(file: IO[str]) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        found = json.loads(file.read())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
