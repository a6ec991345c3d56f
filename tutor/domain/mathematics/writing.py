"""Writes a tree as people read it ("x = 3/4"), so that ``readings.read`` reads the same back."""

import itertools
from fractions import Fraction

from tutor.domain.mathematics.tree import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Interval,
    Many,
    Matrix,
    Mixed,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    PlusMinus,
    Point,
    Pow,
    Relation,
    Root,
    Sign,
    Sym,
    Words,
)
from tutor.domain.numerals import uses_decimal_comma, write_number

_SIGNS: dict[Sign, str] = {"=": "=", "!=": "≠", "<": "<", ">": ">", "<=": "≤", ">=": "≥"}
_BETWEEN = {"list": "; ", "or": " or ", "and": " and ", "union": " ∪ "}
_SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(5)


def write(node: Node, language: str = "en") -> str:
    """One line of plain text; numbers as the language writes them."""
    separator = "; " if uses_decimal_comma(language) else ", "
    match node:
        case Relation(sides, signs):
            text = write(sides[0], language)
            for sign, side in zip(signs, sides[1:], strict=True):
                text += f" {_SIGNS[sign]} {write(side, language)}"
            return text
        case Interval(low, high, closed_low, closed_high):
            ends = f"{write(low, language)}{separator}{write(high, language)}"
            return f"{'[' if closed_low else '('}{ends}{']' if closed_high else ')'}"
        case Point(places):
            return f"({separator.join(write(one, language) for one in places)})"
        case Many(of, "set"):
            return f"{{{separator.join(write(one, language) for one in of)}}}"
        case Many(of, kind):
            between = separator if kind == "list" else _BETWEEN[kind]
            return between.join(write(one, language) for one in of)
        case Matrix(rows):
            lines = separator.join(f"[{separator.join(write(one, language) for one in row)}]" for row in rows)
            return f"[{lines}]"
        case Words(text):
            return text
        case _:
            return _expression(node, language)[0]


def _expression(node: Node, language: str) -> tuple[str, int]:
    """The text and how tightly it binds."""

    def at(least: int, part: Node) -> str:
        text, binds = _expression(part, language)
        return text if binds >= least else f"({text})"

    match node:
        case Num(value):
            return _number(value, language)
        case Mixed(whole, top, bottom):
            return f"{whole} {top}/{bottom}", _SUM
        case Percent(of):
            return f"{at(_ATOM, of)}%", _POWER
        case Sym(name):
            return (name, _ATOM) if len(name) == 1 or " " not in name else (name, _PRODUCT)
        case Const(name):
            return {"pi": "π", "infinity": "∞"}[name], _ATOM
        case Neg(of):
            return f"-{at(_POWER, of)}", _SIGNED
        case Add(terms):
            text = at(_PRODUCT, terms[0])
            for term in terms[1:]:
                text += f" - {at(_POWER, term.of)}" if isinstance(term, Neg) else f" + {at(_PRODUCT, term)}"
            return text, _SUM
        case Mul(factors):
            text = at(_POWER, factors[0])
            for before, factor in itertools.pairwise(factors):
                whole = isinstance(before, Num) and before.value.denominator == 1
                side_by_side = whole and isinstance(factor, Sym) and len(factor.name) == 1
                text += ("" if side_by_side else "·") + at(_POWER, factor)
            return text, _PRODUCT
        case Div(top, bottom):
            # x^1/2 would leave open what is raised to what.
            return f"{at(_ATOM, top)}/{at(_POWER, bottom)}", _PRODUCT
        case Pow(base, exponent):
            return f"{at(_ATOM, base)}^{at(_ATOM, exponent)}", _POWER
        case Root(2, of):
            return f"sqrt({_expression(of, language)[0]})", _ATOM
        case Root(index, of):
            return f"root({index}; {_expression(of, language)[0]})", _ATOM
        case Abs(of):
            return f"abs({_expression(of, language)[0]})", _ATOM
        case Call(name, of):
            return f"{name}({_expression(of, language)[0]})", _ATOM
        case PlusMinus(None, of):
            return f"±{at(_POWER, of)}", _SUM
        case PlusMinus(before, of):
            assert before is not None
            return f"{at(_SUM, before)} ± {at(_POWER, of)}", _SUM
        case _:
            return f"({write(node, language)})", _ATOM


def _number(value: Fraction, language: str) -> tuple[str, int]:
    if value.denominator == 1 and len(str(value.numerator)) > 15:
        digits = str(value.numerator)
        mark = "," if uses_decimal_comma(language) else "."
        tail = digits[1:].rstrip("0")
        return f"{digits[0]}{mark + tail if tail else ''}·10^{len(digits) - 1}", _PRODUCT
    text = write_number(value, language)
    return text, (_PRODUCT if "/" in text else _ATOM)
