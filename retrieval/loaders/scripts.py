"""Subscripts and superscripts as Unicode: ``H₂O``, ``NAD⁺``. Pure.

They read well in a quote without any markup, and folding (NFKC) makes ``H2O`` find them.
"""

from __future__ import annotations

_LOWERED = str.maketrans("0123456789+-−–=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
_RAISED = str.maketrans(
    "0123456789+-−–=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)


def lowered(text: str) -> str:
    """``text`` as subscript where every character has one; else ``text`` as it is."""
    return _scripted(text, _LOWERED)


def raised(text: str) -> str:
    """``text`` as superscript where every character has one; else ``text`` as it is."""
    return _scripted(text, _RAISED)


def _scripted(text: str, table: dict[int, int]) -> str:
    words = text.strip()
    if all(ord(character) in table for character in words):
        return text.replace(words, words.translate(table)) if words else text
    return text
