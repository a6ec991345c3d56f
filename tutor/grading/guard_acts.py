"""What a tutor's sentence does: asks openly, suggests, points, speaks of the learner's work, or asserts. Pure.

Most of what a tutor says while an item is open is none of the assertions that could give it away. The cues are words
of each language and know nothing of any topic.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from retrieval.words import UNSPACED
from tutor.grading.guard_words import folded

#: The names of what ``acts`` returns, in order.
ACTS = ("asks", "leaves_open", "suggests", "points", "addresses", "judges", "denies", "defines", "asserts", "refers")


@cache
def _cues() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    source = resources.files(__package__).joinpath("data/guard_acts.toml").read_text(encoding="utf-8")
    return {
        code: {kind: _pattern(phrases) for kind, phrases in kinds.items()}
        for code, kinds in tomllib.loads(source).items()
    }


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    whole = sorted({folded(phrase) for phrase in phrases}, key=len, reverse=True)
    spaced = [re.escape(phrase) for phrase in whole if not UNSPACED.search(phrase)]
    unspaced = [re.escape(phrase) for phrase in whole if UNSPACED.search(phrase)]
    parts = ([rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []) + unspaced
    return re.compile("|".join(parts))


@lru_cache(maxsize=1024)  # every part of the guard asks it of the same sentence
def acts(sentence: str, language: str) -> tuple[float, ...]:
    """``ACTS`` of a sentence, each 0 or 1. Words that open a sentence count near its start only."""
    known = _cues().get(language.split("-")[0].lower(), _cues()["en"])
    plain = folded(sentence).replace("’", "'").strip(" \"'“”«»*_¿¡")
    opening = plain[:40]
    asks = plain.rstrip(" \"'“”«»*_").endswith(("?", "؟"))
    suggests = asks and bool(known["suggest"].search(opening))
    open_question = asks and not suggests and bool(known["ask"].search(plain))
    points, addresses = bool(known["point"].search(opening)), bool(known["you"].search(plain))
    judges = bool(known["judge"].search(opening))
    refers = bool(known["refer"].match(plain) or known["ask"].match(plain)) and not asks
    return tuple(
        float(found)
        for found in (
            asks,
            open_question,
            suggests,
            points,
            addresses,
            judges,
            bool(known["deny"].search(plain)),
            bool(known["define"].search(plain)),
            not (asks or points or addresses or judges),
            refers,
        )
    )


@lru_cache(maxsize=1024)
def holds_its_answer(sentence: str, language: str) -> bool:
    """Whether it is a question that does not open with a question word: "Could it be ...?"."""
    known = _cues().get(language.split("-")[0].lower(), _cues()["en"])
    plain = folded(sentence).replace("’", "'").strip(" \"'“”«»*_¿¡")
    return plain.rstrip(" \"'“”«»*_").endswith(("?", "؟")) and not known["ask"].match(plain)
