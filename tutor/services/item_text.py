"""One item as text that a person can edit: the course format, as in ``items/*.toml``; and back."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tutor.domain.items import read_item, write_item
from tutor.domain.items.item import BadItem, Item

LONGEST = 40_000  # characters of the text of one item
# Kept by us, and not to be edited.
_OURS = ("origin", "state", "item_extra", "kcs_guessed", "attribution", "place")
_FIRST = ("id", "type", "kcs", "prompt")


def to_text(item: Item) -> str:
    """The item in the course format."""
    bare = replace(item, origin="authored", state="approved", kcs_guessed=False, attribution="", place="", extra={})
    data = write_item(bare)
    data.setdefault("kcs", [])
    plain = {key: data[key] for key in (*_FIRST, *data) if key in data and not _is_tables(data[key])}
    lines = ["[[item]]", *(f"{key} = {_value(value)}" for key, value in plain.items())]
    for key, tables in data.items():
        if _is_tables(tables):
            for table in tables:
                lines += ["", f"[[item.{key}]]", *(f"{name} = {_value(value)}" for name, value in table.items())]
    return "\n".join(lines) + "\n"


def from_text(text: str, old: Item) -> Item:
    """The item as edited; where it came from stays. Raises ``BadItem``, also where the id was changed."""
    if len(text) > LONGEST:
        raise BadItem(f"an item has at most {LONGEST} characters")
    try:
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise BadItem(f"this is not valid TOML: {error}") from error
    entries = data.get("item")
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], Mapping):
        raise BadItem("write one item, under [[item]]")
    new = read_item({key: value for key, value in entries[0].items() if key not in _OURS}, old.course)
    if new.id != old.id:
        raise BadItem(f"id: it stays {old.id}, because answers are stored under it")
    return replace(
        new,
        origin=old.origin,
        state=old.state,
        place=old.place,
        attribution=old.attribution,
        extra=old.extra,
        kcs_guessed=old.kcs_guessed and new.kcs == old.kcs,
    )


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(one) for one in value)}]"
    raise TypeError(f"no TOML for {type(value).__name__}")


def _string(text: str) -> str:
    """Literal where that is possible, so that LaTeX needs no doubled backslashes."""
    printable = all(char.isprintable() or char in "\n\t" for char in text)
    if printable and "\n" in text and "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    if printable and "\n" not in text and "'" not in text and ("\\" in text or '"' in text):
        return f"'{text}'"
    escaped = "".join(_ESCAPES.get(char, char) if char.isprintable() else _escape(char) for char in text)
    return f'"{escaped}"'


_ESCAPES = {"\\": "\\\\", '"': '\\"'}


def _escape(char: str) -> str:
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
    return short.get(char) or (f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
