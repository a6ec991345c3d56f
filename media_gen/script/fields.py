"""The body of a directive: a heading text, ``key: value`` lines, ``- items`` with keys of their own, a table.

    Where does the oxygen come from?
    - right: From the water
      feedback: Yes.
    - wrong: From the soil
    think: 4

A value is the rest of its line, as inline Markdown: nothing needs quotes. Which words are keys is said by the
directive, so that a text may hold a colon.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from media_gen.script.place import Place

_KEY = re.compile(r"([a-z][a-z_]*):(?:[ \t]+(.*)|)\Z")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(.*)\Z")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass
class Item:
    """``kind`` is the word before the item's colon (``right``), empty where there was none."""

    text: str
    place: Place
    kind: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Body:
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    table: list[list[str]] = field(default_factory=list)


def read(
    body: str,
    place: Place,
    *,
    keys: Collection[str] = (),
    kinds: Collection[str] = (),
    item_keys: Collection[str] = (),
    table: bool = False,
) -> Body:
    """Raises ``ScriptInvalid`` for a key that is given twice and for a line that fits nowhere."""
    made = Body()
    for number, raw in enumerate(body.split("\n")):
        line, here = raw.strip(), Place(place.line + 1 + number if place.line else 0, place.slide)
        if not line:
            continue
        indented = raw[:1] in " \t"
        key = _KEY.match(line)
        if table and line.startswith("|"):
            made.table.append(_cells(line))
        elif not indented and (item := _ITEM.match(line)):
            kind = _KEY.match(item[1])
            if kind and kind[1] in kinds:
                made.items.append(Item((kind[2] or "").strip(), here, kind[1]))
            else:
                made.items.append(Item(item[1].strip(), here))
        elif key and indented and made.items and key[1] in item_keys:
            _put(made.items[-1].values, key, here)
        elif key and not indented and key[1] in keys:
            _put(made.values, key, here)
        elif made.items or made.table:
            known = ", ".join(f"{word}:" for word in (item_keys if indented else keys))
            raise here.invalid(f"this line fits nowhere: {line[:60]!r}." + (f" Known here: {known}" if known else ""))
        else:
            made.text = f"{made.text} {line}".strip()
    made.table = [row for row in made.table if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    return made


def _put(values: dict[str, str], key: re.Match[str], place: Place) -> None:
    if key[1] in values:
        raise place.invalid(f"{key[1]}: is given twice.")
    values[key[1]] = (key[2] or "").strip()


def _cells(line: str) -> list[str]:
    inner = line[1:-1] if line.endswith("|") and not line.endswith("\\|") and len(line) > 1 else line[1:]
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(inner)]
