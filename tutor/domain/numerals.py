"""Numbers as people write them: other digits, decimal commas, grouping, superscripts, vulgar fractions.

What a comma or a dot between digits means depends on the language; where it can mean two things, there are two
*conventions* to read with, the likelier first (CLDR's number symbols are the source for which language does what).
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

#: Languages that write one half as "0,5". Regions that don't are in ``_DOT``.
_COMMA = frozenset(
    re.findall(
        r"\w+",
        "es de fr it pt nl ru pl tr sv da nb nn no fi cs sk sl uk el ro hu bg hr sr mk sq id vi ca gl eu et lv lt is "
        "kk az hy ka be bs",
    )
)
_DOT = frozenset(re.findall(r"\S+", "es-mx es-us es-pr es-do es-gt es-hn es-ni es-pa es-sv de-ch de-li it-ch"))

LONGEST = 60  # digits of a number; nobody means a longer one

_SUPERSCRIPTS = {**{ord(a): b for a, b in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)}, ord("⁻"): "-", ord("⁺"): "+"}
_RAISED = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SUBSCRIPTS = {0x2080 + digit: str(digit) for digit in range(10)}
_MINUS = dict.fromkeys(map(ord, "−–‒—﹣－➖˗"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2008\u200a\u3000"), " ")
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c\u202a\u202b\u202c\u2066\u2067\u2069")
)


@dataclass(frozen=True)
class Convention:
    """What a comma between digits is: ``group`` (thousands), ``decimal`` or ``list`` (it separates two numbers); and
    what a dot is."""

    comma: Literal["group", "decimal", "list"] = "group"
    dot: Literal["decimal", "group"] = "decimal"


ENGLISH = Convention("group", "decimal")
CONTINENTAL = Convention("decimal", "group")


@dataclass(frozen=True)
class Written:
    """A number read at ``[start, end)``: its exact ``value``, the ``decimals`` after the mark, and its significant
    ``figures`` (zeros at the end of a whole number count as none, since nobody can tell)."""

    value: Fraction
    start: int
    end: int
    decimals: int
    figures: int


def uses_decimal_comma(language: str) -> bool:
    """Whether ``language`` (BCP 47) writes one half with a comma."""
    tag = language.lower().replace("_", "-")
    return tag not in _DOT and tag.split("-")[0] in _COMMA


def conventions(text: str, language: str) -> tuple[Convention, ...]:
    """The conventions under which numbers of ``text`` differ, the likeliest first; at least one."""
    plain = tidy(text)
    comma = re.search(r"\d,\d", plain) is not None
    dot = re.search(r"\d\.\d{3}(?!\d)", plain) is not None
    if uses_decimal_comma(language):
        found = [CONTINENTAL, *([Convention("decimal", "decimal")] if dot else [])]
        if comma:
            # A learner who writes (3,5) for a point, or numbers the English way on a machine set to English.
            found += [Convention("list", "decimal"), ENGLISH]
    else:
        found = [ENGLISH]
        if comma:
            found += [Convention("list", "decimal"), Convention("decimal", "group")]
    return tuple(found)


def tidy(text: str) -> str:
    """``text`` with digits 0-9, a plain minus and plain spaces, superscripts as ``^``, vulgar fractions as ``1/2``.

    The Arabic decimal mark and thousands mark stay as they are: they never mean anything else.
    """
    text = _RAISED.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text.translate(_INVISIBLE))
    out: list[str] = []
    for character in text.translate(_MINUS).translate(_SPACES).translate(_SUBSCRIPTS):
        if character.isascii():
            out.append(character)
            continue
        kind = unicodedata.category(character)
        if kind == "Nd":
            out.append(str(unicodedata.digit(character)))
        elif kind == "No" and "fraction" in unicodedata.decomposition(character):
            parts = unicodedata.normalize("NFKC", character).split("\u2044")
            # A space, so that "2½" is two and a half.
            out.append(f" {parts[0]}/{parts[1]}" if len(parts) == 2 and parts[1] else character)
        elif character == "\u2044":
            out.append("/")
        elif 0xFF01 <= ord(character) <= 0xFF5E:
            out.append(chr(ord(character) - 0xFEE0))
        else:
            out.append(character)
    return "".join(out)


_EXPONENT = r"(?:[eE](?P<power>[+-]?\d{1,4})(?![\d.]))?"
_ENDING = r"(?![\d])"


def _pattern(convention: Convention) -> re.Pattern[str]:
    groups = ["\u066c", "'(?=\\d{3})", "’", " "]
    marks = ["\u066b"]
    if convention.comma == "group":
        groups.append(",")
    elif convention.comma == "decimal":
        marks.append(",")
    if convention.dot == "group":
        groups.append(r"\.")
    else:
        marks.append(r"\.")
    grouped = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+{_ENDING}" for mark in groups)
    if convention.comma == "group":
        grouped = rf"[1-9]\d?(?:,\d{{2}})+,\d{{3}}{_ENDING}|{grouped}"  # 12,34,567 as in India
    mark = "|".join(marks)
    if convention.dot == "group":
        # "0.5" and "12.25" can't be thousands in any language.
        mark += r"|(?<=\d)\.(?!\d{3}(?!\d))(?=\d)|(?<=(?<![\d])0)\.(?=\d)"
    return re.compile(rf"(?P<whole>{grouped}|\d+)?(?P<tail>(?:{mark})\d+|(?<=\d)(?:{mark})(?![\w.,]))?{_EXPONENT}")


_PATTERNS = {
    Convention(comma, dot): _pattern(Convention(comma, dot))
    for comma in ("group", "decimal", "list")
    for dot in ("decimal", "group")
}


def scan(text: str, start: int, convention: Convention) -> Written | None:
    """The number that begins at ``start`` of a ``tidy`` text, without its sign."""
    match = _PATTERNS[convention].match(text, start)
    if match is None or (match["whole"] is None and match["tail"] is None):
        return None
    whole = re.sub(r"\D", "", match["whole"] or "")
    tail = (match["tail"] or "")[1:]
    if len(whole) + len(tail) > LONGEST or not whole + tail:
        return None
    power = int(match["power"] or 0)
    if abs(power) > 400:
        return None
    digits = whole + tail
    value = Fraction(int(digits)) * Fraction(10) ** (power - len(tail))
    figures = digits.lstrip("0")
    if not tail and match["power"] is None:
        figures = figures.rstrip("0") or figures[:1]
    return Written(value, start, match.end(), len(tail), max(len(figures), 1))


def read_number(text: str, language: str = "en") -> tuple[Written, ...]:
    """The numbers that ``text`` as a whole can be (with sign), the likeliest first; none where it is not a number.

    >>> [str(one.value) for one in read_number("1.234", "de")]
    ['1234', '617/500']
    """
    plain = tidy(text).strip()
    sign = -1 if plain[:1] == "-" else 1
    body = plain.lstrip("+-").lstrip() if plain[:1] in "+-" and plain[:2] not in ("--", "++") else plain
    found: dict[Fraction, Written] = {}
    for convention in conventions(body, language):
        written = scan(body, 0, convention)
        if written and written.end == len(body):
            value = sign * written.value
            found.setdefault(value, Written(value, 0, len(text), written.decimals, written.figures))
    return tuple(found.values())


def write_number(value: Fraction, language: str = "en", group: bool = False) -> str:
    """As the language writes it: a decimal where it ends within 12 places, else a fraction."""
    scaled = value * 10**12
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = f"{abs(scaled.numerator):013d}"
    whole, tail = digits[:-12], digits[-12:].rstrip("0")
    comma = uses_decimal_comma(language)
    if group:
        whole = f"{int(whole):,}".replace(",", "." if comma else ",")
    sign = "-" if value < 0 else ""
    return sign + whole + (("," if comma else ".") + tail if tail else "")
