"""What negates, opposes and counts in each language: one TOML file a language, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from retrieval.terms import terms
from retrieval.words import UNSPACED, fold


@lru_cache(maxsize=65536)
def stems(word: str, language: str) -> tuple[str, ...]:
    """The index terms of one word; several for a compound with a hyphen."""
    return tuple(terms(word, language))


@dataclass(frozen=True)
class Cues:
    """One language's. Words are folded; ``opposites`` maps a stem (or a text, where words aren't spaced) to the axes
    it has a place on and the side, ``+1`` or ``-1``; the axes have the same names in every language.

    ``separated`` are verbs with a prefix at the end of the clause (German "nimmt ... zu"), by verb and prefix.
    ``more`` and ``less`` before another comparison only strengthen or turn it. ``whole_clause``: a negation holds for
    its whole clause, not only for what follows.
    """

    language: str
    whole_clause: bool
    negators: tuple[str, ...]
    not_negators: tuple[str, ...]
    denials: tuple[str, ...]
    breaks: tuple[str, ...]
    one: frozenset[str]
    numbers: Mapping[str, float]
    opposites: Mapping[str, tuple[tuple[str, int], ...]]
    separated: Mapping[tuple[str, str], tuple[tuple[str, int], ...]]
    not_opposites: tuple[str, ...]
    more: frozenset[str]
    less: frozenset[str]


@cache
def cues(language: str) -> Cues | None:
    """The cues of a language (``es``, ``es-MX``), or None where it has no file."""
    code = language.split("-")[0].lower()
    if not code.isalpha():
        return None
    file = resources.files(__name__).joinpath(f"{code}.toml")
    if not file.is_file():
        return None
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    anywhere: dict[str, list[tuple[str, int]]] = {}
    separated: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for axis, sides in data["opposites"].items():
        for side, words in zip((1, -1), sides, strict=True):
            for word in words:
                verb, _, prefix = fold(word).partition("+")
                places = (
                    separated.setdefault((verb, prefix), []) if prefix else anywhere.setdefault(_key(verb, code), [])
                )
                if (axis, side) not in places:
                    places.append((axis, side))
    return Cues(
        code,
        data["negates"] == "clause",
        _longest_first(data["negators"]),
        _longest_first(data["not_negators"]),
        _longest_first(data["denials"]),
        _longest_first(data["breaks"]),
        frozenset(map(fold, data["one"])),
        {fold(word): float(value) for word, value in data["numbers"].items()},
        {key: tuple(places) for key, places in anywhere.items()},
        {key: tuple(places) for key, places in separated.items()},
        _longest_first(data["not_opposites"]),
        frozenset(map(fold, data["more"])),
        frozenset(map(fold, data["less"])),
    )


def languages() -> tuple[str, ...]:
    """The languages that have a file."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in resources.files(__name__).iterdir() if ".toml" in f.name))


def _key(word: str, code: str) -> str:
    folded = fold(word)
    if UNSPACED.search(folded):
        return folded
    return " ".join(stem for part in folded.split() for stem in stems(part, code))


def _longest_first(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(fold, phrases), key=lambda phrase: (-len(phrase), phrase)))
