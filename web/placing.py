"""Say in a document's text where its pages, slides or seconds begin: tokens put between the parser's, for its places.

A place at the head of a block becomes a line of its own above it; one inside a paragraph stands in its line.
"""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.marking import HELD, line_starts, spans_of

if TYPE_CHECKING:
    from markdown_it.token import Token


@dataclass(frozen=True)
class Place:
    """From character ``start`` of the text on, ``label`` is where one is. ``name`` is the element's id, and ``second``
    what a film beside the text is sought to."""

    start: int
    name: str
    label: str
    second: float | None = None


@dataclass(frozen=True)
class _Block:
    first: int  # character of the source
    last: int
    token: int


def put_places(tokens: list[Token], text: str, places: Sequence[Place]) -> list[Token]:
    """``tokens`` with the places among them. Call it when nothing else will rewrite the tokens."""
    from markdown_it.token import Token

    starts = [*line_starts(text), len(text)]
    blocks = [
        _Block(starts[min(token.map[0], len(starts) - 1)], starts[min(token.map[1], len(starts) - 1)], at)
        for at, token in enumerate(tokens)
        if token.level == 0 and token.nesting >= 0 and token.map
    ]
    heads: dict[int, list[Place]] = {}
    for place in places:
        at = bisect_right(blocks, place.start, key=lambda block: block.last)
        if at == len(blocks):
            continue
        block = blocks[at]
        end = blocks[at + 1].token if at + 1 < len(blocks) else len(tokens)
        if not text[block.first : place.start].strip() or not _inside(tokens[block.token : end], text, starts, place):
            heads.setdefault(block.token, []).append(place)
    found: list[Token] = []
    for at, token in enumerate(tokens):
        found += [Token("html_block", "", 0, content=f'<p class="places">{_link(p)}</p>\n') for p in heads.get(at, ())]
        found.append(token)
    return found


def _inside(block: Sequence[Token], text: str, starts: Sequence[int], place: Place) -> bool:
    """Put the place into the line it stands in; False where the block has no such line."""
    from markdown_it.token import Token

    lines = [0, 0]
    search_from = 0
    for token in block:
        if token.map:
            lines = list(token.map)
        first, last = starts[min(lines[0], len(starts) - 1)], starts[min(lines[1], len(starts) - 1)]
        if token.type != "inline" or not token.children:
            continue
        cursor = max(first, search_from) if search_from < last else first
        spans, search_from = spans_of(token.children, text, cursor, last)
        if not place.start < last:
            continue
        mark = Token("html_inline", "", 0, content=_link(place))
        for at, (child, (a, b)) in enumerate(zip(token.children, spans, strict=True)):
            if child.type not in HELD or b <= place.start:
                continue
            cut = place.start - a
            if child.type == "text" and cut > 0 and b - a == len(child.content):
                halves = (child.content[:cut], child.content[cut:])
                before, after = (Token("text", "", 0, content=half) for half in halves)
                token.children[at : at + 1] = [before, mark, after]
            else:
                token.children.insert(at, mark)
            return True
    return False


def _link(place: Place) -> str:
    second = f' data-second="{place.second:.3f}"' if place.second is not None else ""
    name = html.escape(place.name)
    return f'<a class="place" id="{name}" href="#{name}"{second} dir="auto">{html.escape(place.label)}</a> '
