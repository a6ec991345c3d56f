"""Whether an answer means the same as the accepted one, whatever kind of thing either is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast

from tutor.domain.mathematics import equality
from tutor.domain.mathematics.tree import (
    TURNED,
    Add,
    Const,
    Expression,
    Interval,
    Many,
    Matrix,
    Neg,
    Node,
    PlusMinus,
    Point,
    Relation,
    Sign,
    Sym,
    Words,
    children,
    holds,
    is_expression,
    rebuilt,
    renamed,
    symbols,
)

#: ``unsolved`` is an equation that says the same but is not solved as the accepted one is; ``order`` a list whose
#: order is wrong though it matters; ``part`` a list where some are right and none is wrong.
Degree = Literal["yes", "unsolved", "order", "part", "no"]

_ALIKE = ({"nothing", "absent"}, {"all", "infinite"})
_INFINITY = Const("infinity")
_EVERYTHING = Interval(Neg(_INFINITY), _INFINITY, False, False)


@dataclass(frozen=True)
class Match:
    degree: Degree
    share: float = 0.0  # of a list's values that are there


YES, NO = Match("yes", 1.0), Match("no")


def compare(gold: Node, answer: Node, ordered: bool = False) -> Match:
    """How ``answer`` stands to the accepted ``gold``. With ``ordered`` the order of a plain list matters."""
    answer = _with_case_of(gold, answer)
    wanted, given = _values(gold), _values(answer)
    if len(wanted) == 1 and len(given) == 1:
        return Match(_one(wanted[0], given[0]))
    as_list = _as_list(wanted, given)
    if as_list is not None:
        return as_list
    return _several(wanted, given, ordered and not _is_unordered(gold))


def _with_case_of(gold: Node, answer: Node) -> Node:
    """``X`` is ``x`` where the accepted answer has only the one."""
    ours, theirs = symbols(gold), symbols(answer)
    names = {
        name: name.swapcase()
        for name in theirs - ours
        if len(name) == 1 and name.swapcase() in ours and name.swapcase() not in theirs
    }
    return renamed(answer, names) if names else answer


def _is_unordered(gold: Node) -> bool:
    return isinstance(gold, Many) and gold.kind != "list"


# -- several values ------------------------------------------------------------------------------------------------


def _values(node: Node) -> tuple[Node, ...]:
    """The values it stands for: lists taken apart, plus-minus as two, ``x = 2, 3`` as two equations, each once."""
    found: list[Node] = []
    for one in _apart(node):
        if found and is_expression(one) and not isinstance(one, Sym):
            first = found[0]
            if isinstance(first, Relation) and first.signs == ("=",) and isinstance(first.sides[0], Sym):
                named = first.sides[0].name
                if named not in symbols(one):
                    one = Relation((first.sides[0], cast("Expression", one)), ("=",))
        if all(_one(one, other) != "yes" for other in found):
            found.append(one)
    return tuple(found)


def _apart(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Many):
        return tuple(one for part in node.of for one in _apart(part))
    choices = _plus_minus(node)
    return tuple(_apart_from_chain(one) for one in choices)


def _plus_minus(node: Node) -> tuple[Node, ...]:
    """One ± decides all of them: ±a ± b is a + b or -a - b."""
    if not holds(node, PlusMinus):
        return (node,)
    return tuple(_signed(node, minus) for minus in (False, True))


def _signed(node: Node, minus: bool) -> Node:
    if not isinstance(node, PlusMinus):
        return rebuilt(node, tuple(_signed(one, minus) for one in children(node)))
    of = cast("Expression", _signed(node.of, minus))
    term = Neg(of) if minus else of
    return term if node.before is None else Add((cast("Expression", _signed(node.before, minus)), term))


def _apart_from_chain(node: Node) -> Node:
    """``x = 6/2 = 3`` is ``x = 3``; ``3*4 = 12`` with nothing unknown is 12. A chain that is false stays as it is."""
    if not isinstance(node, Relation) or set(node.signs) != {"="}:
        return node
    sides = list(node.sides)
    named = sides.pop(0) if isinstance(sides[0], Sym) else None
    if len(sides) < 2 or any(not equality.equal(a, b) for a, b in pairwise(sides)):
        return node
    return sides[-1] if named is None else Relation((named, sides[-1]), ("=",))


def _as_list(wanted: Sequence[Node], given: Sequence[Node]) -> Match | None:
    """A point may be given as its places, "x = 2, y = 5" or "2, 5" for (2, 5), and such a list as a point."""
    for ours, theirs in ((wanted, given), (given, wanted)):
        if len(ours) == 1 and isinstance(ours[0], Point) and 1 < len(theirs) == len(ours[0].places):
            places = _places(theirs)
            return None if places is None else _in_order(ours[0].places, places)
    return None


def _places(values: Sequence[Node]) -> Sequence[Node] | None:
    """Plain values as they stand, equations like "x = 2" in the order of the alphabet."""
    if all(map(is_expression, values)):
        return values
    if not all(isinstance(one, Relation) and isinstance(one.sides[0], Sym) for one in values):
        return None
    equations = sorted(cast("Sequence[Relation]", values), key=lambda one: cast("Sym", one.sides[0]).name)
    return [one.sides[-1] for one in equations]


def _in_order(wanted: Sequence[Node], given: Sequence[Node]) -> Match:
    right = [_one(one, other) == "yes" for one, other in zip(wanted, given, strict=True)]
    return YES if all(right) else NO


def _several(wanted: Sequence[Node], given: Sequence[Node], ordered: bool) -> Match:
    left = list(wanted)
    surplus = 0
    for one in given:
        at = next((index for index, other in enumerate(left) if _one(other, one) == "yes"), None)
        if at is None:
            surplus += 1
        else:
            del left[at]
    if surplus or len(left) == len(wanted):
        return NO
    if left:
        return Match("part", 1 - len(left) / len(wanted))
    # A named value ("y = 2") has no need of an order.
    if (
        ordered
        and all(map(is_expression, wanted))
        and any(_one(one, other) != "yes" for one, other in zip(wanted, given, strict=True))
    ):
        return Match("order", 0.5)
    return YES


# -- one value -----------------------------------------------------------------------------------------------------


def _one(gold: Node, answer: Node) -> Degree:
    if gold == answer:
        return "yes"
    if isinstance(gold, Words) or isinstance(answer, Words):
        return _yes(_words(gold, answer))
    if isinstance(gold, Relation) and isinstance(answer, Relation):
        return _relations(gold, answer)
    if isinstance(gold, Relation) != isinstance(answer, Relation):
        relation, other = (gold, answer) if isinstance(gold, Relation) else (answer, gold)
        return _yes(_relation_and_other(cast("Relation", relation), other))
    if isinstance(gold, Interval) or isinstance(answer, Interval):
        return _yes(_same_intervals(gold, answer))
    if isinstance(gold, Point) and isinstance(answer, Point):
        same = len(gold.places) == len(answer.places)
        return _yes(same and _in_order(gold.places, answer.places) == YES)
    if isinstance(gold, Matrix) and isinstance(answer, Matrix):
        same = [len(row) for row in gold.rows] == [len(row) for row in answer.rows]
        rows = zip(gold.rows, answer.rows, strict=False)
        return _yes(same and all(_in_order(a, b) == YES for a, b in rows))
    if is_expression(gold) and is_expression(answer):
        return _yes(equality.equal(cast("Expression", gold), cast("Expression", answer)))
    return "no"


def _yes(same: bool) -> Degree:
    return "yes" if same else "no"


def _words(gold: Node, answer: Node) -> bool:
    for one, other in ((gold, answer), (answer, gold)):
        if isinstance(one, Words) and one.known == "all" and not isinstance(other, Words):
            interval = _interval(other)
            return interval is not None and _same_interval(interval, _EVERYTHING)
        if isinstance(one, Words) and one.known == "infinite" and other == _INFINITY:
            return True
    if not (isinstance(gold, Words) and isinstance(answer, Words)):
        return False
    if gold.known and answer.known:
        return gold.known == answer.known or any({gold.known, answer.known} <= alike for alike in _ALIKE)
    return gold.text == answer.text


def _relation_and_other(relation: Relation, other: Node) -> bool:
    """``x = 3`` and ``3`` are the same, and ``x > 3`` and the interval from 3; ``x = x + 3`` and ``x + 3`` are not."""
    if is_expression(other) and relation.signs == ("=",):
        for named, value in (relation.sides, relation.sides[::-1]):
            if isinstance(named, Sym) and named.name not in symbols(value) | symbols(other):
                return equality.equal(value, cast("Expression", other))
        return False
    return _same_intervals(relation, other)


def _relations(gold: Relation, answer: Relation) -> Degree:
    if len(gold.signs) != 1 or len(answer.signs) != 1:
        if _same_intervals(gold, answer):
            return _yes(symbols(gold) == symbols(answer))
        return _yes(any(_same_chain(gold, turned) for turned in (answer, _turned(answer))))
    ours, theirs = equality.minus(*gold.sides), equality.minus(*answer.sides)
    if not symbols(gold):  # a statement about numbers: "6 = 6", "0 = 5"
        return _yes(any(_same_chain(gold, turned) for turned in (answer, _turned(answer))))
    factor = equality.scale(ours, theirs)
    sign = answer.signs[0]
    if factor is not None:
        wanted = TURNED[sign] if factor < 0 else sign
        if wanted != gold.signs[0]:
            return "no"
    elif not (gold.signs == answer.signs == ("=",) and equality.numerators_match(ours, theirs)):
        return "no"
    solved = _solved(gold)
    return "unsolved" if solved is not None and _solved(answer) != solved else "yes"


def _solved(node: Relation) -> str | None:
    """The variable that stands alone on one side, a number on the other."""
    for named, value in (node.sides, node.sides[::-1]):
        if isinstance(named, Sym) and not symbols(value):
            return named.name
    return None


def _turned(node: Relation) -> Relation:
    return Relation(node.sides[::-1], tuple(TURNED[sign] for sign in node.signs[::-1]))


def _same_chain(one: Relation, other: Relation) -> bool:
    if one.signs != other.signs:
        return False
    return all(equality.equal(a, b) for a, b in zip(one.sides, other.sides, strict=True))


# -- intervals -----------------------------------------------------------------------------------------------------


def _same_intervals(one: Node, other: Node) -> bool:
    first, second = _interval(one), _interval(other)
    return first is not None and second is not None and _same_interval(first, second)


def _interval(node: Node) -> Interval | None:
    """What it says as an interval: an interval, a pair of numbers (open), an inequality solved for its variable."""
    if isinstance(node, Interval):
        return node
    if isinstance(node, Point) and len(node.places) == 2:
        return Interval(node.places[0], node.places[1], False, False)
    if not isinstance(node, Relation):
        return None
    if len(node.sides) == 2:
        left, right = node.sides
        sign = node.signs[0]
        if not isinstance(left, Sym):
            left, right, sign = right, left, TURNED[sign]
        if not isinstance(left, Sym) or symbols(right) or sign in ("=", "!="):
            return None
        if sign in (">", ">="):
            return Interval(right, _INFINITY, sign == ">=", False)
        return Interval(Neg(_INFINITY), right, False, sign == "<=")
    if len(node.sides) == 3 and isinstance(node.sides[1], Sym):
        low, _, high = node.sides
        signs: tuple[Sign, ...] = node.signs
        if signs[0] in (">", ">=") and signs[1] in (">", ">="):
            low, high, signs = high, low, (TURNED[signs[1]], TURNED[signs[0]])
        if signs[0] in ("<", "<=") and signs[1] in ("<", "<=") and not symbols(low) | symbols(high):
            return Interval(low, high, signs[0] == "<=", signs[1] == "<=")
    return None


def _same_interval(one: Interval, other: Interval) -> bool:
    """An infinite end is open, however it is written."""
    for a, b, closed_a, closed_b in (
        (one.low, other.low, one.closed_low, other.closed_low),
        (one.high, other.high, one.closed_high, other.closed_high),
    ):
        if not equality.equal(a, b):
            return False
        if closed_a != closed_b and a not in (_INFINITY, Neg(_INFINITY)):
            return False
    return True
