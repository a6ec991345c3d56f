"""The blocks of canonical Markdown with their exact offsets. Pure; standard library only.

Canonical text (see ``retrieval.loaders``) is simple Markdown: ATX headings, paragraphs, lists, pipe tables, fenced
code, ``$$`` formulas and quotes, one blank line between blocks. A full parser is not needed, but nothing here may
lose a character, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]+")
MATHS = re.compile(r" {0,3}\$\$")


class BlockKind(StrEnum):
    """What a block is; only a heading stays out of passages."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    MATHS = "maths"


@dataclass(frozen=True, slots=True)
class Block:
    """``text[start:end]`` without the white space around it; ``headings`` are the headings above it in the file."""

    kind: BlockKind
    start: int
    end: int
    headings: tuple[str, ...]
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def blocks(text: str) -> tuple[Block, ...]:
    """Cut ``text`` into blocks in order. Everything outside them is white space."""
    lines = list(_lines(text))
    found: list[Block] = []
    headings: dict[int, str] = {}
    index = 0
    while index < len(lines):
        if not lines[index].text.strip():
            index += 1
            continue
        kind, stop, level = _block_at(lines, index)
        first, last = lines[index], lines[stop - 1]
        start = first.start + len(first.text) - len(first.text.lstrip())
        end = last.start + len(last.text.rstrip())
        if kind is BlockKind.HEADING:
            match = HEADING.match(first.text.strip())
            title = match.group(2) if match else ""
            headings = {depth: name for depth, name in headings.items() if depth < level}
            headings[level] = plain(title)
        found.append(Block(kind, start, end, tuple(headings[depth] for depth in sorted(headings)), level))
        index = stop
    return tuple(found)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(line, start)
        start += len(line) + 1


def _block_at(lines: list[_Line], index: int) -> tuple[BlockKind, int, int]:
    """The kind of the block at ``index``, the line after its last, and a heading's level."""
    line = lines[index].text
    if heading := HEADING.match(line):
        return BlockKind.HEADING, index + 1, len(heading.group(1))
    if fence := FENCE.match(line):
        mark = fence.group(1)
        for after in range(index + 1, len(lines)):
            body = lines[after].text.strip()
            if body.startswith(mark) and not body.strip(mark[0]):
                return BlockKind.CODE, after + 1, 0
        return BlockKind.CODE, _trimmed(lines, index, len(lines)), 0
    if MATHS.match(line):
        if line.count("$$") >= 2:
            return BlockKind.MATHS, index + 1, 0
        for after in range(index + 1, len(lines)):
            if "$$" in lines[after].text:
                return BlockKind.MATHS, after + 1, 0
        return BlockKind.PARAGRAPH, index + 1, 0
    if line.lstrip().startswith("|"):
        return BlockKind.TABLE, _while(lines, index, lambda text: text.lstrip().startswith("|")), 0
    if LIST_ITEM.match(line):
        return BlockKind.LIST, _list_end(lines, index), 0
    return BlockKind.PARAGRAPH, _paragraph_end(lines, index), 0


def _while(lines: list[_Line], index: int, holds: object) -> int:
    assert callable(holds)
    stop = index + 1
    while stop < len(lines) and holds(lines[stop].text):
        stop += 1
    return stop


def _trimmed(lines: list[_Line], index: int, stop: int) -> int:
    while stop > index + 1 and not lines[stop - 1].text.strip():
        stop -= 1
    return stop


def _paragraph_end(lines: list[_Line], index: int) -> int:
    stop = index + 1
    while stop < len(lines):
        line = lines[stop].text
        opens = HEADING.match(line) or FENCE.match(line) or MATHS.match(line) or line.lstrip().startswith("|")
        if not line.strip() or opens:
            break
        stop += 1
    return stop


def _list_end(lines: list[_Line], index: int) -> int:
    """A list goes on over blank lines as long as items or indented lines follow."""
    stop = index + 1
    while stop < len(lines):
        line = lines[stop].text
        if not line.strip():
            following = stop
            while following < len(lines) and not lines[following].text.strip():
                following += 1
            if following == len(lines):
                break
            text = lines[following].text
            if not (LIST_ITEM.match(text) or text.startswith(("    ", "\t", "  "))):
                break
            stop = following
        elif HEADING.match(line) or FENCE.match(line) or MATHS.match(line):
            break
        else:
            stop += 1
    return _trimmed(lines, index, stop)


_LINK = re.compile(r"!?\[((?:[^\[\]]|\\.)*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*)(?=\S)(.+?)(?<=\S)\1", re.S)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """Inline Markdown as plain words: links become their text, emphasis and code marks go."""
    text = _LINK.sub(lambda match: match.group(1), markdown)
    for _ in range(2):
        text = _EMPHASIS.sub(lambda match: match.group(2), text)
    return _ESCAPE.sub(r"\1", text.replace("`", "")).strip()
