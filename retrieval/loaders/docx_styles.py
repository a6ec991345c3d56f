"""What the styles and the numbering of a Word file say about a paragraph: heading, list, caption or code. Pure.

Names are the field's: a style of any language is a heading if its outline level says so; built-in styles keep their
English names inside the file, whatever the language of the program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from retrieval.loaders.omml import local
from retrieval.loaders.package import attribute

_HEADING = re.compile(
    r"^(?:heading|überschrift|titre|título|titulo|titolo|intestazione|rubrik|overskrift|kop|otsikko|nagłówek|nadpis|"
    r"заголовок|标题|標題|見出し|제목|عنوان|शीर्षक)\s*(\d)\b",
    re.I,
)
_CODE = re.compile(r"^(?:source ?code|code|html (?:preformatted|vorformatiert)|verbatim|listing)\b", re.I)
_CONTENTS = re.compile(r"^(?:toc|contents|table of figures|index|verzeichnis|tdc|sumario)\s*\d*$", re.I)
_LIST_LEVEL = re.compile(r"^list (?:bullet|number) ([2-5])$", re.I)
_DEEPEST = 12  # styles built on styles


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style. ``outline`` is the heading level (1 to 9), ``number`` the list it belongs to and its level."""

    name: str = ""
    outline: int | None = None
    number: tuple[str | None, int | None] = (None, None)
    hidden: bool = False

    @property
    def title(self) -> bool:
        return self.name.casefold() in ("title", "titel", "titre", "título", "titolo", "العنوان")

    @property
    def code(self) -> bool:
        return bool(_CODE.match(self.name))

    @property
    def contents(self) -> bool:
        """Whether it is a line of a table of contents, which says what the headings say."""
        return bool(_CONTENTS.match(self.name))


def styles_of(root: Any | None) -> dict[str, Style]:
    """The paragraph styles by id, each with what it inherits. ``root`` is ``w:styles``."""
    nodes = {attribute(node, "styleId"): node for node in root if local(node) == "style"} if root is not None else {}
    return {name: _style(name, nodes, 0) for name in nodes}


def _style(name: str, nodes: dict[str, Any], depth: int) -> Style:
    node = nodes.get(name)
    if node is None or depth > _DEEPEST:
        return Style()
    said = {local(child): child for child in node}
    based = _style(attribute(said["basedOn"], "val"), nodes, depth + 1) if "basedOn" in said else Style()
    label = attribute(said["name"], "val") if "name" in said else name
    outline, number = paragraph_settings(said.get("pPr"))
    named = _HEADING.match(label) or _HEADING.match(re.sub(r"(\d)$", r" \1", name))
    if outline is None:
        outline = int(named[1]) if named else based.outline
    deeper = _LIST_LEVEL.match(label)
    if deeper and not number[1]:
        number = (number[0], int(deeper[1]) - 1)  # "List Bullet 2" is a list of its own, of one level
    return Style(
        label,
        outline if outline is None or 1 <= outline <= 9 else None,
        (number[0] or based.number[0], number[1] if number[1] is not None else based.number[1]),
        based.hidden or any(local(mark) == "vanish" and on(mark) for mark in said.get("rPr", ())),
    )


def paragraph_settings(properties: Any | None) -> tuple[int | None, tuple[str | None, int | None]]:
    """Outline level (1 to 10, ten being body text) and list of a ``w:pPr``, ``None`` for what it leaves unsaid."""
    outline: int | None = None
    number: tuple[str | None, int | None] = (None, None)
    for node in properties if properties is not None else ():
        if local(node) == "outlineLvl":
            outline = _whole(attribute(node, "val"), 9) + 1
        elif local(node) == "numPr":
            parts = {local(part): attribute(part, "val") for part in node}
            level = _whole(parts["ilvl"], 0) if "ilvl" in parts else None
            number = (parts.get("numId"), level)
    return outline, number


def on(mark: Any) -> bool:
    """Whether a switch such as ``w:b`` is on: it is unless it says otherwise."""
    return attribute(mark, "val", "1") not in ("0", "false", "off", "none")


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default


@dataclass(slots=True)
class Numbering:
    """The counters of a document's lists. ``marker`` counts: ask once for each item, in order."""

    formats: dict[tuple[str, int], tuple[str, int]]
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any | None) -> Numbering:
        """Read ``w:numbering``: for each list and level its number format and first number."""
        abstract: dict[str, dict[int, tuple[str, int]]] = {}
        formats: dict[tuple[str, int], tuple[str, int]] = {}
        for node in root if root is not None else ():
            if local(node) == "abstractNum":
                abstract[attribute(node, "abstractNumId")] = dict(_level(part) for part in node if local(part) == "lvl")
        for node in root if root is not None else ():
            if local(node) != "num":
                continue
            levels: dict[int, tuple[str, int]] = {}
            for part in node:
                if local(part) == "abstractNumId":
                    levels |= abstract.get(attribute(part, "val"), {})
                elif local(part) == "lvlOverride":
                    at = _whole(attribute(part, "ilvl"), 0)
                    for setting in part:
                        if local(setting) == "lvl":
                            levels[at] = _level(setting)[1]
                        elif local(setting) == "startOverride":
                            levels[at] = (levels.get(at, ("decimal", 1))[0], _whole(attribute(setting, "val"), 1))
            formats |= {(attribute(node, "numId"), at): what for at, what in levels.items()}
        return cls(formats)

    def marker(self, number: str, level: int) -> str:
        """``-``, ``3.`` or ``- c)`` for the next item of a list at a level (0-based). Letters stand after a
        bullet, because Markdown numbers nothing with them; Roman numbers become others."""
        kind, start = self.formats.get((number, level)) or self.formats.get((number, 0)) or ("bullet", 1)
        for key in [key for key in self._counts if key[0] == number and key[1] > level]:
            del self._counts[key]
        if kind in ("bullet", "none"):
            return "-"
        count = self._counts.get((number, level), start - 1) + 1
        self._counts[number, level] = count
        if kind in ("lowerLetter", "upperLetter") and 1 <= count <= 26:
            return f"- {chr((ord('a') if kind == 'lowerLetter' else ord('A')) + count - 1)})"
        return f"{count}."


def _level(node: Any) -> tuple[int, tuple[str, int]]:
    said = {local(part): attribute(part, "val") for part in node}
    return _whole(attribute(node, "ilvl"), 0), (said.get("numFmt", "decimal"), _whole(said.get("start", "1"), 1))
