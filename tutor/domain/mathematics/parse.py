"""Reads mathematics into a tree (``tree``): LaTeX, keyboard notation, and mixtures of both.

Nothing is evaluated and no other parser sees the text. Length, tokens, depth and exponents are limited, so that no text
takes long (``9**9**9`` is refused, not computed).
"""

import re
from typing import cast

from tutor.domain.mathematics.reader import ExpressionReader, Style
from tutor.domain.mathematics.tokens import Unreadable, tokenize
from tutor.domain.mathematics.tree import (
    Expression,
    Interval,
    Many,
    Matrix,
    Node,
    Point,
    Relation,
    Sign,
    Words,
    is_expression,
)

MOST = 24  # values of a list


def parse(text: str, style: Style) -> Node:
    """The tree of a ``clean`` text. Raises ``Unreadable``."""
    reader = _Reader(tokenize(text, style.numbers), style)
    node = reader.whole()
    reader.expect("end")
    return node


class _Reader(ExpressionReader):
    # -- several values --------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        if self.found("end"):
            raise Unreadable("nothing there")
        parts = [self.element()]
        between: list[str] = []
        while self.found("operator", ",", ";", "∨", "∧", "→"):
            between.append(self.take().text)
            while self.found("operator", "∨", "∧", ",", ";"):  # "x = 2, or x = 3"
                between[-1] = self.take().text
            parts.append(self.element())
            if len(parts) > MOST:
                raise Unreadable("too many values")
        if len(parts) == 1:
            return parts[0]
        if "→" in between:  # the learner shows steps; the last is the answer
            return parts[-1]
        return Many(tuple(parts), "or" if "∨" in between else "and" if "∧" in between else "list")

    def element(self) -> Node:
        node = self.relation()
        if not self.found("operator", "∪"):
            return node
        parts = [node]
        while self.took("operator", "∪"):
            parts.append(self.relation())
        return Many(tuple(parts), "union")

    def relation(self) -> Node:
        if self.found("operator", "∅"):
            self.take()
            return Words("", "nothing")
        if self.found("words"):
            token = self.take()
            return Words(token.text, token.text)
        first = self.side()
        if not self.found("sign"):
            return first
        sides = [self.only_expression(first)]
        signs: list[Sign] = []
        while self.found("sign"):
            signs.append(cast("Sign", self.take().text))
            if self.found("words"):
                return Words(self.here.text, self.take().text)
            side = self.side()
            if self.found("end", *()) and isinstance(side, (Many, Point)) and len(signs) == 1 and signs[0] == "=":
                return _distributed(sides[0], side)
            sides.append(self.only_expression(side))
        return Relation(tuple(sides), tuple(signs))

    def side(self) -> Node:
        """An expression, or what can stand where one does: an interval, a point, a set, a matrix."""
        if self.found("open") or self.found("close", "]"):
            before = self.at
            node = self.bracket()
            if not is_expression(node):
                return node
            self.at = before
        if self.found("command", "begin"):
            return self.matrix()
        return self.expression()

    # -- brackets --------------------------------------------------------------------------------------------------

    def bracket(self) -> Node:
        return self.nested(self._bracket)

    def _bracket(self) -> Node:
        opening = self.take().text
        if opening in ("{", "\\{"):
            if self.took("close", "}", "\\}"):
                return Words("", "nothing")
            inner = self.whole()
            self.close("}", "\\}")
            if opening == "{" and is_expression(inner):
                return inner  # LaTeX's own grouping
            return Many(inner.of if isinstance(inner, Many) and inner.kind == "list" else (inner,), "set")
        inner = self.whole()
        closing = self.close(")", "]", "[") if not self.found("open", "[") else self.take().text
        if isinstance(inner, Many) and inner.kind == "list" and all(map(is_expression, inner.of)):
            places = cast("tuple[Expression, ...]", inner.of)
            if opening == "(" and closing == ")":
                return Point(places)
            if len(places) == 2:
                return Interval(places[0], places[1], opening == "[", closing == "]")
            raise Unreadable("an interval has two ends")
        if (opening == "(") != (closing == ")"):
            raise Unreadable("brackets that don't match")
        return inner

    def matrix(self) -> Matrix:
        self.take()
        self._environment()
        rows: list[list[Expression]] = [[]]
        while True:
            rows[-1].append(self.expression())
            if self.took("operator", "&"):
                continue
            if self.took("operator", "⏎"):
                if self.found("command", "end"):
                    break
                rows.append([])
                continue
            break
        self.expect("command", "end")
        self._environment()
        if len({len(row) for row in rows}) != 1:
            raise Unreadable("rows of different length")
        return Matrix(tuple(tuple(row) for row in rows))

    def _environment(self) -> None:
        self.expect("open", "{")
        while self.found("name") or self.found("label"):
            self.take()
        self.expect("close", "}")


def _distributed(side: Expression, values: Many | Point) -> Node:
    """``x = {2, 3}`` is ``x = 2`` or ``x = 3``; ``(x, y) = (1, 2)`` never comes here."""
    if isinstance(values, Point):
        return values
    if all(map(is_expression, values.of)):
        parts = cast("tuple[Expression, ...]", values.of)
        return Many(tuple(Relation((side, one), ("=",)) for one in parts), "set")
    raise Unreadable("a list where a value should be")


def with_semicolons(text: str) -> str:
    """Equations that are told apart only by spaces get semicolons: ``x+y=3 x-y=1``."""
    tight = re.sub(r"\s*(<=|>=|=|[+*/])\s*|(?<=\S)\s+-\s+", lambda match: match[1] or "-", text)
    chunks = tight.split()
    if len(chunks) > 1 and all(re.fullmatch(r"[^=,;]+=[^=,;]+", chunk) for chunk in chunks):
        return "; ".join(chunks)
    return text
