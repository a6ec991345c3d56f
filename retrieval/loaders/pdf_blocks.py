"""Lines of a PDF put together to headings, paragraphs and list items, across columns and pages. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from retrieval.loaders.assembly import Part
from retrieval.loaders.pdf_lines import Line
from retrieval.loaders.wording import escaped, heading, paragraph
from retrieval.values import Anchor

LARGER = 1.12  # times the body's size: a heading
LONGEST_HEADING = 200  # characters
_ENDED = re.compile(r"[.!?:;…。！？：؟।][\"'”’»)\]]*[¹²³⁴⁵⁶⁷⁸⁹⁰*†‡\d]{0,3}$")  # a foot note's number may follow
_BULLET = re.compile(r"^[•‣◦▪●○■□–—·∙*\uf0b7-]\s+\S")
_DASHES = "–—-*"  # a sentence may begin with them too
_NUMBER = re.compile(r"^\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]\s+\S")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(slots=True)
class _Block:
    lines: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def is_item(self) -> bool:
        return bool(_BULLET.match(self.first.text) or _NUMBER.match(self.first.text))

    @property
    def is_open(self) -> bool:
        """Whether its sentence goes on."""
        return not self.first.block and (self.last.split or not _ENDED.search(self.last.text))


def parts(lines: Sequence[Line], outline: Collection[str] = ()) -> list[Part]:
    """The blocks of a document. ``outline`` holds the titles of its table of contents."""
    if sum(len(line.text) for line in lines if line.bold) > 0.4 * sum(len(line.text) for line in lines):
        lines = [replace(line, bold=False) for line in lines]  # some fonts tell no true weight
    body = _body(lines)
    words = _vocabulary(lines)
    titles = {_plain(title) for title in outline}
    blocks = _blocks(lines, _leadings(lines, body))
    sizes = _heading_sizes(blocks, body)
    return [part for block in blocks if (part := _part(block, body, sizes, words, titles)).text]


def _part(block: _Block, body: float, sizes: list[float], words: Counter[str], titles: Collection[str]) -> Part:
    if block.first.block:
        return Part(block.first.block, (Anchor(0, page=block.first.page),))
    text, pages = _text(block, words)
    level = _level(block, text, body, sizes, titles)
    whole = heading(text, level) if level else paragraph(text)
    shift = len(whole) - len(text)
    anchors = tuple(Anchor(max(0, min(at + shift, len(whole))) if at else 0, page=page) for at, page in pages)
    return Part(whole, anchors)


def _text(block: _Block, words: Counter[str]) -> tuple[str, list[tuple[int, int]]]:
    """The block in one line, and the offsets at which pages begin."""
    text = ""
    pages: list[tuple[int, int]] = []
    split = False
    for line in block.lines:
        added = escaped(line.text)
        gap = " "
        if text and split:
            text, gap = _mended(text, added, words), ""
        elif text and _is_ideograph(text[-1]) and _is_ideograph(added[:1]):
            gap = ""
        text += gap + added if text else added
        if not pages or pages[-1][1] != line.page:
            pages.append((len(text) - len(added), line.page))
        split = line.split
    return text, pages


def _mended(text: str, follows: str, words: Counter[str]) -> str:
    """``text`` without the hyphen that the end of its line made; with it where it belongs to the word."""
    before = re.search(r"([^\W\d_]+)[-‐]$", text)
    after = re.match(r"[^\W\d_]+", follows)
    if before is None or after is None or after[0][0].isupper():
        return text
    joined, kept = (before[1] + after[0]).casefold(), f"{before[1]}-{after[0]}".casefold()
    return text if words[kept] > words[joined] else text[:-1]


def _vocabulary(lines: Sequence[Line]) -> Counter[str]:
    """How often each word stands within a line."""
    found: Counter[str] = Counter()
    for line in lines:
        line_words = _WORD.findall(line.text.casefold())
        found.update(line_words[:-1] if line.split else line_words)
    return found


# -- where a block ends ------------------------------------------------------------------------------------------------


def _blocks(lines: Sequence[Line], leadings: Mapping[int, float]) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        block = blocks[-1] if blocks else None
        if block is not None and not _begins(block, line, leadings[line.page]):
            block.lines.append(line)
        elif (earlier := _interrupted(blocks, line)) is not None:
            earlier.lines.append(line)
            blocks.append(_Block([]))  # what comes next is near the line before, not near this block
        else:
            blocks = [each for each in blocks if each.lines]
            blocks.append(_Block([line]))
    return [block for block in blocks if block.lines]


def _begins(block: _Block, line: Line, leading: float) -> bool:
    """Whether a line begins a block of its own."""
    if not block.lines:
        return True
    last = block.last
    if line.block or last.block or not _alike(last, line):
        return True
    if line.fresh:
        return not _goes_on(block, line)
    if line.box.top - last.box.bottom > leading + 0.4 * line.size:
        return True
    if _BULLET.match(line.text) and (line.text[0] not in _DASHES or block.is_item or last.text.endswith(":")):
        return True
    if _NUMBER.match(line.text) and (block.is_item or not block.is_open):
        return True
    return _is_set_off(block, line)


def _is_set_off(block: _Block, line: Line) -> bool:
    last, width = block.last, line.right - line.left
    is_full = last.rest < 0.12 * width
    word = 0.5 * line.size * (1 + len(line.text.split()[0]))
    if last.rest > max(0.5 * width, 1.5 * word) and not last.split:
        return True  # the next word had room: somebody ended the line
    if block.is_item:
        hanging = line.lead > block.first.lead + 0.4 * line.size
        return not hanging and not block.is_open
    if 0.7 * line.size < line.lead < 0.25 * width and last.lead < 0.4 * line.size:
        return is_full or not block.is_open
    return not block.is_open and last.rest > 0.25 * width and not line.text[:1].islower()


def _goes_on(block: _Block, line: Line) -> bool:
    """Whether the first line of a column goes on with what the column before ended with."""
    if not block.is_open or len(block.last.text) < 4:
        return False
    start = line.text[:1]
    if block.last.split:
        return True
    if start.islower():
        return True
    caseless = not start.isupper() and not _BULLET.match(line.text) and not _NUMBER.match(line.text)
    return caseless and (len(block.lines) > 1 or block.last.rest < 0.35 * (block.last.right - block.last.left))


def _interrupted(blocks: list[_Block], line: Line) -> _Block | None:
    """The paragraph that a table, a picture or a foot note stands in the middle of."""
    if line.block or not (line.text[:1].islower() and line.fresh):
        return None
    for block in reversed(blocks[-4:]):
        if not block.lines or block.first.block:
            continue
        return block if block.is_open and _alike(block.last, line) and block.last.page >= line.page - 1 else None
    return None


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= 0.08 * max(one.size, other.size) and one.bold == other.bold


def _leadings(lines: Sequence[Line], body: float) -> dict[int, float]:
    """The usual room between two lines of the body, in points, for each page: most rooms are not smaller."""
    gaps: dict[int, list[float]] = {line.page: [] for line in lines}
    for before, line in pairwise(lines):
        gap = line.box.top - before.box.bottom
        alike = not line.fresh and not line.block and not before.block and abs(line.size - body) < 0.5
        if alike and -0.3 * body < gap < body:
            gaps[line.page].append(gap)
    every = [gap for found in gaps.values() for gap in found]
    usual = median(every) if every else 0.2 * body
    return {page: sorted(found)[len(found) // 4] if len(found) >= 8 else usual for page, found in gaps.items()}


# -- headings ----------------------------------------------------------------------------------------------------------


def _body(lines: Sequence[Line]) -> float:
    """The size of most letters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        if not line.block:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _heading_sizes(blocks: Sequence[_Block], body: float) -> list[float]:
    """The sizes of headings, largest first."""
    found = sorted({round(block.first.size * 2) / 2 for block in blocks if _is_large(block, body)}, reverse=True)
    kept: list[float] = []
    for size in found:
        if not kept or kept[-1] - size > 0.04 * kept[-1]:
            kept.append(size)
    return kept


def _is_large(block: _Block, body: float) -> bool:
    words = sum(len(line.text) for line in block.lines)
    return (
        not block.first.block
        and block.first.size >= LARGER * body
        and words <= LONGEST_HEADING
        and any(letter.isalpha() for line in block.lines for letter in line.text)
    )


def _level(block: _Block, text: str, body: float, sizes: list[float], titles: Collection[str]) -> int:
    """1 to 6; 0 for what is no heading."""
    if _is_large(block, body):
        near = min(range(len(sizes)), key=lambda at: abs(sizes[at] - block.first.size))
        return min(near + 1, 6)
    if len(text) > LONGEST_HEADING or len(block.lines) > 2 or not any(letter.isalpha() for letter in text):
        return 0
    is_bold = all(line.bold for line in block.lines) and block.first.size >= 0.95 * body
    short = len(text.split()) <= 15 and not re.search(r"[.;,:]$", text) and not _BULLET.match(text)
    return min(len(sizes) + 1, 6) if (is_bold and short) or _plain(text) in titles else 0


def _plain(text: str) -> str:
    return _EDGES.sub("", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))


def _is_ideograph(letter: str) -> bool:
    return bool(letter) and unicodedata.east_asian_width(letter) in "WF" and not "가" <= letter <= "힣"
