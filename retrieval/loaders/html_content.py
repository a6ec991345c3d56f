"""What of a web page is its content: no menus, banners, forms, programs or hidden parts. Pure.

Pages say so by their elements, ARIA roles and a few class names that site generators share; nothing is guessed from
how long a paragraph is, so that no part of a lesson is lost for being short.
"""

from __future__ import annotations

import re

from retrieval.loaders.elements import Element
from retrieval.loaders.html_formulas import FORMULA, formula_of, has_dollars, has_scripts, in_text

_NEVER_WORDS = """
    script style noscript template head iframe object embed canvas audio video source track param button input
    select textarea option datalist dialog nav menu map area link meta base frameset noframes applet del rp rt
"""
_NEVER = frozenset(_NEVER_WORDS.split())
_ROLES_WORDS = """
    navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar doc-toc
    doc-pagelist doc-index doc-backlink
"""
_ROLES = frozenset(_ROLES_WORDS.split())
_CLASSES_WORDS = """
    nav navbar navigation menu sidebar breadcrumb breadcrumbs toc table-of-contents pagination pager
    cookie-banner cookie-consent social-share share-buttons skip-link mw-editsection mw-jump-link navbox
    catlinks printfooter noprint headerlink anchor-link linenos lineno linenumbers gutter MJX_Assistive_MathML
"""
_CLASSES = frozenset(_CLASSES_WORDS.split())
_EPUB = frozenset({"toc", "landmarks", "page-list", "lot", "loi", "index", "answer", "answers", "feedback"})
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)
_NOTES = re.compile(
    r"\b(?:doc-|note|footnote|endnote|rearnote|tip|example|callout|admonition|warning|important|definition|remark|theorem|"
    r"sidebar-note|learning|objective|summary|key|did-you-know|feature|case-study|box)", re.I
)  # fmt: skip
_SECTIONS = frozenset({"article", "main", "section"})
_VERBATIM = frozenset({"pre", "code", "samp", "kbd", "tt"})


def content(root: Element, *, book: bool = False) -> Element:
    """The content of a page as a tree of its own, formulas as ``formula`` elements. In a ``book`` all is content that
    is not marked otherwise."""
    body = next(iter(root.find("body")), root)
    keep = _Keep(has_scripts(root), has_dollars(root), len(body.find("h1")) == 1)
    for chosen in (body,) if book else (_main(body), body):
        kept = keep.tree(chosen, book or chosen is not body)
        if kept.words().strip() or kept.find("img", "svg"):
            return kept
    return Element("body")


def _main(body: Element) -> Element:
    """``main``, or in it the one article that holds most of what is said, or the whole body."""
    mains = [*body.find("main"), *_by_role(body, "main")]
    if len(mains) == 1 and _size(mains[0]):
        body = mains[0]
    articles = body.find("article")
    if len(articles) != 1 or _size(articles[0]) * 10 < _size(body) * 6:
        return body
    # A title above its article belongs to it.
    outside = [] if articles[0].find("h1") else body.find("h1")[:1]
    return Element("main", {}, [*outside, *articles]) if outside else articles[0]


def _by_role(node: Element, role: str) -> list[Element]:
    found: list[Element] = []
    for child in node.children:
        if isinstance(child, Element) and child.tag != "main":
            found += [child] if child.attributes.get("role") == role else _by_role(child, role)
    return found


def _size(node: Element) -> int:
    """Letters that are read, more or less."""
    if node.tag in _NEVER or node.tag in ("header", "footer", "aside") or _hidden(node):
        return 0
    return sum(len(child.strip()) if isinstance(child, str) else _size(child) for child in node.children)


class _Keep:
    def __init__(self, scripts: bool, dollars: bool, one_title: bool) -> None:
        self._scripts, self._dollars, self._one_title = scripts, dollars, one_title

    def tree(self, node: Element, inside: bool, verbatim: bool = False) -> Element:
        """``node`` without what is dropped. ``inside`` an article or the like, a header is the article's own."""
        kept = Element(node.tag, node.attributes)
        for child in node.children:
            if isinstance(child, str):
                kept.children += [child] if verbatim else in_text(child, dollars=self._dollars)
            else:
                kept.children += self._child(child, inside, verbatim)
        return kept

    def _child(self, node: Element, inside: bool, verbatim: bool) -> list[Element | str]:
        if _hidden(node):
            return self._formulas(node)
        found = formula_of(node, scripts=self._scripts)
        if found is not None:
            return [found] if found.tag != FORMULA or found.children else []
        if _dropped(node, inside):
            # The title of a page may stand in its banner.
            titles = node.find("h1") if node.tag == "header" and self._one_title else []
            return [self.tree(title, inside) for title in titles]
        return [self.tree(node, inside or node.tag in _SECTIONS, verbatim or node.tag in _VERBATIM)]

    def _formulas(self, node: Element) -> list[Element | str]:
        """Wikipedia hides the MathML behind a picture."""
        if self._scripts or not node.attributes.get("style"):
            return []
        found = [formula_of(math, scripts=False) for math in node.find("math")]
        return [formula for formula in found if formula is not None and formula.children]


def _dropped(node: Element, inside: bool) -> bool:
    tag, role = node.tag, node.attributes.get("role", "").lower()
    kinds = frozenset(node.attributes.get("epub:type", "").lower().split())
    names = node.classes | {node.attributes.get("id", "")}
    if (
        tag in _NEVER
        or role in _ROLES
        or kinds & _EPUB
        or (names & _CLASSES and tag not in ("body", "main", "article"))
    ):
        return True
    if tag == "header":
        return not inside
    if tag == "footer":
        return True
    if tag == "aside":
        return not _NOTES.search(" ".join((role, *kinds, *node.classes)))
    if tag == "form":  # some programs wrap the whole page in one
        return not node.find("h1", "main", "article")
    return node.data_type in ("footnote-number", "footnote-ref-link")


def _hidden(node: Element) -> bool:
    attributes = node.attributes
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").lower() == "true"
        or bool(_HIDDEN.search(attributes.get("style", "")))
    )
