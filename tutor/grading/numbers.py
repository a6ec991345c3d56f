"""The numbers a text states, with their signs. Pure.

Reads the digits of any script, decimal commas by language, percentages, fractions, powers of ten and number words.
Digits inside a name or a formula (``H2O``, ``B12``) are no numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.words import UNSPACED, fold
from tutor.grading.cues import Cues, cues

_COMMA_DECIMALS = frozenset({"es", "de", "fr", "it", "pt", "ru", "nl", "pl", "tr", "id", "sv", "da", "no", "fi", "cs"})
_NUMBER = re.compile(
    r"(?<![^\W_])(?<!\d[.,٫])(?P<sign>[-−–+]\s?|minus |menos |negative |ناقص |سالب |माइनस |负|負)?"
    r"(?P<digits>\d{1,3}(?:[ \u202f,.٬]\d{3})+(?![\d])|\d+)(?P<rest>[.,٫]\d+)?"
    r"(?:\s?(?:x|×|\*|·)\s?10\s?\^?\s?(?P<power>[-−]?\d+))?(?:\s?/\s?(?P<below>\d+))?(?P<percent>\s?[%٪])?"
    r"\s?(?P<unit>[^\W\d_]{1,12}|°\s?[cfk]?)?"
)
_LISTED = re.compile(r"(?<=\d),(?!\d{3}(?!\d))")  # "4,5 and 6": three numbers where the comma is no decimal mark
_BESIDE_HAN = re.compile(f"(?<={UNSPACED.pattern})(?=[-−]?\\d)|(?<=\\d)(?={UNSPACED.pattern})")
_DEFINITE = frozenset(
    {"the", "these", "those", "other", "both", "all", "los", "las", "estos", "die", "diese", "beiden"}
)
_MEASURE = "个個条條次倍种種度分秒天年月对對只隻片层層瓦米克升伏安牛焦帕条名位颗顆块塊根"
_CHINESE = re.compile(f"([零二两三四五六七八九十百千]+)(?=[{_MEASURE}])")
_WORD = re.compile(r"[^\s.,;:!?()\[\]\"“”«»،؛؟।。，；：！？、…/]+")
_SCALES = frozenset({60.0, 3600.0, 24.0, 86400.0})


@dataclass(frozen=True, slots=True)
class Number:
    """``value`` as stated; ``unit`` is the folded word after it, which may be any word."""

    value: float
    unit: str = ""

    def equals(self, other: Number) -> bool:
        return abs(self.value - other.value) <= 1e-9 * max(1.0, abs(self.value), abs(other.value))

    def may_be_converted(self, other: Number) -> bool:
        """Whether the two could be one quantity in two units: 1 km and 1000 m."""
        if self.unit == other.unit or not self.value or not other.value or self.value * other.value < 0:
            return False
        ratio = max(self.value / other.value, other.value / self.value)
        power = ratio
        while power > 1.5:
            power /= 10
        return (
            ratio in _SCALES or abs(power - 1) < 1e-6 or (abs(ratio - round(ratio)) < 1e-9 and round(ratio) in _SCALES)
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a text states: ``sure`` numbers, and ``ones``: words that may be the number one or only an article."""

    sure: tuple[Number, ...] = ()
    ones: bool = False

    def holds(self, number: Number) -> bool:
        return any(number.equals(own) for own in self.sure) or (self.ones and number.value == 1)


def numbers(text: str, language: str) -> Numbers:
    """The numbers of ``text``, whose language says what a comma means. Linear in the text's length."""
    folded = fold(text)
    if language.split("-")[0].lower() not in _COMMA_DECIMALS:
        folded = _LISTED.sub(" , ", folded)
    if UNSPACED.search(folded):
        folded = _BESIDE_HAN.sub(" ", folded)  # "有46条": the digits stand alone
    known = cues(language)
    found = [_number(match, language) for match in _NUMBER.finditer(folded)]
    rest = _NUMBER.sub(" ", folded)
    ones = False
    if known is not None:
        spelled, ones = _spelled(rest, known)
        found += spelled
    return Numbers(tuple(dict.fromkeys(found)), ones)


def _number(match: re.Match[str], language: str) -> Number:
    digits, rest = match["digits"], match["rest"] or ""
    comma_decimals = language.split("-")[0].lower() in _COMMA_DECIMALS
    marks = re.findall(r"[ \u202f,.٬]", digits)
    if marks and not rest and len(marks) == 1 and marks[0] == ("," if comma_decimals else "."):
        whole, _, rest = digits.partition(marks[0])
        text = f"{whole}.{rest}"
    else:
        text = re.sub(r"\D", "", digits) + rest.replace(",", ".").replace("٫", ".")
    value = float(text[:300])
    if match["power"]:
        value *= 10.0 ** max(-300, min(300, int(match["power"].replace("−", "-")[:5])))
    if match["below"]:
        below = float(match["below"][:300])
        value = value / below if below else value
    if match["percent"]:
        value /= 100
    sign = (match["sign"] or "").strip()
    # A dash after a word or a number joins (2-3, carbon-14); only one that stands free is a sign.
    before = match.string[: match.start()][-1:]
    if sign and sign != "+" and not (sign in "-−–" and before and not before.isspace() and before not in "(=:,"):
        value = -value
    return Number(value, (match["unit"] or "").strip())


def _spelled(text: str, known: Cues) -> tuple[list[Number], bool]:
    found: list[Number] = []
    for run in _CHINESE.finditer(text):
        found.append(Number(_chinese(run[1], known)))
    if UNSPACED.search(text):
        found += [Number(value) for word, value in known.numbers.items() if len(word) > 1 and word in text]
        return found, any(word in text for word in known.one)
    total: float | None = None
    words = _WORD.findall(text)
    last = before = ""
    for word in [*(part for whole in words for part in whole.split("-")), ""]:
        value = None if before in _DEFINITE else known.numbers.get(word)
        before = word
        if value is not None and total is not None and (value >= 100 or (total % 10 == 0 and 1 < value < 10 and total)):
            total = total * value if value >= 100 else total + value
        else:
            if total is not None:
                found.append(Number(-total if last in ("minus", "menos", "negative") else total, word))
            last = last if value is None else _previous(words, word)
            total = value
    return found, any(word in known.one for word in words)


def _previous(words: list[str], word: str) -> str:
    at = words.index(word) if word in words else 0
    return words[at - 1] if at else ""


def _chinese(run: str, known: Cues) -> float:
    total, digit = 0.0, 0.0
    for character in run:
        value = known.numbers.get(character, 0.0)
        if value >= 10:
            total += (digit or 1.0) * value
            digit = 0.0
        else:
            digit = value
    return total + digit
