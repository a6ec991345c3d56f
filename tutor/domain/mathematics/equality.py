"""Whether two expressions are the same: by exact arithmetic where that decides, else by their values.

Expressions with roots are compared at points drawn at random, but always the same ones, to 30 of 50 digits: two
different expressions of the size a learner types agree at five such points practically never (the Schwartz-Zippel
bound), and the work is bounded, which that of a symbolic ``simplify`` is not. Variables under roots stand for positive
numbers, as algebra books have it, unless an absolute value shows that their sign matters.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from tutor.domain.mathematics import rational
from tutor.domain.mathematics.evaluate import Undefined, complex_value, value
from tutor.domain.mathematics.tree import Abs, Add, Const, Expression, Neg, holds, symbols

ENOUGH = 5  # points at which both have a value
TRIES = 40
_CLOSE = Decimal(10) ** -30
_RANGES = ((1, 4), (2, 12), (10, 90), (1, 2), (100, 900))


def equal(one: Expression, other: Expression) -> bool:
    """Whether they have the same value wherever both have one."""
    if one == other:
        return True
    if holds(one, Const) or holds(other, Const):
        for sign in (1, -1):
            if (_infinite(one) == sign) != (_infinite(other) == sign):
                return False
        if _infinite(one):
            return True
    try:
        decided = rational.equal(_ratio(one), _ratio(other))
    except rational.Undecided:
        decided = None
    return _by_values(one, other) if decided is None else decided


def scale(one: Expression, other: Expression) -> Fraction | None:
    """The constant that ``other`` has to be multiplied by to be ``one``: None if there is none. For expressions with
    roots, only its sign and size to a float are kept."""
    try:
        exact = rational.scale(_ratio(one), _ratio(other))
        if exact is not None or (_ratio(one).exact and _ratio(other).exact):
            return exact
    except rational.Undecided:
        pass
    factor: Decimal | None = None
    agreed = 0
    for first, second in _values(one, other):
        if second == 0 or first == 0:
            if first != second:
                return None
            continue
        if factor is not None and not _near(first / second, factor):
            return None
        factor = first / second
        agreed += 1
        if agreed == ENOUGH:
            break
    return Fraction(float(factor)) if factor is not None and agreed == ENOUGH else None


def numerators_match(one: Expression, other: Expression) -> bool:
    """Whether two differences of sides vanish together: their numerators are multiples."""
    try:
        return rational.multiple(_ratio(one).top, _ratio(other).top) is not None
    except rational.Undecided:
        return False


def constant(node: Expression) -> Fraction | None:
    """Its exact value where it is a rational number."""
    try:
        return rational.constant(_ratio(node))
    except rational.Undecided:
        return None


def approximate(node: Expression) -> Decimal | None:
    """Its value to 50 digits where it is a real constant."""
    if symbols(node):
        return None
    try:
        return value(node, {})
    except Undefined:
        return None


def minus(one: Expression, other: Expression) -> Expression:
    return Add((one, Neg(other)))


@lru_cache(maxsize=512)
def _ratio(node: Expression) -> rational.Ratio:
    return rational.ratio(node)


def _infinite(node: Expression) -> int:
    """1 for infinity, -1 for minus infinity, 0 for what is finite."""
    if isinstance(node, Neg):
        return -_infinite(node.of)
    return int(isinstance(node, Const) and node.name == "infinity")


def _by_values(one: Expression, other: Expression) -> bool:
    agreed = 0
    for first, second in _values(one, other):
        if not _near(first, second):
            return False
        agreed += 1
        if agreed == ENOUGH:
            return True
    if agreed:
        return True
    if symbols(one) or symbols(other):
        return False
    try:
        left, right = complex_value(one), complex_value(other)
    except Undefined:
        return False
    return abs(left - right) <= 1e-12 * max(abs(left), abs(right), 1e-12)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= _CLOSE * max(abs(one), abs(other), _CLOSE)


def _values(one: Expression, other: Expression) -> Iterator[tuple[Decimal, Decimal]]:
    """Pairs of values at the same points, where both have one."""
    names = sorted(symbols(one) | symbols(other))
    signed = holds(one, Abs) or holds(other, Abs)
    draw = random.Random(" ".join(names))  # noqa: S311 - points to compare at, no secret
    for attempt in range(TRIES if names else 1):
        low, high = _RANGES[attempt % len(_RANGES)]
        point = {name: Fraction(draw.randint(low * 997, high * 997), 997) for name in names}
        if signed:
            point = {name: at * draw.choice((1, -1)) for name, at in point.items()}
        try:
            pair = value(one, point), value(other, point)
        except Undefined:
            continue
        yield pair
