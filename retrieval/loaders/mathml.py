"""MathML to the LaTeX that canonical text uses for formulas. Pure.

Textbooks use a small part of MathML: rows, scripts, fractions, roots, tables and words. Anything else becomes the
words it holds.
"""

from __future__ import annotations

import re
from html import unescape

from retrieval.loaders.elements import Element

_SYMBOLS = {
    "→": r"\rightarrow ",
    "←": r"\leftarrow ",
    "↔": r"\leftrightarrow ",
    "⇌": r"\rightleftharpoons ",
    "⇄": r"\rightleftarrows ",
    "×": r"\times ",
    "·": r"\cdot ",
    "÷": r"\div ",
    "−": "-",
    "–": "-",
    "±": r"\pm ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "≈": r"\approx ",
    "∆": r"\Delta ",
    "Δ": r"\Delta ",
    "°": r"^{\circ}",
    "%": r"\%",
    "\u2061": "",
    "\u2062": "",
}
_SPECIAL = re.compile(r"([#&_{}])")
_WORDS = ("mtext", "ms")
_LEAVES = ("mi", "mn", "mo", *_WORDS)


def to_latex(element: Element) -> str:
    """The LaTeX for a ``<math>`` element, without dollar signs."""
    return re.sub(r"\s+", " ", _render(element)).strip()


def _render(node: Element | str) -> str:
    if isinstance(node, str):
        return _leaf("mi", node) if node.strip() else ""
    tag = node.tag
    if tag in _LEAVES:
        return _leaf(tag, node.words())
    if tag in ("annotation", "annotation-xml"):
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
    body = "".join(parts)
    return f"\\sqrt{{{body.strip()}}}" if tag == "msqrt" else body


def _base(latex: str) -> str:
    """A script needs a group before it, or ``\\text{H}_2 ^+`` would raise the wrong thing."""
    latex = latex.strip()
    return latex if len(latex) <= 1 or re.fullmatch(r"\\[a-z]+\{[^{}]*\}", latex) else f"{{{latex}}}"


def _leaf(tag: str, words: str) -> str:
    words = unescape(words)
    if tag in _WORDS or (tag == "mi" and len(words.strip()) > 1):
        if not words.strip():
            return r"\;" if words else ""
        if words.strip() in _SYMBOLS:
            return _SYMBOLS[words.strip()]
        return f"\\text{{{_SPECIAL.sub(chr(92) * 2 + chr(49), words.replace('%', chr(92) + '%'))}}}"
    return "".join(_SYMBOLS.get(character, _SPECIAL.sub(r"\\\1", character)) for character in words.strip())
