"""Which pages of a file show a learner nothing but what the document's text says. Pure.

Exercises and their answers were taken out of the text, and a picture of their page would give them back. So a page is
shown to learners only when what it says stands in the text too: line by line, on the page or on a neighbouring one for
a paragraph that runs over the edge; or, where formulas were read in another order, with no more letters than the text
has. Running heads and page numbers don't count. What is only in a drawing nobody can tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from retrieval.facsimile.words import squeezed
from retrieval.values import Anchor

PIECE = 12  # letters that must stand in the text next to one another
FEWEST = 40  # letters: a page of fewer may be a scan, whose words nobody can check
LACKING = 0.1  # of a line's pieces: more of them missing, and the line says something of its own
BESIDE = 8  # letters of the lines before and after a short one
REPEATED, COUNTED = 3, 2  # pages that a running head stands on, at least: without the page's number, and with it

Key = tuple[str, int | None]


def shown_pages(
    pages: Sequence[str], text: str, anchors: Sequence[Anchor], exercises: Collection[int] = ()
) -> tuple[int, ...]:
    """The pages (1-based) that learners may see.

    ``pages`` are the words of the file's pages, line by line; ``text`` and ``anchors`` the document's, and
    ``exercises`` the offsets in it where an exercise was taken out: the pages there are never shown.
    """
    starts, whole = page_spans(anchors, len(text)), squeezed(text)
    running = _running(pages)
    taken = {page for at in exercises for page, (begin, end) in starts.items() if begin <= at < end}
    found = []
    for number, page in enumerate(pages, 1):
        if number in taken or number not in starts:
            continue
        raw = [line for line in _lines(page) if not running.intersection(_keys(line, number))]
        if sum(len(squeezed(line)) for line in raw) < FEWEST:
            continue
        own = squeezed(text[slice(*starts[number])])
        raw = _without_heads(raw, whole, own)
        lines = [squeezed(line) for line in raw]
        said = squeezed(_near(text, starts, number))
        if _says(lines, said) or (not _surplus(lines, own) and all(_known(line, said) for line in raw)):
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


def _near(text: str, starts: dict[int, tuple[int, int]], number: int) -> str:
    spans = [starts[page] for page in (number - 1, number, number + 1) if page in starts]
    return text[min(begin for begin, _ in spans) : max(end for _, end in spans)]


def _lines(page: str) -> list[str]:
    return [line for line in page.splitlines() if squeezed(line)]


def _says(lines: Sequence[str], said: str) -> bool:
    """Whether the text says every one of these lines."""
    for at, line in enumerate(lines):
        if len(line) < PIECE:
            # "42 J" or "1 b" may stand anywhere: short words count only beside what stands beside them.
            before, after = (lines[at - 1] if at else "")[-BESIDE:], "".join(lines[at + 1 : at + 3])[:BESIDE]
            if not ((before and before + line in said) or (after and line + after in said)):
                return False
            continue
        last = len(line) - PIECE
        pieces = {line[begin : begin + PIECE] for begin in (*range(0, last, PIECE), last)}
        if sum(piece not in said for piece in pieces) > LACKING * len(pieces):
            return False
    return True


def _running(pages: Sequence[str]) -> frozenset[Key]:
    """First and last lines that stand on several pages, with the page's own number or without."""
    edges: Counter[Key] = Counter()
    for number, page in enumerate(pages, 1):
        lines = _lines(page)
        edges.update({key for line in (*lines[:2], *lines[-2:]) for key in _keys(line, number)})
    least = {False: REPEATED, True: COUNTED}
    found = {key for key, count in edges.items() if count >= least[key[1] is not None]}
    return frozenset(found | {(line, None) for line, _ in found if line} | {("", 0)})


def _without_heads(lines: Sequence[str], whole: str, own: str) -> list[str]:
    """Without a first and a last line that say, besides a number, only what stands somewhere in the text: the head of
    one section, which its ``own`` text has not."""
    kept = list(lines)
    for at in (-1, 0):
        heads = [rest for rest, _ in _keys(kept[at], 0) if len(rest) >= PIECE and rest in whole] if kept else []
        if heads and squeezed(kept[at]) not in own:
            del kept[at]
    return kept


def _keys(line: str, number: int) -> Iterator[Key]:
    """The line, and the line without the number at its end or head: that one counts up as the pages do."""
    yield squeezed(line), None
    words = line.split()
    for value, rest in ((words[-1], words[:-1]), (words[0], words[1:])):
        if value.isdecimal() and len(value) < 6:
            yield squeezed(" ".join(rest)), int(value) - number


def _surplus(lines: Sequence[str], text: str) -> int:
    """Letters that the page has and its text has not. A formula is read in another order, but with the same letters."""
    return (Counter("".join(lines)) - Counter(text)).total()


def _known(line: str, said: str) -> bool:
    """Whether the text knows the line's words, in whatever order."""
    return all(squeezed(word) in said for word in re.findall(r"[^\W\d_]{4,}", line))
