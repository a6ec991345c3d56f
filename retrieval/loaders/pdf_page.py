"""What stands on a page of a PDF: pieces of lines, rules and pictures, with their places. The only part that asks
PDFium about text.

Places are in points from the top left corner of the page as it is shown.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.loaders.decoding import clean
from retrieval.loaders.scripts import lowered, raised

MOST_LETTERS = 60_000  # of a page that are read; the fullest page of a broadsheet has some 30,000
MOST_OBJECTS = 20_000
APART = 1.8  # times the size of the letters: what is further apart on a line are two pieces
_HYPHENS = "\x02\ufffe\xad"
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_ROOT = "√"
_BOLD = 600  # of the weights of fonts


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def around(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """Words next to one another on a line. ``size`` of the letters in points; ``block`` is set on what is a block of
    its own already (a table, a picture's description): ``text`` then is canonical Markdown."""

    text: str
    box: Box
    size: float
    bold: bool = False
    block: str = ""
    split: bool = False  # ends with a hyphen that the line's end made
    words: tuple[tuple[str, Box], ...] = ()


@dataclass(frozen=True, slots=True)
class PageContent:
    """``rules`` are thin lines; ``pictures`` the places of pictures; ``described`` descriptions of pictures, with their
    places where they are known."""

    number: int
    width: float
    height: float
    pieces: tuple[Piece, ...]
    rules: tuple[Box, ...]
    pictures: tuple[Box, ...]
    described: tuple[tuple[str, Box | None], ...] = ()

    @property
    def is_scan(self) -> bool:
        """A picture over most of the page, and no words."""
        area = sum(picture.width * picture.height for picture in self.pictures)
        return sum(len(piece.text) for piece in self.pieces) < 12 and area > 0.4 * self.width * self.height


@dataclass(slots=True)
class _Growing:
    """A piece being read. ``marks`` are letters with +1 (raised), -1 (lowered) or 0."""

    base: float
    size: float
    left: float
    right: float
    bold: bool
    marks: list[tuple[str, int]] = field(default_factory=list)
    edges: list[tuple[float, float]] = field(default_factory=list)  # of the letters
    split: bool = False

    def finished(self) -> Piece | None:
        words: list[tuple[str, Box]] = []
        begin = 0
        for end in range(len(self.marks) + 1):
            if end == len(self.marks) or self.marks[end][0] == " ":
                word = "".join(clean(_scripted(self.marks[begin:end])).translate(_LIGATURES).split())
                if word:
                    edges = self.edges[begin:end]
                    left, right = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
                    words.append((_plain_letters(word), self._box(left, right)))
                begin = end + 1
        if not words:
            return None
        text = " ".join(word for word, _ in words)
        box = self._box(self.left, self.right)
        return Piece(text, box, round(self.size, 1), self.bold, split=self.split, words=tuple(words))

    def _box(self, left: float, right: float) -> Box:
        return Box(left, self.base - 0.8 * self.size, right, self.base + 0.25 * self.size)


def page_content(document: pypdfium2.PdfDocument, number: int) -> PageContent:
    """One page (1-based). Raises PDFium's errors."""
    page = document[number - 1]
    try:
        width, height = page.get_size()
        place = _Placing(page, width, height)
        text = page.get_textpage()
        try:
            pieces = tuple(_pieces(text, place))
        finally:
            text.close()
        rules, pictures, marked = _drawn(page, place)
        described = tuple((words, marked.get(mark)) for words, mark in _descriptions(page))
        return PageContent(number, width, height, pieces, rules, pictures, described)
    finally:
        page.close()


class _Placing:
    """From PDF's coordinates to ours, for pages that are turned or cut."""

    def __init__(self, page: pypdfium2.PdfPage, width: float, height: float) -> None:
        left, bottom, right, top = page.get_cropbox()
        self._left, self._bottom, self._right, self._top = left, bottom, right, top
        self.turned: int = page.get_rotation() % 360
        self.width, self.height = width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self.turned:
            case 90:
                return y - self._bottom, x - self._left
            case 180:
                return self._right - x, y - self._bottom
            case 270:
                return self._top - y, self._right - x
        return x - self._left, self._top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (a, b), (c, d) = self.point(left, bottom), self.point(right, top)
        return Box(min(a, c), min(b, d), max(a, c), max(b, d))


def _pieces(text: pypdfium2.PdfTextPage, place: _Placing) -> Iterator[Piece]:
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    straight = math.radians(place.turned)
    current: _Growing | None = None
    blank = False
    high = 0
    for at in range(min(text.count_chars(), MOST_LETTERS)):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if 0xD800 <= code < 0xDC00:  # letters of formulas come in two halves
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
            high = 0
        letter = chr(code) if 0 < code < 0x110000 else " "
        if letter.isspace() or (code < 32 and letter not in _HYPHENS):
            blank = True
            continue
        angle = pdfium.FPDFText_GetCharAngle(text, at)
        if angle >= 0 and abs(math.sin((angle - straight) / 2)) > 0.1:
            continue  # a watermark, or the label of an axis
        if not pdfium.FPDFText_GetLooseCharBox(text, at, box) or not pdfium.FPDFText_GetCharOrigin(text, at, x, y):
            continue
        pdfium.FPDFText_GetMatrix(text, at, matrix)
        size = pdfium.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
        where = place.box(box.left, box.bottom, box.right, box.top)
        base = place.point(x.value, y.value)[1]
        if not (1 <= size <= 400 and math.isfinite(where.left) and math.isfinite(where.right) and math.isfinite(base)):
            continue
        if current is not None and not _joins(current, letter, where, base, size):
            if (piece := current.finished()) is not None:
                yield piece
            current = None
        if current is None:
            bold = pdfium.FPDFText_GetFontWeight(text, at) >= _BOLD
            current = _Growing(base, size, where.left, where.right, bold)
        elif (blank and not _is_index(current, where, base, size)) or _gap(current, where) > 0.2 * size:
            current.marks.append((" ", 0))
            current.edges.append((where.left, where.left))
        blank = False
        _take(current, letter, where, base, size)
    if current is not None and (piece := current.finished()) is not None:
        yield piece


def _is_index(current: _Growing, where: Box, base: float, size: float) -> bool:
    """PDFium sees a blank before what is raised or lowered, though none was printed."""
    shifted = size < 0.9 * current.size and abs(current.base - base) > 0.1 * current.size
    return shifted and _gap(current, where) < 0.1 * size


def _take(current: _Growing, letter: str, where: Box, base: float, size: float) -> None:
    raised_by = current.base - base
    small = size < 0.9 * current.size and abs(raised_by) > 0.1 * current.size
    if size > 1.1 * current.size and len(current.marks) < 3:  # it began with an index
        current.base, current.size = base, size
    current.split = letter in _HYPHENS or (letter in "-‐" and current.marks[-1:] != [(" ", 0)])
    current.marks.append(("-" if letter in _HYPHENS else letter, (1 if raised_by > 0 else -1) if small else 0))
    current.edges.append((where.left, where.right))
    current.left, current.right = min(current.left, where.left), max(current.right, where.right)


def _joins(current: _Growing, letter: str, where: Box, base: float, size: float) -> bool:
    if letter == _ROOT or current.marks[-1][0] == _ROOT:
        return False  # roots hang where they like
    larger = max(current.size, size)
    if abs(base - current.base) > (0.2 if 0.9 < size / current.size < 1.1 else 0.62) * larger:
        return False
    return _gap(current, where) <= APART * larger


def _gap(current: _Growing, where: Box) -> float:
    return max(where.left - current.right, current.left - where.right, 0.0)


def _scripted(marks: list[tuple[str, int]]) -> str:
    out, at = "", 0
    while at < len(marks):
        end = at
        while end < len(marks) and marks[end][1] == marks[at][1]:
            end += 1
        run = "".join(letter for letter, _ in marks[at:end])
        shift = marks[at][1]
        out += raised(_plain_letters(run)) if shift > 0 else lowered(_plain_letters(run)) if shift < 0 else run
        at = end
    return out


def _plain_letters(text: str) -> str:
    """The slanted and bold letters of formulas as ordinary ones, so that they are found and read aloud."""
    return "".join(
        unicodedata.normalize("NFKC", letter) if 0x1D400 <= ord(letter) < 0x1D800 or letter == "ℎ" else letter
        for letter in text
    )


def _drawn(page: pypdfium2.PdfPage, place: _Placing) -> tuple[tuple[Box, ...], tuple[Box, ...], dict[int, Box]]:
    """The rules and the pictures of a page, and where marked content stands."""
    rules: list[Box] = []
    pictures: list[Box] = []
    marked: dict[int, Box] = {}
    edges = [ctypes.c_float() for _ in range(4)]
    for count, thing in enumerate(page.get_objects(max_depth=4)):
        if count >= MOST_OBJECTS:
            break
        # Inside a form, places are the form's own.
        if thing.level or not pdfium.FPDFPageObj_GetBounds(thing, *edges):
            continue
        box = place.box(*(edge.value for edge in edges))
        mark = pdfium.FPDFPageObj_GetMarkedContentID(thing)
        if mark >= 0 and thing.type != pdfium.FPDF_PAGEOBJ_TEXT:
            marked[mark] = marked[mark].around(box) if mark in marked else box
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(box)
        elif thing.type == pdfium.FPDF_PAGEOBJ_PATH:
            rules += _rules(thing, box)
    return tuple(rules), tuple(pictures), marked


def _rules(path: Any, box: Box) -> list[Box]:
    if min(box.width, box.height) <= 2.5:
        return [box] if max(box.width, box.height) >= 4 else []
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, filled, stroked) or not stroked.value:
        return []
    if pdfium.FPDFPath_CountSegments(path) > 6:
        return []  # a drawing
    return [
        Box(box.left, box.top, box.right, box.top),
        Box(box.left, box.bottom, box.right, box.bottom),
        Box(box.left, box.top, box.left, box.bottom),
        Box(box.right, box.top, box.right, box.bottom),
    ]


def _descriptions(page: pypdfium2.PdfPage) -> Iterator[tuple[str, int]]:
    """What the authors wrote for those who can't see the pictures, each with its mark (-1 where it has none)."""
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return
    try:
        count = min(pdfium.FPDF_StructTree_CountChildren(tree), 1000)
        waiting = [(pdfium.FPDF_StructTree_GetChildAtIndex(tree, at), 0) for at in reversed(range(count))]
        seen = 0
        while waiting and seen < 10_000:
            element, depth = waiting.pop()
            seen += 1
            if not element:
                continue
            words = _alternative(element)
            if words and _kind(element) in ("Figure", "Image"):
                yield words, _mark_of(element)
            if depth < 30:
                children = max(0, min(pdfium.FPDF_StructElement_CountChildren(element), 1000))
                waiting += [
                    (pdfium.FPDF_StructElement_GetChildAtIndex(element, at), depth + 1)
                    for at in reversed(range(children))
                ]
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _mark_of(element: Any, depth: int = 0) -> int:
    mark = int(pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, 0))
    if mark >= 0 or depth > 5:
        return mark
    mark = int(pdfium.FPDF_StructElement_GetChildMarkedContentID(element, 0))
    if mark >= 0 or pdfium.FPDF_StructElement_CountChildren(element) < 1:
        return mark
    child = pdfium.FPDF_StructElement_GetChildAtIndex(element, 0)
    return _mark_of(child, depth + 1) if child else -1


def _alternative(element: Any) -> str:
    return _words_of(pdfium.FPDF_StructElement_GetAltText, element, 4000)


def _kind(element: Any) -> str:
    return _words_of(pdfium.FPDF_StructElement_GetType, element, 200)


def _words_of(ask: Any, element: Any, most: int) -> str:
    size = ask(element, None, 0)
    if not 2 < size <= 2 * most:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(element, buffer, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")
