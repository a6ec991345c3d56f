"""Tables of a page: ruled on all sides, ruled above and below, or only set in clear columns. Pure.

What is taken for a table leaves the pieces; a pipe table in one piece takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import mean, median

from retrieval.loaders.pdf_values import Box, Piece
from retrieval.loaders.wording import escaped, table

NEAR = 3.0  # points between rules that belong together
MOST_RULES = 1_000
LONG_CELL = 12  # words: columns of longer cells are columns of text
MOST_COLUMNS, MOST_ROWS = 20, 200

Words = list[tuple[str, Box]]


def with_tables(pieces: Sequence[Piece], rules: Sequence[Box], height: float) -> tuple[Piece, ...]:
    """The pieces of a page (``height`` in points), its tables as blocks."""
    found = list(pieces)
    if len(rules) <= MOST_RULES:
        for group in _groups(rules):
            found = _gridded(found, group) or found
        for area in _between(rules):
            found = _opened(found, area, height) or found
    return tuple(_aligned(found))


# -- ruled on all sides ------------------------------------------------------------------------------------------------


def _groups(rules: Sequence[Box]) -> list[list[Box]]:
    """Rules that touch."""
    groups: list[tuple[Box, list[Box]]] = []
    for rule in rules:
        around, members = rule, [rule]
        apart = []
        for box, other in groups:
            if _touch(box, around):
                around, members = around.around(box), [*other, *members]
            else:
                apart.append((box, other))
        groups = [*apart, (around, members)]
    return [members for _, members in groups if len(members) >= 4]


def _touch(one: Box, other: Box) -> bool:
    return (
        one.left <= other.right + NEAR
        and other.left <= one.right + NEAR
        and one.top <= other.bottom + NEAR
        and other.top <= one.bottom + NEAR
    )


def _gridded(pieces: list[Piece], rules: list[Box]) -> list[Piece] | None:
    rows = _steps(rule.middle[1] for rule in rules if rule.width > rule.height)
    edges = _steps(rule.middle[0] for rule in rules if rule.height >= rule.width and rule.height > 4)
    if len(edges) < 3 or len(rows) < 2 or len(edges) > MOST_COLUMNS + 1 or len(rows) > MOST_ROWS:
        return None
    around = Box(edges[0], rows[0], edges[-1], rows[-1])
    inside = _inside(pieces, around)
    words = [word for piece in inside for word in _words(piece)]
    cells: list[list[Words]] = [[[] for _ in edges[1:]] for _ in rows[1:]]
    for word in words:
        across = _at(edges, word[1].middle[0])
        down = _at(rows, word[1].middle[1])
        if across is not None and down is not None:
            cells[down][across].append(word)
    if len(rows) == 2:  # ruled around and between columns only
        return _set(pieces, inside, _by_lines(words, edges), around)
    return _set(pieces, inside, [[_read(cell) for cell in row] for row in cells], around)


# -- ruled above and below ---------------------------------------------------------------------------------------------


def _between(rules: Sequence[Box]) -> list[Box]:
    """The areas between level rules of the same width, from the first to the last of them."""
    flat = sorted((r for r in rules if r.height <= 2.5 and r.width >= 60), key=lambda r: (round(r.left), r.top))
    areas: list[Box] = []
    for rule in flat:
        for at, area in enumerate(areas):
            if abs(area.left - rule.left) < NEAR and abs(area.right - rule.right) < NEAR:
                areas[at] = area.around(rule)
                break
        else:
            areas.append(rule)
    return [area for area in areas if area.height > 10]


def _opened(pieces: list[Piece], area: Box, height: float) -> list[Piece] | None:
    inside = _inside(pieces, area)
    if area.height > 0.7 * height or any(piece.block for piece in inside):
        return None
    words = [word for piece in inside for word in _words(piece)]
    edges = _clear(words, 2)
    rows = _by_lines(words, edges) if edges else []
    return _set(pieces, inside, rows, area) if _is_table(rows) else None


# -- not ruled at all --------------------------------------------------------------------------------------------------


def _aligned(pieces: list[Piece]) -> list[Piece]:
    """Three columns or more of short cells, over three rows or more."""
    lines: list[list[Piece]] = []
    for piece in sorted((p for p in pieces if not p.block), key=lambda p: p.box.middle[1]):
        if lines and abs(lines[-1][0].box.middle[1] - piece.box.middle[1]) < 0.4 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    runs: list[list[list[Piece]]] = [[]]
    for line in lines:
        follows = runs[-1] and line[0].box.top - runs[-1][-1][0].box.bottom < 1.6 * line[0].size
        if len(line) < 3 or not follows:
            runs.append([])
        if len(line) >= 3:
            runs[-1].append(line)
    for run in runs:
        members = [piece for line in run for piece in line]
        words = [word for piece in members for word in _words(piece)]
        if len(run) < 3 or len(run) > MOST_ROWS or not (edges := _clear(words, 3)):
            continue
        rows = _by_lines(words, edges)
        around = members[0].box
        for piece in members[1:]:
            around = around.around(piece.box)
        if _is_table(rows) and max(len(cell.split()) for row in rows for cell in row) <= 6:
            pieces = _set(pieces, members, rows, around) or pieces
    return pieces


# -- cells -------------------------------------------------------------------------------------------------------------


def _set(pieces: list[Piece], inside: list[Piece], rows: list[list[str]], around: Box) -> list[Piece] | None:
    text = table([[escaped(cell) for cell in row] for row in rows])
    if not text or len([row for row in rows if any(row)]) < 2 or len(text.split("\n")[1].split("---")) < 3:
        return None
    gone = {id(piece) for piece in inside}
    size = median(piece.size for piece in inside)
    return [*(piece for piece in pieces if id(piece) not in gone), Piece("table", around, size, block=text)]


def _is_table(rows: list[list[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell]
    full = [row for row in rows if sum(map(bool, row)) >= 2]
    if len(full) < 2 or len(full) < 0.6 * len(rows) or len(rows) > MOST_ROWS:
        return False
    return mean(len(cell.split()) for cell in cells) <= LONG_CELL


def _by_lines(words: Words, edges: list[float]) -> list[list[str]]:
    """Rows by the lines the words stand on; a line that begins with no first cell goes on with the row above."""
    lines: list[Words] = []
    for word in sorted(words, key=lambda word: word[1].middle[1]):
        if lines and abs(lines[-1][0][1].middle[1] - word[1].middle[1]) < 0.45 * word[1].height:
            lines[-1].append(word)
        else:
            lines.append([word])
    rows: list[list[Words]] = []
    bottom = 0.0
    for line in lines:
        row: list[Words] = [[] for _ in edges[1:]]
        for word in line:
            across = _at(edges, word[1].middle[0])
            if across is not None:
                row[across].append(word)
        goes_on = line[0][1].top - bottom < 0.6 * line[0][1].height
        if rows and not row[0] and goes_on:
            rows[-1] = [above + below for above, below in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
        bottom = max(word[1].bottom for word in line)
    return [[_read(cell) for cell in row] for row in rows]


def _clear(words: Words, fewest: int) -> list[float]:
    """The edges of columns that no word crosses; empty where there are fewer than ``fewest``."""
    if not words:
        return []
    height = median(box.height for _, box in words)
    spans: list[list[float]] = []
    for left, right in sorted((box.left, box.right) for _, box in words):
        if spans and left - spans[-1][1] < 0.75 * height:
            spans[-1][1] = max(spans[-1][1], right)
        else:
            spans.append([left, right])
    if not fewest <= len(spans) <= MOST_COLUMNS:
        return []
    inner = [(one[1] + other[0]) / 2 for one, other in pairwise(spans)]
    return [spans[0][0] - 1, *inner, spans[-1][1] + 1]


def _read(words: Words) -> str:
    """The words of a cell, line by line."""
    lines: list[Words] = []
    for word in sorted(words, key=lambda word: word[1].middle[1]):
        if lines and abs(lines[-1][0][1].middle[1] - word[1].middle[1]) < 0.45 * word[1].height:
            lines[-1].append(word)
        else:
            lines.append([word])
    return " ".join(text for line in lines for text, _ in sorted(line, key=lambda word: word[1].left))


def _words(piece: Piece) -> tuple[tuple[str, Box], ...]:
    return piece.words or ((piece.text, piece.box),)


def _inside(pieces: Sequence[Piece], area: Box) -> list[Piece]:
    return [
        piece
        for piece in pieces
        if area.top - 1 <= piece.box.middle[1] <= area.bottom + 1
        and piece.box.left >= area.left - NEAR
        and piece.box.right <= area.right + NEAR
    ]


def _steps(values: Iterable[float]) -> list[float]:
    """Values that are close together count as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > NEAR:
            found.append(value)
    return found


def _at(edges: Sequence[float], value: float) -> int | None:
    return next((at for at, (one, other) in enumerate(pairwise(edges)) if one <= value <= other), None)
