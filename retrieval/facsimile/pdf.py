"""What is asked of a PDF inside the process: the words of its pages, and a page as a picture. Imports its libraries at
the head, because nothing can be opened any more once the process has begun."""

from __future__ import annotations

import ctypes
import encodings.utf_16_le
import io
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageDraw

from retrieval.facsimile.words import letters, spans

WIDEST, HIGHEST = 1100, 2200  # pixels of a picture
MOST_PAGES = 5_000
MOST_LETTERS = 100_000  # characters of a page that are looked at
MARK = (255, 226, 110)  # as ``mark`` has it on light pages; multiplied, so that what is printed stays black

# Otherwise loaded when the first text is read, and when the first picture is saved: that would be too late.
assert encodings.utf_16_le
Image.preinit()


def words(data: bytes) -> list[str]:
    """The text of every page, line by line."""
    found = []
    with pypdfium2.PdfDocument(data) as file:
        for number in range(min(len(file), MOST_PAGES)):
            page = file[number]
            page.set_rotation(0)  # a page on its side is otherwise read line by line from its foot
            text = page.get_textpage()
            found.append(text.get_text_range(0, min(text.count_chars(), MOST_LETTERS)))
            text.close()
            page.close()
    return found


def picture(data: bytes, number: int, wanted: list[str], nth: int) -> tuple[bytes, dict[str, Any]]:
    """The page (1-based) as a PNG with the words ``wanted`` (``words.pieces``) marked, if they stand on it; and its
    ``width`` and ``height`` in pixels and the ``top`` (0 to 1) of the mark.

    Raises ``IndexError`` for a page that isn't there.
    """
    with pypdfium2.PdfDocument(data) as file:
        if not 1 <= number <= len(file):
            raise IndexError(number)
        page = file[number - 1]
        width, height = page.get_size()
        scale = min(WIDEST / max(width, 1), HIGHEST / max(height, 1))
        # Notes that a teacher stuck on the page are nobody else's business.
        image = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_pil().convert("RGB")
        boxes = _boxes(page, wanted, nth)
        top = None
        if boxes:
            image, top = _marked(image, page, boxes, scale)
        page.close()
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue(), {"width": image.size[0], "height": image.size[1], "top": top}


Box = tuple[float, float, float, float]  # left, bottom, right, top in points of the page


def _boxes(page: pypdfium2.PdfPage, wanted: list[str], nth: int) -> list[Box]:
    turned = page.get_rotation()
    page.set_rotation(0)
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), MOST_LETTERS)
        # One by one: pypdfium2's own text leaves out characters, and then places no longer fit.
        characters = "".join(_character(pdfium.FPDFText_GetUnicode(text, at)) for at in range(count))
        found: list[Box] = []
        for start, end in spans(letters(characters), wanted, nth):
            while end < count and not characters[end].isspace() and not characters[end].isalnum():
                end += 1  # the full stop belongs to the sentence
            found += [text.get_rect(at) for at in range(text.count_rects(start, end - start))]
        return found
    finally:
        text.close()
        page.set_rotation(turned)


def _character(code: int) -> str:
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "


def _marked(image: Image.Image, page: pypdfium2.PdfPage, boxes: list[Box], scale: float) -> tuple[Image.Image, float]:
    colours = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(colours)
    height = image.size[1]
    tops = []
    for left, bottom, right, top in boxes:
        (a, b), (c, d) = (_pixel(page, image.size, *corner) for corner in ((left, top), (right, bottom)))
        pad = max(1.0, scale)
        box = (min(a, c) - pad, max(0, min(b, d) - pad), max(a, c) + pad, min(height, max(b, d) + pad))
        draw.rectangle(box, fill=MARK)
        tops.append(box[1] / height)
    return ImageChops.multiply(image, colours), round(tops[0], 4)


def _pixel(page: pypdfium2.PdfPage, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """Where a point of the page lies in the picture, whatever its rotation and its crop box."""
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value, down.value
