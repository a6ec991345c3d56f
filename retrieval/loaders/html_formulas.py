"""Formulas as web pages write them: MathML, KaTeX, MathJax, Wikipedia, pandoc, pictures with TeX. Pure.

Each becomes an element ``formula`` whose one child is its LaTeX; ``display`` is ``block`` where it stands by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.loaders.elements import Element
from retrieval.loaders.mathml import is_whole, to_latex

FORMULA = "formula"
# What MathJax 2 draws beside the script that holds the TeX.
_DRAWN_WORDS = """
    MathJax MathJax_Preview MathJax_Display MathJax_SVG MathJax_SVG_Display MathJax_CHTML MJXc-display mjx-chtml
    MJX_Assistive_MathML
"""
_DRAWN = frozenset(_DRAWN_WORDS.split())
_PICTURES_WORDS = """
    latex tex math texrender mwe-math-fallback-image-inline mwe-math-fallback-image-display ee_img tr_noresize
"""
_PICTURES = frozenset(_PICTURES_WORDS.split())
_ENVIRONMENT = r"(?:equation|align|alignat|gather|multline|eqnarray|displaymath|math)"
_TEX = re.compile(
    r"\\\[(?P<square>.{1,4000}?)\\\]"
    r"|\$\$(?P<dollars>[^$]{1,4000}?)\$\$"
    rf"|(?P<environment>\\begin\{{(?P<name>{_ENVIRONMENT}\*?)\}}.{{1,4000}}?\\end\{{(?P=name)\}})"
    r"|\\\((?P<round>.{1,1000}?)\\\)",
    re.S,
)
_DOLLAR = re.compile(r"(?<![\\$\w])\$(?=[^\s$])(?P<dollar>[^$]{0,300}?[^\s$\\])\$(?![\d$\w])")
_UNNUMBERED = re.compile(r"^\\begin\{(equation\*?|displaymath|math)\}(.*)\\end\{\1\}$", re.S)
_LABEL = re.compile(r"\\(?:label|tag\*?)\{[^{}]*\}|\\(?:nonumber|notag)\b")
_LOADS = re.compile(r"mathjax|katex|inlineMath|renderMathInElement", re.I)


def has_scripts(root: Element) -> bool:
    """Whether the TeX of a page stands in scripts, as MathJax 2 leaves it."""
    return any(_is_tex(script) for script in root.find("script"))


def has_dollars(root: Element) -> bool:
    """Whether ``$`` may stand for a formula: the page loads a program that reads it so."""
    return any(_LOADS.search(node.attributes.get("src", "") + node.words()[:4000]) for node in root.find("script"))


def formula_of(node: Element, *, scripts: bool) -> Element | None:
    """The formula that an element is, or ``None``. An empty ``formula`` is a drawing of one that stands elsewhere."""
    tag, classes = node.tag, node.classes
    if tag == "math":
        return _formula(_mathml(node), node.attributes.get("display") == "block")
    if tag == "script":
        return _formula(node.words(), "display" in node.attributes.get("type", "")) if _is_tex(node) else None
    if tag == "mjx-container" or classes & _DRAWN:
        inside = [] if scripts else node.find("math")
        block = node.attributes.get("display") in ("true", "block") or "MathJax_Display" in classes
        return _formula(_mathml(inside[0]), block) if inside else Element(FORMULA)
    if "katex-display" in classes and (inside := node.find("math")):
        return _formula(_mathml(inside[0]), True)
    if tag == "img":
        alt = node.attributes.get("alt", "").strip()
        if alt.startswith("{\\displaystyle") or (classes & _PICTURES and alt):
            return _formula(re.sub(r"^\{\\displaystyle\s*(.*)\}$", r"\1", alt, flags=re.S), False)
    if tag in ("span", "div") and "math" in classes and classes & {"inline", "display"}:
        words = node.words().strip()
        if words and not _TEX.search(words) and not any(isinstance(child, Element) for child in node.children):
            return _formula(words.strip("$"), "display" in classes)
    return None


def in_text(text: str, *, dollars: bool) -> Iterator[str | Element]:
    """Text and the formulas written in it between TeX's own marks."""
    at = 0
    for match in _TEX.finditer(text):
        found = _formula(_inside(match), match["round"] is None)
        if found.tag == FORMULA:
            yield from _between(text[at : match.start()], dollars)
            yield found
            at = match.end()
    yield from _between(text[at:], dollars)


def _between(text: str, dollars: bool) -> Iterator[str | Element]:
    at = 0
    for match in _DOLLAR.finditer(text) if dollars else ():
        found = _formula(match["dollar"], False)
        if found.tag == FORMULA:
            yield text[at : match.start()]
            yield found
            at = match.end()
    yield text[at:]


def _inside(match: re.Match[str]) -> str:
    whole = match["environment"]
    if whole is None:
        return match["square"] or match["dollars"] or match["round"] or ""
    return _UNNUMBERED.sub(r"\2", whole)


def _formula(tex: str, block: bool) -> Element:
    """TeX that can't stand between dollar signs stays text."""
    tex = re.sub(r"\\amp(?![A-Za-z])", "&", tex)  # PreTeXt's macro
    tex = " ".join(_LABEL.sub("", tex.strip().removeprefix("% <![CDATA[").removesuffix("% ]]>")).split())
    if not is_whole(tex):
        return Element("span", {}, [tex] if tex else [])
    return Element(FORMULA, {"display": "block"} if block else {}, [tex])


def _mathml(node: Element) -> str:
    """LaTeXML says the TeX in ``alttext``; others say words there."""
    spoken = node.attributes.get("alttext", "").strip()
    if re.search(r"[\\^_]", spoken) and is_whole(spoken) and not node.find("annotation"):
        return re.sub(r"^\\displaystyle\s*", "", spoken)
    return to_latex(node)


def _is_tex(script: Element) -> bool:
    return script.attributes.get("type", "").lower().startswith("math/tex")
