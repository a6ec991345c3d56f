"""What a piece of school mathematics is, as a tree of frozen values; parsing makes it, comparing reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

Sign = Literal["=", "<", ">", "<=", ">=", "!="]

#: How a relation reads from right to left.
TURNED: dict[Sign, Sign] = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True)
class Num:
    """A literal that is not negative; ``decimals`` counts digits after its mark (None: none written)."""

    value: Fraction
    decimals: int | None = None


@dataclass(frozen=True)
class Mixed:
    """Two and a half."""

    whole: int
    top: int
    bottom: int


@dataclass(frozen=True)
class Percent:
    of: "Expression"


@dataclass(frozen=True)
class Sym:
    """A variable (one letter, a Greek letter, with an index) or a label in words ("uphill speed")."""

    name: str


@dataclass(frozen=True)
class Const:
    name: Literal["pi", "infinity"]


@dataclass(frozen=True)
class Neg:
    of: "Expression"


@dataclass(frozen=True)
class Add:
    terms: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Mul:
    factors: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Div:
    top: "Expression"
    bottom: "Expression"


@dataclass(frozen=True)
class Pow:
    base: "Expression"
    exponent: "Expression"


@dataclass(frozen=True)
class Root:
    """The ``index``-th root; real for an odd index of a negative number, as schools have it."""

    index: int
    of: "Expression"


@dataclass(frozen=True)
class Abs:
    of: "Expression"


@dataclass(frozen=True)
class Call:
    """``name`` is one of ``FUNCTIONS``."""

    name: str
    of: "Expression"


@dataclass(frozen=True)
class PlusMinus:
    """Two values at once: ``before`` plus and minus ``of``."""

    before: "Expression | None"
    of: "Expression"


Expression: TypeAlias = (
    Num | Mixed | Percent | Sym | Const | Neg | Add | Mul | Div | Pow | Root | Abs | Call | PlusMinus
)

FUNCTIONS = ("sin", "cos", "tan", "log", "ln", "exp")


@dataclass(frozen=True)
class Relation:
    """An equation, an inequality or a chain of them: one sign less than sides."""

    sides: tuple[Expression, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Interval:
    low: Expression
    high: Expression
    closed_low: bool
    closed_high: bool


@dataclass(frozen=True)
class Point:
    """An ordered pair or longer. ``(2, 5)`` may also mean an open interval; comparing decides."""

    places: "tuple[Expression, ...]"


@dataclass(frozen=True)
class Many:
    """Several values: ``list`` as written with commas, ``set`` in braces, ``or`` and ``and`` by word, ``union`` of
    intervals."""

    of: "tuple[Node, ...]"
    kind: Literal["list", "set", "or", "and", "union"] = "list"


@dataclass(frozen=True)
class Matrix:
    rows: "tuple[tuple[Expression, ...], ...]"


@dataclass(frozen=True)
class Words:
    """An answer in words: a ``known`` one has a name for all languages ("nothing", "all", "undefined", ...)."""

    text: str
    known: str = ""


Node: TypeAlias = Expression | Relation | Interval | Point | Many | Matrix | Words

_EXPRESSIONS = (Num, Mixed, Percent, Sym, Const, Neg, Add, Mul, Div, Pow, Root, Abs, Call, PlusMinus)


def is_expression(node: Node) -> bool:
    return isinstance(node, _EXPRESSIONS)


def children(node: Node) -> "tuple[Node, ...]":
    """The parts directly below."""
    match node:
        case Neg(of) | Abs(of) | Percent(of) | Root(_, of) | Call(_, of):
            return (of,)
        case Add(parts) | Mul(parts) | Point(parts) | Relation(parts, _):
            return parts
        case Many(of=several):
            return several
        case Div(top, bottom):
            return (top, bottom)
        case Pow(base, exponent):
            return (base, exponent)
        case PlusMinus(before, of):
            return (of,) if before is None else (before, of)
        case Interval(low, high):
            return (low, high)
        case Matrix(rows):
            return tuple(one for row in rows for one in row)
        case _:
            return ()


def symbols(node: Node) -> frozenset[str]:
    """The names of all variables and labels in it."""
    if isinstance(node, Sym):
        return frozenset({node.name})
    return frozenset().union(*map(symbols, children(node)))


def size(node: Node) -> int:
    """How many numbers, names and operations it is made of."""
    return 1 + sum(map(size, children(node)))


def holds(node: Node, kind: type | tuple[type, ...]) -> bool:
    """Whether it is, or has somewhere within, a node of that kind."""
    return isinstance(node, kind) or any(holds(one, kind) for one in children(node))


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """With variables renamed."""
    if isinstance(node, Sym):
        return Sym(names.get(node.name, node.name))
    return rebuilt(node, tuple(renamed(one, names) for one in children(node)))


def rebuilt(node: Node, parts: "tuple[Any, ...]") -> Node:
    """With other parts in place of its ``children``."""
    match node:
        case Neg() | Abs() | Percent():
            return type(node)(parts[0])
        case Root(index, _):
            return Root(index, parts[0])
        case Call(name, _):
            return Call(name, parts[0])
        case Add() | Mul() | Point():
            return type(node)(parts)
        case Relation(_, signs):
            return Relation(parts, signs)
        case Many(_, kind):
            return Many(parts, kind)
        case Div() | Pow():
            return type(node)(*parts)
        case PlusMinus(before, _):
            return PlusMinus(None if before is None else parts[0], parts[-1])
        case Interval(_, _, closed_low, closed_high):
            return Interval(parts[0], parts[1], closed_low, closed_high)
        case Matrix(rows):
            width = len(rows[0])
            return Matrix(tuple(parts[at : at + width] for at in range(0, len(parts), width)))
        case _:
            return node
