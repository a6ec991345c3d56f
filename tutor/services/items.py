"""Items that an author wrote: ``items/*.toml`` of a course folder (docs/course-format.md)."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders import folder
from tutor.domain.items import read_item
from tutor.domain.items.item import BadItem, Item

KEY = "item"  # [[item]]
FILE, DIGEST = "file", "sha256"  # in ``Item.extra``: which file the item came from, and what it was like then


@dataclass(frozen=True)
class Authored:
    """What a folder's item files hold. ``problems`` name what could not be read; the rest is there all the same."""

    items: tuple[Item, ...] = ()
    problems: tuple[BadItem, ...] = ()


def read_authored(root: Path, course: str, components: Sequence[str] = ()) -> Authored:
    """Every item of the folder's ``items/*.toml``. ``components`` are the ids that an item may name; none: any.

    Raises ``MaterialFolderMissing``.
    """
    items: dict[str, Item] = {}
    problems: list[BadItem] = []
    for path in folder.item_files(root):
        try:
            data = folder.read_bytes(root, path)
            digest = hashlib.sha256(data).hexdigest()
            entries = _entries(data, path)
        except UnreadableDocument as error:
            problems.append(BadItem(error.message, file=path))
            continue
        except BadItem as error:
            problems.append(error)
            continue
        for number, entry in enumerate(entries, 1):
            try:
                item = _item(entry, course, path, number, digest)
                _check(item, items, components, path)
            except BadItem as error:
                problems.append(error)
            else:
                items[item.id] = item
    return Authored(tuple(items.values()), tuple(problems))


def digests(items: Sequence[Item]) -> dict[str, str]:
    """The item files that these items were read from, each with its SHA-256 then."""
    return {str(item.extra[FILE]): str(item.extra[DIGEST]) for item in items if DIGEST in item.extra}


def _entries(data: bytes, path: str) -> list[Mapping[str, Any]]:
    try:
        found = tomllib.loads(data.decode("utf-8-sig")).get(KEY, [])
    except (ValueError, RecursionError) as error:
        raise BadItem(f"{path}: not valid TOML: {error}", file=path) from error
    if not isinstance(found, list) or not all(isinstance(entry, Mapping) for entry in found):
        raise BadItem(f"{path}: write each item as [[{KEY}]]", file=path)
    return found


def _item(entry: Mapping[str, Any], course: str, path: str, number: int, digest: str) -> Item:
    where = path if entry.get("id") else f"{path}: number {number}"
    item = read_item(entry, course, where)
    return replace(item, origin="authored", extra={**item.extra, FILE: path, DIGEST: digest})


def _check(item: Item, known: Mapping[str, Item], components: Sequence[str], path: str) -> None:
    if components:
        for name in item.kcs:
            if name not in components:
                raise BadItem(
                    f"{path}: item {item.id}: kcs: the course has no component {name}", file=path, item=item.id
                )
    if item.id in known:
        first = known[item.id].extra[FILE]
        raise BadItem(f"{path}: item {item.id}: {first} has an item of that id", file=path, item=item.id)
