"""Tables of web pages: which are tables at all, and their cells in rows. Pure."""

from __future__ import annotations

from collections.abc import Callable

from retrieval.loaders.elements import Element

_WIDEST = 100  # columns


def is_layout(table: Element) -> bool:
    """Whether a table only arranges a page: it says so, holds others, or headings, or is a single cell."""
    if table.attributes.get("role") in ("presentation", "none"):
        return True
    cells = table.find("td", "th")
    return len(cells) < 2 or any(cell.find("table", "h1", "h2", "h3", "pre") for cell in cells)


def grid(table: Element, said: Callable[[Element], str]) -> list[list[str]]:
    """The rows of a table, each cell in one line by ``said``.

    A cell over several rows is said in each, because a row is quoted by itself; over several columns, in the first.
    """
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column: rows still to come, and what is said in them
    for row in table.find("tr"):
        line: list[str] = []
        for cell in row.find("td", "th"):
            _hang(line, hanging)
            text = said(cell)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for offset in range(min(wide, _WIDEST - len(line))):
                words = "" if offset else text
                if high > 1:
                    hanging[len(line)] = (high - 1, words)
                line.append(words)
        _hang(line, hanging)
        rows.append(line)
    return rows


def _hang(line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    """Cells of the rows above that reach down to here."""
    while (at := len(line)) in hanging and at < _WIDEST:
        left, words = hanging.pop(at)
        if left > 1:
            hanging[at] = (left - 1, words)
        line.append(words)


def _span(cell: Element, name: str) -> int:
    said = cell.attributes.get(name, "")
    return max(1, min(int(said), 1000)) if said.isascii() and said.isdigit() and len(said) < 5 else 1
