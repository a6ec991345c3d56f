"""What stands on a page of a PDF: pieces of lines, rules, and pictures with their descriptions."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from retrieval.loaders.pdf_letters import Placing, pieces
from retrieval.loaders.pdf_values import Box, PageContent

MOST_OBJECTS = 20_000


def page_content(document: pypdfium2.PdfDocument, number: int) -> PageContent:
    """One page (1-based). Raises PDFium's errors."""
    page = document[number - 1]
    try:
        text = page.get_textpage()
        try:
            place = Placing(page, text)
            found = tuple(pieces(text, place))
        finally:
            text.close()
        rules, pictures, marked = _drawn(page, place)
        described = tuple((words, marked.get(mark)) for words, mark in _descriptions(page))
        return PageContent(number, place.width, place.height, found, rules, pictures, described)
    finally:
        page.close()


def _drawn(page: pypdfium2.PdfPage, place: Placing) -> tuple[tuple[Box, ...], tuple[Box, ...], dict[int, Box]]:
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
