"""Words of a document's Markdown found again among the characters of a PDF's page. Pure.

The loader joined lines, mended hyphens and added marks, so the two are compared by their letters and digits alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.blocks import plain

SHORTEST = 3  # letters: a shorter piece is found anywhere
REACH = 400  # letters between two pieces of one quote, which a formula or a picture stands between
_APART = re.compile(
    r"\$\$?[^$]*\$\$?|!?\[[^\]]*\]\([^)]*\)|^[ \t]*(?:#{1,6}|[-*+]|\d{1,9}[.)]|>)[ \t]+|\||\n{2,}", re.M
)


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text; letter ``i`` comes from character ``places[i]``."""

    text: str
    places: tuple[int, ...]


def letters(characters: str) -> Letters:
    """Ligatures become their letters, case goes, and everything that is neither letter nor digit."""
    found: list[str] = []
    places: list[int] = []
    for at, character in enumerate(characters):
        for one in unicodedata.normalize("NFKC", character).casefold():
            if one.isalnum():
                found.append(one)
                places.append(at)
    return Letters("".join(found), tuple(places))


def squeezed(characters: str) -> str:
    """The letters and digits alone, where their places don't matter: many times quicker."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", characters).casefold()))


def pieces(markdown: str) -> tuple[str, ...]:
    """The words of a quote as letters, cut where a page may show something else: at formulas, links, cells, blocks."""
    parts: list[str] = []
    done = 0
    for found in _APART.finditer(markdown):
        parts.append(markdown[done : found.start()])
        link = re.match(r"\[([^\]]*)\]", found[0])
        if link:
            parts.append(link[1])
        done = found.end()
    parts.append(markdown[done:])
    kept = (letters(plain(part)).text for part in parts)
    return tuple(part for part in kept if len(part) >= SHORTEST)


def spans(page: Letters, wanted: Sequence[str], nth: int = 0) -> tuple[tuple[int, int], ...]:
    """Where the pieces stand on the page, as characters ``[start, end)``: none where one of them is missing.

    ``nth`` (0-based) says which one is meant where the first piece stands there several times.
    """
    if not wanted:
        return ()
    start = -1
    for _ in range(nth + 1):
        start = page.text.find(wanted[0], start + 1)
        if start < 0:
            return ()
    found = [(start, start + len(wanted[0]))]
    for piece in wanted[1:]:
        at = page.text.find(piece, found[-1][1], found[-1][1] + len(piece) + REACH)
        if at < 0:
            return ()
        found.append((at, at + len(piece)))
    return tuple((page.places[a], page.places[b - 1] + 1) for a, b in found)


def occurrence(before: str, wanted: Sequence[str]) -> int:
    """How often the first piece stands in ``before``, the Markdown of the page above the quote."""
    return letters(plain(before)).text.count(wanted[0]) if wanted else 0
