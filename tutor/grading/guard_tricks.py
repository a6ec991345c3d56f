"""Words handed over in disguise: spelled out, backwards, in base64 or rot13, or by their first letters. Pure."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from tutor.grading.guard_words import folded

_SPELLED = re.compile(r"(?<!\w)(?:\w(?:\s?[-–.·•_*/,]\s?|\s)){2,}\w(?!\w)")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_QUOTED = re.compile(r"[\"“”«»„'‘’`]\s?(\w{2,20})\s?[\"“”«»'‘’`]")
_QUOTE = re.compile("[\"“”«»„'‘’`]")
_NO_LETTER, _LETTERS = re.compile(r"[\W_]+"), re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"[^\s.,;:!?()]+")
_PREFIX = re.compile(
    r"(?:first letters?|starts? with|begins? with|beginning with|initials?|primera letra|empieza (?:por|con)|"
    r"comienza (?:por|con)|erste[nr]? buchstaben?|beginnt mit|fangt mit|premiere lettre|commence par|以|首字母|"
    r"पहला अक्षर|يبدأ بحرف|الحرف الأول)"
    r"(?:\s+(?:is|the|letters?|are|es|ist|est|la|el|der|le|buchstabe|with|an?)){0,3}[\s:]*[\"“«'‘„]?"
    r"([^\W\d_](?:\s?[-.]\s?[^\W\d_])*|[^\W\d_]{2,12})[\"”»'’“]?(?!\w)"
)
# One of these is in whatever ``_PREFIX`` finds, and a look for them costs a tenth.
_PREFIX_SIGNS = (
    *("first letter", "start", "begin", "initial", "primera letra", "empieza", "comienza", "buchstabe", "fangt mit"),
    *("premiere lettre", "commence par", "以", "首字母", "पहला अक्षर", "يبدأ بحرف", "الحرف الأول"),
)
_SHORTEST = 4  # letters: shorter words turn up by chance when reversed


def disguised(sentences: Sequence[str], secret: Iterable[str]) -> str:
    """The word of ``secret`` that ``sentences`` hand over in disguise, the last alone or with those before; or ""."""
    words, looks = _aims(tuple(secret))
    if not words:
        return ""
    parts = [_part(sentence) for sentence in sentences]
    plain = " ".join(part.plain for part in parts)
    spelled = "".join(part.spelled for part in parts)
    if any(one.ends_alone and other.opens_alone for one, other in pairwise(parts)):
        spelled = _spelled(plain)  # single letters, some in each
    quoted = "".join(_QUOTED.findall(plain)) if any(part.quotes for part in parts) else ""
    letters = "".join(part.letters for part in parts)
    hidden = "".join(part.hidden for part in parts)
    for word in words if spelled or quoted or hidden else ():
        if word in spelled or quoted == word or word in hidden:
            return word
    if seen := [word for look, word in looks if look in letters]:
        tokens = {_letters(token) for token in _TOKEN.findall(plain)}
        for word in seen:
            if not words[word].isdisjoint(tokens):
                return word
            if len(word) >= 7 and len(plain) < 2000 and word[::-1] in letters and word not in letters:
                return word
    if not [sign for sign in _PREFIX_SIGNS if sign in plain]:
        return ""
    for match in _PREFIX.finditer(plain):
        start = _letters(match[1])
        for word in words:
            if start and word.startswith(start) and (len(start) > 1 or len(_letters(match[1])) == 1):
                return word
    return ""


class _Part(NamedTuple):
    """What is looked at of one sentence, all folded: its text, its letters, those of them that stand alone in a row,
    what its codes hide, whether a quotation opens, and whether its first and last words are single letters."""

    plain: str
    letters: str
    spelled: str
    hidden: str
    quotes: bool
    opens_alone: bool
    ends_alone: bool


@lru_cache(maxsize=4096)  # each is read with those that come after it
def _part(sentence: str) -> _Part:
    plain = folded(sentence)
    words = _LETTERS.findall(plain)
    return _Part(
        plain,
        "".join(words),
        _spelled(plain),
        _letters(" ".join(_decoded(sentence))),
        bool(_QUOTE.search(plain)),
        not words or len(words[0]) == 1,
        not words or len(words[-1]) == 1,
    )


def _spelled(plain: str) -> str:
    return "".join(_letters(match[0]) for match in _SPELLED.finditer(plain))


@lru_cache(maxsize=256)  # for every sentence of a reply
def _aims(secret: tuple[str, ...]) -> tuple[Mapping[str, frozenset[str]], tuple[tuple[str, str], ...]]:
    """Words that are long enough, each with its looks (backwards, in rot13); and every look with its word."""
    found = [word for word in dict.fromkeys(map(_letters, secret)) if len(word) >= _SHORTEST]
    words = {
        word: frozenset((word[::-1], codecs.encode(word, "rot13")) if word.isascii() else (word[::-1],))
        for word in found
    }
    return words, tuple((look, word) for word, looks in words.items() for look in looks)


@lru_cache(maxsize=4096)  # the same few secret words are held against every sentence
def _letters(text: str) -> str:
    return _NO_LETTER.sub("", folded(text))


def _decoded(text: str) -> list[str]:
    found: list[str] = []
    for match in _ENCODED.finditer(text[:4000]):
        token = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        if token.isalpha() and token.islower():  # an ordinary long word
            continue
        try:
            decoded = base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            continue
        if decoded.isprintable():
            found.append(decoded)
    return found
