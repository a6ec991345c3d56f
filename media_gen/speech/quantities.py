"""Numbers in running text with what belongs to them: units, per cent, money, ranges, dates, ordinals, powers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media_gen.language import Language
from media_gen.speech import numerals

Keep = Callable[[str], str]  # puts words away, and gives the character that stands for them

MINUS = "−"
SPACES = "\u00a0\u202f\u2009"  # they group digits in every language
LATIN = "A-Za-zÀ-ɏ0-9"  # what a number can't stand against; Chinese and Arabic words may touch it
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−")
CURRENCIES = "$€£"
SCALES = "thousand|million|billion|trillion"  # $5 million, as English writes
VULGAR = dict(
    zip(
        "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞",
        ["1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "2/5", "3/5", "4/5", "1/6", "5/6", "1/8", "3/8", "5/8", "7/8"],
        strict=True,
    )
)
ORDINAL_ENDINGS = {
    "en": r"(?:st|nd|rd|th)\b",
    "es": r"\.?(?P<o>[ºª])",
    "pt": r"(?P<o>[ºª])",
    "it": r"(?P<o>[ºª])",
    "fr": r"(?:(?P<o>re|ère)|er|e|ème|ᵉ|ᵉʳ)\b",
    "de": r"\.(?=\s+(?:[A-ZÄÖÜ]))",
}
# English and German say some numbers as years; these words before them say that they are.
YEARS = {
    "en": r"(?:in|since|by|from|until|till|to|year|around|about|circa|before|after|during|and|of|January|February|March"
    r"|April|May|June|July|August|September|October|November|December)\s+|\(",
    "de": r"(?:Jahr|Jahre|Jahres|seit|von|bis|um|nach|vor|ab|Januar|Februar|März|April|Mai|Juni|Juli|August|September"
    r"|Oktober|November|Dezember)\s+|\(",
}
OBLIQUE = re.compile(r"\b(?:am|dem|den|des|im|zum|vom|beim|zur)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class _Number:
    """As written: digits before and after the decimal sign, without what groups them."""

    whole: str
    fraction: str
    negative: bool = False

    @property
    def value(self) -> int | None:
        return None if self.fraction or (len(self.whole) > 1 and self.whole[0] == "0") else int(self.whole)

    def words(self, language: Language) -> str:
        said = numerals.decimal(self.whole, self.fraction, language)
        return language.spoken["phrases"]["negative"].format(x=said) if self.negative else said


def read(text: str, language: Language, keep: Keep) -> str:
    return _Reader(language, keep).read(text)


class _Reader:
    def __init__(self, language: Language, keep: Keep) -> None:
        self._language, self._keep = language, keep
        self._phrases = language.spoken["phrases"]
        self._units: Mapping[str, str] = language.spoken["units"]
        self._point, self._other = language.decimal, "," if language.decimal == "." else "."
        group = re.escape(self._other + SPACES) + (" " if language.group.isspace() else "")
        point = re.escape(self._point)
        # The other sign groups where three digits follow it; else it can only be a point: 3.14 in German.
        self._number = rf"(?:\d{{1,3}}(?:[{group}]\d{{3}})+(?!\d)(?:{point}\d+)?|\d+(?:{point}\d+)?(?!\d))"
        if self._other == ".":
            self._number = rf"(?:\d+\.(?!\d{{3}}(?!\d))\d+(?![\d.])|{self._number[3:]}"
        aliases = {forms.partition("|")[0]: forms for forms in self._units.values()}
        abbreviations = language.spoken["abbreviations"]
        self._units = {**{a: aliases[said] for a, said in abbreviations.items() if said in aliases}, **self._units}
        names = sorted(self._units, key=len, reverse=True)
        self._unit = "|".join(re.escape(name) for name in names if name not in CURRENCIES)

    def read(self, text: str) -> str:
        signs = "[" + "".join(VULGAR) + "]"
        text = re.sub(rf"(?<=\d)\s?(?={signs})", f" {self._phrases['and']} ", text)
        text = re.sub(signs, lambda m: VULGAR[m[0]], text)
        number = rf"(?<![{LATIN}.,]){self._number}"
        signed = rf"(?:(?<![\w)])(?P<minus>[−-])\s?)?(?<![{LATIN}.,]){self._number}"
        for pattern, reading in (
            (r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", self._date),
            (r"(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])", self._time),
            (rf"(?P<coin>[{CURRENCIES}])\s?(?P<n>{self._number})(?:\s(?P<scale>{SCALES})\b)?", self._money),
            (rf"(?P<n>{self._number})\s?(?P<coin>[{CURRENCIES}])", self._money),
            (self._range_pattern(), self._range),
            (r"(?<!\d)(?P<year>1[1-9]\d\d|20\d\d)s\b", self._decade),
            (
                rf"(?P<n>{number})\s?[×·x]\s?10(?P<e>[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s?(?P<unit>{self._unit})?(?![{LATIN}])",
                self._scientific,
            ),
            (
                rf"(?P<n>{signed})(?P<gap>\s?)(?P<unit>{self._unit})(?:/(?P<per>{self._unit}))?(?![{LATIN}²³/'’])",
                self._quantity,
            ),
            (rf"(?<![{LATIN}.,/])(?P<a>\d+)/(?P<b>\d+)(?![{LATIN}/])", self._fraction),
            (rf"(?<![{LATIN}.,])(?P<a>\d+)\s?:\s?(?P<b>\d+)(?![{LATIN}])", self._ratio),
            (rf"(?P<n>{number})(?P<e>[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)", self._power),
            *self._ordinals(),
            (signed, self._plain),
        ):
            text = re.sub(pattern, reading, text)
        return text

    def _parsed(self, written: str) -> _Number:
        negative = written[0] in "−-"
        written = written.lstrip("−- ")
        if self._other == "." and re.fullmatch(r"\d+\.(?!\d{3}$)\d+", written):
            head, _, tail = written.partition(".")
            return _Number(head, tail, negative)
        whole, _, fraction = written.partition(self._point)
        return _Number(re.sub(r"\D", "", whole), fraction, negative)

    def _said(self, words: str, match: "re.Match[str]") -> str:
        """The words with a space where the text had none before or after them."""
        if self._language.unit == "characters":
            return self._keep(words)
        before, after = match.string[: match.start()], match.string[match.end() :]
        start = " " if before and before[-1].isalpha() else ""
        return start + self._keep(words) + (" " if after and after[0].isalpha() else "")

    def _counted(self, number: _Number, unit: str) -> str:
        if unit == "%":
            return self._phrases["percent"].format(n=number.words(self._language))
        if unit == "‰":
            return self._phrases["permille"].format(n=number.words(self._language))
        whole = None if number.negative and number.value is None else number.value
        positive = _Number(number.whole, number.fraction)
        said = numerals.counted(positive.words(self._language), self._units[unit], self._language, whole=whole)
        return self._phrases["negative"].format(x=said) if number.negative else said

    def _quantity(self, match: "re.Match[str]") -> str:
        said = self._counted(self._parsed(match["n"]), match["unit"])
        if match["per"]:
            said = f"{said} {self._phrases['per']} {numerals.form(self._units[match['per']], 1)}"
        return self._said(said, match)

    def _money(self, match: "re.Match[str]") -> str:
        number = self._parsed(match["n"])
        if scale := match.groupdict().get("scale"):
            noun = numerals.form(self._units[match["coin"]], None)
            return self._said(f"{number.words(self._language)} {scale} {noun}", match)
        if len(number.fraction) == 2:
            whole = self._counted(_Number(number.whole, "", number.negative), match["coin"])
            if not int(number.fraction):
                return self._said(whole, match)
            if between := numerals.MONEY.get(numerals.primary(self._language)):
                return self._said(whole + between + numerals.cardinal(int(number.fraction), self._language), match)
        return self._said(self._counted(number, match["coin"]), match)

    def _range_pattern(self) -> str:
        unit = rf"(?:\s?(?P<unit>{self._unit})(?![{LATIN}]))?"
        return rf"(?<![{LATIN}.,–-])(?P<a>{self._number})(?:\s?[–—]\s?|-)(?P<b>{self._number})(?![{LATIN}–-]){unit}"

    def _range(self, match: "re.Match[str]") -> str:
        first, last = self._parsed(match["a"]), self._parsed(match["b"])
        if all(self._is_year(n) for n in (first, last)):
            a, b = (numerals.year(int(n.whole), self._language) for n in (first, last))
        else:
            a = first.words(self._language)
            b = self._counted(last, match["unit"]) if match["unit"] else last.words(self._language)
        said = self._phrases["range"].format(a=a, b=b)
        # "from 3 from 5 to 7": the text may have the first word already.
        opening = self._phrases["range"].partition("{a}")[0]
        if opening and match.string[: match.start()].lower().endswith(opening.lower()):
            said = said.removeprefix(opening)
        return self._said(said, match)

    def _is_year(self, number: _Number) -> bool:
        return number.value is not None and 1100 <= number.value <= 2099 and len(number.whole) == 4

    def _scientific(self, match: "re.Match[str]") -> str:
        times = self._language.spoken["symbols"]["×"]
        words = [self._parsed(match["n"]).words(self._language), times, self._ten_to(match["e"])]
        if match["unit"]:
            words.append(numerals.form(self._units[match["unit"]], None))
        gap = "" if self._language.unit == "characters" else " "
        return self._said(gap.join(words), match)

    def _ten_to(self, raised: str) -> str:
        return self._raised(numerals.cardinal(10, self._language), raised)

    def _raised(self, base: str, raised: str) -> str:
        plain = raised.translate(RAISED)
        gap = "" if self._language.unit == "characters" else " "
        if plain in ("2", "3"):
            return base + gap + self._phrases["squared" if plain == "2" else "cubed"]
        exponent = _Number(plain.lstrip("−"), "", plain.startswith("−")).words(self._language)
        return base + gap + self._phrases["power"].format(n=exponent)

    def _power(self, match: "re.Match[str]") -> str:
        return self._said(self._raised(self._parsed(match["n"]).words(self._language), match["e"]), match)

    def _fraction(self, match: "re.Match[str]") -> str:
        named = self._language.spoken["fractions"].get(f"{match['a']}/{match['b']}")
        a, b = (numerals.decimal(match[name], "", self._language) for name in "ab")
        return self._said(named or self._phrases["over"].format(a=a, b=b), match)

    def _ratio(self, match: "re.Match[str]") -> str:
        a, b = (numerals.decimal(match[name], "", self._language) for name in "ab")
        return self._said(self._phrases["range"].format(a=a, b=b), match)

    def _date(self, match: "re.Match[str]") -> str:
        year, month, day = (int(part) for part in match.groups())
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return match[0]
        said = self._language.date.format(
            day=numerals.cardinal(day, self._language),
            month=self._language.months[month - 1],
            year=numerals.year(year, self._language),
        )
        return self._said(said, match)

    def _time(self, match: "re.Match[str]") -> str:
        hour, minute = int(match[1]), int(match[2])
        if hour > 24 or minute > 59:
            return match[0]
        first, last = numerals.cardinal(hour, self._language), numerals.cardinal(minute, self._language)
        if numerals.primary(self._language) == "zh":
            return self._said(f"{first}点{last}分" if minute else f"{first}点", match)
        if 0 < minute < 10:
            last = numerals.digits(match[2], self._language)
        return self._said(f"{first} {last}" if minute else first, match)

    def _ordinals(self) -> list[tuple[str, Callable[["re.Match[str]"], str]]]:
        ending = ORDINAL_ENDINGS.get(numerals.primary(self._language))
        return [(rf"(?<![{LATIN}.,])(?P<n>\d{{1,3}}){ending}", self._ordinal)] if ending else []

    def _ordinal(self, match: "re.Match[str]") -> str:
        sign = match.groupdict().get("o")
        before = match.string[: match.start()]
        said = numerals.ordinal(
            int(match["n"]),
            self._language,
            feminine=sign in ("ª", "re", "ère"),
            oblique=bool(OBLIQUE.search(before)),
        )
        return self._said(said, match)

    def _plain(self, match: "re.Match[str]") -> str:
        number = self._parsed(match[0])
        if self._is_year(number) and not number.negative:
            before = YEARS.get(numerals.primary(self._language))
            named = before and re.search(rf"(?:{before})$", match.string[: match.start()], re.IGNORECASE)
            if named or match.string[match.end() :].startswith("年"):
                return self._said(numerals.year(int(number.whole), self._language), match)
        if (
            numerals.primary(self._language) == "zh"
            and match[0] == "2"
            and match.string[match.end() :][:1] in numerals.TWO_OF
        ):
            return self._said("两", match)
        return self._said(number.words(self._language), match)

    def _decade(self, match: "re.Match[str]") -> str:
        """``1990s``, which only English writes: nineteen nineties."""
        if numerals.primary(self._language) != "en":
            return match[0]
        said = numerals.year(int(match["year"]), self._language)
        return self._keep(f"{said[:-1]}ies" if said.endswith("y") else f"{said}s")
