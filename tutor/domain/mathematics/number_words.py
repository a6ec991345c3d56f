"""Numbers in words, "twenty-three" and "three quarters", as digits: up to 999 999 in English, to a hundred or as far as
the language stays regular in Spanish, German, French and Arabic."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TENS_EN = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
_ONES_EN = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ONES_ES = _listed(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco "
    "veintiseis veintisiete veintiocho veintinueve"
)
_TENS_ES = _listed("treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ONES_DE = _listed(
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn "
    "sechzehn siebzehn achtzehn neunzehn"
)
_TENS_DE = _listed("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig")
_ONES_FR = _listed(
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf"
)
_TENS_FR = _listed("vingt trente quarante cinquante soixante")
_ONES_AR = _listed("صفر واحد اثنان ثلاثة اربعة خمسة ستة سبعة ثمانية تسعة عشرة")
_TENS_AR = _listed("عشرون ثلاثون اربعون خمسون ستون سبعون ثمانون تسعون")

_FRACTIONS = {
    "en": {
        "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
        "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
        "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "hundredth": 100, "hundredths": 100,
    },
    "es": {
        "medio": 2, "media": 2, "medios": 2, "tercio": 3, "tercios": 3, "cuarto": 4, "cuartos": 4, "quinto": 5,
        "quintos": 5, "sexto": 6, "sextos": 6, "octavo": 8, "octavos": 8, "decimo": 10, "decimos": 10,
    },
    "de": {"halb": 2, "halbe": 2, "halbes": 2, "drittel": 3, "viertel": 4, "funftel": 5, "sechstel": 6, "achtel": 8,
           "zehntel": 10, "hundertstel": 100},
    "fr": {"demi": 2, "demie": 2, "tiers": 3, "quart": 4, "quarts": 4, "cinquieme": 5, "cinquiemes": 5, "sixieme": 6,
           "huitieme": 8, "dixieme": 10},
    "ar": {"نصف": 2, "ثلث": 3, "ربع": 4, "خمس": 5, "سدس": 6, "ثمن": 8, "عشر": 10},
}  # fmt: skip
_ALONE = {"نصف", "ثلث", "ربع", "خمس", "سدس", "ثمن", "عشر", "half", "medio", "halb"}
_MINUS = {"minus", "negative", "menos", "negativo", "moins", "ناقص", "سالب"}
_HUNDRED = {"en": "hundred", "es": "cien", "de": "hundert", "fr": "cent", "ar": "مائة"}
_PERCENT = re.compile(
    r"(?<=\d)\s+(?:percent|per cent|por ciento|prozent|pour cent|بالمائة|في المئة|بالمئة)(?!\w)", re.I
)


@lru_cache(maxsize=8)
def _words(language: str) -> Mapping[str, int]:
    """Word to number, in folded letters, for one language."""
    table: dict[str, int] = {}
    if language == "en":
        table |= {word: at for at, word in enumerate(_ONES_EN)}
        for at, tens in enumerate(_TENS_EN, start=2):
            table |= {tens: at * 10} | {f"{tens}-{_ONES_EN[one]}": at * 10 + one for one in range(1, 10)}
    elif language == "es":
        table |= {word: at for at, word in enumerate(_ONES_ES)} | {"un": 1, "una": 1}
        for at, tens in enumerate(_TENS_ES, start=3):
            table |= {tens: at * 10} | {f"{tens} y {_ONES_ES[one]}": at * 10 + one for one in range(1, 10)}
        table |= {"ciento": 100}
    elif language == "de":
        table |= {word: at for at, word in enumerate(_ONES_DE)} | {"ein": 1, "eine": 1, "einem": 1, "einen": 1}
        for at, tens in enumerate(_TENS_DE, start=2):
            table |= {tens: at * 10}
            table |= {f"{'ein' if one == 1 else _ONES_DE[one]}und{tens}": at * 10 + one for one in range(1, 10)}
        table |= {"einhundert": 100}
    elif language == "fr":
        table |= {word: at for at, word in enumerate(_ONES_FR)} | {"une": 1}
        for at, tens in enumerate(_TENS_FR, start=2):
            table |= {tens: at * 10, f"{tens} et un": at * 10 + 1, f"{tens}-et-un": at * 10 + 1}
            table |= {f"{tens}-{_ONES_FR[one]}": at * 10 + one for one in range(2, 10)}
        table |= {f"soixante-{_ONES_FR[one]}": 60 + one for one in range(10, 20)} | {"soixante et onze": 71}
        table |= {"quatre-vingts": 80}
        table |= {f"quatre-vingt-{_ONES_FR[one]}": 80 + one for one in range(1, 20)}
    elif language == "ar":
        table |= {word: at for at, word in enumerate(_ONES_AR)}
        table |= {"واحدة": 1, "اثنين": 2, "ثلاث": 3, "اربع": 4, "ست": 6, "سبع": 7, "ثماني": 8, "تسع": 9}
        for at, tens in enumerate(_TENS_AR, start=2):
            for form in (tens, tens[:-2] + "ين"):
                table |= {form: at * 10}
                table |= {f"{_ONES_AR[one]} و{form}": at * 10 + one for one in range(1, 10)}
    if language in _HUNDRED:
        table.setdefault(_HUNDRED[language], 100)
    return table


@lru_cache(maxsize=8)
def _pattern(language: str) -> re.Pattern[str]:
    words = sorted({*_words(language), *_FRACTIONS.get(language, {})}, key=len, reverse=True)
    # A hyphen may be a space: "twenty three".
    written = "|".join(re.escape(word).replace(r"\-", r"[- ]").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<![\w-])(?:{written})(?![\w])")


def _folded(text: str) -> str:
    """In lower case without accents, of the same length, so that places stay the same."""
    out = []
    for character in text:
        plain = "".join(c for c in unicodedata.normalize("NFKD", character.lower()) if not unicodedata.combining(c))
        out.append(plain if len(plain) == 1 else character)
    return "".join(out)


def replace_number_words(text: str, language: str) -> str:
    """``text`` with number words as digits: "three quarters of it" becomes "3/4 of it"."""
    code = language.lower().split("-")[0]
    if not _words(code):
        return text
    text = text.replace("ß", "s")
    folded = _folded(text)
    pieces: list[tuple[int, int, str, int]] = []  # start, end, word, value
    table, fractions = _words(code), _FRACTIONS.get(code, {})
    hyphens = {word.replace("-", " "): value for word, value in table.items()}
    for match in _pattern(code).finditer(folded):
        word = " ".join(match[0].split())
        number = table.get(word, hyphens.get(word.replace("-", " ")))
        if number is not None:
            pieces.append((match.start(), match.end(), "number", number))
        elif word in fractions:
            pieces.append((match.start(), match.end(), word, fractions[word]))
    out, at, index = [], 0, 0
    while index < len(pieces):
        start, end, kind, value = pieces[index]
        index += 1
        if kind != "number":
            if kind not in _ALONE:
                continue
            written = f"1/{value}"
        else:
            total, group = 0, value
            while index < len(pieces) and pieces[index][2] == "number" and _joined(folded[end : pieces[index][0]]):
                following = pieces[index][3]
                if following == 100 and code in ("en", "de", "fr") and group < 100:
                    group *= 100
                elif group >= 100 and following < 100 and group % 100 == 0:
                    group += following
                else:
                    break
                end = pieces[index][1]
                index += 1
            total += group
            written = str(total)
            if index < len(pieces) and pieces[index][2] != "number" and not folded[end : pieces[index][0]].strip(" -"):
                written = f"{total}/{pieces[index][3]}"
                end = pieces[index][1]
                index += 1
        before = folded[at:start].rstrip()
        minus = next((word for word in _MINUS if before.endswith(word)), None)
        kept = text[at:start]
        if minus:
            kept = kept[: len(before) - len(minus)]
            written = f"-{written}"
        out += [kept, written]
        at = end
    out.append(text[at:])
    return _PERCENT.sub("%", "".join(out))


def _joined(between: str) -> bool:
    return between.strip(" -") in ("", "and")
