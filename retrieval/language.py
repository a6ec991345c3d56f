"""Which language a question is in. Pure, and small: a script tells most, function words and spelling tell the rest.

Questions are short, so the answer is a guess with a bias: a question that does not speak clearly for another
language is in the language of the course.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from retrieval.stopwords import languages, stopwords
from retrieval.words import strip_marks

# One language each, or the most likely one, for scripts that are not Latin.
_SCRIPTS = {
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "HANGUL": "ko",
    "THAI": "th",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
}
_SAME_SCRIPT = {
    "ar": frozenset({"ar", "fa", "ur", "ps"}),
    "hi": frozenset({"hi", "mr", "ne", "sa"}),
    "ru": frozenset({"ru", "uk", "bg", "sr", "mk", "be"}),
    "zh": frozenset({"zh", "ja"}),
}
# Spelling that speaks for a language, each worth as much as a function word. None goes over a space, but for the sign
# that looks ahead.
_LOOKS_AHEAD = "tion"
_SPELLING = {
    "es": re.compile(r"[ñ¿¡]|[áéíóú]|ción\b|ciones\b|dad\b|mente\b"),
    "pt": re.compile(r"[ãõ]|[áéíóú]|ç[aouãú]|ção\b|ções\b|dade\b|lh|nh"),
    "fr": re.compile(r"[œèêûîâ]|\b[ldcnsjm]['’]|\bqu['’]|eaux\b|tion\b(?=.*\b(?:la|le|les|des|du)\b)"),
    "de": re.compile(r"[äöüß]|ung\b|keit\b|heit\b|sch|lich\b|(?<=\w)z\w|tz"),
    "it": re.compile(r"zione\b|zioni\b|\b(?:dell|all|nell|sull|un)['’]|[òì]|gli\b"),
    "nl": re.compile(r"ij|aa|oe|sch"),
    "en": re.compile(r"\b(?:th|wh)|ing\b|['’]s\b"),
}
_LATIN_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str, course_language: str) -> str:
    """The language code of a question, ``course_language`` where it does not clearly speak for another."""
    course = course_language.split("-")[0].lower()
    script = _script(text)
    if script is None:
        return course
    if script != "LATIN":
        language = _SCRIPTS.get(script)
        if language is None:
            return course
        return course if course in _SAME_SCRIPT.get(language, {language}) else language
    return _latin(text.casefold(), course)


def _script(text: str) -> str | None:
    """The script of most letters. A few foreign letters in a question (DNA, ATP, H₂O) do not decide it."""
    if text.isascii():
        return "LATIN" if _LATIN_WORD.search(text) else None
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        script = _script_of(character)
        # A Han or kana character says as much as a word.
        if script:
            counts[script] += times * (3 if script in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL") else 1)
    if not counts:
        return None
    if counts["HIRAGANA"] + counts["KATAKANA"] and counts["CJK"]:
        return "HIRAGANA"
    return counts.most_common(1)[0][0]


@lru_cache(maxsize=4096)
def _script_of(character: str) -> str:
    """The script of a letter; nothing for other characters, and for letters that stand for themselves in formulas."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    return "" if name in ("SUBSCRIPT", "SUPERSCRIPT", "MODIFIER", "MATHEMATICAL") else name


def _latin(text: str, course: str) -> str:
    pieces = [_piece(piece) for piece in text.split()]
    spelled = {sign for piece in pieces for sign in piece.signs}
    if _LOOKS_AHEAD in text:
        spelled = {sign for sign in spelled if sign[0] != "fr"}
        spelled.update(("fr", sign) for sign in _SPELLING["fr"].findall(text))
    scores = dict.fromkeys(_SPELLING, 0.0)
    for language, _ in spelled:
        scores[language] += 0.7
    for piece in pieces:
        for language, weight in piece.weights:
            scores[language] += weight
    home = scores.get(course, 0.0)
    lead = max(scores.values()) - home
    if lead > 0.6 or (home == 0 and lead >= 0.4):
        return max(scores, key=lambda language: (scores[language], language == course))
    return course


class _Piece(NamedTuple):
    """What stands between two spaces: the spelling in it that speaks for a language, and what its words say for one."""

    signs: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, float], ...]


@lru_cache(maxsize=1 << 14)  # a few thousand are most of any text
def _piece(text: str) -> _Piece:
    signs = {(language, sign) for language, pattern in _SPELLING.items() for sign in pattern.findall(text)}
    weights = tuple(pair for word in _LATIN_WORD.findall(text) for pair in _weights(word))
    return _Piece(tuple(signs), weights)


def _weights(word: str) -> tuple[tuple[str, float], ...]:
    """What a word says for each language. A function word counts in full where few languages share it, less where many
    do; other words say nothing."""
    shared = sum(1 for other in languages() if word in stopwords(other))
    weight = (1.0 if len(word) > 1 else 0.3) / max(1, shared)
    return tuple(
        (language, weight) for language in _SPELLING if word in stopwords(language) or word in _unmarked(language)
    )


def _unmarked(language: str) -> frozenset[str]:
    """Function words as people type them without accents."""
    found = _UNMARKED.get(language)
    if found is None:
        found = _UNMARKED[language] = frozenset(strip_marks(word) for word in stopwords(language))
    return found


_UNMARKED: dict[str, frozenset[str]] = {}
