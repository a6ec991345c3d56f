"""What is read letter by letter, and what is not: acronyms, chemical formulas, Roman numerals, names with digits."""

import re
from collections.abc import Callable

from media_gen.language import Language
from media_gen.speech import chemistry, numerals

Keep = Callable[[str], str]

LATIN = "A-Za-zÀ-ɏ0-9"
# A capital word of up to six letters, with a small letter before, a plural s or digits: ATP, mRNA, RNAs, B12.
CAPITALS = re.compile(rf"(?<![{LATIN}])([a-z]?[A-Z][A-Z&]{{0,5}})((?<=[A-Z]{{2}})s|-?\d+)?(?![{LATIN}])")
INITIALS = re.compile(rf"(?<![{LATIN}.])(?:[A-Z]\.){{2,}}")
# Said as a word: vowels and consonants take turns, and there are enough of them (NASA, LASER, UNESCO; but not NADH).
_CONSONANT = "[BCDFGHJKLMNPQRSTVWXYZ]"
SPEAKABLE = re.compile(rf"{_CONSONANT}?(?:[AEIOU]{{1,2}}{_CONSONANT}(?:(?!H){_CONSONANT}|(?<=[CGPST])H)?)+[AEIOU]?")
WORDS = frozenset(("AIDS", "RAM", "ROM", "SIM", "GIF", "PIN", "SARS"))
ONE_LETTER_WORDS = frozenset("AIOYEU")
ROMAN = re.compile(r"(?<=[^\W\d_])(?P<gap>[ \u00a0])(?P<n>[IVX]{2,5})(?P<fr>e|ᵉ|ème)?(?!\w)")
ARTICLES = frozenset(("a", "an", "the", "un", "una", "une", "ein", "eine", "um", "uma", "uno"))
SHOUTED = re.compile(r"\b[A-ZÀ-Þ]{4,}\b")


def read(text: str, language: Language, keep: Keep) -> str:
    text = chemistry.FORMULA.sub(lambda m: _formula(m, language, keep), text)
    text = INITIALS.sub(lambda m: keep(chemistry.spelled(m[0].replace(".", ""), language)), text)
    text = ROMAN.sub(lambda m: _roman(m, language, keep), text)
    shouting = len(SHOUTED.findall(text)) > 1
    return CAPITALS.sub(lambda m: m[0] if shouting and len(m[1]) > 3 else _capitals(m, language, keep), text)


def number(digits: str, language: Language) -> str:
    """A number that names something (a function's argument, vitamin B12): a cardinal, or its digits if it is long."""
    return numerals.decimal(digits, "", language) if len(digits) < 7 else numerals.digits(digits, language)


def _formula(match: "re.Match[str]", language: Language, keep: Keep) -> str:
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    apart = not re.match(rf"[{LATIN}]", before) and not re.match(rf"[{LATIN}]", after)
    return keep(chemistry.read(match[0], language)) if apart and chemistry.is_formula(match[0]) else match[0]


def _capitals(match: "re.Match[str]", language: Language, keep: Keep) -> str:
    letters, ending = match[1].replace("&", ""), match[2] or ""
    if len(letters) == 1 and not ending:
        return match[0] if _is_word(match, language) else keep(chemistry.spelled(letters, language))
    if not ending.strip("s-") and (letters in WORDS or (len(letters) > 3 and SPEAKABLE.fullmatch(letters))):
        return match[0]
    said = [chemistry.spelled(letters, language)]
    if ending == "s":
        said[0] += "s" if numerals.primary(language) == "en" else ""
    elif ending:
        said.append(number(ending.strip("-"), language))
    return keep(chemistry.joined(said, language))


def _is_word(match: "re.Match[str]", language: Language) -> bool:
    """A capital by itself that begins a sentence, or is English's I, is a word; elsewhere it is a letter's name."""
    if language.unit == "characters" or numerals.primary(language) in ("ar", "hi"):
        return False
    if numerals.primary(language) == "en" and match[1] == "I":
        return True
    before, after = match.string[: match.start()].rstrip(" \"'“„«¿¡("), match.string[match.end() :]
    begins = not before or before[-1] in ".:!?"
    follows = after[:1] == " " and (after[1:2].isalnum() or "\ue000" <= after[1:2] <= "\uf8ff")  # a word or a number
    return (begins and match[1] in ONE_LETTER_WORDS and follows) or after.startswith(("'", "’"))


def _roman(match: "re.Match[str]", language: Language, keep: Keep) -> str:
    """Roman numerals of I, V and X after a word: Photosystem II, siglo XIX. XX may be chromosomes and stays."""
    before = match.string[: match.start()].split()
    value = from_roman(match["n"])
    if value is None or match["n"] == "XX" or before[-1].lower() in ARTICLES:
        return match[0]
    if match["fr"] or (numerals.primary(language) == "it" and match.string[match.end() :].startswith(" secol")):
        return match["gap"] + keep(numerals.ordinal(value, language))
    return match["gap"] + keep(numerals.cardinal(value, language))


def from_roman(numeral: str) -> int | None:
    """The value of a well-formed numeral of I, V and X, else None."""
    values = {"I": 1, "V": 5, "X": 10}
    total = 0
    for sign, after in zip(numeral, [*numeral[1:], None], strict=True):
        total += -values[sign] if after is not None and values[after] > values[sign] else values[sign]
    tens, ones = divmod(total, 10)
    canonical = "X" * tens + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]
    return total if canonical == numeral else None
