"""A document of the course as a page to read, with a cited passage marked in its place."""

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from retrieval.values import Document
from tutor.ports import DocumentState
from web.markdown import render


@dataclass(frozen=True)
class Reading:
    """``html`` is sanitised. ``found`` is False when a quote was asked for and the text has no such place."""

    html: str
    found: bool


def reading_href(course: str, document: str) -> str:
    return f"/courses/{quote(course, safe='')}/read/{quote(document)}"


# A heading's words begin and end with something that is no space, so there is one way to match it, and a line of
# ten thousand spaces costs no more than another.
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S(?:.*\S)?)[^\S\n]*$", re.MULTILINE)
_CLOSING_HASHES = re.compile(r"(?:^|(?<=[ \t]))#+$")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def read(document: Document, others: frozenset[str], span: tuple[int, int] | None = None) -> Reading:
    """``others`` are the paths of the course's documents, that relative links may lead to.

    ``span`` is half open, in characters of the document's text; one that doesn't fit marks nothing.
    """
    text = document.text
    fits = span is not None and 0 <= span[0] < span[1] <= len(text)
    shown = span if fits else None
    opening = _HEADING.match(text)
    if opening is not None and " ".join(_CLOSING_HASHES.sub("", opening[2]).split()) == " ".join(
        document.title.split()
    ):
        # The page's own heading says it already.
        text = text[opening.end() :]
        shown = (max(0, shown[0] - opening.end()), shown[1] - opening.end()) if shown else None
        if shown and shown[1] <= 0:
            shown = None
    pages = {path: reading_href(document.course, path) for path in others}

    def resolve(target: str) -> str | None:
        path, _, _ = target.partition("#")
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), unquote(path)))
        return pages.get(joined)

    levels = [len(found[1]) for found in _HEADING.finditer(_FENCED.sub("", text))]
    top = 3 - min(levels, default=2)
    html = render(text, links="https", resolve=resolve, top_heading=top, quote=shown)
    return Reading(html, span is None or 'id="quote"' in html or "quoted" in html)


def neighbours(documents: tuple[DocumentState, ...], path: str) -> tuple[DocumentState | None, DocumentState | None]:
    """The documents before and after ``path`` in course order."""
    at = next((i for i, each in enumerate(documents) if each.path == path), None)
    if at is None:
        return None, None
    return (documents[at - 1] if at else None), (documents[at + 1] if at + 1 < len(documents) else None)
