"""Signs of mathematics as LaTeX writes them, for every reader of formulas. Pure."""

from __future__ import annotations

import re
import unicodedata

# A name that ends in a letter carries a blank, so that a letter may follow it.
SYMBOLS = {
    "→": r"\rightarrow ",
    "←": r"\leftarrow ",
    "↔": r"\leftrightarrow ",
    "⇌": r"\rightleftharpoons ",
    "⇄": r"\rightleftarrows ",
    "⇒": r"\Rightarrow ",
    "⇔": r"\Leftrightarrow ",
    "×": r"\times ",
    "·": r"\cdot ",
    "⋅": r"\cdot ",
    "∙": r"\cdot ",
    "÷": r"\div ",
    "−": "-",
    "–": "-",
    "±": r"\pm ",
    "∓": r"\mp ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "≈": r"\approx ",
    "≡": r"\equiv ",
    "∝": r"\propto ",
    "∞": r"\infty ",
    "∂": r"\partial ",
    "∇": r"\nabla ",
    "∑": r"\sum ",
    "∏": r"\prod ",
    "∫": r"\int ",
    "∬": r"\iint ",
    "∭": r"\iiint ",
    "∮": r"\oint ",
    "⋃": r"\bigcup ",
    "⋂": r"\bigcap ",
    "∈": r"\in ",
    "∉": r"\notin ",
    "⊂": r"\subset ",
    "⊆": r"\subseteq ",
    "∪": r"\cup ",
    "∩": r"\cap ",
    "∅": r"\emptyset ",
    "∀": r"\forall ",
    "∃": r"\exists ",
    "∧": r"\wedge ",
    "∨": r"\vee ",
    "¬": r"\neg ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "‖": r"\Vert ",
    "…": r"\ldots ",
    "⋯": r"\cdots ",
    "⋮": r"\vdots ",
    "⋱": r"\ddots ",
    "ℏ": r"\hbar ",
    "ℓ": r"\ell ",
    "∆": r"\Delta ",
    "Δ": r"\Delta ",
    "°": r"^{\circ}",
    "%": r"\%",
    "\u2061": "",
    "\u2062": "",
    "\u2063": "",
    "\u200b": "",
}
_LOWER = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon
    phi chi psi omega
"""
_UPPER = {
    "Γ": "Gamma",
    "Θ": "Theta",
    "Λ": "Lambda",
    "Ξ": "Xi",
    "Π": "Pi",
    "Σ": "Sigma",
    "Υ": "Upsilon",
    "Φ": "Phi",
    "Ψ": "Psi",
    "Ω": "Omega",
}
GREEK = {
    **{chr(0x3B1 + at): f"\\{name} " for at, name in enumerate(_LOWER.split()) if name != "omicron"},
    **{letter: f"\\{name} " for letter, name in _UPPER.items()},
    "ϵ": r"\epsilon ",
    "ϕ": r"\phi ",
    "ϑ": r"\vartheta ",
    "µ": r"\mu ",
}
_FUNCTIONS = """
    sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan ln log lg exp lim max min sup inf det gcd deg dim
    ker arg limsup liminf
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "#&_{}$"} | {"\\": r"\backslash ", "^": r"\hat{\ }", "~": r"\sim ", "\n": " "}
)

_IN_WORDS = str.maketrans(
    {c: f"\\{c}" for c in "#&_{}$%"}
    | {"\\": r"\textbackslash ", "^": r"\textasciicircum ", "~": r"\textasciitilde ", "\n": " "}
)


def signs(text: str) -> str:
    """The LaTeX of a row of letters and signs in a formula; letters of mathematical alphabets become plain ones."""
    found = []
    for character in text:
        if 0x1D400 <= ord(character) <= 0x1D7FF:
            character = unicodedata.normalize("NFKC", character)
        found.append(SYMBOLS.get(character) or GREEK.get(character) or _plain(character))
    return "".join(found)


def _plain(character: str) -> str:
    return "" if character in SYMBOLS else character.translate(_SPECIAL)


def words(text: str) -> str:
    """Words inside a formula."""
    return f"\\text{{{text.translate(_IN_WORDS)}}}" if text.strip() else text[:1]


def tidy(latex: str) -> str:
    """One line, single blanks, and none where nothing needs it."""
    latex = re.sub(r"\s+", " ", latex)
    latex = re.sub(r"(\\[A-Za-z]+) (?=[^A-Za-z\s])", r"\1", latex)
    return re.sub(r" (?=[_^])", "", latex).strip()
