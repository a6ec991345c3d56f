"""PDF to canonical text: columns in reading order, headings by their size, tables, and the page of every word.

Running heads and page numbers go. A page that is only a picture (a scan) is named, not guessed at.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.errors import UnreadableDocument
from retrieval.loaders.archive import broken, encrypted
from retrieval.loaders.assembly import assembled, loaded, without_text
from retrieval.loaders.decoding import clean
from retrieval.loaders.package import description
from retrieval.loaders.pdf_blocks import parts
from retrieval.loaders.pdf_columns import columns
from retrieval.loaders.pdf_lines import Line, lines, with_formulas
from retrieval.loaders.pdf_page import page_content
from retrieval.loaders.pdf_running import without_running
from retrieval.loaders.pdf_tables import with_tables
from retrieval.loaders.pdf_values import Box, PageContent, Piece
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import figure

MOST_PAGES = 5_000
MOST_TITLES = 5_000  # of the outline
# What programs write into a PDF as its title.
_NO_TITLE = re.compile(
    r"^(?:untitled.*|microsoft (?:word|powerpoint).*|(?:about|file|https?):.*|.*\.(?:docx?|pptx?|tex|indd|pdf|odt|qxd)|"
    r"\W*)$",
    re.I,
)
# A line of a table of contents: what it says stands in the headings.
_LEADER = re.compile(r"(?:\s?[.·…]){5,}\s*[\divxlc]{1,6}$")


class PdfLoader:
    """Reads ``.pdf``."""

    suffixes = (".pdf",)
    media_type = "application/pdf"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`. Raises ``UnreadableDocument`` (``broken``, ``encrypted``,
        ``scanned``, ``no_text``, ``too_large``)."""
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
                raise encrypted(source.path) from error
            raise broken(source.path) from error
        with contextlib.closing(document):
            return self._loaded(document, data, source)

    def _loaded(self, document: pypdfium2.PdfDocument, data: bytes, source: Source) -> LoadedDocument:
        count = len(document)
        if count > MOST_PAGES:
            raise UnreadableDocument(
                f"{source.path}: has more than {MOST_PAGES:,} pages. Split it into smaller files.",
                path=source.path,
                reason="too_large",
            )
        pages: list[PageContent] = []
        lost: list[int] = []
        for number in range(1, count + 1):
            try:
                pages.append(page_content(document, number))
            except (pypdfium2.PdfiumError, ValueError):
                lost.append(number)
        if not pages:
            raise broken(source.path)
        scans = [page.number for page in pages if page.is_scan]
        if scans and all(page.is_scan or not page.pieces for page in pages):
            raise UnreadableDocument(
                f"{source.path}: its pages are scanned pictures, in which no text can be read. Run text recognition"
                " (OCR) over it first.",
                path=source.path,
                reason="scanned",
            )
        found = [line for page in without_running(pages) for line in _lines(page, source.language)]
        whole = assembled(parts(found, _outline(document)))
        if not whole.text and not whole.exercises:
            raise without_text(source.path, "If its pages are drawings, describe them in words.")
        read = loaded(whole, data, source, self.media_type, title=_title(document))
        return replace(read, unread=tuple(_unread(source.path, scans, lost)))


def _lines(page: PageContent, language: str | None) -> list[Line]:
    pieces = with_formulas(with_tables(page.pieces, page.rules, page.height), page.rules)
    placed, loose = [], []
    for words, box in page.described:
        block = figure(description(words), language)
        if block and box is not None:
            placed.append(Piece("figure", box, 10.0, block=block))
        elif block:
            loose.append(block)
    every = (line for column in columns((*pieces, *placed)) for line in lines(column, page.number))
    found = [line for line in every if not _LEADER.search(line.text)]
    below = Box(0.0, page.height, page.width, page.height)
    return found + [Line("figure", below, 10.0, False, page.number, 0.0, page.width, block=block) for block in loose]


def _outline(document: pypdfium2.PdfDocument) -> list[str]:
    titles: list[str] = []
    with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
        for entry in document.get_toc():
            titles.append(clean(entry.get_title()))
            if len(titles) >= MOST_TITLES:
                break
    return titles


def _title(document: pypdfium2.PdfDocument) -> str | None:
    title = ""
    with contextlib.suppress(pypdfium2.PdfiumError, ValueError):
        title = " ".join(clean(document.get_metadata_value("Title")).split())
    return title if title and len(title) <= 200 and not _NO_TITLE.match(title) else None


def _unread(path: str, scans: Sequence[int], lost: Sequence[int]) -> Iterable[str]:
    if scans:
        verb = "is a scanned picture" if len(scans) == 1 else "are scanned pictures"
        yield f"{path}: {_pages(scans)} {verb}: no text could be read there."
    if lost:
        yield f"{path}: {_pages(lost)} could not be read: damaged."


def _pages(numbers: Sequence[int]) -> str:
    """``page 2``, or ``pages 3-5, 8``."""
    runs = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        runs.append(str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}")
    return ("page " if len(numbers) == 1 else "pages ") + ", ".join(runs[:20])


LOADER = PdfLoader()
