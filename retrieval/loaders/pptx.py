"""PowerPoint decks (Office Open XML) to canonical text: one heading a slide, anchored at its number.

Text, tables, numbers of charts, words of diagrams, formulas, descriptions of pictures and the speaker's notes stay.
Hidden slides, dates, footers, slide numbers and comments don't.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.package import Package

from retrieval.blocks import LIST_ITEM, plain
from retrieval.errors import UnreadableDocument
from retrieval.loaders import pptx_text, wording
from retrieval.loaders.archive import office, xml
from retrieval.loaders.assembly import Part, assembled, loaded, on_page, without_text
from retrieval.loaders.exercises import is_answer, is_exercise_title
from retrieval.loaders.package import attribute, reading, title_of, transitional
from retrieval.loaders.port import LoadedDocument, Source

SLIDE_WORDS = {"en": "Slide", "es": "Diapositiva", "fr": "Diapositive", "de": "Folie", "pt": "Slide"} | {
    "it": "Diapositiva",
    "ar": "الشريحة",
    "hi": "स्लाइड",
    "zh": "幻灯片",
    "ja": "スライド",
}
NOTES_WORDS = {"en": "Notes", "es": "Notas", "fr": "Notes", "de": "Notizen", "pt": "Notas", "it": "Note"} | {
    "ar": "ملاحظات",
    "hi": "टिप्पणियाँ",
    "zh": "备注",
    "ja": "ノート",
}
_RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")
_FURNITURE = frozenset({"DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"})
_TITLES = frozenset({"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"})
_DEEPEST = 20  # groups in groups


class PptxLoader:
    """Reads ``.pptx``, and ``.ppsx``, which is the same file that opens as a show."""

    suffixes = (".pptx", ".ppsx")
    media_type = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        office(data, source.path)
        transitional(data, source.path)
        with reading(source.path):
            # Not ``pptx.Presentation``: that refuses shows.
            deck = _Deck(Package.open(io.BytesIO(data)).main_document_part.presentation, source)
            parts = deck.read()
        whole = assembled(parts)
        if not whole.text and not whole.exercises:
            raise without_text(source.path, "Pictures of text have to be turned into text first.")
        read = loaded(whole, data, source, self.media_type, title=source.title or deck.title)
        return replace(read, unread=tuple(deck.unread()))


class _Deck:
    def __init__(self, opened: Any, source: Source) -> None:
        self._opened = opened
        self._path = source.path
        self._lost: list[int] = []
        self._asked = False  # whether a slide of exercises went before
        self._quiz = False  # whether the section is one of exercises
        self._language = source.language
        self._code = (source.language or "en").split("-")[0].lower()
        self.title = title_of(opened)

    def read(self) -> list[Part]:
        """Every block of the slides that are shown. A damaged slide is left out; raises what the last raised where all
        are."""
        parts: list[Part] = []
        opened_by = _sections(self._opened)
        section = ""
        slides = self._opened.slides
        for number in range(1, len(slides) + 1):
            try:
                slide = slides[number - 1]
                if slide.slide_id in opened_by:
                    section = opened_by[slide.slide_id]
                    self._quiz = is_exercise_title(section)
                blocks = self._slide(slide, number)
            except (UnreadableDocument, MemoryError):
                raise
            except Exception:
                self._lost.append(number)
                if len(self._lost) == len(slides):
                    raise
                continue
            if blocks and section:
                parts.append(on_page(wording.heading(wording.escaped(section), 1), number))
                section = ""
            parts += [on_page(text, number) for text in blocks]
        return parts

    def unread(self) -> Iterator[str]:
        """What of the file could not be read, for the trainer."""
        if self._lost:
            numbers = ", ".join(map(str, self._lost[:20]))
            yield f"{self._path}: slide{'s' * (len(self._lost) > 1)} {numbers} could not be read: damaged."

    def _slide(self, slide: Any, number: int) -> list[str]:
        """The heading and the blocks of a slide; none where it is hidden or empty."""
        if slide._element.get("show") in ("0", "false"):
            return []
        pptx_text.unwrapped(slide._element)
        named = next((shape for shape in slide.shapes if _kind(shape) in _TITLES and shape.has_text_frame), None)
        title = pptx_text.title(named) if named is not None else ""
        asks = self._quiz or is_exercise_title(plain(title), after_exercises=self._asked)
        self._asked = self._asked or asks
        shapes = [shape for shape in slide.shapes if named is None or shape.shape_id != named.shape_id]
        blocks = [block for block in (*self._shapes(slide, shapes, 0, asks), *self._notes(slide, asks)) if block]
        self.title = self.title or plain(title) or None
        if not title and not blocks:
            return []
        return [wording.heading(title or f"{SLIDE_WORDS.get(self._code, 'Slide')} {number}", 2), *blocks]

    def _notes(self, slide: Any, asks: bool) -> Iterator[str]:
        if not slide.has_notes_slide or slide.notes_slide.notes_text_frame is None:
            return
        word = NOTES_WORDS.get(self._code, "Notes")
        blocks = list(pptx_text.frame(slide.notes_slide.notes_text_frame))
        if asks:  # what the speaker notes beside a question gives it away
            yield from (block for block in blocks if is_answer(block, ""))
            return
        for at, block in enumerate(blocks):
            # An answer in the notes must still be seen to be one.
            if at > 0 or is_answer(block, ""):
                yield block
            elif LIST_ITEM.match(block) or block.startswith("$$"):
                yield from (f"{word}:", block)
            else:
                yield f"{word}: {block}"

    def _shapes(self, slide: Any, shapes: list[Any], depth: int, asks: bool) -> Iterator[str]:
        if depth > _DEEPEST:
            return
        for shape in pptx_text.in_reading_order(shapes, right_to_left=self._code in _RIGHT_TO_LEFT):
            kind = _kind(shape)
            own = next(shape._element.iter("{*}cNvPr"), shape._element)
            if kind in _FURNITURE or attribute(own, "hidden") in ("1", "true"):
                continue
            if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
                yield wording.figure(pptx_text.described(shape), self._language)
                yield from self._shapes(slide, list(shape.shapes), depth + 1, asks)
                continue
            if shape.has_text_frame:
                yield from pptx_text.frame(shape.text_frame, kind, asks=asks)
            elif getattr(shape, "has_table", False):
                yield pptx_text.table(shape.table)
            elif getattr(shape, "has_chart", False):
                yield from pptx_text.chart(shape.chart)
            else:
                for related in shape._element.iter("{*}relIds"):
                    part = slide.part.related_part(attribute(related, "dm"))
                    yield pptx_text.diagram(xml(part.blob, self._path))
            if not shape.has_text_frame or not shape.text_frame.text.strip():
                yield wording.figure(pptx_text.described(shape), self._language)


def _kind(shape: Any) -> str:
    """The kind of placeholder, or nothing."""
    if not shape.is_placeholder:
        return ""
    kind = shape.placeholder_format.type
    return kind.name if isinstance(kind, PP_PLACEHOLDER) else ""


def _sections(opened: Any) -> dict[int, str]:
    """The names of sections by the slide that opens each; none where the deck is one section."""
    found: dict[int, str] = {}
    for section in opened.part._element.iter("{*}section"):
        first = next((attribute(entry, "id") for entry in section.iter("{*}sldId")), "")
        if first.isdecimal():
            found[int(first)] = attribute(section, "name")
    return found if len(found) > 1 else {}


LOADER = PptxLoader()
