"""A forgiving tree of the HTML inside Markdown. Pure; standard library only.

Course material mixes Markdown with HTML that is often unclosed or misnested, so nothing here fails: a stray closing
tag is ignored, an unclosed element ends where its parent does, and a name that is no HTML (``List<String>``) is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

_HTML = """
    a abbr article aside audio b blockquote body br button caption center cite cnx-pi code col colgroup dd del
    details dfn div dl dt em embed emphasis figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr
    html i iframe img input ins kbd label li link main mark meta nav newline noscript object ol option p para
    picture pre q s samp script section select small solution source span strong style sub summary sup svg table
    tbody td template textarea tfoot th thead tr tt u ul var video
"""
_MATHML = """
    math mrow mi mn mo mtext ms msub msup msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd mfenced
    mstyle mspace mpadded mphantom menclose semantics annotation annotation-xml
"""
_KNOWN = frozenset((_HTML + _MATHML).split())
_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "col", "source", "embed", "newline"})

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?\?>|<![A-Za-z][^>]*>", re.S)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)"
    r"(?P<attributes>(?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*)\s*(?P<void>/?)>"
)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")


@dataclass(slots=True)
class Element:
    """One element: its lower-case name, attributes, and children in order (elements and text)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    def words(self) -> str:
        """All the text inside, markup and all."""
        return "".join(child if isinstance(child, str) else child.words() for child in self.children)

    def find(self, *tags: str) -> list[Element]:
        """Every descendant of one of these names, in order, not looking inside a found one."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                found.extend([child] if child.tag in tags else child.find(*tags))
        return found

    @property
    def data_type(self) -> str:
        return self.attributes.get("data-type", "")

    @property
    def classes(self) -> frozenset[str]:
        return frozenset(self.attributes.get("class", "").split())


def parse(text: str) -> Element:
    """The tree of ``text``; the root is named ``root``. Comments are dropped: authors hide answers in them."""
    text = _COMMENT.sub("", text)
    root = Element("root")
    stack = [root]
    position = 0
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if name not in _KNOWN:
            continue
        if match.start() > position:
            stack[-1].children.append(text[position : match.start()])
        position = match.end()
        if match["close"]:
            _close(stack, name)
            continue
        element = Element(name, _attributes(match["attributes"]))
        stack[-1].children.append(element)
        if not match["void"] and name not in _VOID and len(stack) < 200:
            stack.append(element)
    stack[-1].children.append(text[position:])
    return root


def _close(stack: list[Element], name: str) -> None:
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth].tag == name:
            del stack[depth:]
            return


def _attributes(text: str) -> dict[str, str]:
    return {
        match[1].lower(): unescape(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(text or "")
    }
