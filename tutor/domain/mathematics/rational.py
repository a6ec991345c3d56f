"""Exact arithmetic of rational functions: decides at once whether two expressions without roots are equal.

What is not rational (a root, an absolute value, a logarithm, a variable exponent) becomes a letter of its own, named
by its normal form. Two such expressions that come out equal are equal; when they come out different nothing is decided.
"""

import math
from dataclasses import dataclass
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

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]

ONE: Polynomial = {(): Fraction(1)}
MOST = 4000  # terms multiplied in one product
BITS = 6000  # of a coefficient


class Undecided(Exception):
    """Too large to work out, or a division by zero: nothing is known."""


@dataclass(frozen=True)
class Ratio:
    """``top / bottom``, not reduced. ``exact`` is False when something in it is not rational."""

    top: Polynomial
    bottom: Polynomial
    exact: bool = True


def ratio(node: Expression) -> Ratio:
    """Raises ``Undecided``."""
    match node:
        case Num(value):
            return Ratio(_constant(value), ONE)
        case Mixed(whole, top, bottom):
            return Ratio(_constant(whole + Fraction(top, bottom)), ONE)
        case Percent(of):
            inner = ratio(of)
            return Ratio(inner.top, _scaled(inner.bottom, Fraction(100)), inner.exact)
        case Sym(name):
            return Ratio({((name, 1),): Fraction(1)}, ONE)
        case Const("pi"):
            return Ratio({(("π", 1),): Fraction(1)}, ONE)  # transcendental, so as good as a variable
        case Neg(of):
            inner = ratio(of)
            return Ratio(_scaled(inner.top, Fraction(-1)), inner.bottom, inner.exact)
        case Add(terms):
            total = ratio(terms[0])
            for term in terms[1:]:
                total = _sum(total, ratio(term))
            return total
        case Mul(factors):
            product = ratio(factors[0])
            for factor in factors[1:]:
                product = _product(product, ratio(factor))
            return product
        case Div(above, below):
            return _product(ratio(above), _inverse(ratio(below)))
        case Pow(base, exponent):
            return _power(base, ratio(exponent), exponent)
        case Root(index, of):
            return _root(index, ratio(of))
        case Abs(of):
            inner = ratio(of)
            number = constant(inner)
            if number is not None:
                return Ratio(_constant(abs(number)), ONE)
            return _letter(f"abs {min(key(inner), key(ratio(Neg(of))))}")
        case Call(name, of):
            return _letter(f"{name} {key(ratio(of))}")
        case _:
            raise Undecided


def constant(value: Ratio) -> Fraction | None:
    """Its value if it is a rational constant."""
    if value.top.keys() <= {()} and value.bottom.keys() <= {()}:
        return value.top.get((), Fraction(0)) / value.bottom[()]
    return None


def equal(one: Ratio, other: Ratio) -> bool | None:
    """None: not decided. Raises ``Undecided``."""
    if _times(one.top, other.bottom) == _times(other.top, one.bottom):
        return True
    return False if one.exact and other.exact else None


def difference(one: Ratio, other: Ratio) -> Ratio:
    """Raises ``Undecided``."""
    return _sum(one, Ratio(_scaled(other.top, Fraction(-1)), other.bottom, other.exact))


def multiple(one: Polynomial, other: Polynomial) -> Fraction | None:
    """The number that ``other`` has to be multiplied by to be ``one``, if there is one."""
    if not one or not other or one.keys() != other.keys():
        return None
    factor = one[next(iter(one))] / other[next(iter(one))]
    return factor if all(one[name] == factor * other[name] for name in one) else None


def scale(one: Ratio, other: Ratio) -> Fraction | None:
    """The constant ``c`` with ``one = c * other``, if they are exact multiples. Raises ``Undecided``."""
    return multiple(_times(one.top, other.bottom), _times(other.top, one.bottom))


def key(value: Ratio) -> str:
    """A text that is the same for the same normal form."""
    top, bottom = _reduced(value)
    return f"({_text(top)})/({_text(bottom)})"


def _text(polynomial: Polynomial) -> str:
    return " + ".join(f"{polynomial[name]}{name}" for name in sorted(polynomial))


def _reduced(value: Ratio) -> tuple[Polynomial, Polynomial]:
    """Without a common monomial, the first coefficient of the bottom being one."""
    top, bottom = value.top, value.bottom
    if not top:
        return {}, ONE
    common = [dict(name) for name in (*top, *bottom)]
    shared = {
        letter: least
        for letter, least in ((one, min(name.get(one, 0) for name in common)) for one in common[0])
        if least
    }
    lead = bottom[min(bottom)]

    def lowered(polynomial: Polynomial) -> Polynomial:
        return {
            tuple((one, power - shared.get(one, 0)) for one, power in name if power != shared.get(one, 0)): value / lead
            for name, value in polynomial.items()
        }

    return lowered(top), lowered(bottom)


def _constant(value: Fraction) -> Polynomial:
    return {(): value} if value else {}


def _letter(name: str) -> Ratio:
    return Ratio({((name, 1),): Fraction(1)}, ONE, exact=False)


def _scaled(polynomial: Polynomial, by: Fraction) -> Polynomial:
    return {name: value * by for name, value in polynomial.items()}


def _plus(one: Polynomial, other: Polynomial) -> Polynomial:
    total = dict(one)
    for name, value in other.items():
        total[name] = total.get(name, Fraction(0)) + value
        if not total[name]:
            del total[name]
    return total


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    if len(one) * len(other) > MOST:
        raise Undecided
    product: Polynomial = {}
    for left, a in one.items():
        for right, b in other.items():
            powers = dict(left)
            for letter, power in right:
                powers[letter] = powers.get(letter, 0) + power
            name = tuple(sorted(powers.items()))
            value = product.get(name, Fraction(0)) + a * b
            if value.numerator.bit_length() + value.denominator.bit_length() > BITS:
                raise Undecided
            product[name] = value
    return {name: value for name, value in product.items() if value}


def _sum(one: Ratio, other: Ratio) -> Ratio:
    exact = one.exact and other.exact
    if one.bottom == other.bottom:
        return Ratio(_plus(one.top, other.top), one.bottom, exact)
    top = _plus(_times(one.top, other.bottom), _times(other.top, one.bottom))
    return Ratio(top, _times(one.bottom, other.bottom), exact)


def _product(one: Ratio, other: Ratio) -> Ratio:
    return Ratio(_times(one.top, other.top), _times(one.bottom, other.bottom), one.exact and other.exact)


def _inverse(value: Ratio) -> Ratio:
    if not value.top:
        raise Undecided
    return Ratio(value.bottom, value.top, value.exact)


def _power(base: Expression, exponent: Ratio, written: Expression) -> Ratio:
    power = constant(exponent)
    inner = ratio(base)
    if power is None:
        return _letter(f"{key(inner)} to the {key(exponent)}")
    if abs(power) > 400:
        raise Undecided
    rooted = inner if power.denominator == 1 else _root(power.denominator, inner)
    return _whole_power(rooted, power.numerator)


def _whole_power(value: Ratio, power: int) -> Ratio:
    if power < 0:
        value = _inverse(value)
    result = Ratio(ONE, ONE, value.exact)
    for bit in bin(abs(power))[2:]:
        result = _product(result, result)
        if bit == "1":
            result = _product(result, value)
    return result


def _root(index: int, value: Ratio) -> Ratio:
    """Rational where the radicand is a perfect power; odd roots of negative numbers are real."""
    number = constant(value)
    if number is not None and (number >= 0 or index % 2):
        exact = [_exact_root(abs(part), index) for part in (number.numerator, number.denominator)]
        if exact[0] is not None and exact[1] is not None:
            sign = -1 if number < 0 else 1
            return Ratio(_constant(sign * Fraction(exact[0], exact[1])), ONE)
    return _letter(f"root {index} {key(value)}")


def _exact_root(number: int, index: int) -> int | None:
    if index > 64 or number.bit_length() > 900:
        return 1 if number == 1 else None
    guess = math.isqrt(number) if index == 2 else round(number ** (1 / index))
    return next((one for one in (guess - 1, guess, guess + 1) if one >= 0 and one**index == number), None)
