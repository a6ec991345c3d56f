"""Words handed over in disguise: spelled out, backwards, in base64 or rot13, or by their first letters. Pure."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tutor.grading.guard_words import folded

_SPELLED = re.compile(r"(?<!\w)(?:\w(?:\s?[-–.·•_*/,]\s?|\s)){2,}\w(?!\w)")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_QUOTED = re.compile(r"[\"“”«»„'‘’`]\s?(\w{2,20})\s?[\"“”«»'‘’`]")
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


def disguised(text: str, secret: Iterable[str]) -> str:
    """The word of ``secret`` that ``text`` hands over in disguise, or ""."""
    words = _aims(tuple(secret))
    if not words:
        return ""
    plain = folded(text)
    pieces = [_letters(match[0]) for match in _SPELLED.finditer(plain)]
    spelled = "".join(pieces)
    quoted = "".join(match[1] for match in _QUOTED.finditer(plain))
    letters = "".join(_LETTERS.findall(plain))
    hidden = _letters(" ".join(_decoded(text)))
    tokens: set[str] | None = None
    for word in words if spelled or quoted or hidden else ():
        if word in spelled or quoted == word or word in hidden:
            return word
    for word, disguises in words.items():
        if not [one for one in disguises if one in letters]:
            continue
        tokens = tokens or {_letters(token) for token in _TOKEN.findall(plain)}
        if disguises & tokens:
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


@lru_cache(maxsize=256)  # for every sentence of a reply
def _aims(secret: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    """The words that are long enough, each with how it looks backwards and in rot13."""
    words = [word for word in dict.fromkeys(map(_letters, secret)) if len(word) >= _SHORTEST]
    return {
        word: frozenset((word[::-1], codecs.encode(word, "rot13")) if word.isascii() else (word[::-1],))
        for word in words
    }


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
