"""Answers that are nearly right: another sign, rounded, with words beside the value."""

from fractions import Fraction
from typing import cast

from tutor.domain.mathematics import equality
from tutor.domain.mathematics.tokens import GREEK
from tutor.domain.mathematics.tree import Expression, Many, Mul, Neg, Node, Num, Relation, Sym, is_expression, symbols


def negated(node: Node) -> Node | None:
    """The same with its sign flipped, where that means something: for a value or ``x = value``."""
    if is_expression(node):
        return Neg(cast("Expression", node))
    if isinstance(node, Relation) and node.signs == ("=",) and isinstance(node.sides[0], Sym):
        return Relation((node.sides[0], Neg(node.sides[1])), node.signs)
    return None


def without_labels(node: Node) -> Node:
    """``5 mph`` as 5: without words (names of more than one letter) that only stand beside a value."""
    if isinstance(node, Mul):
        kept = tuple(one for one in node.factors if not is_label(one))
        if kept and len(kept) < len(node.factors):
            return kept[0] if len(kept) == 1 else Mul(kept)
    if isinstance(node, Neg):
        return Neg(cast("Expression", without_labels(node.of)))
    if isinstance(node, Relation):
        return Relation(tuple(cast("Expression", without_labels(one)) for one in node.sides), node.signs)
    if isinstance(node, Many):
        return Many(tuple(without_labels(one) for one in node.of), node.kind)
    return node


def is_label(node: Node) -> bool:
    """Whether it is words and no variable."""
    return isinstance(node, Sym) and node.name in labels(node)


def labels(node: Node) -> frozenset[str]:
    """The names in it that are words and no variables."""
    return frozenset(
        name for name in symbols(node) if " " in name or (len(name) > 3 and "_" not in name and name not in GREEK)
    )


def rounds_to(gold: Node, answer: Node) -> bool:
    """Whether ``answer`` is the decimal that an exact value rounds to at its own number of places."""
    if isinstance(answer, Relation) and answer.signs == ("=",) and isinstance(answer.sides[0], Sym):
        answer = answer.sides[1]
    if isinstance(gold, Relation) and gold.signs == ("=",) and isinstance(gold.sides[0], Sym):
        gold = gold.sides[1]
    literal = answer.of if isinstance(answer, Neg) else answer
    if not isinstance(literal, Num) or not literal.decimals or not is_expression(gold):
        return False
    exact, given = equality.approximate(cast("Expression", gold)), equality.constant(cast("Expression", answer))
    if exact is None or given is None:
        return False
    return abs(Fraction(exact) - given) <= Fraction(1, 2 * 10**literal.decimals)
