"""From the tree of HTML and Markdown to one flat Markdown text, with exercises taken out. Pure.

Handles plain HTML and the vocabulary of CNX (OpenStax) kramdown: ``data-type`` exercise, problem, solution, note,
abstract, glossary, equation, footnote; ``cnx-pi``; art connections.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from retrieval.loaders.assembly import item_mark
from retrieval.loaders.elements import Element
from retrieval.loaders.exercises import Exercise, exercise
from retrieval.loaders.mathml import to_latex
from retrieval.loaders.scripts import lowered, raised

_NOT_TEXT = """
    cnx-pi iframe script style link svg object embed noscript template head form button input nav audio video
    source param canvas col colgroup select
"""
_DROPPED = frozenset(_NOT_TEXT.split())
_BOXES = "p para div section article aside main header footer blockquote center address"
_PARAGRAPHS = frozenset(_BOXES.split())
ANSWER_SUMMARY = re.compile(
    r"answer|solution|respuesta|solución|réponse|antwort|lösung|resposta|solução|risposta|الإجابة|उत्तर|答案|解答", re.I
)


class Renderer:
    """Renders one tree; ``exercises`` collects what was taken out, in order."""

    def __init__(self, keep: Callable[[str], str], inline: Callable[[str], str]) -> None:
        self._keep = keep  # puts a formula aside, so that later rules leave it alone
        self._inline = inline  # canonical inline Markdown, for questions and answers
        self.exercises: list[Exercise] = []

    def render(self, node: Element | str) -> str:
        """Flat Markdown for ``node``."""
        if isinstance(node, str):
            return node
        if node.tag in _DROPPED or node.data_type in ("footnote-number", "footnote-ref-link"):
            return ""
        if node.data_type == "exercise" or node.tag == "exercise":
            return self._exercise(node)
        if node.data_type in ("solution", "problem") or node.tag == "solution":
            return self._exercise(Element("div", {}, [node]))
        if node.tag == "details" and any(ANSWER_SUMMARY.search(part.words()) for part in node.find("summary")):
            return ""
        if "art-connection" in node.classes:
            return self._art_connection(node)
        block = _BLOCKS.get(node.tag)
        if block:
            return block(self, node)
        body = self.inner(node)
        if node.data_type == "title":
            return f"\n\n**{' '.join(body.split())}**\n\n" if body.strip() else ""
        if node.tag in _PARAGRAPHS or node.data_type == "equation":
            return f"\n\n{body}\n\n"
        return _inline_element(node, body)

    def inner(self, node: Element) -> str:
        """The children of ``node``, rendered one after another."""
        return "".join(self.render(child) for child in node.children)

    def _exercise(self, node: Element) -> str:
        problem = "\n\n".join(self._inline(self.inner(part)) for part in _parts(node, "problem"))
        solution = "\n\n".join(self._inline(self.inner(part)) for part in _parts(node, "solution")) or None
        found = exercise(problem, solution)
        return self._take(found) if found else ""

    def _take(self, found: Exercise) -> str:
        self.exercises.append(found)
        return f"\n\n{item_mark(len(self.exercises) - 1)}\n\n"

    def _art_connection(self, node: Element) -> str:
        """A figure with a question under it: the figure stays, the question and its options are an exercise."""
        paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", self.inner(node)) if part.strip()]
        asks = next(
            (at for at, part in enumerate(paragraphs) if "?" in part and not part.lstrip().startswith("![")), None
        )
        if asks is None:
            lists = [at for at, part in enumerate(paragraphs) if re.match(r" {0,3}1[.)]\s", part)]
            asks = max(lists[0] - 1, 0) if lists else None
        kept = paragraphs if asks is None else paragraphs[:asks]
        kept = [part for part in kept if not re.fullmatch(r"\*\*[^*]*\*\*", part.strip())] or kept
        found = None if asks is None else exercise(self._inline("\n\n".join(paragraphs[asks:])), None)
        return "\n\n" + "\n\n".join(kept) + "\n\n" + (self._take(found) if found else "")

    def _table(self, node: Element) -> str:
        rows = [[cell for cell in row.children if isinstance(cell, Element)] for row in node.find("tr")]
        grid = [[_cell(self._inline(self.inner(cell)), cell) for cell in row] for row in rows]
        captions = [self._inline(self.inner(part)) for part in node.find("caption")]
        while rows and len(rows[0]) == 1 and len(rows) > 1:  # a heading across the whole width
            captions.append(grid[0][0][0])
            rows, grid = rows[1:], grid[1:]
        caption = " ".join(" ".join(captions).split())
        lines = _pipe_table(grid)
        return "\n\n" + (f"**{caption}**\n\n" if caption else "") + "\n".join(lines) + "\n\n"

    def _figure(self, node: Element) -> str:
        caption = " ".join(" ".join(self.inner(part) for part in node.find("figcaption")).split())
        if not caption:
            return f"\n\n{self.inner(node)}\n\n"
        anchor = node.attributes.get("id", "")
        safe = caption.replace('"', "”")
        return f'\n\n![](figure "{safe}"){{: #{anchor}}}\n\n'

    def _math(self, node: Element) -> str:
        latex = to_latex(node)
        if not latex:
            return ""
        if node.attributes.get("display") == "block":
            return "\n\n" + self._keep(f"$$\n{latex}\n$$") + "\n\n"
        return self._keep(f"${latex}$")

    def _image(self, node: Element) -> str:
        alt, title = (node.attributes.get(name, "").replace('"', "”") for name in ("alt", "title"))
        return f'![{alt.replace("[", "(").replace("]", ")")}](image "{title}")' if alt or title else ""

    def _item(self, node: Element) -> str:
        return "\n* " + " ".join(self.inner(node).split())

    def _list(self, node: Element) -> str:
        return "\n\n" + self.inner(node) + "\n\n"

    def _heading(self, node: Element) -> str:
        return f"\n\n{'#' * int(node.tag[1])} {' '.join(self.inner(node).split())}\n\n"

    def _pre(self, node: Element) -> str:
        return "\n\n" + self._keep("```\n" + unescape(node.words()).strip("\n") + "\n```") + "\n\n"

    def _code(self, node: Element) -> str:
        return self._keep(f"`{unescape(node.words()).strip()}`")


_BLOCKS: dict[str, Callable[[Renderer, Element], str]] = {
    "table": Renderer._table,
    "figure": Renderer._figure,
    "math": Renderer._math,
    "img": Renderer._image,
    "li": Renderer._item,
    "ul": Renderer._list,
    "ol": Renderer._list,
    "pre": Renderer._pre,
    "code": Renderer._code,
    **{f"h{level}": Renderer._heading for level in range(1, 7)},
}


def _parts(node: Element, name: str) -> list[Element]:
    found: list[Element] = []
    for child in node.children:
        if isinstance(child, Element):
            if child.data_type == name or child.tag == name:
                found.append(child)
            else:
                found.extend(_parts(child, name))
    return found


def _inline_element(node: Element, body: str) -> str:
    tag = node.tag
    if tag == "sub":
        return lowered(body)
    if tag == "sup":
        return raised(body)
    if tag in ("br", "newline", "hr"):
        return "\n" if tag != "hr" else "\n\n---\n\n"
    words = body.strip()
    if not words:
        return body
    lead, tail = body[: len(body) - len(body.lstrip())], body[len(body.rstrip()) :]
    if tag in ("em", "i", "emphasis", "cite", "var", "dfn"):
        return f"{lead}*{words}*{tail}"
    if tag in ("strong", "b"):
        return f"{lead}**{words}**{tail}"
    if tag == "a" and re.match(r"https?://|#", node.attributes.get("href", "")):
        return f"{lead}[{words}]({node.attributes['href']}){tail}"
    return body


def _cell(text: str, cell: Element) -> tuple[str, int]:
    span = cell.attributes.get("colspan", "1")
    return " ".join(text.split()).replace("|", "\\|"), min(int(span), 20) if span.isdigit() else 1


def _pipe_table(grid: list[list[tuple[str, int]]]) -> list[str]:
    rows = [[part for text, span in row for part in (text, *[""] * (span - 1))] for row in grid]
    rows = [row for row in rows if any(row)]
    width = max((len(row) for row in rows), default=0)
    if not width:
        return []
    lines = ["| " + " | ".join((*row, *[""] * (width - len(row)))) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * width, *lines[1:]]
