"""What the accepted answers come to: the numbers, expressions and relations that must not be stated. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tutor.grading.guard_arithmetic import Relation, Side, Values, statements
from tutor.grading.guard_reading import Token, read
from tutor.grading.guard_units import UNITS, unit
from tutor.grading.guard_words import folded, languages

#: N2, CO2, H2O, NAD+, O₂: names of substances, and no numbers. A lone letter or a number before letters is none.
_FORMULA = re.compile(
    r"(?=.*[A-Z].*[0-9₀-₉+⁺⁻])(?:[A-Z][a-z]?(?:_?\{?[0-9₀-₉]+\}?)?|\((?:[A-Z][a-z]?[0-9₀-₉]*)+\)[0-9₀-₉]*)+"
    r"(?:\^?\{?[0-9]?[+⁺⁻-]\}?)?"
)
_WRAPPED = re.compile(r"\\(?:mathrm|text|ce)\s*\{(.*)\}")
_LETTER = re.compile(r"(?<![^\W\d_])([a-zA-Z])(?![^\W\d_])")


@dataclass(frozen=True)
class Target:
    """A number that must not be stated: ``value`` as written, in ``dimension`` and ``size`` where it has a unit.

    ``share`` says it was written as a per cent: then 0.25 and 25 are both it.
    """

    value: float
    dimension: str = ""
    size: float = 1.0
    share: bool = False


@dataclass(frozen=True)
class Targets:
    """What the accepted answers come to. ``factors`` are those of an answer that is a product."""

    numbers: tuple[Target, ...] = ()
    expressions: tuple[Values, ...] = ()
    factors: tuple[Values, ...] = ()
    relations: tuple[Values, ...] = ()  # left less right, for "y = 3x + 4"
    roots: tuple[tuple[str, float], ...] = ()
    nothing: bool = False
    all: bool = False
    names: frozenset[str] = frozenset()

    @property
    def any(self) -> bool:
        return bool(self.numbers or self.expressions or self.relations or self.nothing or self.all)


@lru_cache(maxsize=512)
def targets(answers: tuple[str, ...], question: str, language: str, numeric: bool = False) -> Targets:
    """Read the accepted answers. Answers in words give none; with ``numeric`` words after a number are its unit."""
    names = _names(answers, question)
    found = Targets(names=names)
    for answer in answers:
        if not is_formula(answer, names):
            found = _more(found, answer, language, numeric)
    return found


def is_formula(answer: str, names: frozenset[str] = frozenset()) -> bool:
    """Whether an answer is a chemical formula, read as a word. Letters of the question's mathematics make none."""
    plain = answer.strip().strip("$").strip()
    if wrapped := _WRAPPED.fullmatch(plain):
        plain = wrapped[1]
    if not _FORMULA.fullmatch(plain):
        return False
    return not {letter.lower() for letter in re.findall(r"[A-Z]", plain)} <= names


def _names(answers: Iterable[str], question: str) -> frozenset[str]:
    """Letters that stand for numbers: those of the answers, and those between dollars in the question."""
    answers = [answer for answer in answers if not _FORMULA.fullmatch(answer.strip())]
    written = [answer for answer in answers if not re.search(r"[^\W\d_]{3,}", re.sub(r"\\[a-zA-Z]+", "", answer))]
    written += re.findall(r"\$([^$]*)\$", question)
    letters = {
        letter.lower()
        for text in written
        for letter in _LETTER.findall(re.sub(r"\\[a-zA-Z]+|(?<=\d)\s?[°%]?\s?[A-Za-zµ]+(?:/[a-zA-Z]+)?$", " ", text))
    }
    for text in written:
        letters |= {letter.lower() for letter in re.findall(r"(?<=\d)([a-z])(?![a-z])", text) if "$" in question}
    return frozenset(letters - {"e"})


def _more(found: Targets, answer: str, language: str, numeric: bool) -> Targets:
    plain = folded(answer)
    everyone = languages().values()
    if any(phrase in plain for words in everyone for phrase in words.nothing):
        return replace(found, nothing=True)
    if any(phrase in plain for words in everyone for phrase in words.all):
        return replace(found, all=True)
    tokens = read(f"${answer}$" if found.names and "$" not in answer else answer, language, found.names)
    if any(token.kind == "word" and token.text not in UNITS and len(token.text) > 2 for token in tokens):
        first = statements(tokens).sides[:1]
        if numeric and first and first[0].constant:  # "50 apples"
            return replace(found, numbers=(*found.numbers, _target(first[0], tokens)))
        return found
    stated = statements(tokens)
    if stated.relations:
        for relation in stated.relations:
            found = _relation(found, relation)
        return found
    for side in _outermost(stated.sides):
        if side.constant:
            found = replace(found, numbers=(*found.numbers, _target(side, tokens)))
        else:
            found = replace(found, expressions=(*found.expressions, side.values))
            found = replace(found, factors=(*found.factors, *_factors(tokens)))
    return found


def _relation(found: Targets, relation: Relation) -> Targets:
    left, right = relation.left, relation.right
    if left.constant and right.is_name:
        left, right = right, left
    if left.is_name and right.constant:
        root = (*found.roots, (left.key, right.value)) if relation.sign == "=" else found.roots
        return replace(found, numbers=(*found.numbers, Target(right.value)), roots=root)
    found = replace(found, relations=(*found.relations, difference(left, right)))
    if left.is_name:
        return replace(found, expressions=(*found.expressions, right.values))
    return found


def difference(left: Side, right: Side) -> Values:
    return tuple(a - b for a, b in zip(left.values, right.values, strict=True))


def _outermost(sides: Sequence[Side]) -> list[Side]:
    return [
        one
        for one in sides
        if not any(other is not one and other.start <= one.start and one.end <= other.end for other in sides)
    ]


def _target(side: Side, tokens: Sequence[Token]) -> Target:
    measured = unit(side.unit)
    share = side.key.endswith("%")
    return Target(side.value, measured[0] if measured else "", measured[1] if measured else 1.0, share)


def _factors(tokens: Sequence[Token]) -> list[Values]:
    """The bracketed factors of a product: ``(x - 3)(x + 3)`` gives two."""
    groups: list[tuple[Token, ...]] = []
    depth, opened = 0, 0
    for at, token in enumerate(tokens):
        if token.text == "(":
            opened = at if depth == 0 else opened
            depth += 1
        elif token.text == ")":
            depth -= 1
            if depth == 0:
                groups.append(tuple(tokens[opened + 1 : at]))
        elif depth == 0 and token.text in "+-":
            return []
    if len(groups) < 2:
        return []
    return [sides[0].values for group in groups if (sides := _outermost(statements(group).sides)) and len(sides) == 1]
