"""Sentences of canonical Markdown with their exact offsets. Pure.

Knows the sentence ends of Latin, Arabic, Devanagari and East Asian scripts. A list item, a table and a formula each
stand as one unit; headings, code and figure captions are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.blocks import LIST_ITEM, BlockKind, blocks

_SHORT = """
    e.g i.e etc vs cf al fig figs eq eqs no nos vol p pp ed eds dr mr mrs ms prof st sr jr approx ca c viz resp
    incl ex ej p.ej sr sra dra núm pág z.b d.h u.a bzw nr abb usw ggf sog vgl s.o p.ex m mm mme av art sig sig.ra
    ecc es u.s u.k a.m p.m b.c a.d ph.d sp spp
"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？｡]+[」』”’）]*|[।॥؟۔]+[\"'”’»)*_]*(?=\s|$|\S)")
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]\.$")
_CAPTION = re.compile(
    r"^(?:Figure|Figura|Abbildung|Table|Tabla|Tabelle|Tabela|Tabella|Tableau|الشكل|चित्र|图|図|表)\s?\d*\s?[:：]"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text[start:end]``; ``kind`` is the block it stands in."""

    start: int
    end: int
    kind: BlockKind


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of canonical Markdown, in order."""
    for block in blocks(text):
        if block.kind in (BlockKind.HEADING, BlockKind.CODE):
            continue
        if block.kind in (BlockKind.TABLE, BlockKind.MATHS):
            yield Sentence(block.start, block.end, block.kind)
        elif block.kind is BlockKind.LIST:
            for start, end in _items(text, block.start, block.end):
                yield from _prose(text, start, end, BlockKind.LIST)
        elif not _CAPTION.match(text[block.start : block.end]):
            yield from _prose(text, block.start, block.end, BlockKind.PARAGRAPH)


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The contents of list items, without their marks."""
    open_at: int | None = None
    last = start
    for line in text[start:end].splitlines(keepends=True):
        match = LIST_ITEM.match(line.lstrip(" "))
        if match:
            if open_at is not None:
                yield open_at, last
            indent = len(line) - len(line.lstrip(" "))
            open_at = start + indent + match.end()
        elif open_at is None:
            open_at = start
        if line.strip():
            last = start + len(line.rstrip())
        start += len(line)
    if open_at is not None and last > open_at:
        yield open_at, last


def _prose(text: str, start: int, end: int, kind: BlockKind) -> Iterator[Sentence]:
    opened = start
    for match in _END.finditer(text, start, end):
        if _goes_on(text, opened, match, end):
            continue
        yield from _trimmed(text, opened, match.end(), kind)
        opened = match.end()
    yield from _trimmed(text, opened, end, kind)


def _goes_on(text: str, opened: int, match: re.Match[str], end: int) -> bool:
    """Whether this full stop ends no sentence: an abbreviation, an initial, a number, or a small letter follows."""
    if text.count("$", opened, match.start()) % 2:  # inside a formula
        return True
    if match.group()[0] != ".":
        return False
    before = text[opened : match.start() + 1]
    word = before[:-1].split()[-1].lstrip("(*[").casefold() if before[:-1].split() else ""
    if word in _ABBREVIATIONS or _INITIAL.search(before):
        return True
    following = text[match.end() : min(end, match.end() + 40)].lstrip().lstrip("*_\"'“‘«([")
    return following[:1].islower()


def _trimmed(text: str, start: int, end: int, kind: BlockKind) -> Iterator[Sentence]:
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    if piece.strip():
        yield Sentence(start + lead, start + len(piece.rstrip()), kind)
