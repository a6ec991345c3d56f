"""The letters of a page as PDFium gives them, put together to pieces of lines."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.loaders.decoding import clean
from retrieval.loaders.pdf_values import Box, Piece
from retrieval.loaders.scripts import lowered, raised

MOST_LETTERS = 60_000  # of a page that are read; the fullest page of a broadsheet has some 30,000
APART = 0.9  # times the size of the letters: what is further apart on a line are two pieces, joined later or not
FURTHEST = 20_000.0  # points from the page's corner; a page has 14,400 at most
_HYPHENS = "\x02\ufffe\xad"
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_ROOT = "√"
_ACCENTS = {"¨": "\u0308", "´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "˜": "\u0303", "¸": "\u0327", "ˇ": "\u030c"}
_ACCENTS |= {"˚": "\u030a", "˝": "\u030b", "¯": "\u0304"}
_BOLD = 600  # of the weights of fonts


class Placing:
    """From PDF's coordinates to ours. ``turned`` are degrees, against the clock, by which most of the page's text is
    turned: it is read upright, whichever way the page is shown. ``width`` and ``height`` are those of the page then."""

    def __init__(self, page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> None:
        self.left, self.bottom, self.right, self.top = page.get_cropbox()
        angles: Counter[int] = Counter()
        count = min(text.count_chars(), MOST_LETTERS)
        for at in range(0, count, max(1, count // 200)):
            angle = pdfium.FPDFText_GetCharAngle(text, at)
            if pdfium.FPDFText_GetUnicode(text, at) > 32 and math.isfinite(angle):
                angles[round(-math.degrees(angle) / 90) % 4 * 90] += 1  # PDFium counts with the clock
        self.turned: int = angles.most_common(1)[0][0] if angles else 0
        width, height = abs(self.right - self.left), abs(self.top - self.bottom)
        self.width, self.height = (height, width) if self.turned in (90, 270) else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self.turned:
            case 90:
                return y - self.bottom, x - self.left
            case 180:
                return self.right - x, y - self.bottom
            case 270:
                return self.top - y, self.right - x
        return x - self.left, self.top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (a, b), (c, d) = self.point(left, bottom), self.point(right, top)
        return Box(min(a, c), min(b, d), max(a, c), max(b, d))


def pieces(text: pypdfium2.PdfTextPage, place: Placing) -> Iterator[Piece]:
    """The pieces in the order in which the file has them."""
    page = text.raw  # each look at the object itself costs as much as the question
    box = pdfium.FS_RECTF()
    fonts: dict[tuple[float, float], _Font] = {}
    current: _Growing | None = None
    blank = False
    high = 0
    for at in range(min(text.count_chars(), MOST_LETTERS)):
        code = pdfium.FPDFText_GetUnicode(page, at)
        if 0xD800 <= code < 0xE000:  # letters of formulas come in two halves
            if code < 0xDC00:
                high = code
                continue
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0
            high = 0
        letter = chr(code) if 0 < code < 0x110000 else " "
        if letter.isspace() or (code < 32 and letter not in _HYPHENS):
            blank = True
            continue
        if not pdfium.FPDFText_GetLooseCharBox(page, at, box):
            continue
        key = (pdfium.FPDFText_GetFontSize(page, at), round(box.top - box.bottom, 2))
        font = fonts.get(key)
        if font is None or place.turned:
            font = fonts[key] = _Font.of(page, at, box, place)
        if place.turned:
            where = place.box(box.left, box.bottom, box.right, box.top)
            left, right, base, size = where.left, where.right, font.base, font.size
        else:
            left, right = box.left - place.left, box.right - place.left
            base, size = place.top - box.bottom - font.drop, font.size
        if not font.level or not (-FURTHEST < left <= right < FURTHEST and -FURTHEST < base < FURTHEST):
            continue
        if current is not None and not _joins(current, letter, left, right, base, size):
            if (piece := current.finished()) is not None:
                yield piece
            current = None
        if current is None:
            bold = pdfium.FPDFText_GetFontWeight(page, at) >= _BOLD
            current = _Growing(base, size, left, right, bold)
        elif (blank and not _is_index(current, left, right, base, size)) or _gap(current, left, right) > 0.2 * size:
            current.marks.append((" ", 0))
            current.edges.append((left, left))
        blank = False
        _take(current, letter, left, right, base, size)
    if current is not None and (piece := current.finished()) is not None:
        yield piece


@dataclass(frozen=True, slots=True)
class _Font:
    """What letters of one size and height have in common: asking for each of them would take twice as long.

    ``drop`` is from the bottom of the letter's box up to the line it stands on, ``base`` where that line was for the
    letter asked for; ``level`` is false for a watermark or the label of an axis, which are not read.
    """

    size: float
    drop: float
    base: float
    level: bool

    @staticmethod
    def of(page: object, at: int, box: pdfium.FS_RECTF, place: Placing) -> _Font:
        matrix, x, y = pdfium.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetMatrix(page, at, matrix)
        size = pdfium.FPDFText_GetFontSize(page, at) * math.hypot(matrix.c, matrix.d)
        placed = pdfium.FPDFText_GetCharOrigin(page, at, x, y)
        angle = pdfium.FPDFText_GetCharAngle(page, at)
        turned = angle >= 0 and abs(math.sin((angle + math.radians(place.turned)) / 2)) > 0.1
        level = bool(placed) and not turned and 1 <= size <= 400
        return _Font(size, y.value - box.bottom, place.point(x.value, y.value)[1], level)


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
        if any(mark[0] in _ACCENTS for mark in self.marks):
            self._compose()
        begin = 0
        for end in range(len(self.marks) + 1):
            if end == len(self.marks) or self.marks[end][0] == " ":
                if word := _word(self.marks[begin:end]):
                    edges = self.edges[begin:end]
                    left, right = min(edge[0] for edge in edges), max(edge[1] for edge in edges)
                    words.append((word, self._box(left, right)))
                begin = end + 1
        if not words:
            return None
        text = " ".join(word for word, _ in words)
        box = self._box(self.left, self.right)
        return Piece(text, box, round(self.size, 1), self.bold, split=self.split, words=tuple(words))

    def _compose(self) -> None:
        """Put accents that were printed by themselves, as TeX once did, on the letters they stand over."""
        for at in range(len(self.marks) - 1, -1, -1):
            accent = _ACCENTS.get(self.marks[at][0])
            if accent is None:
                continue
            middle = sum(self.edges[at]) / 2
            near = [n for n in range(max(0, at - 3), min(len(self.marks), at + 4)) if self.marks[n][0].isalpha()]
            under = min(near, key=lambda n: abs(sum(self.edges[n]) / 2 - middle), default=at)
            composed = unicodedata.normalize("NFC", self.marks[under][0] + accent)
            if abs(sum(self.edges[under]) / 2 - middle) > 0.3 * self.size or len(composed) > 1:
                continue
            self.marks[under] = (composed, self.marks[under][1])
            alone = at > 0 and self.marks[at - 1][0] == " "
            gone = slice(at - 1, at + 1) if alone else slice(at, at + 1)
            if alone and at + 1 < len(self.marks) and self.marks[at + 1][0] == " ":
                gone = slice(at, at + 1)
            del self.marks[gone], self.edges[gone]

    def _box(self, left: float, right: float) -> Box:
        return Box(left, self.base - 0.8 * self.size, right, self.base + 0.25 * self.size)


def _is_index(current: _Growing, left: float, right: float, base: float, size: float) -> bool:
    """PDFium sees a blank around what is raised or lowered, though none was printed."""
    shifted = size < 0.9 * current.size and abs(current.base - base) > 0.1 * current.size
    return (shifted or current.marks[-1][1] != 0) and _gap(current, left, right) < 0.1 * size


def _take(current: _Growing, letter: str, left: float, right: float, base: float, size: float) -> None:
    raised_by = current.base - base
    small = size < 0.9 * current.size and abs(raised_by) > 0.1 * current.size
    if size > 1.1 * current.size and len(current.marks) < 3:  # it began with an index
        shift = (base > current.base) - (base < current.base) if abs(raised_by) > 0.1 * size else 0
        current.marks = [(mark, shift) for mark, _ in current.marks]
        current.base, current.size, small = base, size, False
    current.split = letter in _HYPHENS or (letter in "-‐" and current.marks[-1:] != [(" ", 0)])
    current.marks.append(("-" if letter in _HYPHENS else letter, (1 if raised_by > 0 else -1) if small else 0))
    current.edges.append((left, right))
    current.left, current.right = min(current.left, left), max(current.right, right)


def _joins(current: _Growing, letter: str, left: float, right: float, base: float, size: float) -> bool:
    if letter == _ROOT or current.marks[-1][0] == _ROOT:
        return False  # roots hang where they like
    larger = max(current.size, size)
    if abs(base - current.base) > (0.2 if 0.9 < size / current.size < 1.1 else 0.62) * larger:
        return False
    return _gap(current, left, right) <= APART * larger


def _gap(current: _Growing, left: float, right: float) -> float:
    return max(left - current.right, current.left - right, 0.0)


def _word(marks: list[tuple[str, int]]) -> str:
    text = "".join(letter for letter, _ in marks)
    if text.isascii() and not any(shift for _, shift in marks):
        return text if text.isprintable() else "".join(clean(text).split())
    return _plain_letters("".join(clean(_scripted(marks)).translate(_LIGATURES).split()))


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
