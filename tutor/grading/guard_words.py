"""The guard's words: what counts, computes or announces a result in each language. Read once from data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from retrieval.words import fold, strip_marks


@dataclass(frozen=True)
class Words:
    """One language's. Everything is folded; see the comments in ``data/guard_words.toml``."""

    language: str
    numbers: Mapping[str, float]
    fractions: Mapping[str, int]
    fixed: Mapping[str, float]
    joins: frozenset[str]
    point: frozenset[str]
    percent: tuple[str, ...]
    minus: frozenset[str]
    below: tuple[str, ...]
    ops: tuple[tuple[str, str], ...]
    cues: Mapping[str, frozenset[str]]
    states: frozenset[str]
    concludes: tuple[str, ...]
    hedges: frozenset[str]
    one: frozenset[str]
    rest: frozenset[str]
    things: frozenset[str]
    nothing: tuple[str, ...]
    all: tuple[str, ...]


@lru_cache(maxsize=4096)  # an open question's own words are folded anew with every sentence
def folded(text: str) -> str:
    """Lower case, compatibility forms and the accents of Latin letters removed."""
    return strip_marks(fold(text)).replace("ß", "ss")


@cache
def languages() -> Mapping[str, Words]:
    """By language code, in the order of the file."""
    source = resources.files(__package__).joinpath("data/guard_words.toml").read_text(encoding="utf-8")
    return {code: _words(code, data) for code, data in tomllib.loads(source).items()}


@cache
def words_of(language: str) -> Words:
    """The words of a language, and those of English where it has none."""
    known = languages()
    return known.get(language.split("-")[0].lower(), known["en"])


def _words(code: str, data: Mapping[str, object]) -> Words:
    def table(key: str) -> dict[str, float]:
        parts = str(data[key]).split()
        return {folded(word): float(value) for word, value in zip(parts[::2], parts[1::2], strict=True)}

    def one(key: str) -> frozenset[str]:
        return frozenset(folded(str(data[key])).split())

    def several(key: str) -> tuple[str, ...]:
        found = data[key]
        assert isinstance(found, list)
        return tuple(folded(str(phrase)) for phrase in found)

    pairs = data["ops"]
    assert isinstance(pairs, list)
    ops = sorted(((folded(str(words)), str(sign)) for words, sign in pairs), key=lambda pair: -len(pair[0]))
    return Words(
        language=code,
        numbers=table("numbers"),
        fractions={word: int(value) for word, value in table("fractions").items()},
        fixed=table("fixed"),
        joins=one("and"),
        point=one("point"),
        percent=several("percent"),
        minus=frozenset(several("minus")),
        below=several("below"),
        ops=tuple(ops),
        cues={sign: one(key) for sign, key in (("+", "add"), ("-", "subtract"), ("*", "multiply"), ("/", "divide"))},
        states=one("states"),
        concludes=several("concludes"),
        hedges=one("hedges"),
        one=one("one"),
        rest=one("rest"),
        things=one("things"),
        nothing=several("nothing"),
        all=several("all"),
    )
