"""Word files (Office Open XML, ECMA-376) to canonical text.

Headings by style or outline level, lists, tables, numbers of charts, formulas, descriptions of pictures, text boxes and
footnotes stay.
Tables of contents, headers, footers, comments and tracked deletions don't. Pages are those that the program which saved
the file counted, where it did.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from pptx.chart.chart import Chart
from pptx.oxml import parse_xml

from retrieval.loaders import docx_text, pptx_text, wording
from retrieval.loaders.archive import office, without_entities, xml
from retrieval.loaders.assembly import Part, assembled, loaded, without_text
from retrieval.loaders.docx_styles import Numbering, Style, paragraph_settings, styles_of
from retrieval.loaders.omml import local
from retrieval.loaders.package import attribute, reading, title_of, transitional
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.scripts import raised
from retrieval.values import Anchor

_DEEPEST = 30  # tables in tables, boxes in boxes
_DISPLAYED = re.compile(r"\$\$\n(.*?)\n\$\$", re.S)
_WIDEST = 100  # columns


@dataclass(frozen=True, slots=True)
class _Block:
    """``kind`` is empty for a block by itself, or ``item``, ``code`` and ``table``; ``level`` an item's, from 0."""

    text: str
    page: int
    kind: str = ""
    level: int = 0


class DocxLoader:
    """Reads ``.docx``."""

    suffixes = (".docx",)
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        office(data, source.path)
        transitional(data, source.path)
        with reading(source.path):
            opened = docx.Document(io.BytesIO(data))
            body = _Body(opened, source)
            parts = body.read()
            title = source.title or body.title or title_of(opened)
        whole = assembled(parts)
        if not whole.text and not whole.exercises:
            raise without_text(source.path, "Pictures of text have to be turned into text first.")
        read = loaded(whole, data, source, self.media_type, title=title)
        return replace(read, unread=tuple(body.unread()))


class _Body:
    """The walk through one document, in order."""

    def __init__(self, opened: Any, source: Source) -> None:
        self._source = source
        self._body = opened.element.body
        related = {relation.reltype: relation for relation in opened.part.rels.values() if not relation.is_external}
        self._styles = styles_of(_root(related, RELATIONSHIP_TYPE.STYLES, source.path))
        self._numbering = Numbering.of(_root(related, RELATIONSHIP_TYPE.NUMBERING, source.path))
        self._notes = {
            (kind, attribute(node, "id")): node
            for kind, type_ in (("footnote", RELATIONSHIP_TYPE.FOOTNOTES), ("endnote", RELATIONSHIP_TYPE.ENDNOTES))
            if (root := _root(related, type_, source.path)) is not None
            for node in root
        }
        self._related = opened.part.related_parts
        self._noted = 0
        self._initial = ""  # a first letter set large, in a frame of its own
        self._paged = any(True for _ in self._body.iter("{*}lastRenderedPageBreak"))
        self._page = 1
        self.title: str | None = None

    def read(self) -> list[Part]:
        """Every block, lists and listings whole."""
        parts: list[Part] = []
        for kind, group in groupby(self._blocks(self._body, 0), key=lambda block: block.kind):
            found = list(group)
            if kind == "item":
                parts.append(self._part(wording.items((item.level, item.text) for item in found), found[0].page))
            elif kind == "code":
                parts.append(self._part(wording.code("\n".join(line.text for line in found)), found[0].page))
            else:
                parts += [self._part(block.text, block.page) for block in found]
        return parts

    def unread(self) -> Iterator[str]:
        """What of the file could not be read, for the trainer."""
        if next(self._body.iter("{*}altChunk"), None) is not None:
            yield (
                f"{self._source.path}: another file is embedded in it and was not read. Open it in Word and save it"
                " again, which makes it part of the text."
            )

    def _part(self, text: str, page: int) -> Part:
        return Part(text, (Anchor(0, page=page),) if self._paged else ())

    def _blocks(self, node: Any, depth: int) -> Iterator[_Block]:
        if depth > _DEEPEST:
            return
        for child in node:
            name = local(child)
            if name == "p":
                yield from self._paragraph(child, depth)
            elif name == "tbl":
                yield from self._table(child, depth)
            elif name == "sdt":
                if _is_contents(child):
                    self._page += sum(1 for _ in child.iter("{*}lastRenderedPageBreak"))
                    continue
                for content in child.iterchildren("{*}sdtContent"):
                    yield from self._blocks(content, depth + 1)
            elif name == "AlternateContent":
                yield from self._blocks(next(iter(child), ()), depth + 1)
            elif name in ("customXml", "ins", "moveTo", "smartTag", "Choice"):
                yield from self._blocks(child, depth + 1)

    def _paragraph(self, node: Any, depth: int) -> Iterator[_Block]:
        properties = next(node.iterchildren("{*}pPr"), None)
        style = self._style(properties)
        outline, number = paragraph_settings(properties)
        level = style.outline if outline is None else outline if outline <= 9 else None
        found = docx_text.read(node, self._noted + 1, plain=level is not None or style.title)
        before = self._page
        self._page += found.breaks
        page = self._page if found.broken_before else before
        if style.contents or style.hidden:
            return
        if docx_text.is_initial(properties):
            self._initial = found.text
            return
        if found.text:
            found.text, self._initial = self._initial + found.text, ""
        self._noted += len(found.notes)
        list_id = number[0] if number[0] is not None else style.number[0]
        if style.title and found.text:
            self.title = self.title or found.text
            yield _Block(wording.heading(found.text, 1), page)
        elif level is not None and found.text:
            yield _Block(wording.heading(found.text, level), page)
        elif style.code:
            yield _Block(_listing(node), page, "code")
        elif list_id not in (None, "0") and found.text:
            depth_in_list = number[1] if number[1] is not None else style.number[1] or 0
            marker = self._numbering.marker(str(list_id), depth_in_list)
            yield _Block(f"{marker} {' '.join(found.text.split())}", page, "item", depth_in_list)
        elif found.text:
            yield _Block(wording.paragraph(found.text), page)
        for latex in found.display:
            yield _Block(wording.formula(latex, display=True), page)
        for words in found.pictures:
            yield _Block(wording.figure(words, self._source.language), page)
        for diagram in found.diagrams:
            if diagram in self._related:
                yield _Block(pptx_text.diagram(xml(self._related[diagram].blob, self._source.path)), page)
        for chart in found.charts:
            if chart in self._related:
                for text in _chart(self._related[chart].blob, self._source.path):
                    yield _Block(text, page, "table" if text.startswith("|") else "")
        for box in found.boxes:
            yield from self._blocks(box, depth + 1)
        for at, note in enumerate(found.notes, self._noted - len(found.notes) + 1):
            # Taken out, so that no note can hold itself.
            text = self._words(self._notes.pop(note, None), depth + 1)
            if text:
                yield _Block(f"{raised(str(at))} {text}", page)

    def _style(self, properties: Any | None) -> Style:
        named = next(properties.iterchildren("{*}pStyle"), None) if properties is not None else None
        return self._styles.get(attribute(named, "val"), Style()) if named is not None else Style()

    def _words(self, node: Any | None, depth: int) -> str:
        """Everything said inside a cell or a note, in one line."""
        if node is None:
            return ""
        return " ".join(" ".join(map(_in_a_line, self._blocks(node, depth))).split())

    def _table(self, node: Any, depth: int) -> Iterator[_Block]:
        page = self._page
        rows: list[list[str]] = []
        above: list[str] = []
        cells: list[Any] = []
        for row in _within(node, "tr"):
            if any(local(mark) == "del" for part in row if local(part) == "trPr" for mark in part):
                continue
            line: list[str] = []
            for cell in _within(row, "tc"):
                said = {local(mark): mark for part in cell if local(part) == "tcPr" for mark in part}
                goes_on = "vMerge" in said and attribute(said["vMerge"], "val", "continue") == "continue"
                span = attribute(said["gridSpan"], "val") if "gridSpan" in said else "1"
                at = len(line)
                # A cell over several rows is said in each: a row is quoted by itself.
                text = (above[at] if at < len(above) else "") if goes_on else self._words(cell, depth + 1)
                line += [text, *[""] * (min(int(span), _WIDEST) - 1 if span.isdecimal() and len(span) < 4 else 0)]
                cells.append(cell)
            rows.append(line[:_WIDEST])
            above = line
        if len(cells) == 1:  # a frame drawn with a table
            yield from self._blocks(cells[0], depth + 1)
        elif text := wording.table(rows):
            yield _Block(text, page, "table")


def _in_a_line(block: _Block) -> str:
    """A block as it is said inside a cell or a note."""
    if block.kind == "table":
        head, _, *rows = block.text.split("\n")
        return "; ".join(", ".join(filter(None, re.split(r"^\| | \| | \|$", row))) for row in (head, *rows))
    if block.kind == "code":
        return wording.code_in_line(block.text)
    return _DISPLAYED.sub(r"$\1$", re.sub(r"^#+ ", "", block.text))


def _chart(part: bytes, path: str) -> list[str]:
    """A chart is the same in a Word file as on a slide, and the library for slides reads it."""
    without_entities(part, path)
    root = parse_xml(part)
    return pptx_text.chart(Chart(root, None)) if local(root) == "chartSpace" else []


def _root(related: dict[str, Any], kind: str, path: str) -> Any | None:
    """The parsed part of a relationship, or ``None``."""
    relation = related.get(kind)
    return None if relation is None else xml(relation.target_part.blob, path)


def _within(node: Any, name: str) -> Iterator[Any]:
    """Children of a name, also where content controls or tracked insertions stand between."""
    for child in node:
        if local(child) == name:
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _within(child, name)


def _is_contents(node: Any) -> bool:
    """Whether a content control holds the table of contents."""
    marks = (mark for settings in node.iterchildren("{*}sdtPr") for mark in settings.iter("{*}docPartGallery"))
    return any("table of contents" in attribute(mark, "val").casefold() for mark in marks)


def _listing(node: Any) -> str:
    """The lines of a paragraph of code, blanks kept."""
    signs = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
    found: list[str] = []
    for part in node.iter():
        name = local(part)
        found.append((part.text or "") if name == "t" else signs.get(name, ""))
    return "".join(found)


LOADER = DocxLoader()
