"""Text as index terms: folded, stemmed words; overlapping pairs of characters where words are not spaced.

The same function runs on passages and on questions, so anything the two share is found. Stemmers are Snowball's
(PyStemmer); a language without one is matched on folded words.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.stopwords import stopwords
from retrieval.words import UNSPACED, fold, strip_marks

if TYPE_CHECKING:
    import Stemmer

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish",
    "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "nb": "norwegian", "pl": "polish", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
# Letters, digits and the marks that belong to letters (`\w` leaves out the vowel signs of Indic and other scripts).
_WORD = re.compile(
    "[^\\W_]+(?:[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0f71-\u0f84\u1000-\u109f\u1780-\u17d3\u200c\u200d]+[^\\W_]*)*"
    "(?:['’](?=[^\\W_])[^\\W_]+)?"
)
_ELISION = re.compile("^(?:l|d|qu|j|n|s|c|t|m|dell|all|nell|sull|un|dall)['’](?=..)")
_POSSESSIVE = re.compile("['’]s?$|['’](?:s|t|d|ll|re|ve)$")
_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_LETTERS = str.maketrans("أإآٱىة", "ااااىه")
_LONGEST = 64  # characters of a term

_local = threading.local()


def terms(text: str, language: str | None) -> list[str]:
    """The index terms of ``text`` in order, stop words and all.

    Characters of unspaced scripts stand there singly too, for questions of one character.
    """
    code = _code(language)
    return [term for word in _WORD.findall(fold(text)) for term in _word_terms(word[:_LONGEST], code)]


@lru_cache(maxsize=1 << 14)  # a few thousand words are most of any text
def _word_terms(word: str, code: str) -> tuple[str, ...]:
    """What ``terms`` has of one folded word."""
    found: list[str] = []
    for _, term in _word_pairs(word, code):
        found.append(term)
        if len(term) == 2 and UNSPACED.match(term):
            found.extend(term)
    return tuple(found)


def query_terms(text: str, language: str | None) -> list[str]:
    """The distinct terms of a question without its function words; with them where nothing else is left."""
    stop = stopwords(language or "en") | stopwords("en") if (language or "en") == "en" else stopwords(language or "en")
    pairs = _pairs(text, language)
    content = [term for word, term in pairs if word not in stop and term not in stop]
    return list(dict.fromkeys(content or [term for _, term in pairs]))


def foreign_terms(text: str, spoken: str | None, language: str | None) -> list[str]:
    """What a question in the language ``spoken`` may share with a course in ``language``: its words but the small ones,
    as terms of the course's language, with digits of every script as 0 to 9."""
    digits = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text)
    stop = stopwords(spoken or "") | stopwords(language or "")
    return list(dict.fromkeys(term for word, term in _pairs(digits, language) if word not in stop and len(term) > 1))


def _pairs(text: str, language: str | None) -> list[tuple[str, str]]:
    """Folded words, each with its term."""
    code = _code(language)
    return [pair for word in _WORD.findall(fold(text)) for pair in _word_pairs(word[:_LONGEST], code)]


def _code(language: str | None) -> str:
    return (language or "").split("-")[0].lower()


@lru_cache(maxsize=1 << 14)
def _word_pairs(word: str, code: str) -> tuple[tuple[str, str], ...]:
    """What ``_pairs`` has of one folded word."""
    if UNSPACED.search(word):
        return tuple((pair, pair) for pair in _character_pairs(word))
    word = _POSSESSIVE.sub("", word)
    if code in ("fr", "it", "ca"):
        word = _ELISION.sub("", word)
    word = word.replace("’", "").replace("'", "")
    if "\u0600" <= word[:1] <= "\u06ff":
        word = _ARABIC_MARKS.sub("", word)
    if not word:
        return ()
    stemmer = _stemmer(code)
    term = stemmer.stemWord(word) if stemmer and not word.isdigit() else word
    return ((word, strip_marks(term).translate(_ARABIC_LETTERS) or word),)


def _character_pairs(word: str) -> list[str]:
    """``光合作用`` gives its overlapping pairs; Latin letters or digits inside stay whole."""
    pieces: list[str] = []
    run = ""
    other = ""
    for character in [*word, ""]:
        if character and UNSPACED.match(character):
            run += character
        if not character or not UNSPACED.match(character):
            pieces.extend(run[at : at + 2] for at in range(max(1, len(run) - 1)) if run)
            run = ""
            other += character
        if other and (not character or UNSPACED.match(character)):
            pieces.append(other)
            other = ""
    return pieces


def _stemmer(code: str) -> Stemmer.Stemmer | None:
    """One stemmer a thread and language: they keep a cache and are not safe to share."""
    name = _STEMMERS.get(code)
    if name is None:
        return None
    kept: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if name not in kept:
        import Stemmer

        kept[name] = Stemmer.Stemmer(name)
    return kept[name]
