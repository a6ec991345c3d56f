"""Where films, their orders and their pictures lie: folders that several machines may share.

films/<key>/             a finished film; it appears whole, by a rename
films/.<key>.<id>.part/  one under way; whoever claims the job next clears it away
previews/<key>/<n>/      its first slides, as soon as they are spoken; n is the size of that film in bytes
orders/<key>/            the lesson and the translation that were asked for
assets/<sha256>          pictures and clips by their content
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tutor.domain.errors import InvalidInput
from tutor.domain.films import is_key, media_type

FILM = "film"
CONTENTS = "contents.json"  # name, size and SHA-256 of every artefact; written last
CHUNK = 1 << 20
_NAMED = re.compile(r'"sha256:([0-9a-f]{64})"')
GRACE = 3600.0  # seconds that something nobody wants may yet be on its way to being wanted


@dataclass(frozen=True)
class Artefact:
    """A file of a film; ``size`` in bytes, ``type`` as a browser is told."""

    name: str
    size: int
    sha256: str
    type: str


@dataclass(frozen=True)
class Film:
    """A finished film and its files."""

    key: str
    folder: Path
    artefacts: tuple[Artefact, ...]

    def artefact(self, name: str) -> Artefact | None:
        return next((one for one in self.artefacts if one.name == name), None)


class AssetTooLarge(InvalidInput):
    code = "too_large"


class FilmFiles:
    """See the module. Every name that reaches a path is checked to be a hash or one of the fixed names."""

    def __init__(self, folder: Path) -> None:
        self.films = folder / "films"
        self.previews = folder / "previews"
        self.orders = folder / "orders"
        self.assets = folder / "assets"

    # -- films -----------------------------------------------------------------------------------------------------

    def film(self, key: str) -> Film | None:
        """The finished film of this key."""
        return _sealed(self.films / key, key) if is_key(key) else None

    def first(self, key: str) -> Film | None:
        """The longest film of the first slides alone, and its captions."""
        known = sorted(_numbered(self.previews / key)) if is_key(key) else []
        return self.beginning(key, known[-1]) if known else None

    def beginning(self, key: str, number: int) -> Film | None:
        """The film of the first slides of this number: each stays as it is when a longer one comes."""
        return _sealed(self.previews / key / str(number), key) if is_key(key) else None

    def begin(self, key: str, mark: str) -> Path:
        """A folder in which to make the film, under the name ``FILM``. What earlier attempts left behind is gone."""
        self.films.mkdir(parents=True, exist_ok=True)
        for left in self._parts(key):
            shutil.rmtree(left, ignore_errors=True)
        part = self.films / f".{key}.{mark}.part"
        part.mkdir()
        return part

    def publish(self, key: str, part: Path) -> bool:
        """Put the film in its place; False when it was there already: then this one is thrown away."""
        try:
            (part / FILM).rename(self.films / key)
        except OSError:
            if self.film(key) is None:
                raise
            return False
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _sync(self.films)
        return True

    def discard(self, part: Path) -> None:
        shutil.rmtree(part, ignore_errors=True)

    def _parts(self, key: str) -> Iterator[Path]:
        return self.films.glob(f".{key}.*.part")

    # -- orders ----------------------------------------------------------------------------------------------------

    def put_order(self, key: str, lesson: str, translation: str = "") -> None:
        """Keep what is to be made into the film of this key. Costs nothing when it is there."""
        folder = self.orders / key
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("translation.toml", translation), ("lesson.json", lesson)):
            if text and not (folder / name).exists():
                write_whole(folder / name, text.encode())

    def order(self, key: str) -> tuple[Path, Path | None] | None:
        """The files of the lesson and of the translation."""
        lesson, translation = self.orders / key / "lesson.json", self.orders / key / "translation.toml"
        return (lesson, translation if translation.exists() else None) if lesson.exists() else None

    # -- pictures --------------------------------------------------------------------------------------------------

    def put_asset(self, stream: IO[bytes], limit: int) -> str:
        """Keep a file by its content and return its SHA-256. ``limit`` in bytes; raises ``AssetTooLarge``."""
        self.assets.mkdir(parents=True, exist_ok=True)
        temporary = self.assets / f".{os.urandom(12).hex()}.part"
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as file:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise AssetTooLarge(f"A file may have {limit / (1 << 20):.3g} MB at most.", limit=limit)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            name = digest.hexdigest()
            temporary.replace(self.assets / name)
        finally:
            temporary.unlink(missing_ok=True)
        return name

    def asset(self, sha256: str) -> Path | None:
        path = self.assets / sha256
        return path if is_key(sha256) and path.is_file() else None

    # -- what nobody wants any more --------------------------------------------------------------------------------

    def sweep_films(self, wanted: Iterable[str], *, grace: float = GRACE) -> int:
        """Remove the films, whole or half done, and the orders whose key is not among ``wanted``; how many. What was
        touched less than ``grace`` seconds ago stays."""
        kept = frozenset(wanted)
        return sum(_sweep(folder, kept, grace) for folder in (self.films, self.previews, self.orders))

    def sweep_previews(self) -> int:
        """Remove those of films that have been finished for a while; how many."""
        keys = [path.name for path in self.previews.iterdir()] if self.previews.is_dir() else []
        return _sweep(self.previews, frozenset(key for key in keys if self.film(key) is None), GRACE)

    def sweep_assets(self, wanted: Iterable[str], *, grace: float = GRACE) -> int:
        """Remove the pictures that neither ``wanted`` nor any order names; how many."""
        kept = set(wanted)
        for order in self.orders.glob("*/lesson.json"):
            with contextlib.suppress(OSError):
                kept |= set(_NAMED.findall(order.read_text("utf-8")))
        return _sweep(self.assets, frozenset(kept), grace)


def _sealed(folder: Path, key: str) -> Film | None:
    try:
        rows = json.loads((folder / CONTENTS).read_text("utf-8"))
        found = [Artefact(row["name"], row["size"], row["sha256"], media_type(row["name"]) or "") for row in rows]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None  # not finished, or damaged: then it is made anew
    return Film(key, folder, tuple(one for one in found if one.type))


def _sweep(folder: Path, kept: frozenset[str], grace: float) -> int:
    before, removed = time.time() - grace, 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.lstrip(".").partition(".")[0] in kept:
            continue
        with contextlib.suppress(OSError):
            if path.stat().st_mtime <= before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed


def seal(part: Path) -> None:
    """Write down what the film's folder holds, and bring it all to the disk."""
    rows = []
    for path in sorted(part.rglob("*")):
        if path.is_dir():
            continue
        name = path.relative_to(part).as_posix()
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            os.fsync(file.fileno())
        rows.append({"name": name, "size": path.stat().st_size, "sha256": digest.hexdigest()})
    write_whole(part / CONTENTS, json.dumps(rows, indent=1).encode())


def publish_first(place: Path, film: Path) -> None:
    """Put a film of the first slides, and its captions beside it, where previews belong, after those before it."""
    place.mkdir(parents=True, exist_ok=True)
    part = place / f".{os.urandom(6).hex()}.part"
    part.mkdir()
    try:
        for path in (film, film.with_name("captions.vtt")):
            shutil.copyfile(path, part / path.name)
        seal(part)
        with contextlib.suppress(OSError):  # the same is there already, from an attempt before
            part.rename(place / str(film.stat().st_size))
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _numbered(folder: Path) -> list[int]:
    """The numbers that name folders in it."""
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    except OSError:
        return []


def write_whole(path: Path, data: bytes) -> None:
    """All of it under this name, or nothing."""
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A rename is safe once its folder is on the disk too; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
