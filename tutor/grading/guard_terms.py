"""Words of school science in several languages: a sentence is read with the item's own words for what it names.

So a name handed over in another language or as a formula is still that name. Data, and no more than a help: what is
not in it is left to the vectors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from retrieval.words import UNSPACED
from tutor.grading.guard_words import folded

_LANGUAGES = ("en", "es", "de", "fr", "ar", "hi", "zh")
_TYPESET = re.compile(r"\\(?:mathrm|text)")
_SIGNS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁺⁻$", "0123456789+- ", "{}_^")
_AMOUNT = re.compile(r"(?<![A-Za-z0-9])\d+(?=[A-Z])")  # 2 of 2H2O


@cache
def _rows() -> tuple[Mapping[str, tuple[str, ...]], ...]:
    source = resources.files(__package__).joinpath("data/guard_terms.txt").read_text(encoding="utf-8")
    found = []
    for line in source.splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [tuple(part.strip() for part in cell.split("/")) for cell in line.split("|")]
            found.append(dict(zip((*_LANGUAGES, "formula"), cells, strict=False)))
    return tuple(found)


@dataclass(frozen=True)
class _Finders:
    """``each`` is a pattern for a word of a language (or a formula) with the word of another language for it. Seldom is
    any of them there, and then one of ``words`` is."""

    each: tuple[tuple[re.Pattern[str], str], ...]
    words: tuple[str, ...]

    def found(self, text: str) -> bool:
        return any(word in text for word in self.words)


@cache
def _finders(code: str, home: str) -> _Finders | None:
    """From the words of ``code`` to those of ``home``."""
    named = [(name, row.get(home, row["en"])[0]) for row in _rows() for name in row.get(code, ())]
    if not named or code == home:
        return None
    return _Finders(
        tuple((_pattern(name, code), own) for name, own in named),
        tuple(name if code == "formula" else folded(name) for name, _ in named),
    )


def _pattern(name: str, code: str) -> re.Pattern[str]:
    if code == "formula":
        return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9+-])")
    word = re.escape(folded(name))
    if UNSPACED.search(name):
        return re.compile(word)
    prefix = "[وفبلك]?(?:ال)?" if code == "ar" else ""
    return re.compile(rf"(?<!\w){prefix}{word}(?:n?e?s?|en|ns)(?!\w)")


@lru_cache(maxsize=2048)
def translated(sentence: str, spoken: str, home: str) -> str:
    """The words of ``home`` for what ``sentence`` names in its language or by formula, in the order they come."""
    kept: list[str] = []
    written = _TYPESET.sub("", sentence).translate(_SIGNS)
    formulas = _finders("formula", home)
    if formulas and formulas.found(written):
        written = _AMOUNT.sub("", written)
        kept += [own for pattern, own in formulas.each if pattern.search(written)]
    named: list[tuple[int, int, str]] = []
    names, plain = _finders(spoken, home), folded(sentence)
    if names and names.found(plain):
        named = [(m.start(), -m.end(), own) for pattern, own in names.each for m in pattern.finditer(plain)]
    reached = 0
    for start, end, own in sorted(named):
        if start >= reached:  # a term inside a longer one (oxygen in carbon dioxide) is not said on its own
            kept.append(own)
            reached = -end
    return " ".join(dict.fromkeys(kept))
