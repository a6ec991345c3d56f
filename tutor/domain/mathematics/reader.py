"""Reads expressions from tokens by recursive descent: sums, products, powers, roots, fractions, absolute values."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar, cast

from tutor.domain.mathematics.tokens import Token, Unreadable
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
    Node,
    Num,
    Percent,
    PlusMinus,
    Pow,
    Root,
    Sym,
    is_expression,
)
from tutor.domain.numerals import ENGLISH, Convention

DEEPEST = 30
HIGHEST = 400  # exponent of a number or name

T = TypeVar("T")


@dataclass(frozen=True)
class Style:
    """How to read what can be read in two ways: ``numbers``; whether ``1/2x`` is 1/(2x) (``tight``); whether ``x^1/2``
    is a root (``fraction_exponent``); whether 10 before a fraction multiplies it (``no_mixed``)."""

    numbers: Convention = ENGLISH
    tight: bool = False
    fraction_exponent: bool = False
    no_mixed: bool = False


class ExpressionReader(ABC):
    """Holds the tokens and the place in them. A bracket may hold more than an expression: who extends it reads that."""

    def __init__(self, tokens: tuple[Token, ...], style: Style) -> None:
        self.tokens = tokens
        self.style = style
        self.at = 0
        self.depth = 0
        self.bars = 0

    # -- moving along ----------------------------------------------------------------------------------------------

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.here
        self.at += token.kind != "end"
        return token

    def found(self, kind: str, *texts: str) -> bool:
        return self.here.kind == kind and (not texts or self.here.text in texts)

    def took(self, kind: str, *texts: str) -> bool:
        if not self.found(kind, *texts):
            return False
        self.take()
        return True

    def expect(self, kind: str, *texts: str) -> Token:
        if not self.found(kind, *texts):
            raise Unreadable(f"{self.here.text or 'the end'} where {' or '.join(texts) or kind} should be")
        return self.take()

    def close(self, *texts: str) -> str:
        """A closing bracket; one that was forgotten at the very end is forgiven."""
        if self.found("end"):
            return texts[0]
        return self.expect("close", *texts).text

    def nested(self, read: Callable[[], T]) -> T:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("too deep")
        value = read()
        self.depth -= 1
        return value

    @abstractmethod
    def bracket(self) -> Node:
        """What stands in brackets: an expression, or a list of them."""

    def only_expression(self, node: Node) -> Expression:
        if not is_expression(node):
            raise Unreadable("a list where a value should be")
        return cast("Expression", node)

    # -- expressions -----------------------------------------------------------------------------------------------

    def expression(self) -> Expression:
        return self.nested(self._sum)

    def _sum(self) -> Expression:
        terms: list[Expression] = []
        sign = self.take().text if self.found("operator", "+", "-", "±") else "+"
        while True:
            term = self.product()
            if sign == "±":
                before = _added(terms) if terms else None
                terms = [PlusMinus(before, term)]
            else:
                terms.append(Neg(term) if sign == "-" else term)
            if not self.found("operator", "+", "-", "±"):
                return _added(terms)
            sign = self.take().text

    def product(self) -> Expression:
        value = self.run()
        while self.found("operator", "*", "/"):
            times = self.take().text == "*"
            right = self.run() if self.style.tight else self.signed()
            value = _times(value, right) if times else Div(value, right)
            if not self.style.tight:
                value = self.run(value)
        return value

    def run(self, value: Expression | None = None) -> Expression:
        """Factors side by side, with nothing between them."""
        value = self.signed() if value is None else value
        while self.starts_factor():
            value = _times(value, self.power())
        return value

    def signed(self) -> Expression:
        if self.found("operator", "-", "+"):
            return Neg(self.nested(self.signed)) if self.take().text == "-" else self.nested(self.signed)
        return self.power()

    def starts_factor(self) -> bool:
        here = self.here
        if here.kind in ("name", "label", "open"):
            return not (here.kind == "open" and here.text == "[" and not self._closes_square())
        if here.kind == "command":
            return here.text not in ("begin", "end")
        if here.kind == "bar":
            return self.bars == 0
        # "x2" is a product; "3 4" is nothing we know.
        return here.kind == "number" and self.tokens[self.at - 1].kind != "number"

    def _closes_square(self) -> bool:
        return any(one.text == "]" for one in self.tokens[self.at :])

    def power(self) -> Expression:
        base = self.atom()
        if self.took("operator", "^"):
            return self.postfix(_raised(base, self.nested(self.exponent)))
        return self.postfix(base)

    def exponent(self) -> Expression:
        if self.found("operator", "°"):
            raise Unreadable("degrees")
        negative = False
        while self.found("operator", "-", "+"):
            negative ^= self.take().text == "-"
        value = self.atom()
        if self.took("operator", "^"):
            value = _raised(value, self.nested(self.exponent))
        if self.style.fraction_exponent and isinstance(value, Num) and self.found("operator", "/"):
            self.take()
            value = Div(value, self.atom())
        return Neg(value) if negative else value

    def postfix(self, value: Expression) -> Expression:
        while self.found("operator", "%", "°"):
            value = Percent(value) if self.take().text == "%" else value
        return value

    def atom(self) -> Expression:
        token = self.here
        if token.kind == "number":
            return self.number()
        if token.kind in ("name", "label"):
            self.take()
            return Const("pi") if token.text == "pi" else Sym(token.text + self.index())
        if token.kind == "operator" and token.text == "∞":
            self.take()
            return Const("infinity")
        if token.kind == "bar":
            return self.nested(self.absolute)
        if token.kind == "command":
            return self.nested(self.command)
        if token.kind == "open":
            inner = self.bracket()
            return self.only_expression(inner)
        raise Unreadable(f"{token.text or 'the end'} where a value should be")

    def index(self) -> str:
        if not self.took("operator", "_"):
            return ""
        braced = self.took("open", "{")
        name = self.take().text
        while braced and not self.found("close", "}"):
            if self.found("end"):
                raise Unreadable("an index without an end")
            name += self.take().text
        if braced:
            self.take()
        return f"_{name}"

    def number(self) -> Expression:
        token = self.take()
        whole = Num(token.value, token.decimals)
        if self.style.no_mixed or token.decimals or token.value.denominator != 1 or token.value == 0:
            return whole
        parts = self._fraction_after()
        if parts is None:
            return whole
        top, bottom, length = parts
        self.at += length
        return Mixed(int(token.value), top, bottom)

    def _fraction_after(self) -> tuple[int, int, int] | None:
        """Numerator and denominator of a proper fraction that stands right after, and its tokens: "2 1/2"."""
        texts = [self.peek(ahead) for ahead in range(8)]
        if texts[0].kind == "command" and texts[0].text == "frac":
            shape = [texts[1].text, texts[3].text, texts[4].text, texts[6].text]
            pair, length = (texts[2], texts[5]), 7
            if shape != ["{", "}", "{", "}"]:
                return None
        elif texts[0].kind == "number" and texts[0].space and texts[1].text == "/" and texts[3].text != "^":
            pair, length = (texts[0], texts[2]), 3
        else:
            return None
        if any(one.kind != "number" or one.decimals or one.value.denominator != 1 for one in pair):
            return None
        top, bottom = (int(one.value) for one in pair)
        return (top, bottom, length) if 0 < top < bottom else None

    def absolute(self) -> Expression:
        self.take()
        outside, self.bars = self.bars, 1
        inner = self.expression()
        self.bars = outside
        if not self.found("end"):
            self.expect("bar")
        return Abs(inner)

    def command(self) -> Expression:
        name = self.take().text
        outside, self.bars = self.bars, 0
        try:
            return self._command(name)
        finally:
            self.bars = outside

    def _command(self, name: str) -> Expression:
        if name == "frac":
            top = self.argument()
            return Div(top, self.argument())
        if name in ("sqrt", "cbrt", "root"):
            index = 3 if name == "cbrt" else 2
            if name == "sqrt" and self.found("open", "["):
                self.take()
                index = _whole(self.expression())
                self.close("]")
            if name == "root":  # root(3, x)
                self.expect("open", "(")
                index = _whole(self.expression())
                self.expect("operator", ",", ";")
                inner = self.expression()
                self.close(")")
                return Root(index, inner)
            return Root(index, self.argument())
        if name == "abs":
            return Abs(self.argument())
        if name in ("begin", "end"):
            raise Unreadable("a matrix where a value should be")
        exponent = self.nested(self.exponent) if self.took("operator", "^") else None
        within = self.argument()
        while self.found("name") and not self.here.space and self.tokens[self.at - 1].kind in ("number", "name"):
            within = _times(within, self.power())  # sin 2x
        call = Call(name, within)
        return call if exponent is None else _raised(call, exponent)

    def argument(self) -> Expression:
        """What a command takes: a group, or the next value with its power ("sqrt x^2"; LaTeX's ``\\frac12``)."""
        if self.found("open"):
            return self.only_expression(self.bracket())
        token = self.here
        if token.kind == "number" and len(token.text) == 2 and token.text.isdigit() and self._bare_fraction():
            # \frac12 came as one number: its first digit is the numerator
            digits = token.text
            self.tokens = (
                *self.tokens[: self.at],
                Token("number", digits[0], Fraction(int(digits[0]))),
                Token("number", digits[1], Fraction(int(digits[1]))),
                *self.tokens[self.at + 1 :],
            )
            return self.atom_alone()
        if self._bare_fraction():
            return self.atom_alone()
        return self.nested(self.signed)

    def atom_alone(self) -> Expression:
        token = self.take()
        return Num(token.value, token.decimals) if token.kind == "number" else Sym(token.text)

    def _bare_fraction(self) -> bool:
        before = self.tokens[self.at - 1]
        earlier = self.tokens[self.at - 2] if self.at > 1 else before
        return self.here.kind in ("number", "name") and "frac" in (before.text, earlier.text) and before.kind != "close"


def _added(terms: list[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _times(left: Expression, right: Expression) -> Expression:
    before = left.factors if isinstance(left, Mul) else (left,)
    return Mul((*before, right))


def _whole(node: Expression) -> int:
    if isinstance(node, Num) and node.value.denominator == 1 and 2 <= node.value <= 100:
        return int(node.value)
    raise Unreadable("a root of an odd kind")


def _raised(base: Expression, exponent: Expression) -> Expression:
    """Raises ``Unreadable`` for a power that nobody could mean."""
    if _magnitude(exponent) > HIGHEST:
        raise Unreadable("too high a power")
    return Pow(base, exponent)


def _magnitude(node: Expression) -> float:
    """A bound on a constant expression's absolute value, made large on purpose where it is a power."""
    match node:
        case Num(value):
            return float(value)
        case Mixed(whole):
            return whole + 1.0
        case Neg(of) | Abs(of) | Percent(of) | Root(_, of) | Call(_, of):
            return _magnitude(of)
        case Add(parts):
            return sum(map(_magnitude, parts))
        case Mul(parts):
            product = 1.0
            for part in parts:
                product *= max(_magnitude(part), 1.0)
            return product
        case Div(top, _):
            return _magnitude(top)
        case Pow(base, exponent):
            bound = max(_magnitude(base), 1.0)
            return bound ** min(_magnitude(exponent), 64.0) if bound < 1e4 else float("inf")
        case PlusMinus(before, of):
            return _magnitude(of) + (_magnitude(before) if before is not None else 0.0)
        case _:
            return 1.0
