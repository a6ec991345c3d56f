"""Find a stretch of Markdown source again among the parser's tokens, and mark it.

markdown-it tells the source lines of a block but not the place of a word, so words are found by walking: the text of
each inline token stands, in order, in the source lines of its block.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

HELD = {"text", "code_inline", "math_inline", "math_inline_double"}
_BLOCKS = {"fence", "code_block", "math_block"}


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of ``text`` begin, as markdown-it counts lines."""
    return [0, *(found.end() for found in re.finditer(r"\r\n?|\n", text))]


def mark(tokens: Sequence[Token], text: str, start: int, end: int) -> bool:
    """Put ``mark`` tokens round ``text[start:end]``, in place; the first has the id ``quote``. Whether any was put.

    A mark never crosses a block or other markup: a quote over two paragraphs gets a mark in each. Formulas on lines
    of their own and code blocks that the quote touches get the class ``quoted`` instead.
    """
    starts = [*line_starts(text), len(text)]
    found = False
    place = [0, 0]
    search_from = 0
    for token in tokens:
        if token.map:
            place = list(token.map)
        first, last = starts[min(place[0], len(starts) - 1)], starts[min(place[1], len(starts) - 1)]
        if token.type in _BLOCKS and first < end and start < last:
            token.attrJoin("class", "quoted")
        if token.type != "inline" or not token.children:
            continue
        # Cells of a table row share one line: each is looked for behind the one before.
        cursor = max(first, search_from) if search_from < last else first
        spans, search_from = spans_of(token.children, text, cursor, last)
        if first < end and start < last:
            token.children, marked = _marked(token.children, spans, start, end, first_mark=not found)
            found = found or marked
    return found


def spans_of(children: Sequence[Token], text: str, cursor: int, limit: int) -> tuple[list[tuple[int, int]], int]:
    """Where each child's content stands in the source; markup stands where the text before it ended."""
    spans: list[tuple[int, int]] = []
    for child in children:
        if child.type in HELD and child.content:
            at = text.find(child.content, cursor, limit)
            if at < 0:  # an entity or an escape: no longer letter for letter in the source
                at, size = cursor, min(len(child.content), limit - cursor)
            else:
                size = len(child.content)
            spans.append((at, at + size))
            cursor = at + size
        else:
            spans.append((cursor, cursor))
    return spans, cursor


def _pieces(child: Token, span: tuple[int, int], start: int, end: int) -> list[tuple[Token, bool]]:
    """The child cut at the ends of the quote: (token, inside)."""
    from markdown_it.token import Token

    a, b = span
    if child.type != "text" or b - a != len(child.content):
        return [(child, a < end and start < b)]
    cuts = sorted({a, b, *(c for c in (start, end) if a < c < b)})
    return [
        (Token("text", "", 0, content=child.content[left - a : right - a]), start <= left and right <= end)
        for left, right in pairwise(cuts)
    ] or [(child, False)]


def _marked(
    children: Sequence[Token], spans: Sequence[tuple[int, int]], start: int, end: int, *, first_mark: bool
) -> tuple[list[Token], bool]:
    from markdown_it.token import Token

    flat: list[tuple[Token, bool | None]] = []
    for child, span in zip(children, spans, strict=True):
        if child.type in HELD:
            flat += _pieces(child, span, start, end)
        else:
            flat.append((child, None))
    inside = _resolved(flat)
    if not any(inside):
        return list(children), False
    kept: list[Token] = []
    marking = False
    for (token, _), within in zip(flat, inside, strict=True):
        if within and not marking:
            kept.append(Token("mark_open", "mark", 1, attrs={"id": "quote"} if first_mark else {}))
            first_mark = False
        elif marking and not within:
            kept.append(Token("mark_close", "mark", -1))
        marking = within
        kept.append(token)
    if marking:
        kept.append(Token("mark_close", "mark", -1))
    return kept, True


def _resolved(flat: Sequence[tuple[Token, bool | None]]) -> list[bool]:
    """Whether each token goes inside a mark. Markup does when everything it holds does; a line break when both its
    neighbours do."""
    inside: list[bool] = [bool(flag) for _, flag in flat]
    leaves = [i for i, (_, flag) in enumerate(flat) if flag is not None]
    stack: list[int] = []
    for i, (token, flag) in enumerate(flat):
        if flag is not None:
            continue
        if token.nesting == 1:
            stack.append(i)
        elif token.nesting == -1 and stack:
            opened = stack.pop()
            held = leaves[bisect_right(leaves, opened) : bisect_right(leaves, i)]
            inside[opened] = inside[i] = bool(held) and all(flat[j][1] for j in held)
        elif token.nesting == 0:
            at = bisect_right(leaves, i)
            before = leaves[at - 1] if at else None
            after = leaves[at] if at < len(leaves) else None
            inside[i] = before is not None and after is not None and bool(flat[before][1]) and bool(flat[after][1])
    return inside
