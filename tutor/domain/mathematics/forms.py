"""In what form an expression stands: multiplied out, in factors, or as simple as it gets."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, cast

from tutor.domain.mathematics import equality, rational
from tutor.domain.mathematics.tree import (
    Add,
    Div,
    Expression,
    Mixed,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    Pow,
    Relation,
    Root,
    Sym,
    children,
    is_expression,
    size,
    symbols,
)

Form = Literal["any", "expanded", "factored", "simplified", "fraction", "decimal"]


def has_form(node: Node, form: Form, gold: Node) -> bool:
    """Whether an answer known to be right stands in the form asked for; ``gold`` is the accepted answer. Forms are
    about expressions; an equation has one when each side has it, anything else has every form."""
    if form == "any" or node == gold:
        return True
    if isinstance(node, Relation):
        return all(has_form(side, form, side) for side in node.sides)
    if not is_expression(node):
        return True
    expression = cast("Expression", node)
    if form == "expanded":
        return _is_expanded(expression)
    if form == "factored":
        return _is_factored(expression)
    if form == "fraction":
        return _is_fraction(expression)
    if form == "decimal":
        return _is_decimal(expression)
    return _is_simplified(expression) and size(_bare(node)) <= max(size(_bare(gold)), 3)


def _bare(node: Node) -> Node:
    """The value of ``x = value``."""
    if isinstance(node, Relation) and isinstance(node.sides[0], Sym):
        return node.sides[-1]
    return node


def _unsigned(node: Expression) -> Expression:
    return _unsigned(node.of) if isinstance(node, Neg) else node


# -- numbers -------------------------------------------------------------------------------------------------------


def _is_whole(node: Expression) -> bool:
    node = _unsigned(node)
    return isinstance(node, Num) and node.decimals is None and node.value.denominator == 1


def _is_fraction(node: Expression) -> bool:
    node = _unsigned(node)
    return (
        isinstance(node, Mixed)
        or _is_whole(node)
        or (isinstance(node, Div) and _is_whole(node.top) and _is_whole(node.bottom))
    )


def _is_decimal(node: Expression) -> bool:
    return isinstance(_unsigned(node), (Num, Percent))


def _is_reduced(node: Div) -> bool:
    """A fraction of whole numbers in lowest terms."""
    top, bottom = _unsigned(node.top), _unsigned(node.bottom)
    if not (isinstance(top, Num) and isinstance(bottom, Num)):
        return True
    if top.value.denominator != 1 or bottom.value.denominator != 1:
        return False
    return bottom.value != 1 and math.gcd(int(top.value), int(bottom.value)) == 1


# -- expressions ---------------------------------------------------------------------------------------------------


def _below(node: Node) -> Iterator[Node]:
    yield node
    for one in children(node):
        yield from _below(one)


def _is_expanded(node: Expression) -> bool:
    """No product or power of a sum is left, and like terms are together."""
    for one in _below(node):
        if isinstance(one, Mul) and any(isinstance(_unsigned(part), Add) for part in one.factors):
            return False
        if isinstance(one, Pow) and isinstance(_unsigned(one.base), Add) and _is_whole(one.exponent):
            return False
        if isinstance(one, Neg) and isinstance(_unsigned(one.of), Add):
            return False
    return _terms_are_together(node)


def _terms_are_together(node: Expression) -> bool:
    if not isinstance(node, Add):
        return True
    try:
        return len(node.terms) <= max(len(rational.ratio(node).top), 1)
    except rational.Undecided:
        return True


def _factors(node: Expression) -> Iterator[tuple[Expression, int]]:
    """Factors with their powers."""
    node = _unsigned(node)
    if isinstance(node, Mul):
        for one in node.factors:
            yield from _factors(one)
    elif isinstance(node, Pow) and _is_whole(node.exponent) and not isinstance(node.exponent, Neg):
        power = equality.constant(node.exponent) or Fraction(1)
        for base, times in _factors(node.base):
            yield base, times * int(power)
    else:
        yield node, 1


def _is_factored(node: Expression) -> bool:
    """A product none of whose factors can be taken apart further over the whole numbers."""
    if isinstance(_unsigned(node), Div):
        parts = cast("Div", _unsigned(node))
        return _is_factored(parts.top) and _is_factored(parts.bottom)
    return all(_is_irreducible(factor) for factor, _ in _factors(node))


def _is_irreducible(factor: Expression) -> bool:
    if not symbols(factor) or isinstance(factor, Sym):
        return True
    try:
        value = rational.ratio(factor)
    except rational.Undecided:
        return True
    if not value.exact or value.bottom != rational.ONE:
        return True
    terms = value.top
    if all(number.denominator == 1 for number in terms.values()):
        content = math.gcd(*(abs(int(number)) for number in terms.values()))
        if content != 1 and len(terms) > 1:
            return False
    letters = sorted({letter for name in terms for letter, _ in name})
    degree = max(sum(power for _, power in name) for name in terms)
    if degree < 2 or degree > 12 or len(letters) > 4 or len(terms) > 30:
        return True
    return _cannot_be_factored(terms, letters)


def _cannot_be_factored(terms: rational.Polynomial, letters: list[str]) -> bool:
    # SymPy takes half a second to load, and only this question needs it.
    import sympy  # type: ignore[import-untyped]

    generators = sympy.symbols([f"v{at}" for at in range(len(letters))])
    rows = {
        tuple(dict(name).get(letter, 0) for letter in letters): sympy.Rational(number.numerator, number.denominator)
        for name, number in terms.items()
    }
    _, factors = sympy.Poly(rows, *generators, domain="QQ").factor_list()
    return len(factors) == 1 and factors[0][1] == 1


def _is_simplified(node: Expression) -> bool:
    """Nothing is left to work out: fractions in lowest terms, like terms together, no sums of numbers, no squares under
    a root."""
    for one in _below(node):
        match one:
            case Div() if not _is_reduced(one) or isinstance(one.bottom, Div) or isinstance(one.top, Div):
                return False
            case Add() if not _terms_are_together(one) or sum(_is_number(term) for term in one.terms) > 1:
                return False
            case Mul() if sum(_is_number(part) for part in one.factors) > 1:
                return False
            case Pow() if _is_number(one.base) and _is_whole(one.exponent):
                return False
            case Neg() if isinstance(one.of, Neg):
                return False
            case Root() if not _is_simple_root(one):
                return False
            case _:
                pass
    return True


def _is_number(node: Node) -> bool:
    return is_expression(node) and isinstance(_unsigned(cast("Expression", node)), (Num, Mixed))


def _is_simple_root(node: Root) -> bool:
    """No power of the index divides the number under it, and it is no fraction."""
    inside = _unsigned(node.of)
    if isinstance(inside, Mul):
        inside = next((one for one in inside.factors if isinstance(one, Num)), inside)
    if isinstance(inside, Div):
        return False
    if not isinstance(inside, Num):
        return True
    number = inside.value
    if number.denominator != 1 or number < 2:
        return False
    return not any(
        number % base**node.index == 0 for base in range(2, min(int(number ** (1 / node.index)) + 2, 10_000))
    )
