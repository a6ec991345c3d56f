"""Where a line of text may break, and where it best does: for captions. Pure.

A word, a formula and short code stay in one piece; Chinese and Japanese may break between any two characters but those
that typesetters keep together. Formulas and code are wrapped in left-to-right isolates, so that ``3 + 4 = 7`` inside
Arabic reads as written.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from media_gen.inline import parse
from media_gen.linear import linear

ISOLATE, POP = "\u2066", "\u2069"
SHORT_CODE = 24  # characters; longer code may break at its spaces
_PHRASE_END = tuple(",;:.!?…)»”—–،؛؟。，、；：！？）」』।")
_WIDE = re.compile("([\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef])")
_NOT_FIRST = set("、。，．！？；：）］｝」』】〉》”’…—·％%,.!?;:)]}»°")
_NOT_LAST = set("（［｛「『【〈《“‘([{«$¥€")


@dataclass(frozen=True)
class Atom:
    """What stays in one piece. ``gap``: a space stands before it; ``tail``: it ends a phrase."""

    text: str
    gap: bool = False
    tail: bool = False

    @cached_property
    def width(self) -> int:
        return visible(self.text) + self.gap


def visible(text: str) -> int:
    """Characters that a reader sees: no marks that stand on another letter, no invisible ones."""
    if text.isascii():
        return len(text)
    return sum(unicodedata.category(letter) not in ("Mn", "Me", "Cf") for letter in text)


def width(pieces: Sequence[Atom]) -> int:
    """Of a line: the space before its first piece is not set."""
    return sum(atom.width for atom in pieces) - (pieces[0].gap if pieces else 0)


@lru_cache(maxsize=2048)
def atoms(text: str) -> tuple[Atom, ...]:
    """The pieces of inline Markdown between which a line may break."""
    joined: list[Atom] = []
    for piece, gap in _pieces(text):
        if joined and not gap and not _breakable(joined[-1].text, piece):
            before = joined.pop()
            joined.append(Atom(before.text + piece, before.gap))
        else:
            joined.append(Atom(piece, gap))
    return tuple(Atom(atom.text, atom.gap, atom.text.rstrip(POP).endswith(_PHRASE_END)) for atom in joined)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces and whether a space stands before each."""
    gap = False
    for run in parse(text):
        gap = gap or run.text[0].isspace()
        whole = linear(run.text) if run.kind == "maths" else " ".join(run.text.split())
        if run.kind == "maths" or (run.kind == "code" and visible(whole) <= SHORT_CODE):
            if whole:
                yield ISOLATE + whole + POP, gap
        else:
            for place, word in enumerate(run.text.split()):
                for part, letters in enumerate(_letters(word)):
                    yield letters, part == 0 and (gap or place > 0)
        gap = run.text[-1].isspace()


def _letters(word: str) -> list[str]:
    """A word of letters is one piece; in Chinese and Japanese every character is one."""
    return [piece for piece in _WIDE.split(word) if piece]


def _breakable(before: str, after: str) -> bool:
    """Whether a line may break between two pieces that no space parts."""
    first, last = after.lstrip(ISOLATE)[:1], before.rstrip(POP)[-1:]
    if first in _NOT_FIRST or last in _NOT_LAST or unicodedata.combining(first):
        return False
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in (first, last))


def lines(pieces: Sequence[Atom], limit: int) -> tuple[Sequence[Atom], ...]:
    """One line where it fits into ``limit``, else two: as even as the phrases allow."""
    if width(pieces) <= limit or len(pieces) == 1:
        return (pieces,)

    def cost(at: int) -> float:
        first, second = width(pieces[:at]), width(pieces[at:])
        over = max(0, first - limit) + max(0, second - limit)
        return over * 100 + abs(first - second) / limit + hurt(pieces[at - 1])

    at = min(range(1, len(pieces)), key=cost)
    return pieces[:at], pieces[at:]


def cut(pieces: Sequence[Atom], limit: int, share: Callable[[float], float]) -> list[Sequence[Atom]]:
    """Cut a sentence into captions of one or two lines: as few as will do, about equal, at the ends of phrases.

    ``share`` gives the cost of a caption that holds this share of the text, from its time on the screen: infinite
    where it can't be. A single piece is never refused, as there is nothing left to cut.
    """
    sums = [0]
    for atom in pieces:
        sums.append(sums[-1] + atom.width)

    def two_lines(begin: int, stop: int) -> bool:
        """Whether these pieces fit: the first line takes as many as it can."""
        at = bisect_right(sums, sums[begin] + pieces[begin].gap + limit) - 1
        return at >= stop or (at > begin and sums[stop] - sums[at] - pieces[at].gap <= limit)

    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * len(pieces)
    for begin in range(len(pieces)):
        for stop in range(begin + 1, len(pieces) + 1):
            if stop > begin + 1 and not two_lines(begin, stop):
                break
            part = sums[stop] - sums[begin]
            cost = 3.0 + (part / limit) ** 2 + share(part / sums[-1])
            if stop == begin + 1:
                cost = min(cost, 1000.0)
            total = best[begin][0] + cost + (hurt(pieces[stop - 1]) if stop < len(pieces) else 0.0)
            if total < best[stop][0]:
                best[stop] = (total, begin)
    parts: list[Sequence[Atom]] = []
    stop = len(pieces)
    while stop:
        begin = best[stop][1]
        parts.append(pieces[begin:stop])
        stop = begin
    return parts[::-1]


def hurt(last: Atom) -> float:
    """What it costs to break after this piece: nothing at a phrase's end, most after a short word (an article, a
    preposition), which belongs to the next."""
    if last.tail:
        return 0.0
    return 1.0 if last.gap and visible(last.text) <= 3 else 0.6
