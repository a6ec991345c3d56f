"""Lines of a column, and formulas that are built over several lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from retrieval.loaders.pdf_columns import Column, runs_left
from retrieval.loaders.pdf_values import Box, Piece
from retrieval.loaders.scripts import lowered, raised

_OPERATOR = re.compile(r"[∑∏∫∮⋃⋂]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column. ``left`` and ``right`` are the column's edges; ``block`` as in ``Piece``."""

    text: str
    box: Box
    size: float
    bold: bool
    page: int
    left: float
    right: float
    split: bool = False
    block: str = ""
    fresh: bool = False  # the first line of a column
    leftwards: bool = False  # runs from right to left

    @property
    def lead(self) -> float:
        """The room before it, up to the column's edge."""
        return self.right - self.box.right if self.leftwards else self.box.left - self.left

    @property
    def rest(self) -> float:
        """The room after it."""
        return self.box.left - self.left if self.leftwards else self.right - self.box.right


def lines(column: Column, page: int) -> list[Line]:
    """The pieces of a column put together to lines, from top to bottom."""
    rows: list[list[Piece]] = []
    for piece in column.pieces:
        row = rows[-1] if rows else None
        if row and not piece.block and not row[0].block and _level(row, piece):
            row.append(piece)
        else:
            rows.append([piece])
    found: list[Line] = []
    leftwards = runs_left(column.pieces)
    for row in rows:
        row.sort(key=lambda piece: piece.box.left, reverse=leftwards)
        box = row[0].box
        for piece in row[1:]:
            box = box.around(piece.box)
        size = max(row, key=lambda piece: len(piece.text)).size
        text = " ".join(piece.text for piece in row)
        bold = all(piece.bold for piece in row)
        block = row[0].block
        found.append(
            Line(text, box, size, bold, page, column.left, column.right, row[-1].split, block, not found, leftwards)
        )
    return found


def _level(row: Sequence[Piece], piece: Piece) -> bool:
    box = row[0].box
    for other in row[1:]:
        box = box.around(other.box)
    shared = min(box.bottom, piece.box.bottom) - max(box.top, piece.box.top)
    return shared > 0.55 * min(box.height, piece.box.height) and not any(
        min(other.box.right, piece.box.right) - max(other.box.left, piece.box.left) > 0.3 * piece.size for other in row
    )


def with_formulas(pieces: Sequence[Piece], rules: Sequence[Box]) -> tuple[Piece, ...]:
    """Formulas written in a line: the limits of sums and integrals, what stands under a root's rule, and above and
    below a fraction's."""
    found = _limited(list(pieces))
    flat = [rule for rule in rules if rule.height <= 2.5 and 4 <= rule.width <= 250]
    if len(flat) > 200:
        return tuple(found)
    for rule in sorted(flat, key=lambda rule: rule.width):
        found = _root(found, rule) or _fraction(found, rule) or found
    return tuple(found)


def _limited(pieces: list[Piece]) -> list[Piece]:
    for piece in [each for each in pieces if _OPERATOR.search(each.text)][:50]:
        words, gone = [], []
        for word, box in piece.words:
            if _OPERATOR.match(word):
                small = [
                    p for p in pieces if p.size < 0.85 * piece.size and p not in gone and _is_limit(p, box, piece.size)
                ]
                above = [p for p in small if p.box.middle[1] < box.middle[1]]
                below = [p for p in small if p.box.middle[1] >= box.middle[1]]
                word = word[0] + _script(below, "_", lowered) + _script(above, "^", raised) + word[1:]
                gone += small
            words.append(word)
        if gone:
            kept = {id(each) for each in gone}
            new = replace(piece, text=" ".join(words))
            pieces = [new if each is piece else each for each in pieces if id(each) not in kept]
    return pieces


def _is_limit(piece: Piece, operator: Box, size: float) -> bool:
    down = abs(piece.box.middle[1] - operator.middle[1])
    return 0.3 * size < down < 2 * size and (
        abs(piece.box.middle[0] - operator.middle[0]) < 0.8 * size or abs(piece.box.left - operator.right) < 0.5 * size
    )


def _script(limits: Sequence[Piece], sign: str, scripted: Callable[[str], str]) -> str:
    if not limits:
        return ""
    text = _joined(limits).text.replace(" ", "")
    return scripted(text) if scripted(text) != text else f"{sign}{_bracketed(text)}"


def _root(pieces: list[Piece], rule: Box) -> list[Piece] | None:
    sign = next(
        (p for p in pieces if p.text == "√" and abs(p.box.right - rule.left) < 3 and _near(p.box, rule, 1.6 * p.size)),
        None,
    )
    if sign is None:
        return None
    under = [
        p for p in pieces if p is not sign and _within(p.box, rule) and 0 <= p.box.middle[1] - rule.top < 1.6 * p.size
    ]
    if not under:
        return None
    inner = _joined(under)
    text = f"√{_bracketed(inner.text)}"
    return _replaced(pieces, [sign, *under], replace(inner, text=text, box=inner.box.around(_with_sign(sign, inner))))


def _with_sign(sign: Piece, inner: Piece) -> Box:
    """The root's sign as high as what is under it."""
    return Box(sign.box.left, inner.box.top, sign.box.right, inner.box.bottom)


def _fraction(pieces: list[Piece], rule: Box) -> list[Piece] | None:
    above = [p for p in pieces if _within(p.box, rule) and 0 < rule.top - p.box.middle[1] < 1.3 * p.size]
    below = [p for p in pieces if _within(p.box, rule) and 0 < p.box.middle[1] - rule.bottom < 1.3 * p.size]
    if not above or not below or any(piece.block for piece in (*above, *below)):
        return None
    top, bottom = _joined(above), _joined(below)
    # A line of text over a line of text is as wide as it likes; a fraction's rule is as wide as its wider half.
    if rule.width > 1.35 * max(top.box.width, bottom.box.width) + 4 or len(top.text) + len(bottom.text) > 120:
        return None
    middle = (rule.top + rule.bottom) / 2
    box = Box(rule.left, middle - 0.6 * top.size, rule.right, middle + 0.45 * top.size)
    text = f"{_bracketed(top.text)}/{_bracketed(bottom.text)}"
    return _replaced(pieces, [*above, *below], Piece(text, box, max(top.size, bottom.size)))


def _bracketed(text: str) -> str:
    return text if len(text) == 1 or text.isdigit() else f"({text})"


def _joined(pieces: Sequence[Piece]) -> Piece:
    row = sorted(pieces, key=lambda piece: piece.box.left)
    box = row[0].box
    for piece in row[1:]:
        box = box.around(piece.box)
    return Piece(" ".join(piece.text for piece in row), box, median(piece.size for piece in row))


def _replaced(pieces: list[Piece], gone: Sequence[Piece], new: Piece) -> list[Piece]:
    keys = {id(piece) for piece in gone}
    at = min(index for index, piece in enumerate(pieces) if id(piece) in keys)
    return [
        each
        for index, piece in enumerate(pieces)
        for each in ((new,) if index == at else () if id(piece) in keys else (piece,))
    ]


def _within(box: Box, rule: Box) -> bool:
    return box.left >= rule.left - 2.5 and box.right <= rule.right + 2.5


def _near(box: Box, rule: Box, room: float) -> bool:
    return abs(box.middle[1] - rule.top) < room
