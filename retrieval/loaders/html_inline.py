"""What stands in a line of a web page: words with their emphasis, code, formulas, pictures. Pure.

Formulas and pictures that want a block of their own stand in the line as marks until the paragraph is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.loaders import wording
from retrieval.loaders.elements import Element
from retrieval.loaders.html_formulas import FORMULA
from retrieval.loaders.package import description
from retrieval.loaders.scripts import lowered, raised

_BLOCKS_WORDS = """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1
    h2 h3 h4 h5 h6 header hgroup hr html legend li main ol p pre search section summary table tbody td tfoot th
    thead tr ul caption exercise
"""
BLOCKS = frozenset(_BLOCKS_WORDS.split())
_EMPHASIS = {"em": "*", "i": "*", "cite": "*", "var": "*", "dfn": "*", "strong": "**", "b": "**"}
_CODE = frozenset({"code", "samp", "tt", "kbd"})
_OPEN, _CLOSE = "\ue010", "\ue011"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
PAGE_OPEN, PAGE_CLOSE = "\ue012", "\ue013"  # around the number of a page of the printed book that begins here
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")

Node = Element | str


class Line:
    """One run of inline nodes. ``blocks`` gives its paragraphs, ``flat`` all of it in one line."""

    def __init__(self, nodes: list[Node], language: str | None) -> None:
        self._apart: list[tuple[str, str]] = []  # in a line, and as a block
        self._language = language
        self._text = wording.emphasised(run for node in nodes for run in self._runs(node, ""))

    def flat(self) -> str:
        """Everything in one line."""
        words = _MARK.sub(lambda match: f" {self._apart[int(match[1])][0]} ", self._text)
        return " ".join(words.split())

    def blocks(self) -> Iterator[str]:
        """Paragraphs, displayed formulas and descriptions of pictures, in order."""
        for at, piece in enumerate(_MARK.split(self._text)):
            block = wording.paragraph(piece) if at % 2 == 0 else self._apart[int(piece)][1]
            if block.strip():
                yield block

    def _runs(self, node: Node, mark: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, str):
            yield wording.escaped(_UNSEEN.sub("", node)), mark
            return
        tag = node.tag
        if number := page_number(node):
            yield f"{PAGE_OPEN}{number}{PAGE_CLOSE}", mark
        elif tag == FORMULA:
            tex = node.words()
            if node.attributes.get("display"):
                yield self._put(wording.formula(tex), wording.formula(tex, display=True)), ""
            else:
                yield wording.formula(tex), mark
        elif tag in ("img", "svg"):
            yield self._picture(node)
        elif tag in _CODE and not node.find(FORMULA):
            yield wording.code_in_line(_UNSEEN.sub("", node.words())), mark
        elif tag == "br":
            yield "\n", ""
        elif tag == "wbr":
            return
        elif tag in ("sub", "sup"):
            inner = Line(node.children, self._language).flat()
            yield (lowered if tag == "sub" else raised)(inner), mark
        elif tag == "q":
            yield "“", mark
            yield from self._inside(node, mark)
            yield "”", mark
        else:
            apart = tag in BLOCKS
            if apart:
                yield " ", ""
            yield from self._inside(node, _with(mark, _EMPHASIS.get(tag, "")))
            if apart:
                yield " ", ""

    def _inside(self, node: Element, mark: str) -> Iterator[tuple[str, str]]:
        for child in node.children:
            yield from self._runs(child, mark)

    def _picture(self, node: Element) -> tuple[str, str]:
        words = picture(node)
        if len(words) <= 2:  # an emoji
            return words, ""
        return self._put(words, wording.figure(words, self._language)), ""

    def _put(self, line: str, block: str) -> str:
        self._apart.append((line, block))
        return f"{_OPEN}{len(self._apart) - 1}{_CLOSE}"


def page_number(node: Element) -> str:
    """The number of the page that begins at ``node``; empty where none does, or it has no Arabic number."""
    attributes = node.attributes
    if "pagebreak" not in attributes.get("epub:type", "").split() and attributes.get("role") != "doc-pagebreak":
        return ""
    said = attributes.get("aria-label") or attributes.get("title") or node.words() or attributes.get("id", "")
    match = re.fullmatch(r"\D{0,20}(\d{1,5})\D?", said.strip(), re.A)
    return match[1] if match and int(match[1]) else ""


def picture(node: Element) -> str:
    """How a picture is described, as inline Markdown; empty where nobody did."""
    said = node.attributes.get("alt") or node.attributes.get("aria-label") or ""
    if node.tag == "svg" and not said:
        said = " ".join(part.words() for part in node.find("title", "desc"))
    if not said and node.tag == "img":
        said = node.attributes.get("title", "")
    return description(_UNSEEN.sub("", said))


def _with(mark: str, more: str) -> str:
    """Bold inside italics and the other way round is both; more of the same is nothing new."""
    if not mark or not more:
        return mark or more
    return mark if more in (mark, "***") or mark == "***" else "***"
