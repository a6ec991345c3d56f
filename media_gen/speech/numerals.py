"""Numbers in words. Values come in as they were written; what is said is what a person would say in the language.

Words come from num2words, for Chinese from cn2an. Hindi's digits stay: its voices read them, and nothing better is
to be had. A language that neither knows keeps its digits too.
"""

import re

from media_gen.language import Language

HUGE = 10**15  # longer numbers are read digit by digit
# A noun that a number of one (or two) agrees with is feminine if it ends like this.
FEMININE = {
    "es": re.compile(r"as?$|^calor", re.I),
    "pt": re.compile(r"as?$", re.I),
    "fr": re.compile(r"(ure|ute|onde|mole|onne|orie|ivre)s?$", re.I),
    "it": re.compile(r"(a|e|ia|ie)$|^mol[ei]$", re.I),
    "de": re.compile(r"(onne|unde|ute|orie|eile)n?$", re.I),
}
ONE = {"es": ("un", "una"), "pt": ("um", "uma"), "fr": ("un", "une"), "it": ("un", "una"), "de": ("ein", "eine")}
# What stands between whole coins and hundredths: three euros fifty. Elsewhere the hundredths are a fraction.
MONEY = {"en": " ", "fr": " ", "de": " ", "it": " e ", "es": " con ", "pt": " e "}
TWO_OF = frozenset("种个只条位张本层人天倍次杯件组")  # what Chinese counts with: 2 before it is 两
MASCULINE_IN_E = {"it": re.compile(r"(litro|grado|pascal|newton|mole)", re.I)}


def primary(language: Language) -> str:
    return language.tag.partition("-")[0].lower()


def cardinal(value: int, language: Language) -> str:
    """``21`` -> ``twenty-one``."""
    tag = primary(language)
    if abs(value) >= HUGE:
        return digits(str(value), language)
    if tag == "zh":
        import cn2an

        return str(cn2an.an2cn(str(value)))
    return _num2words(value, language, "cardinal") or str(value)


def decimal(whole: str, fraction: str, language: Language) -> str:
    """``3``, ``14`` -> ``three point one four``; without a fraction a cardinal, with a leading zero digit by digit."""
    if not fraction:
        return digits(whole, language) if len(whole) > 1 and whole[0] == "0" else cardinal(int(whole), language)
    point = language.spoken["phrases"]["decimal"]
    gap = "" if primary(language) == "zh" else " "
    return f"{cardinal(int(whole or '0'), language)}{gap}{point}{gap}{digits(fraction, language)}"


def digits(text: str, language: Language) -> str:
    """One after the other."""
    if primary(language) == "zh":
        return "".join("零一二三四五六七八九"[int(sign)] for sign in text if sign.isdigit())
    return " ".join(cardinal(int(sign), language) for sign in text if sign.isdigit())


def ordinal(value: int, language: Language, *, feminine: bool = False, oblique: bool = False) -> str:
    """``3`` -> ``third``. ``oblique``: in a German case whose adjectives end in -en."""
    tag = primary(language)
    if tag == "zh":
        return f"第{cardinal(value, language)}"
    said = _num2words(value, language, "ordinal")
    if said is None:
        return str(value)
    if feminine and tag in ("es", "pt", "it"):
        said = re.sub(r"o\b", "a", said)
    if feminine and tag == "fr" and value == 1:
        said = "première"
    return said + "n" if oblique and tag == "de" else said


def year(value: int, language: Language) -> str:
    """``1971`` -> ``nineteen seventy-one``."""
    if primary(language) == "zh":
        return digits(str(value), language)
    said = _num2words(value, language, "year") if primary(language) in ("en", "de") else None
    return (said or cardinal(value, language)).replace("-and-", " ")


def counted(value: str, forms: str, language: Language, *, whole: int | None) -> str:
    """A number before what it counts: ``1``, ``metre|metres`` -> ``one metre``. ``value`` is the number in words.

    ``whole`` is its value where it is a whole number. ``forms``: one for all, one|other, or in Arabic
    one|two|3 to 10|11 and more.
    """
    noun = form(forms, whole)
    tag = primary(language)
    if tag == "ar" and whole in (1, 2) and "|" in forms:
        return noun if whole == 2 else f"{noun} {value}"
    if tag == "zh":
        return ("两" if whole == 2 and not noun.startswith(("摄", "华")) else value) + noun
    first = noun.split()[0]
    feminine = (
        tag in FEMININE
        and bool(FEMININE[tag].search(first))
        and not (tag in MASCULINE_IN_E and MASCULINE_IN_E[tag].match(first))
    )
    if whole is not None and tag in ONE:
        one = ONE[tag][feminine]
        if whole == 1:
            elided = tag == "it" and feminine and first[0] in "aeiou"
            return f"un'{noun}" if elided else f"{one} {noun}"
        if tag == "es" and whole % 10 == 1 and whole % 100 != 11:
            value = re.sub(r"veintiuno$", "veintiuna" if feminine else "veintiún", re.sub(r"\buno$", one, value))
        if tag == "pt" and feminine:
            value = re.sub(r"\bum$", "uma", re.sub(r"\bdois$", "duas", value))
        if tag == "fr" and feminine:
            value = re.sub(r"\bun$", "une", value)
    return f"{value} {noun}"


def form(forms: str, whole: int | None) -> str:
    """The form of a noun that goes with a number; None: with one that isn't whole."""
    parts = forms.split("|")
    if len(parts) == 4:
        if whole is None:
            return parts[0]
        last = whole % 100
        return parts[0] if whole == 1 else parts[1] if whole == 2 else parts[2] if 3 <= last <= 10 else parts[3]
    return parts[0] if whole == 1 or len(parts) == 1 else parts[1]


def _num2words(value: int, language: Language, kind: str) -> str | None:
    from num2words import CONVERTER_CLASSES, num2words

    names = (language.tag.replace("-", "_"), primary(language))
    name = next((name for name in names if name in CONVERTER_CLASSES), None)
    if name is None:
        return None
    said = str(num2words(value, lang=name, to=kind))
    if name == "ar":  # its words stand apart, and so does the "and" that belongs to the next one
        return re.sub(r"\bو (?=\w)", "و", " ".join(said.split()))
    return said.replace(",", "")
