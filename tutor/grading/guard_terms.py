"""Words of school science in several languages: a sentence is read with the item's own words for what it names.

So a name handed over in another language or as a formula is still that name. Data, and no more than a help: what is
not in it is left to the vectors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from retrieval.words import UNSPACED
from tutor.grading.guard_words import folded

_LANGUAGES = ("en", "es", "de", "fr", "ar", "hi", "zh")
_SIGNS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁺⁻", "0123456789+-")


@cache
def _rows() -> tuple[Mapping[str, tuple[str, ...]], ...]:
    source = resources.files(__package__).joinpath("data/guard_terms.txt").read_text(encoding="utf-8")
    found = []
    for line in source.splitlines():
        if line.strip() and not line.startswith("#"):
            cells = [tuple(part.strip() for part in cell.split("/")) for cell in line.split("|")]
            found.append(dict(zip((*_LANGUAGES, "formula"), cells, strict=False)))
    return tuple(found)


@cache
def _finders(home: str) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Patterns for words of other languages and formulas, each with its language and the word of ``home``."""
    found = []
    for row in _rows():
        own = row.get(home, row["en"])[0]
        for code, names in row.items():
            if code != home:
                for name in names:
                    found.append((_pattern(name, code), code, own))
    return tuple(found)


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
    plain = folded(sentence)
    formulas = re.sub(r"\\(?:mathrm|text)|[${}_^ ]", lambda m: " " if m[0] in "$ " else "", sentence).translate(_SIGNS)
    formulas = re.sub(r"(?<![A-Za-z0-9])\d+(?=[A-Z])", "", formulas)
    named: list[tuple[int, int, str]] = []
    kept: list[str] = []
    for pattern, code, own in _finders(home):
        if code == "formula" and pattern.search(formulas):
            kept.append(own)
        elif code == spoken:
            named += [(match.start(), -match.end(), own) for match in pattern.finditer(plain)]
    reached = 0
    for start, end, own in sorted(named):
        if start >= reached:  # a term inside a longer one (oxygen in carbon dioxide) is not said on its own
            kept.append(own)
            reached = -end
    return " ".join(dict.fromkeys(kept))
