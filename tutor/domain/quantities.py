"""Quantities as people write them: a number in their language's notation, and a unit.

``read_quantity`` reads an answer, ``find_quantities`` finds all in a text; numbers themselves are read by ``numerals``,
units by ``units``, and arithmetic ("3/4", "1.5×10²³", "2 √3") by ``mathematics``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tutor.domain.mathematics import Unreadable, readings
from tutor.domain.mathematics.equality import approximate, constant
from tutor.domain.mathematics.tree import Expression, Neg, Node, Num, Percent, Relation, Sym, is_expression, symbols
from tutor.domain.numerals import conventions as number_conventions
from tutor.domain.numerals import read_number, scan, tidy, write_number
from tutor.domain.units import Unit, convert, kin, read_unit

__all__ = [
    "Quantity",
    "Unit",
    "convert",
    "figures_allowed",
    "find_quantities",
    "kin",
    "read_number",
    "read_quantity",
    "read_unit",
    "round_to_figures",
    "write_number",
]

LONGEST = 200


@dataclass(frozen=True)
class Quantity:
    """``value`` (exact, or to 50 digits for roots) in ``unit`` as written in ``text``; ``node`` is its number as
    mathematics. ``figures`` are the significant figures it can be read to have, lowest and highest: 1500 has two to
    four; none for what is not a plain number."""

    value: Fraction
    unit: Unit | None
    text: str
    node: Node
    figures: tuple[int, int] | None = None


_DIGITS = r"[-+]?(?:\d[\d.,'’ \u066b\u066c]*|[.,\u066b]\d+)"
_POWER = r"(?:[eE][-+]?\d{1,3}(?!\w)|\s*[×xX*·⋅]\s*10\s*(?:\^|\*\*)?\s*\(?[-+]?\d{1,3}\)?)?"
_FRACTION = r"(?:\s*/\s*\d+(?![\w.,]*\d))?"
_NUMBER = re.compile(rf"{_DIGITS}{_POWER}{_FRACTION}")
_LEAD = re.compile(
    r"^(?:[^\d=]{0,40}?(?:=|≈|~|\b(?:is|are|about|approximately|roughly|es|son|unos|ist|sind|etwa|ca|est|environ)\b\.?"
    r"|هو|هي|تقريبا|حوالي)\s*)+",
    re.IGNORECASE,
)


def read_quantity(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """What ``text`` as a whole can be, the likeliest first; none where it is no quantity. Never raises."""
    if len(text) > LONGEST:
        return ()
    plain = tidy(text.replace("$$", " ").replace("\\,", " ")).strip().rstrip(".;, ")
    plain = plain.strip("$ ") if plain.count("$") == 2 else plain
    lead = _LEAD.match(plain)
    body = plain[lead.end() :] if lead else plain
    body = re.sub(r"^[≈~]|^[$€£]\s*", "", body).strip()
    match = _NUMBER.match(body)
    if match:
        rest = body[match.end() :].strip()
        number = match[0].strip()
        if rest and number[-1:] in ".,":
            number = number[:-1]
        if not rest:
            return _with_unit(number, None, text, language)
        unit = read_unit(re.sub(r"^(?:[$€£]|\\%)", lambda m: "%" if "%" in m[0] else "", rest))
        if unit is not None and not re.search(r"[=<>√]", rest):
            return _with_unit(number, unit, text, language)
        if rest in ("$", "€", "£"):
            return _with_unit(number, None, text, language)
    return _with_unit(body, None, text, language)


def _with_unit(number: str, unit: Unit | None, text: str, language: str) -> tuple[Quantity, ...]:
    try:
        nodes = readings(number, language)
    except Unreadable:
        return ()
    found: dict[Fraction, Quantity] = {}
    for node in nodes:
        if isinstance(node, Relation) and set(node.signs) == {"="} and isinstance(node.sides[0], Sym):
            node = node.sides[-1]
        if not is_expression(node) or symbols(node):
            continue
        if isinstance(node, Percent) and unit is None:
            unit, node = read_unit("%"), node.of
        value = _value(node)  # type: ignore[arg-type]
        if value is not None:
            found.setdefault(value, Quantity(value, unit, text.strip(), node, _figures(number, node, value, language)))
    return tuple(found.values())


def _value(node: Expression) -> Fraction | None:
    exact = constant(node)
    if exact is not None:
        return exact
    near: Decimal | None = approximate(node)
    return None if near is None else Fraction(near)


def _figures(number: str, node: Node, value: Fraction, language: str) -> tuple[int, int] | None:
    """Of the mantissa, where there is a power of ten."""
    mantissa = re.split(r"[eE×xX*·⋅]", tidy(number).strip().lstrip("-+ "))[0].strip()
    for convention in number_conventions(mantissa, language):
        written = scan(mantissa, 0, convention)
        if written is None or written.end != len(mantissa):
            continue
        bare = node.of if isinstance(node, Neg) else node
        if isinstance(bare, Num) and mantissa == tidy(number).strip().lstrip("-+ ") and abs(value) != written.value:
            continue
        digits = len(re.sub(r"\D", "", mantissa).lstrip("0")) or 1
        return written.figures, digits
    return None


def find_quantities(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every number in a text with its unit, if one that is known follows; in order. Never raises."""
    found: list[Quantity] = []
    plain = tidy(text[:4000])
    for match in re.finditer(rf"(?<![\w.,]){_DIGITS}{_POWER}", plain):
        number = match[0].strip().rstrip(".,'’ ")
        words = re.match(
            r"\s?([^\s,;:!?()]+(?:\s[^\s,;:!?()]+){0,3})", plain[match.start() + len(match[0].rstrip(" .,")) :]
        )
        unit, length = None, 0
        candidates = words[1].split() if words else []
        for count in range(len(candidates), 0, -1):
            if candidates[0].lower() in ("in", "a") and len(candidates) > 1:
                break  # "5 in all", "2 a day"
            written = " ".join(candidates[:count]).rstrip(".")
            unit = read_unit(written, counted=False)
            if unit is not None:
                length = len(written)
                break
        read = _with_unit(
            number, unit, plain[match.start() : match.start() + len(number) + 1 + length].strip(), language
        )
        found += read[:1]
    return tuple(found)


def round_to_figures(value: Fraction, figures: int) -> Fraction:
    """``value`` to so many significant figures, halves away from zero.

    >>> round_to_figures(Fraction(12345, 1000), 3)
    Fraction(123, 10)
    """
    if value == 0:
        return value
    size = abs(value)
    power = len(str(size.numerator // size.denominator)) if size >= 1 else 1
    while size < Fraction(10) ** (power - 1):
        power -= 1
    step = Fraction(10) ** (power - figures)
    rounded = (2 * size + step) // (2 * step) * step
    return rounded if value > 0 else -rounded


def figures_allowed(quantity: Quantity, figures: int) -> bool:
    """Whether it can be read as written to so many significant figures."""
    if quantity.figures is None:
        return True
    least, most = quantity.figures
    return least <= figures <= most
