"""The order in which a page is read: columns one after the other, and what runs across them in between. Pure.

A gutter is a vertical strip that few pieces cross, with text of some height on both sides. Pieces that cross it (a
title, a wide figure) part the page into bands; inside a band the left column is read before the right one, or the other
way round in a script that runs from right to left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from retrieval.loaders.pdf_values import Box, Piece

FEWEST = 4  # pieces that make a column
NARROWEST = 9.0  # times the size of the letters: the width of a column
GUTTER = 0.7  # times the size of the letters
CROSSING = 0.3  # of the pieces at its height, at most, cross a gutter
MOST = 1_000  # pieces of a page that are put in order
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Column:
    """Pieces from top to bottom, and the column's edges."""

    pieces: tuple[Piece, ...]
    left: float
    right: float


def columns(pieces: Sequence[Piece]) -> tuple[Column, ...]:
    """The columns of a page in reading order."""
    if not pieces:
        return ()
    if len(pieces) > MOST:
        return (_column(pieces),)
    return tuple(_parted(list(pieces), runs_left(pieces), DEEPEST))


def runs_left(pieces: Sequence[Piece]) -> bool:
    """Whether most letters are of a script that runs from right to left."""
    letters = "".join(piece.text for piece in pieces)[:5000]
    left = sum(unicodedata.bidirectional(letter) in ("R", "AL") for letter in letters)
    return left > sum(unicodedata.bidirectional(letter) == "L" for letter in letters)


def _parted(pieces: list[Piece], leftwards: bool, depth: int) -> list[Column]:
    gutter = _gutter(pieces) if depth else None
    if gutter is None:
        return [_column(pieces)]
    sides: tuple[list[Piece], ...] = ([], [])
    across: list[Piece] = []
    for piece in pieces:
        side = _side(piece.box, gutter)
        (across if side is None else sides[side]).append(piece)
    middle = {id(piece) for piece in _centred(sides[0], sides[1])}
    across += [piece for side in sides for piece in side if id(piece) in middle]
    sides = tuple([piece for piece in side if id(piece) not in middle] for side in sides)
    across.sort(key=lambda piece: piece.box.middle[1])
    found: list[Column] = []
    order = (1, 0) if leftwards else (0, 1)
    wide: list[Piece] = []
    begin = float("-inf")
    for at, end in enumerate([*(piece.box.middle[1] for piece in across), float("inf")]):
        band = [[piece for piece in side if begin <= piece.box.middle[1] < end] for side in sides]
        if all(band):
            found += [_column(wide)] if wide else []
            wide = []
            for side in order:
                found += _parted(band[side], leftwards, depth - 1)
        else:  # the short last line of what runs across
            wide += band[0] + band[1]
        wide += across[at : at + 1]
        begin = end
    return found + ([_column(wide)] if wide else [])


def _centred(before: list[Piece], after: list[Piece]) -> list[Piece]:
    """The pieces of formulas that are set in the middle of the page, with a blank where the gutter is."""
    left, right = min(piece.box.left for piece in before), max(piece.box.right for piece in after)
    found: list[Piece] = []
    for piece in before:
        row = [other for other in before if _level(piece, other)]
        beyond = [other for other in after if _level(piece, other)]
        if not beyond or piece in found:
            continue
        lead = min(other.box.left for other in row) - left
        rest = right - max(other.box.right for other in beyond)
        gap = min(other.box.left for other in beyond) - max(other.box.right for other in row)
        if min(lead, rest) > 2 * piece.size and gap < 3 * piece.size:
            found += [*row, *beyond]
    return found


def _level(one: Piece, other: Piece) -> bool:
    return abs(one.box.middle[1] - other.box.middle[1]) < 0.6 * one.size


def _side(box: Box, gutter: float) -> int | None:
    if box.right <= gutter + 3:
        return 0
    if box.left >= gutter - 3:
        return 1
    over_left, over_right = gutter - box.left, box.right - gutter
    if over_right < 0.12 * over_left:
        return 0
    return 1 if over_left < 0.12 * over_right else None


def _gutter(pieces: list[Piece]) -> float | None:
    """Where the best gutter is."""
    if len(pieces) < 2 * FEWEST:
        return None
    size = median(piece.size for piece in pieces)
    best: tuple[int, float, float] | None = None
    lefts = sorted({round(piece.box.left) for piece in pieces})
    for left in lefts[1:]:
        before = [piece for piece in pieces if piece.box.right <= left + 2]
        after = [piece for piece in pieces if piece.box.left >= left - 2]
        if not _is_column(before, size) or not _is_column(after, size):
            continue
        top, bottom = _abreast(before, after)
        if bottom - top < 3 * size or left - _edge(before) < GUTTER * size:
            continue
        room = left - _edge(before)
        level = [piece for piece in pieces if top <= piece.box.middle[1] <= bottom]
        crossing = sum(piece.box.left < left - 2 and piece.box.right > left + 2 for piece in level)
        if crossing > CROSSING * len(level):
            continue
        key = (-crossing, room, float(left) - room / 2)
        best = key if best is None or key > best else best
    return None if best is None else best[2]


def _edge(column: list[Piece]) -> float:
    """The right edge, but for a line that hangs out of a justified column."""
    rights = sorted(piece.box.right for piece in column)
    return rights[-2] if len(rights) >= 10 else rights[-1]


def _is_column(pieces: list[Piece], size: float) -> bool:
    if len(pieces) < FEWEST:
        return False
    width = max(piece.box.right for piece in pieces) - min(piece.box.left for piece in pieces)
    # Words set apart in rows fill little of their column: those are tables.
    return width >= NARROWEST * size and median(piece.box.width for piece in pieces) >= 0.4 * width


def _abreast(before: list[Piece], after: list[Piece]) -> tuple[float, float]:
    """From where to where both columns go."""
    top = max(min(piece.box.top for piece in side) for side in (before, after))
    return top, min(max(piece.box.bottom for piece in side) for side in (before, after))


def _column(pieces: Sequence[Piece]) -> Column:
    return Column(
        tuple(sorted(pieces, key=lambda piece: (piece.box.middle[1], piece.box.left))),
        min(piece.box.left for piece in pieces),
        max(piece.box.right for piece in pieces),
    )
