"""A folder of course material: what is in it, in which order, and a safe way to read each file.

The order comes from ``course.toml`` (units and their folders), else from the nested list of ``SUMMARY.md``, else from
the file names. Nothing outside the folder is ever read: symbolic links are left alone, and a path that climbs out is
reported as a problem.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from retrieval.blocks import plain
from retrieval.errors import MaterialFolderMissing, UnreadableDocument
from retrieval.loaders import load
from retrieval.loaders.decoding import decode
from retrieval.loaders.formats import format_of, is_archive, refusal
from retrieval.loaders.front_matter import split
from retrieval.loaders.port import LoadedDocument, Source

MANIFEST = "course.toml"
SUMMARY = "SUMMARY.md"
LARGEST = 8_000_000  # bytes of a file whose kind has no limit of its own; a textbook's longest section is near 100 kB
LARGEST_ARCHIVE = 200_000_000  # bytes
MOST_FILES = 20_000
# Files that speak about the folder, not about the subject.
_ASIDE = re.compile(r"^(?:readme|license|licence|copying|changelog|contributing|summary)(?:\.\w+)?$", re.I)
# Folders of exercises written for the tutor: they become items and never passages.
ITEMS = "items"
_ITEM_FOLDERS = frozenset({ITEMS, "questions", "quizzes", "exercises", "solutions", "answers"})
_LINK = re.compile(
    r"^(?P<indent>[ \t]*)(?:[-*+]|\d+[.)])[ \t]+(?:\{:[^}\n]*\}[ \t]*)?"
    r"(?:\[(?P<title>[^\]]+)\]\((?P<target>[^)\s]*)\)|(?P<plain>\S.*))"
)


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What a folder holds before anything is read.

    ``sources`` are in course order. ``problems`` are files that the order names but that are missing, climb out, or
    are of an unknown kind; they do not stop the rest. ``order_from`` is ``course.toml``, ``SUMMARY.md`` or ``names``.
    """

    course: str
    title: str | None
    language: str | None
    sources: tuple[Source, ...]
    problems: tuple[UnreadableDocument, ...]
    order_from: str


def plan(root: Path, course: str, language: str | None = None, *, loose: bool = False) -> FolderPlan:
    """Look through a folder. ``course`` names the course that the sources belong to.

    ``loose`` files were put there one by one, and none of them speaks about the others: each is material, whatever it
    is called, in the order of their names.

    Raises ``MaterialFolderMissing``, and ``UnreadableDocument`` where ``course.toml`` itself cannot be read.
    """
    if not root.is_dir():
        raise MaterialFolderMissing(f"There is no folder at {root}.", path=str(root))
    files = tuple(_files(root))
    readable = {path for path in files if format_of(path) or is_archive(path)}
    refused = tuple(found for path in files if not _aside(path) and (found := refusal(path)) is not None)
    if MANIFEST in files and not loose:
        manifest = _manifest(root)
        spoken = _text(manifest.get("language")) or language
        sources, problems = _from_manifest(manifest, readable, course, spoken)
        return FolderPlan(course, _text(manifest.get("title")), spoken, sources, problems + refused, MANIFEST)
    if SUMMARY in files and not loose:
        meta, body = split(decode(read_bytes(root, SUMMARY), SUMMARY), SUMMARY)
        sources, problems = _from_summary(body, readable, course, language)
        if sources:
            return FolderPlan(course, _text(meta.get("title")), language, sources, problems + refused, SUMMARY)
    names = sorted((path for path in readable if loose or not _aside(path)), key=_natural)
    sources = tuple(Source(course, path, order, _folders(path), language=language) for order, path in enumerate(names))
    return FolderPlan(course, None, language, sources, refused, "names")


def item_files(root: Path) -> tuple[str, ...]:
    """The files of questions written for the tutor: every ``.toml`` in a folder called ``items``, by name.

    Raises ``MaterialFolderMissing``.
    """
    if not root.is_dir():
        raise MaterialFolderMissing(f"There is no folder at {root}.", path=str(root))
    found = (path for path in _files(root) if path.casefold().endswith(".toml"))
    return tuple(
        sorted((p for p in found if ITEMS in (part.casefold() for part in PurePosixPath(p).parts[:-1])), key=_natural)
    )


def read(root: Path, source: Source) -> LoadedDocument:
    """Read one planned file of trusted material, in this very process (others: ``process.ReadingProcess``).

    Raises ``UnreadableDocument`` naming it; the caller goes on with the next."""
    return load(read_bytes(root, source.path), source)


def read_bytes(root: Path, path: str, largest: int | None = None) -> bytes:
    """The bytes of a file inside ``root``; never through a symbolic link, never a device, never more than ``largest``
    (bytes; without it what the file's format allows).

    Raises ``UnreadableDocument`` (``outside``, ``missing``, ``not_a_file``, ``too_large``, ``unreadable``).
    """
    largest = largest_of(path) if largest is None else largest
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\x00" in path:
        raise UnreadableDocument(f"{path}: this path leaves the course folder.", path=path, reason="outside")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    walked = root
    try:
        for part in parts[:-1]:
            walked = walked / part
            if walked.is_symlink():
                raise UnreadableDocument(f"{path}: links are not followed.", path=path, reason="outside")
        descriptor = os.open(walked / parts[-1], flags)
    except FileNotFoundError as error:
        raise UnreadableDocument(f"{path}: the file is not there.", path=path, reason="missing") from error
    except OSError as error:
        reason = "outside" if (walked / parts[-1]).is_symlink() else "unreadable"
        raise UnreadableDocument(f"{path}: cannot be opened ({error.strerror}).", path=path, reason=reason) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableDocument(f"{path}: not an ordinary file.", path=path, reason="not_a_file")
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise UnreadableDocument(
            f"{path}: larger than {largest // 1_000_000} MB.", path=path, reason="too_large", largest=largest
        )
    return data


def largest_of(path: str) -> int:
    """The longest file of this name's kind that is read, in bytes."""
    known = format_of(path)
    return known.largest if known else LARGEST_ARCHIVE if is_archive(path) else LARGEST


def _files(root: Path) -> Iterator[str]:
    """Relative paths of ordinary files, hidden ones and links left out."""
    count = 0
    for folder, folders, names in os.walk(root, followlinks=False):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (here / name).is_symlink())
        for name in sorted(names):
            if name.startswith(".") or (here / name).is_symlink():
                continue
            count += 1
            if count > MOST_FILES:
                raise UnreadableDocument(
                    f"{root}: more than {MOST_FILES} files.", path=str(root), reason="too_many_files"
                )
            yield (here / name).relative_to(root).as_posix()


def _manifest(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(decode(read_bytes(root, MANIFEST), MANIFEST))
    except (ValueError, RecursionError) as error:  # a ValueError also where a number has thousands of digits
        raise UnreadableDocument(f"{MANIFEST}: not valid TOML: {error}.", path=MANIFEST, reason="manifest") from error


def _from_manifest(
    manifest: dict[str, Any], readable: set[str], course: str, language: str | None
) -> tuple[tuple[Source, ...], tuple[UnreadableDocument, ...]]:
    sources: list[Source] = []
    problems: list[UnreadableDocument] = []
    for unit in _tables(manifest.get("unit")):
        folder = (_text(unit.get("folder")) or "").strip("/")
        title = _text(unit.get("title")) or folder
        inside = sorted((path for path in readable if _within(path, folder) and not _aside(path)), key=_natural)
        if not folder or not inside:
            name = f"{MANIFEST}, unit {_text(unit.get('id')) or title}"
            problems.append(UnreadableDocument(f"{name}: its folder holds no material.", path=folder, reason="missing"))
        for path in inside:
            deeper = _folders(path[len(folder) + 1 :])
            sources.append(Source(course, path, len(sources), (title, *deeper), language=language))
    return tuple(sources), tuple(problems)


def _from_summary(
    body: str, readable: set[str], course: str, language: str | None
) -> tuple[tuple[Source, ...], tuple[UnreadableDocument, ...]]:
    """Indentation gives the nesting; an entry with entries below it is a title above them."""
    entries: list[tuple[int, str, str | None]] = []
    for line in body.split("\n"):
        match = _LINK.match(line)
        if match:
            title = plain(match["title"] or match["plain"])
            entries.append((len(match["indent"].expandtabs(4)), title, match["target"]))
    sources: list[Source] = []
    problems: list[UnreadableDocument] = []
    above: list[tuple[int, str]] = []
    seen: set[str] = set()
    for index, (indent, title, target) in enumerate(entries):
        above = [(depth, name) for depth, name in above if depth < indent]
        has_children = index + 1 < len(entries) and entries[index + 1][0] > indent
        path = (target or "").split("#")[0].removeprefix("./")
        if path and "://" not in path and path not in seen:
            seen.add(path)
            names = tuple(name for _, name in above)
            if path in readable:
                crumbs = (*names, title) if has_children else names
                sources.append(Source(course, path, len(sources), crumbs, title, language))
            else:
                reason = "outside" if ".." in PurePosixPath(path).parts or path.startswith("/") else "missing"
                problems.append(
                    UnreadableDocument(f"{SUMMARY}: {path} cannot be read ({reason}).", path=path, reason=reason)
                )
        if has_children:
            above.append((indent, title))
    return tuple(sources), tuple(problems)


def _aside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(_ASIDE.match(parts[-1])) or any(part.casefold() in _ITEM_FOLDERS for part in parts[:-1])


def _within(path: str, folder: str) -> bool:
    return folder in ("", ".") or path.startswith(folder + "/")


def _folders(path: str) -> tuple[str, ...]:
    from retrieval.loaders.text import title_from_name

    return tuple(title_from_name(part + ".x") for part in PurePosixPath(path).parts[:-1])


def _natural(path: str) -> list[tuple[int, int | str]]:
    """``2-x`` before ``10-x``."""
    return [(0, int(part)) if part.isdigit() else (1, part.casefold()) for part in re.split(r"(\d+)", path) if part]


def _tables(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
