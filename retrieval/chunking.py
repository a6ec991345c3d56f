"""Cutting a document into passages along its headings. Pure.

A passage never crosses a heading, holds at most ``max_words`` words, and is an exact slice of the document. Heading
lines stand in the prefix, not in the text. Table rows, formulas and code blocks stay whole unless one alone is over
the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from retrieval.blocks import Block, BlockKind, blocks
from retrieval.values import Document, Passage, passage_id
from retrieval.words import count_words

MAX_WORDS = 200
# Where an over-long paragraph may be cut, best first: sentence ends of the scripts we serve, clauses, then words.
_SENTENCES = [". ", "? ", "! ", "。", "？", "！", "। ", "؟ ", "۔ "]
_CLAUSES = ["; ", "；", "، ", "，", ", "]
SEPARATORS = ["\n\n", "\n", *_SENTENCES, *_CLAUSES, " ", ""]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece ``text[start:end]`` that is kept whole, and its size in words."""

    start: int
    end: int
    words: int


def chunk(document: Document, *, first_position: int = 0, max_words: int = MAX_WORDS) -> tuple[Passage, ...]:
    """Cut ``document`` into passages, in order.

    ``first_position`` is the position of the first passage in the course; the following ones count up from it.
    The same document always gives the same passages and ids.
    """
    text = document.text
    above = (*document.breadcrumb[-1:], document.title) if document.title else document.breadcrumb[-1:]
    passages: list[Passage] = []
    for headings, start, end in cut(text, max_words):
        path = _without_repeats((*above, *headings))
        ordinal = len(passages)
        anchor = document.anchor(start)
        passages.append(
            Passage(
                id=passage_id(document.course, document.path, start, path, text[start:end]),
                course=document.course,
                document=document.path,
                ordinal=ordinal,
                heading_path=path,
                start=start,
                end=end,
                text=text[start:end],
                position=first_position + ordinal,
                page=anchor.page if anchor else None,
                second=anchor.second if anchor else None,
            )
        )
    return tuple(passages)


def cut(text: str, max_words: int = MAX_WORDS) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Headings, start and end of every passage of canonical Markdown ``text``."""
    body = (block for block in blocks(text) if block.kind is not BlockKind.HEADING)
    for headings, section in groupby(body, key=lambda block: block.headings):
        spans = [span for block in section for span in _spans(text, block, max_words)]
        for start, end in _pack(text, spans, max_words):
            yield headings, start, end


def _without_repeats(path: Iterable[str]) -> tuple[str, ...]:
    """A document whose first heading repeats its title should not say it twice."""
    kept: list[str] = []
    for part in path:
        if part and (not kept or part.casefold() != kept[-1].casefold()):
            kept.append(part)
    return tuple(kept)


def _spans(text: str, block: Block, max_words: int) -> list[Span]:
    """A block as pieces of at most ``max_words``: whole if it fits, else by lines, else by sentences and words."""
    words = count_words(text[block.start : block.end])
    if words <= max_words:
        return [Span(block.start, block.end, words)]
    pieces = [(block.start, block.end)]
    if block.kind in (BlockKind.TABLE, BlockKind.CODE, BlockKind.LIST, BlockKind.MATHS):
        pieces = list(_lines(text, block.start, block.end))
    spans: list[Span] = []
    for start, end in pieces:
        words = count_words(text[start:end])
        if words <= max_words:
            spans.append(Span(start, end, words))
        else:
            spans.extend(_split(text, start, end, max_words))
    return spans


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line)


def _split(text: str, start: int, end: int, max_words: int) -> Iterator[Span]:
    """Sentences of an over-long paragraph; LangChain's splitter falls back to clauses, words and characters."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        keep_separator="end",
        chunk_size=max(1, min(max_words, 40)),  # about two sentences: `_pack` joins them again evenly
        chunk_overlap=0,
        length_function=count_words,
        strip_whitespace=False,
    )
    offset = start
    for piece in splitter.split_text(text[start:end]):
        # Nothing is stripped or repeated, so the pieces follow one another; `find` guards against a dropped blank.
        at = text.find(piece, offset, end)
        offset = at + len(piece)
        lead = len(piece) - len(piece.lstrip())
        tail = len(piece.rstrip())
        if tail:
            yield Span(at + lead, at + tail, count_words(piece))


def _pack(text: str, spans: list[Span], max_words: int) -> Iterator[tuple[int, int]]:
    """Join neighbouring spans into passages of even size rather than full ones and a scrap."""
    left = sum(span.words for span in spans)
    group: list[Span] = []
    size = 0
    goal = _goal(left, max_words)
    for span in spans:
        joined = count_words(text[group[0].start : span.end]) if group else span.words
        if group and (joined > max_words or size + span.words / 2 > goal):
            yield group[0].start, group[-1].end
            left -= size
            goal = _goal(left, max_words)
            group, size = [], 0
        group.append(span)
        size += span.words
    if group:
        yield group[0].start, group[-1].end


def _goal(words: int, max_words: int) -> float:
    """The even share when ``words`` are cut into as few passages as possible."""
    return words / max(1, -(-words // max_words))
