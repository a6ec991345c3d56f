"""Numbers that stand in a short answer as words or ordinals: "four", "the fourth", "4th", "cuarto"."""

import re

from tutor.domain.mathematics.words import plain_words
from tutor.domain.units import read_unit

_ARTICLES = frozenset(re.findall(r"\w+", "the el la lo der die das dem den level nivel stufe number numero nummer"))
_WORDS = (
    "one first uno una primero primera primer eins erste ersten",
    "two second dos segundo segunda zwei zweite zweiten",
    "three third tres tercero tercera tercer drei dritte dritten",
    "four fourth cuatro cuarto cuarta vier vierte vierten",
    "five fifth cinco quinto quinta funf funfte funften",
    "six sixth seis sexto sexta sechs sechste sechsten",
    "seven seventh siete septimo septima sieben siebte siebten",
    "eight eighth ocho octavo octava acht achte achten",
    "nine ninth nueve noveno novena neun neunte neunten",
    "ten tenth diez decimo decima zehn zehnte zehnten",
    "eleven eleventh elf elfte elften",
    "twelve twelfth doce zwolf zwolfte zwolften",
)
_NUMBERS = {word: number for number, words in enumerate(_WORDS, 1) for word in words.split()}
_LONGEST = 6  # words
_ORDINAL = re.compile(r"(?:the )?(\d+)(?:st|nd|rd|th)\b[ .]*(.*)", re.IGNORECASE)


def in_digits(text: str, prompt: str) -> str:
    """``text`` with its number in digits, where that is all it says besides a unit and words of the question; else
    nothing.

    "third" may be a part and not a place: who asks must not take the number for certain.
    """
    known = _ARTICLES | set(plain_words(prompt).split())
    ordinal = _ORDINAL.fullmatch(text.strip())
    if ordinal and all(word in known for word in plain_words(ordinal[2]).split()):
        return ordinal[1]
    words = plain_words(text).split()
    found = [at for at, word in enumerate(words) if word in _NUMBERS]
    if len(found) != 1 or len(words) > _LONGEST:
        return ""
    at = found[0]
    before, after = words[:at], " ".join(words[at + 1 :])
    if not all(word in known for word in before):
        return ""
    if after and all(word in known for word in after.split()):
        after = "" if read_unit(after, counted=False) is None else after
    elif after and read_unit(after, counted=False) is None:
        return ""
    return f"{_NUMBERS[words[at]]} {after}".strip()
