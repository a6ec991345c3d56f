"""Counting and folding words, for scripts with and without spaces. Pure."""

from __future__ import annotations

import re
import unicodedata

# Scripts written without spaces: Han, kana, Thai, Lao, Khmer, Myanmar.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
LONG_TOKEN = 24  # characters; a longer run without spaces (a URL, a base64 string) counts as several words


def count_words(text: str) -> int:
    """How many words ``text`` holds; two characters of an unspaced script count as one word.

    It never grows faster than the text: ``count_words(a + b) <= count_words(a) + count_words(b)``.
    """
    unspaced = len(UNSPACED.findall(text))
    rest = UNSPACED.sub(" ", text) if unspaced else text
    return (unspaced + 1) // 2 + sum(-(-len(token) // LONG_TOKEN) for token in rest.split())


def fold(text: str) -> str:
    """Case and compatibility forms removed: ``H₂O`` and ``h2o`` fold to the same string."""
    return unicodedata.normalize("NFKC", text).casefold()


def strip_marks(text: str) -> str:
    """Accents off Latin letters (``síntesis`` gives ``sintesis``); other scripts keep their marks.

    Devanagari vowel signs and Thai tone marks are combining characters too, and carry meaning.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.combining(character):
            if base < "\u0530":  # Latin, Greek, Cyrillic
                continue
        else:
            base = character
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
