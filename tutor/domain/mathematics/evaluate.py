"""The value of an expression at a point, to 50 digits, with real numbers as schools use them."""

import cmath
import decimal
import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from tutor.domain.mathematics.tree import (
    Abs,
    Add,
    Call,
    Const,
    Div,
    Expression,
    Mixed,
    Mul,
    Neg,
    Num,
    Percent,
    Pow,
    Root,
    Sym,
)

DIGITS = 50
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


class Undefined(Exception):
    """It has no real value there, or none that can be computed."""


def context() -> decimal.Context:
    """Of our own, so that nobody's precision is changed."""
    traps = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
    return decimal.Context(prec=DIGITS, Emax=999_999, Emin=-999_999, traps=traps)


def value(node: Expression, point: Mapping[str, Fraction]) -> Decimal:
    """Raises ``Undefined``."""
    try:
        with decimal.localcontext(context()):
            found = _value(node, point)
            # Sines and logarithms of huge numbers are noise.
            return +found
    except (decimal.DecimalException, ArithmeticError, ValueError) as error:
        raise Undefined from error


def _number(of: Fraction) -> Decimal:
    return Decimal(of.numerator) / Decimal(of.denominator)


def _value(node: Expression, point: Mapping[str, Fraction]) -> Decimal:
    match node:
        case Num(number):
            return _number(number)
        case Mixed(whole, top, bottom):
            return whole + _number(Fraction(top, bottom))
        case Percent(of):
            return _value(of, point) / 100
        case Sym(name):
            return _number(point[name])
        case Const("pi"):
            return +_PI
        case Neg(of):
            return -_value(of, point)
        case Add(terms):
            return sum((_value(one, point) for one in terms), Decimal(0))
        case Mul(factors):
            product = Decimal(1)
            for factor in factors:
                product *= _value(factor, point)
            return product
        case Div(above, below):
            return _value(above, point) / _value(below, point)
        case Abs(of):
            return abs(_value(of, point))
        case Root(index, of):
            return _root(_value(of, point), index)
        case Pow(base, exponent):
            return _power(_value(base, point), exponent, point)
        case Call(name, of):
            return _call(name, _value(of, point))
        case _:
            raise Undefined


def _root(number: Decimal, index: int) -> Decimal:
    if number < 0:
        if index % 2 == 0:
            raise Undefined
        return -_root(-number, index)
    if number == 0:
        return number
    return number.sqrt() if index == 2 else number ** (Decimal(1) / index)


def _power(base: Decimal, exponent: Expression, point: Mapping[str, Fraction]) -> Decimal:
    power = _fraction(exponent)
    if power is not None:
        if base == 0 and power <= 0:
            raise Undefined
        rooted = base if power.denominator == 1 else _root(base, power.denominator)
        return rooted**power.numerator
    number = _value(exponent, point)
    if base <= 0:
        raise Undefined
    return base**number


def _fraction(node: Expression) -> Fraction | None:
    """The exact value of a constant exponent: (-8)^(1/3) must not become a power with 0.333."""
    match node:
        case Num(number):
            return number
        case Mixed(whole, top, bottom):
            return whole + Fraction(top, bottom)
        case Neg(of):
            inner = _fraction(of)
            return None if inner is None else -inner
        case Add(parts) | Mul(parts):
            found = [_fraction(one) for one in parts]
            total = Fraction(0) if isinstance(node, Add) else Fraction(1)
            for one in found:
                if one is None:
                    return None
                total = total + one if isinstance(node, Add) else total * one
            return total
        case Div(above, below):
            left, right = _fraction(above), _fraction(below)
            return None if left is None or not right else left / right
        case _:
            return None


def _call(name: str, number: Decimal) -> Decimal:
    if name == "ln":
        return number.ln()
    if name == "log":
        return number.log10()
    if name == "exp":
        return number.exp()
    if abs(number) > 1_000_000:
        raise Undefined
    if name == "tan":
        return _sine(number) / _sine(number + _PI / 2)
    return _sine(number if name == "sin" else number + _PI / 2)


def _sine(number: Decimal) -> Decimal:
    """By its series, the argument brought near zero first."""
    number %= 2 * _PI
    term = total = number
    at = 1
    while abs(term) > Decimal(10) ** (-DIGITS - 5):
        term *= -number * number / ((at + 1) * (at + 2))
        total += term
        at += 2
    return total


def complex_value(node: Expression) -> complex:
    """The value of a constant that need not be real (a root of a negative number). Raises ``Undefined``."""
    try:
        found = _complex(node)
    except (ArithmeticError, ValueError) as error:
        raise Undefined from error
    if not (math.isfinite(found.real) and math.isfinite(found.imag)):
        raise Undefined
    return found


def _complex(node: Expression) -> complex:
    match node:
        case Num(number):
            return complex(number)
        case Neg(of):
            return -_complex(of)
        case Add(terms):
            return sum(map(_complex, terms), 0j)
        case Mul(factors):
            return math.prod(map(_complex, factors), start=1 + 0j)
        case Div(above, below):
            return _complex(above) / _complex(below)
        case Root(index, of):
            return _complex_root(_complex(of), index)
        case Pow(base, exponent):
            power = _fraction(exponent)
            if power is None:
                raise Undefined
            rooted = _complex(base)
            if power.denominator != 1:
                rooted = _complex_root(rooted, power.denominator)
            return complex(rooted**power.numerator)
        case _:
            raise Undefined


def _complex_root(number: complex, index: int) -> complex:
    if index % 2 and number.imag == 0 and number.real < 0:
        return complex(-((-number.real) ** (1 / index)))
    return cmath.sqrt(number) if index == 2 else complex(number ** (1 / index))
