"""Which pages of a file show a learner nothing but what the document's text says. Pure.

Exercises and their answers were taken out of the text, and a picture of their page would give them back. So a page is
shown to learners only when its words stand in the text too. The text tells where: on the page, or on a neighbouring one
for a paragraph that runs over the edge. What repeats from page to page (running heads, page numbers) doesn't count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from retrieval.facsimile.words import squeezed
from retrieval.values import Anchor

PIECE = 12  # letters that must stand in the text next to one another
FEWEST = 40  # letters: a page of fewer may be a scan, whose words nobody can check
LACKING = 0.25  # of a line's pieces: more of them missing, and the line says something of its own
REPEATED, COUNTED = 3, 2  # pages that a running head stands on, at least: without the page's number, and with it

Key = tuple[str, int | None]


def shown_pages(
    pages: Sequence[str], text: str, anchors: Sequence[Anchor], exercises: Collection[int] = ()
) -> tuple[int, ...]:
    """The pages (1-based) that learners may see.

    ``pages`` are the words of the file's pages, line by line; ``text`` and ``anchors`` the document's, and
    ``exercises`` the offsets in it where an exercise was taken out: their pages are never shown.
    """
    starts = page_spans(anchors, len(text))
    running = _running(pages)
    taken = {page for at in exercises for page in _around(starts, at)}
    found = []
    for number, page in enumerate(pages, 1):
        if number in taken or number not in starts:
            continue
        lines = [line for line in _lines(page) if not running.intersection(_keys(line, number))]
        if sum(map(len, lines)) < FEWEST:
            continue
        said = squeezed(_near(text, starts, number))
        if all(_says(unit, said) for unit in _units(lines)):
            found.append(number)
    return tuple(found)


def page_spans(anchors: Sequence[Anchor], size: int) -> dict[int, tuple[int, int]]:
    """Where the text of each page begins and ends."""
    paged = [one for one in anchors if one.page is not None]
    ends = [one.start for one in paged[1:]] + [size] * bool(paged)
    found: dict[int, tuple[int, int]] = {}
    for one, end in zip(paged, ends, strict=True):
        if one.page is not None:
            begin, _ = found.get(one.page, (one.start, end))
            found[one.page] = (begin, end)
    return found


def _around(starts: dict[int, tuple[int, int]], at: int) -> list[int]:
    """The pages that an exercise taken out at ``at`` may have stood on: at an edge, on either side and between."""
    touched = [page for page, (begin, end) in starts.items() if begin - 2 <= at <= end + 2]
    return list(range(min(touched), max(touched) + 1)) if touched else []


def _near(text: str, starts: dict[int, tuple[int, int]], number: int) -> str:
    spans = [starts[page] for page in (number - 1, number, number + 1) if page in starts]
    return text[min(begin for begin, _ in spans) : max(end for _, end in spans)]


def _lines(page: str) -> list[str]:
    return [line for raw in page.splitlines() if (line := squeezed(raw))]


def _units(lines: Sequence[str]) -> Iterator[str]:
    """Lines, the short ones together with the next: "1 b", "2 c" alone could stand anywhere."""
    unit = ""
    for at, line in enumerate(lines):
        unit += line
        if len(unit) >= PIECE and (at + 1 == len(lines) or sum(map(len, lines[at + 1 :])) >= PIECE):
            yield unit
            unit = ""
    if unit:
        yield unit


def _says(unit: str, said: str) -> bool:
    """Whether the text says this line."""
    last = max(len(unit) - PIECE, 0)
    pieces = {unit[at : at + PIECE] for at in (*range(0, last, PIECE), last)}
    return sum(piece not in said for piece in pieces) <= LACKING * len(pieces)


def _running(pages: Sequence[str]) -> frozenset[Key]:
    """First and last lines that stand on several pages, with the page's own number or without."""
    edges: Counter[Key] = Counter()
    for number, page in enumerate(pages, 1):
        lines = _lines(page)
        edges.update({key for line in (*lines[:2], *lines[-2:]) for key in _keys(line, number)})
    least = {False: REPEATED, True: COUNTED}
    return frozenset((key for key, count in edges.items() if count >= least[key[1] is not None])) | {("", 0)}


def _keys(line: str, number: int) -> Iterator[Key]:
    """The line, and the line without the number at its end or head: that one counts up as the pages do."""
    yield line, None
    for rest, digits in ((line.rstrip("0123456789"), line), (line.lstrip("0123456789"), line)):
        value = digits[len(rest) :] if digits.startswith(rest) else digits[: len(digits) - len(rest)]
        if value and len(value) < 6:
            yield rest, int(value) - number
