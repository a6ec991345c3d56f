"""A document of the course as a page to read, with a cited passage marked in its place, and the pages, slides or
seconds of its file named in the text."""

import hashlib
import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from retrieval.values import Anchor, Document, anchor_at
from tutor.ports import DocumentState
from web.markdown import render
from web.placing import Place

WHOLE = 60_000
"""Of a longer paged text (in characters) only the pages round the wanted one are shown."""
AROUND = 3  # pages before and after it
APART = 20.0  # seconds between two times named inside a paragraph


@dataclass(frozen=True)
class Reading:
    """``html`` is sanitised. ``found`` is False when a quote was asked for and the text has no such place; ``marked``
    says that the quote is marked in it. ``place`` is where in the file one is: where the quote begins, or the wanted
    page; ``pages`` are those of the text, ``shown`` those in ``html``."""

    html: str
    found: bool
    marked: bool = False
    place: Anchor | None = None
    pages: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()

    @property
    def before(self) -> int | None:
        """The page before ``place``; None before the first, and where there are no pages."""
        earlier = [page for page in self.pages if self.place and self.place.page and page < self.place.page]
        return max(earlier, default=None)

    @property
    def after(self) -> int | None:
        """The page after ``place``."""
        later = [page for page in self.pages if self.place and self.place.page and page > self.place.page]
        return min(later, default=None)


def reading_href(course: str, document: str) -> str:
    return f"/courses/{quote(course, safe='')}/read/{quote(document)}"


def fingerprint(quote: str) -> str:
    """What an address says of the words it leads to, so that a changed document doesn't pass others off as the quote.

    White space doesn't count."""
    return hashlib.sha256(" ".join(quote.split()).encode("utf-8", "surrogatepass")).hexdigest()[:8]


# A heading's words begin and end with something that is no space, so there is one way to match it, and a line of
# ten thousand spaces costs no more than another.
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S(?:.*\S)?)[^\S\n]*$", re.MULTILINE)
# In a text "<" is never a tag's, so no words of the course pass for a mark.
_MARKED = re.compile(r'<mark id="quote"|<(?:div|pre|span) class="[^"]*\bquoted\b')
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))#+$")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def read(
    document: Document,
    others: frozenset[str],
    span: tuple[int, int] | None = None,
    *,
    page: int | None = None,
    label: Callable[[Anchor], str] = str,
) -> Reading:
    """``others`` are the paths of the course's documents, that relative links may lead to.

    ``span`` is half open, in characters of the document's text; one that doesn't fit marks nothing. Without one,
    ``page`` is where to open. ``label`` words a place for the reader.
    """
    text, anchors = document.text, document.anchors
    fits = span is not None and 0 <= span[0] < span[1] <= len(text)
    place = anchor_at(anchors, span[0]) if span and fits else _on(anchors, page)
    first, last = _window(document, place)
    opening = _HEADING.match(text) if first == 0 else None
    if opening is not None and " ".join(_CLOSING_HASHES.sub("", opening[2]).split()) == " ".join(
        document.title.split()
    ):
        # The page's own heading says it already.
        first = opening.end()
    text = text[first:last]
    shown = (max(0, span[0] - first), min(span[1], last) - first) if span and fits else None
    if shown and shown[1] <= 0:
        shown = None
    pages = {path: reading_href(document.course, path) for path in others}

    def resolve(target: str) -> str | None:
        path, _, _ = target.partition("#")
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), unquote(path)))
        return pages.get(joined)

    levels = [len(found[1]) for found in _HEADING.finditer(_FENCED.sub("", text))]
    top = 3 - min(levels, default=2)
    named = _places(anchors, document.text, (first, last), label)
    html = render(text, links="https", resolve=resolve, top_heading=top, quote=shown, places=named)
    marked = _MARKED.search(html) is not None
    return Reading(
        html,
        span is None or marked,
        span is not None and marked,
        place,
        _pages(anchors),
        _pages(one for one in anchors if first <= one.start < last),
    )


def _pages(anchors: Iterable[Anchor]) -> tuple[int, ...]:
    return tuple(sorted({one.page for one in anchors if one.page is not None}))


def _on(anchors: Sequence[Anchor], page: int | None) -> Anchor | None:
    """Where a page begins: the wanted one, or the nearest before it that says something; else the first."""
    paged = [one for one in anchors if one.page is not None]
    before = [one for one in paged if page is not None and one.page is not None and one.page <= page]
    return next((one for one in before if one.page == before[-1].page), None) if before else next(iter(paged), None)


def _window(document: Document, place: Anchor | None) -> tuple[int, int]:
    """The part of the text to show: all of it, or of a long paged one some pages."""
    size = len(document.text)
    if size <= WHOLE or place is None or place.page is None:
        return 0, size
    starts = {one.page: one.start for one in reversed(document.anchors) if one.page is not None}
    pages = sorted(starts)
    at = pages.index(place.page)
    first = starts[pages[max(0, at - AROUND)]] if at > AROUND else 0
    last = starts[pages[at + AROUND + 1]] if at + AROUND + 1 < len(pages) else size
    # From a paragraph's beginning on: half a table is none.
    return max(document.text.rfind("\n\n", 0, first), 0) if first else 0, last


def _places(
    anchors: Sequence[Anchor], text: str, shown: tuple[int, int], label: Callable[[Anchor], str]
) -> list[Place]:
    """The places worth naming in ``shown``: every page, and a time at a paragraph's beginning or after a while."""
    found: list[Place] = []
    names: set[str] = set()
    said = float("-inf")
    begin = max(bisect_right(anchors, shown[0], key=lambda one: one.start) - 1, 0)
    for one in anchors[begin:]:
        start = max(one.start, shown[0])
        if start >= shown[1]:
            break
        if one.page is not None:
            name, second = f"page-{one.page}", one.second
        elif one.second is not None:
            name, second = f"second-{int(one.second)}", one.second
            heads = text[max(0, start - 2) : start] in ("", "\n\n")
            if not heads and one.second - said < APART:
                continue
            said = one.second
        else:
            continue
        if name not in names:
            names.add(name)
            found.append(Place(start - shown[0], name, label(one), second))
    return found


def neighbours(documents: tuple[DocumentState, ...], path: str) -> tuple[DocumentState | None, DocumentState | None]:
    """The documents before and after ``path`` in course order."""
    at = next((i for i, each in enumerate(documents) if each.path == path), None)
    if at is None:
        return None, None
    return (documents[at - 1] if at else None), (documents[at + 1] if at + 1 < len(documents) else None)
