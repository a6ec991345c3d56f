"""From the content of a web page to blocks of canonical Markdown, exercises taken apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from retrieval.loaders import wording
from retrieval.loaders.assembly import Part, item_mark
from retrieval.loaders.elements import Element
from retrieval.loaders.exercises import Exercise, exercise
from retrieval.loaders.html_formulas import FORMULA
from retrieval.loaders.html_inline import BLOCKS, PAGE_CLOSE, PAGE_OPEN, Line, Node, page_number, picture
from retrieval.loaders.html_tables import grid, is_layout
from retrieval.loaders.inline import FIGURE_WORDS
from retrieval.loaders.rendering import ANSWER_SUMMARY
from retrieval.values import Anchor

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_EXERCISES = frozenset({"exercise", "injected-exercise"})
_EXERCISE_CLASSES = frozenset({"exercise", "exercise-like"})
_PROBLEMS = frozenset({"problem", "exercise-question"})
_SOLUTIONS = frozenset({"solution", "question-solution", "answer", "solution-like", "answer-like"})
_HINTS = frozenset({"solutions", "hint", "hint-like"})
_BOXES = frozenset({"div", "section", "article", "li", "aside", "exercise"})
_PAGE = re.compile(f"( ?){PAGE_OPEN}(\\d+){PAGE_CLOSE}( ?)")
_EXAMPLE = re.compile(r"example|ejemplo|exemple|beispiel|esempio|exemplo", re.I)
_LANGUAGE = re.compile(r"^(?:language|lang|highlight|brush|sourceCode)[-: ](\w[\w+#.-]*)$")
_LABELLED = re.compile(rf"^(?:{'|'.join(sorted(set(FIGURE_WORDS.values())))}|Fig\.|Abb\.|Image|Photo)\s*\d", re.I)


class Walk:
    """Walks the pages of one document in order; ``exercises`` collects what the marks among the parts stand for."""

    def __init__(self, language: str | None) -> None:
        self._language = language
        self.exercises: list[Exercise] = []

    def parts(self, node: Element) -> list[Part]:
        """The blocks of ``node``, with the pages of the printed book where it marks them."""
        found: list[Part] = []
        page: tuple[Anchor, ...] = ()  # one that began between two blocks
        for block in self._blocks(node.children):
            part = _paged(block)
            if part.text:
                found.append(replace(part, anchors=part.anchors or page))
                page = ()
            page = page if part.text else (part.anchors or page)
        return found

    def _blocks(self, nodes: list[Node]) -> Iterator[str]:
        """Blocks in order; what stands between them in a line are paragraphs."""
        line: list[Node] = []
        for node in nodes:
            if isinstance(node, Element) and (node.tag in BLOCKS or node.find(*BLOCKS)):
                yield from self._line(line)
                line = []
                yield from self._block(node)
            else:
                line.append(node)
        yield from self._line(line)

    def _line(self, nodes: list[Node]) -> Iterator[str]:
        yield from Line(nodes, self._language).blocks() if nodes else ()

    def _flat(self, node: Element | list[Node]) -> str:
        return Line(node.children if isinstance(node, Element) else node, self._language).flat()

    def _block(self, node: Element) -> Iterator[str]:
        if number := page_number(node):
            yield f"{PAGE_OPEN}{number}{PAGE_CLOSE}"
        elif (
            node.data_type in _EXERCISES
            or node.tag == "exercise"
            or (node.tag in _BOXES and node.classes & _EXERCISE_CLASSES)
        ):
            yield from self._exercise(node)
        elif node.data_type in _SOLUTIONS | _PROBLEMS:
            yield from self._exercise(Element("div", {}, [node]))
        elif node.tag in _HEADINGS or node.attributes.get("role") == "heading":
            level = node.attributes.get("aria-level", "2")
            yield wording.heading(self._flat(node), _HEADINGS.get(node.tag) or (int(level) if level in "123456" else 2))
        elif node.tag in _KINDS:
            yield from _KINDS[node.tag](self, node)
        elif node.data_type == "title":
            words = self._flat(node).strip("* ")
            yield f"**{words}**" if words else ""
        else:
            yield from self._blocks(node.children)

    def _exercise(self, node: Element) -> Iterator[str]:
        """An exercise with its solution; a box of that name around several is only a box."""
        if node.find("h1", "h2") or sum(1 for _ in _named(node, _PROBLEMS)) > 1:
            yield from self._blocks(node.children)
            return
        solutions = list(_named(node, _SOLUTIONS))
        around = [*solutions, *_named(node, _HINTS), *node.find("h3", "h4", "h5", "h6")]
        problems = list(_named(node, _PROBLEMS)) or [_without(node, around)]
        answers = [_without(part, part.find("summary")) for part in solutions]
        problem = self._text(problems) or self._text([_without(node, solutions)])
        found = exercise(problem, self._text(answers) or None)
        if found is not None:
            self.exercises.append(found)
            yield item_mark(len(self.exercises) - 1)

    def _text(self, nodes: list[Element]) -> str:
        blocks = (_paged(block).text for node in nodes for block in self._blocks(node.children))
        return "\n\n".join(block for block in blocks if block)

    def _list(self, node: Element, depth: int = 0) -> Iterator[str]:
        """A list in one block; code, tables and pictures in it stand between its items."""
        lines: list[str] = []
        for block, whole in self._items(node, depth):
            if whole and lines:
                yield "\n".join(lines)
                lines = []
            if whole:
                yield block
            elif block:
                lines.append(block)
        if lines:
            yield "\n".join(lines)

    def _items(self, node: Element, depth: int) -> Iterator[tuple[str, bool]]:
        start = node.attributes.get("start", "1")
        number = int(start) if re.fullmatch(r"\d{1,6}", start) else 1
        for child in node.children:
            if not isinstance(child, Element):
                continue
            if child.tag in ("ul", "ol"):  # a list in a list without an item around it
                yield from self._items(child, depth + 1)
                continue
            indent = "   " * min(depth, 8)
            marker = _marker(node, number)
            number += 1
            for block, whole in self._item(child, depth):
                if whole or not marker:
                    yield (block, True) if whole else (block, False)
                else:
                    yield f"{indent}{marker} {block}", False
                    marker = ""

    def _item(self, node: Element, depth: int) -> Iterator[tuple[str, bool]]:
        """The words of an item, which come first, then the lists in it; whole blocks in between."""
        words: list[Node] = []
        later: list[tuple[str, bool]] = []
        if "exercise" in node.classes or node.data_type in _EXERCISES:
            yield from ((block, True) for block in self._exercise(node))
            return
        for child in _opened(node.children):
            if isinstance(child, Element) and child.tag in ("ul", "ol"):
                later += self._items(child, depth + 1)
            elif isinstance(child, Element) and child.tag in ("pre", "table", "figure", "dl", "details", *_HEADINGS):
                later += [(block, True) for block in self._block(child)]
            else:
                words.append(child)
        said = self._flat(words)
        if said:
            yield said, False
        yield from later

    def _definitions(self, node: Element) -> Iterator[str]:
        terms: list[str] = []
        for child in _opened(node.children):
            if not isinstance(child, Element):
                continue
            if child.tag == "dt":
                terms.append(self._flat(child).strip("* "))
            elif child.tag == "dd":
                blocks = [block for block in self._blocks(child.children) if block.strip()]
                head = ", ".join(f"**{term}**" for term in terms if term)
                if head:
                    plain = blocks and not re.match(r"#|\||```|\$\$|[-*+] |\d+[.)] ", blocks[0])
                    yield f"{head}: {blocks.pop(0)}" if plain else f"{head}:"
                yield from blocks
                terms = []
        yield from (f"**{term}**" for term in terms if term)

    def _table(self, node: Element) -> Iterator[str]:
        if is_layout(node):
            for cell in node.find("caption", "td", "th"):
                yield from self._blocks(cell.children)
            return
        for caption in node.find("caption"):
            words = self._flat(caption).strip("* ")
            yield f"**{words}**" if words else ""
        yield wording.table(grid(node, self._flat))

    def _code(self, node: Element) -> Iterator[str]:
        text = "".join("\n" if part.tag == "br" else part.words() for part in _leaves(node))
        yield wording.code(text.replace("\u200b", ""), _language_of(node))

    def _figure(self, node: Element) -> Iterator[str]:
        captions = node.find("figcaption")
        if node.find("pre", "table", "blockquote", "p", "ul", "ol", FORMULA) or node.find("figure"):
            yield from self._blocks(_without(node, captions).children)
            yield from (wording.paragraph(self._flat(caption)) for caption in captions)
            return
        caption = " ".join(self._flat(part) for part in captions)
        said = [words for words in map(picture, node.find("img", "svg")) if words and words not in caption]
        if not caption:
            yield from (wording.figure(words, self._language) for words in said)
            return
        stop = "" if caption.endswith((".", "!", "?", "。", "।", "؟", ":")) or not said else "."
        whole = " ".join((caption + stop, *said))
        yield wording.paragraph(whole) if _LABELLED.match(caption) else wording.figure(whole, self._language)

    def _details(self, node: Element) -> Iterator[str]:
        """What opens with a click; an answer stays closed, unless it belongs to a worked example."""
        summaries = node.find("summary")
        title = " ".join(self._flat(part) for part in summaries)
        if (ANSWER_SUMMARY.search(title) and not _EXAMPLE.search(title)) or node.classes & _SOLUTIONS:
            return
        yield f"**{title.strip('* ')}**" if title else ""
        yield from self._blocks(_without(node, summaries).children)

    def _nothing(self, node: Element) -> Iterator[str]:
        yield from ()


_KINDS: dict[str, Callable[[Walk, Element], Iterator[str]]] = {
    "ul": Walk._list,
    "ol": Walk._list,
    "dl": Walk._definitions,
    "table": Walk._table,
    "pre": Walk._code,
    "figure": Walk._figure,
    "details": Walk._details,
    "hr": Walk._nothing,
}


def _paged(block: str) -> Part:
    """A block without the marks of pages, which become its anchors."""
    text, anchors = "", list[Anchor]()
    at = 0
    for match in _PAGE.finditer(block):
        text += block[at : match.start()] + (" " if match[1] or match[3] else "")
        anchors.append(Anchor(len(text) if text.strip("# ") else 0, page=int(match[2])))
        at = match.end()
    text = (text + block[at:]).strip(" ") if anchors else block
    if not text.strip("# \n"):
        return Part("", tuple(replace(anchor, start=0) for anchor in anchors[-1:]))
    return Part(text, tuple(anchors))


def _marker(node: Element, number: int) -> str:
    if node.tag == "ul":
        return "-"
    letters = node.attributes.get("type", "")
    if letters in ("a", "A") and number <= 26:
        return f"{chr(ord(letters) + number - 1)}."
    return f"{number}."


def _opened(nodes: list[Node]) -> Iterator[Node]:
    """Nodes, those of plain boxes instead of the boxes."""
    for node in nodes:
        if isinstance(node, Element) and node.tag in ("div", "p", "section") and not node.data_type:
            yield from (" ", *_opened(node.children), " ")
        else:
            yield node


def _named(node: Element, names: frozenset[str]) -> Iterator[Element]:
    for child in node.children:
        if isinstance(child, Element):
            if child.data_type in names or child.tag in names or child.classes & names:
                yield child
            else:
                yield from _named(child, names)


def _without(node: Element, left_out: list[Element]) -> Element:
    """A copy of ``node`` without some of the elements in it."""
    gone = {id(element) for element in left_out}
    kept = [
        _without(child, left_out) if isinstance(child, Element) else child
        for child in node.children
        if id(child) not in gone
    ]
    return replace(node, children=kept)


def _leaves(node: Element) -> Iterator[Element]:
    """The text of ``node`` in order, as elements without children, and its line breaks."""
    for child in node.children:
        if isinstance(child, str):
            yield Element("text", {}, [child])
        elif child.tag == "br":
            yield child
        else:
            yield from _leaves(child)


def _language_of(node: Element) -> str:
    for element in (node, *node.find("code")):
        if said := element.attributes.get("data-lang") or element.attributes.get("data-language"):
            return said
        for name in element.attributes.get("class", "").split():
            if match := _LANGUAGE.match(name):
                return match[1]
    classes = node.attributes.get("class", "").split()
    return classes[1] if len(classes) == 2 and classes[0] == "sourceCode" else ""
