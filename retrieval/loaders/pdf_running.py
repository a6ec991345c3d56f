"""Running heads, running feet and page numbers: what stands at the same place of page after page. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from retrieval.loaders.pdf_values import PageContent, Piece

EDGE = 0.13  # of the page's height, above and below
STEP = 8.0  # points that a head may move from page to page
PAGES = 3  # on which a head stands, or 2 where there are no more pages than this
_ROMAN = re.compile(r"\b[ivxlc]{1,7}\b")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"^\W*(?:[^\W\d]{1,10}\W{0,3})?#(?:\W{0,3}(?:[^\W\d]{1,4}\W{1,2})?#)?\W*$")


def without_running(pages: Sequence[PageContent]) -> tuple[PageContent, ...]:
    """The pages without what runs along."""
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        keys = {key for piece in page.pieces if _at_edge(piece, page) for key in _keys(piece)}
        seen.update(keys)
    least = 2 if len(pages) <= PAGES else PAGES
    running = {key for key, count in seen.items() if count >= least}
    return tuple(_cleaned(page, running) for page in pages) if running else tuple(pages)


def _cleaned(page: PageContent, running: set[tuple[str, int]]) -> PageContent:
    edge = [piece for piece in page.pieces if _at_edge(piece, page)]
    gone = {id(piece) for piece in edge if running.intersection(_keys(piece))}
    # Beside a page's number stands the title of its chapter, which is another one on other pages.
    numbers = [piece for piece in edge if id(piece) in gone and _NUMBER.match(_folded(piece.text))]
    rest = [piece for piece in page.pieces if id(piece) not in gone]
    for number in numbers:
        row = [piece for piece in rest if abs(piece.box.middle[1] - number.box.middle[1]) < 0.4 * piece.size]
        others = [piece for piece in rest if piece not in row]
        if row and all(_at_edge(piece, page) for piece in row) and _outermost(row[0], others):
            gone |= {id(piece) for piece in row}
    return replace(page, pieces=tuple(piece for piece in page.pieces if id(piece) not in gone)) if gone else page


def _outermost(piece: Piece, others: Sequence[Piece]) -> bool:
    above = all(other.box.top > piece.box.bottom - 1 for other in others)
    return above or all(other.box.bottom < piece.box.top + 1 for other in others)


def _at_edge(piece: Piece, page: PageContent) -> bool:
    return piece.box.bottom < EDGE * page.height or piece.box.top > (1 - EDGE) * page.height


def _keys(piece: Piece) -> tuple[tuple[str, int], tuple[str, int]]:
    """Twice, so that places on both sides of a step's border are the same in one of them."""
    text, top = _folded(piece.text), piece.box.top
    return (text, round(top / STEP)), (text, -1 - round(top / STEP + 0.5))


def _folded(text: str) -> str:
    return _ROMAN.sub("#", _DIGITS.sub("#", " ".join(text.casefold().split())))
