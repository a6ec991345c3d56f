"""Works out the expressions in a run of tokens, at a few points, by recursive descent. Pure; no SymPy, no ``eval``.

Two expressions that agree at three points chosen beforehand are taken for equal (Schwartz 1980; Zippel 1979): it takes
microseconds where simplification takes milliseconds, and the guard has every sentence to read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tutor.grading.guard_reading import Token
from tutor.grading.guard_units import PER, UNITS, unit

POINTS = 3
DEEPEST = 24
LONGEST_RUN = 80  # tokens

Values = tuple[float, ...]  # one a point


@dataclass(frozen=True, slots=True)
class Side:
    """One expression as it stands. ``key`` is its text without spaces, ``start`` the place of its first token.

    ``unit`` is the word after it; ``is_name`` a lone variable; ``constant`` that no variable is in it.
    """

    key: str
    values: Values
    start: int
    end: int
    unit: str = ""
    decimals: int = -1
    constant: bool = True
    is_name: bool = False
    is_number: bool = False

    @property
    def value(self) -> float:
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Relation:
    left: Side
    sign: str
    right: Side


@dataclass(frozen=True, slots=True)
class Statements:
    sides: tuple[Side, ...]
    relations: tuple[Relation, ...]


def statements(tokens: Sequence[Token]) -> Statements:
    """Every expression that ``tokens`` state: each side of each relation, each number on its own."""
    sides: list[Side] = []
    relations: list[Relation] = []
    for start, end in _runs(tokens):
        run = list(tokens[start:end])
        for variant in _signs_chosen(run):
            last: Side | None = None
            sign = ""
            for first, stop in _between_relations(variant):
                found = list(_sides(variant, first, stop, start, tokens))
                whole = found[0] if found and found[0].start == start + first and found[0].end == start + stop else None
                sides += found
                if last and whole and sign:
                    relations.append(Relation(last, sign, whole))
                last = whole
                sign = variant[stop].text if stop < len(variant) else ""
    return Statements(tuple(sides), tuple(relations))


def close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-7 * max(1.0, abs(one), abs(other))


def equal(one: Values, other: Values) -> bool:
    return all(close(a, b) for a, b in zip(one, other, strict=True))


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    start = None
    for at, token in enumerate([*tokens, Token("stop", "")]):
        part = token.kind in ("number", "name", "sign", "relation") or _is_unit_inside(tokens, at)
        if part and start is None:
            start = at
        elif start is not None and (not part or at - start >= LONGEST_RUN):
            yield start, at
            start = at if part else None


def _is_unit_inside(tokens: Sequence[Token], at: int) -> bool:
    """``18 mL / 12 min``: the unit between a number and a sign breaks no run."""
    return (
        0 < at < len(tokens) - 1
        and tokens[at].kind == "word"
        and tokens[at].text in UNITS
        and (tokens[at - 1].kind == "number" or tokens[at - 1].text == "/")
        and tokens[at + 1].kind in ("sign", "relation")
    )


def _signs_chosen(run: list[Token]) -> list[list[Token]]:
    if not any(token.text == "±" for token in run):
        return [run]
    return [[Token("sign", sign) if token.text == "±" else token for token in run] for sign in "+-"]


def _between_relations(run: Sequence[Token]) -> Iterator[tuple[int, int]]:
    first = 0
    for at, token in enumerate(run):
        if token.kind == "relation":
            yield first, at
            first = at + 1
    yield first, len(run)


def _sides(run: Sequence[Token], first: int, stop: int, offset: int, tokens: Sequence[Token]) -> Iterator[Side]:
    """The longest expressions from left to right, then the single numbers in them."""
    at = first
    singles: list[int] = []
    while at < stop:
        parser = _Parser(run, at, stop)
        values = parser.expression()
        if values is None or parser.at == at:
            at += 1
            continue
        yield _side(run, at, parser.at, values, offset, tokens)
        if parser.at - at > 1:
            singles += [place for place in range(at, parser.at) if run[place].kind == "number"]
        at = parser.at
    for place in singles:
        value = run[place].value
        yield _side(run, place, place + 1, (value,) * POINTS, offset, tokens)


def _side(run: Sequence[Token], start: int, end: int, values: Values, offset: int, tokens: Sequence[Token]) -> Side:
    part = run[start:end]
    names = any(token.kind == "name" for token in part)
    measured = _measure(tokens, offset + start + 1) if part[0].kind == "number" else ""
    follow = tokens[offset + end] if offset + end < len(tokens) else Token("stop", "")
    if follow.text == "°" and offset + end + 1 < len(tokens):
        follow = tokens[offset + end + 1]
        plain = "°" + follow.text
    else:
        plain = follow.text if follow.kind == "word" else ""
    return Side(
        key="".join(token.text for token in part),
        values=values,
        start=offset + start,
        end=offset + end,
        unit=measured or plain or (part[-1].text if part[-1].kind == "word" else ""),
        decimals=part[0].decimals if len(part) == 1 else -1,
        constant=not names,
        is_name=names and len(part) == 1,
        is_number=len(part) == 1 and not names,
    )


def _measure(tokens: Sequence[Token], at: int) -> str:
    """The rate that stands at ``at`` ("km/h", "metres per second") as ``km/h``, or ""."""
    parts = [token.text for token in tokens[at : at + 3]]
    if len(parts) < 3 or tokens[at].kind != "word" or not (parts[1] == "/" or parts[1] in PER):
        return ""
    rate = f"{parts[0]}/{parts[2]}"
    return rate if unit(rate) else ""


def point(name: str, at: int) -> float:
    """The value of a variable at a point: fixed, irrational-looking, between 0.5 and 2.5."""
    raw = math.sin(ord(name[0]) * 12.9898 + at * 78.233) * 43758.5453
    return 0.5 + 2.0 * (raw - math.floor(raw))


class _Parser:
    def __init__(self, run: Sequence[Token], at: int, stop: int, depth: int = 0) -> None:
        self.run, self.at, self.stop, self.depth = run, at, stop, depth

    def expression(self) -> Values | None:
        """A sum; ``at`` is left after it. None where none can be read."""
        sign = 1.0
        while self._text() in ("+", "-"):
            sign = -sign if self._text() == "-" else sign
            self.at += 1
        found = self._product()
        if found is None:
            return None
        total = tuple(sign * value for value in found)
        while self._text() in ("+", "-"):
            back, mark = self.at, self._text()
            self.at += 1
            more = self._product(signed=True)
            if more is None:
                self.at = back
                break
            total = tuple(a + b if mark == "+" else a - b for a, b in zip(total, more, strict=True))
        return total if all(map(math.isfinite, total)) else None

    def _product(self, signed: bool = False) -> Values | None:
        sign = 1.0
        if signed and self._text() == "-":
            sign, self.at = -1.0, self.at + 1
        found = self._power()
        if found is None:
            return None
        total = tuple(sign * value for value in found)
        while self.at < self.stop:
            back, mark = self.at, self._text()
            if mark in ("*", "/"):
                self.at += 1
                more = self._factor()
            elif (
                mark == "("
                or (self.run[self.at].kind == "name")
                or (self.run[self.at].kind == "number" and self.run[self.at - 1].text == ")")
            ):
                more = self._power()
            else:
                break
            if more is None:
                self.at = back
                break
            if mark == "/":
                if any(value == 0 for value in more):
                    self.at = back
                    break
                total = tuple(a / b for a, b in zip(total, more, strict=True))
            else:
                total = tuple(a * b for a, b in zip(total, more, strict=True))
        return total

    def _factor(self) -> Values | None:
        if self._text() == "-":
            self.at += 1
            found = self._power()
            return None if found is None else tuple(-value for value in found)
        return self._power()

    def _power(self) -> Values | None:
        base = self._atom()
        if base is None:
            return None
        if self._text() == "^":
            back = self.at
            self.at += 1
            exponent = self._factor()
            if exponent is None:
                self.at = back
                return base
            powered = [_raised(a, b) for a, b in zip(base, exponent, strict=True)]
            if any(value is None for value in powered):
                self.at = back
                return base
            base = tuple(value for value in powered if value is not None)
        if self._text() == "%":
            self.at += 1
            base = tuple(value / 100 for value in base)
        return base

    def _atom(self) -> Values | None:
        if self.at >= self.stop:
            return None
        token = self.run[self.at]
        if token.kind == "number":
            self.at += 1
            if self.at < self.stop and self.run[self.at].kind == "word":  # a unit inside the run
                self.at += 1
                while self.at + 1 < self.stop and self._text() == "/" and self.run[self.at + 1].kind == "word":
                    self.at += 2
            return (token.value,) * POINTS
        if token.kind == "name":
            self.at += 1
            return tuple(point(token.text, at) for at in range(POINTS))
        if token.text == "(" and self.depth < DEEPEST:
            inner = _Parser(self.run, self.at + 1, self.stop, self.depth + 1)
            found = inner.expression()
            if found is not None and inner._text() == ")":
                self.at = inner.at + 1
                return found
        return None

    def _text(self) -> str:
        return self.run[self.at].text if self.at < self.stop else ""


def _raised(base: float, exponent: float) -> float | None:
    if abs(exponent) > 64 or (base == 0 and exponent < 0) or (base < 0 and exponent != int(exponent)):
        return None
    try:
        value = base**exponent
    except OverflowError:
        return None
    return value if math.isfinite(value) else None
