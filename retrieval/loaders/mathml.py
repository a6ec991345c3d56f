"""MathML to the LaTeX that canonical text uses for formulas. Pure.

Textbooks use a small part of MathML: rows, scripts, fractions, roots, tables and words. Anything else becomes the
words it holds. Where the formula brings its own TeX along (KaTeX, MathJax, Wikipedia), that is taken.
"""

from __future__ import annotations

import re
from html import unescape

from retrieval.loaders.elements import Element
from retrieval.loaders.symbols import SYMBOLS

_SPECIAL = re.compile(r"([#&_{}])")
_FENCES = {"{": r"\{", "}": r"\}"}
_BRACE = re.compile(r"\\.|[\\{}$]", re.S)
_DISPLAYSTYLE = re.compile(r"^\{\\(?:displaystyle|textstyle)\s*(.*)\}$", re.S)
_WORDS = ("mtext", "ms")
_LEAVES = ("mi", "mn", "mo", *_WORDS)


def to_latex(element: Element) -> str:
    """The LaTeX for a ``<math>`` element, without dollar signs."""
    for note in element.find("annotation"):
        tex = note.words().strip()
        if "tex" in note.attributes.get("encoding", "").lower() and is_whole(tex):
            return _DISPLAYSTYLE.sub(r"\1", " ".join(tex.split())).strip()
    return re.sub(r"\s+", " ", _render(element)).strip()


def is_whole(tex: str) -> bool:
    """Whether TeX from outside can stand between dollar signs: none inside, and every brace has its partner."""
    depth = 0
    for found in _BRACE.finditer(tex):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0 or found[0] in ("$", "\\"):
            return False
    return bool(tex) and depth == 0 and "\n\n" not in tex


def _render(node: Element | str) -> str:
    if isinstance(node, str):
        return _leaf("mi", node) if node.strip() else ""
    tag = node.tag
    if tag in _LEAVES:
        return _leaf(tag, node.words())
    if tag in ("annotation", "annotation-xml", "mphantom"):
        return ""
    parts = [_render(child) for child in node.children if not (isinstance(child, str) and not child.strip())]
    first, second, third = (*parts, "", "", "")[:3]
    if tag == "msub":
        return f"{_base(first)}_{{{second.strip()}}}"
    if tag == "msup":
        return f"{_base(first)}^{{{second.strip()}}}"
    if tag in ("msubsup", "munderover"):
        return f"{_base(first)}_{{{second.strip()}}}^{{{third.strip()}}}"
    if tag == "mfrac":
        return f"\\frac{{{first.strip()}}}{{{second.strip()}}}"
    if tag == "mroot":
        return f"\\sqrt[{second.strip()}]{{{first.strip()}}}"
    if tag == "mover":
        return f"\\overset{{{second.strip()}}}{{{first.strip()}}}"
    if tag == "munder":
        return f"\\underset{{{second.strip()}}}{{{first.strip()}}}"
    if tag == "mtr":
        return " & ".join(part.strip() for part in parts)
    if tag == "mtable":
        return "\\begin{matrix}" + " \\\\ ".join(parts) + "\\end{matrix}"
    if tag == "mfenced":
        left, right = node.attributes.get("open", "("), node.attributes.get("close", ")")
        return f"\\left{_FENCES.get(left, left) or '.'} {', '.join(parts)} \\right{_FENCES.get(right, right) or '.'} "
    body = "".join(parts)
    return f"\\sqrt{{{body.strip()}}}" if tag == "msqrt" else body


def _base(latex: str) -> str:
    """A script needs a group before it, or ``\\text{H}_2 ^+`` would raise the wrong thing."""
    latex = latex.strip()
    return latex if len(latex) <= 1 or re.fullmatch(r"\\[A-Za-z]+(?:\{[^{}]*\})?", latex) else f"{{{latex}}}"


def _leaf(tag: str, words: str) -> str:
    words = unescape(words)
    if tag in _WORDS or (tag == "mi" and len(words.strip()) > 1):
        if not words.strip():
            return r"\;" if words else ""
        if words.strip() in SYMBOLS:
            return SYMBOLS[words.strip()]
        return f"\\text{{{_SPECIAL.sub(chr(92) * 2 + chr(49), words.replace('%', chr(92) + '%'))}}}"
    return "".join(SYMBOLS.get(character, _SPECIAL.sub(r"\\\1", character)) for character in words.strip())
