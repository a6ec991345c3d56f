"""Does a sentence state a number or an expression that is the answer, in whatever form? Pure.

What the question gives is masked: a given may be repeated, unless the sentence states it *as the answer*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from retrieval.words import UNSPACED
from tutor.grading.guard_arithmetic import POINTS, Relation, Side, Statements, Values, close, equal, point, statements
from tutor.grading.guard_reading import Token, read
from tutor.grading.guard_targets import Target, Targets, difference, targets
from tutor.grading.guard_units import unit
from tutor.grading.guard_words import Words, folded, languages, words_of

_SMALL = 12  # numbers up to here are also used to talk about the task ("two steps")
__all__ = ["Found", "leaked", "targets"]

_OTHER = frozenset({"time", "length", "money", "temperature", "kelvin", "mass", "volume"})
_SKIPPED = frozenset(("'", "’", "$", "*", "_", '"', "(", "", ":", "€", "£", "`"))
_NEAR = 4  # tokens between a word that announces a result and the result


@dataclass(frozen=True)
class Givens:
    """What the question states: values with the word after them, and expressions by their text."""

    values: frozenset[float]
    keys: frozenset[str]
    near: frozenset[tuple[float, str]]
    totals: frozenset[float]  # what its own expressions come to
    ratios: frozenset[float]  # of its numbers, two by two


@lru_cache(maxsize=512)
def givens(question: str, language: str, names: frozenset[str]) -> Givens:
    """What the question itself states, in both readings of its commas."""
    values: set[float] = set()
    keys: set[str] = set()
    near: set[tuple[float, str]] = set()
    totals: set[float] = set()
    for comma in (False, True):
        tokens = read(question, language, names, comma)
        for side in statements(tokens).sides:
            keys.add(_bare(side.key))
            if side.constant and not side.is_number:
                totals.add(side.value)
            if side.is_number:
                values.add(side.value)
                near |= {(side.value, word) for word in _around(tokens, side)}
    ratios = {a / b for a in values for b in values if b} if len(values) <= 12 else set()
    return Givens(frozenset(values), frozenset(keys), frozenset(near), frozenset(totals), frozenset(ratios))


def _bare(key: str) -> str:
    return key.replace("*", "").replace("(", "").replace(")", "").lstrip("+")


def _around(tokens: Sequence[Token], side: Side) -> set[str]:
    """The words before a number; what follows it is what is counted, and the answer has that too."""
    return {token.text for token in tokens[max(0, side.start - 2) : side.start] if len(token.text) > 3}


@dataclass(frozen=True)
class Found:
    """What was stated; ``why`` is ``value`` or ``expression``."""

    why: str
    detail: str


def leaked(sentence: str, aims: Targets, question: str, asked_in: str, spoken: str, before: str = "") -> Found | None:
    """The first statement of an answer in ``sentence``, or None.

    ``before`` is what the reply said already: a step may be set up there and finished here.
    """
    if not aims.any:
        return None
    given = givens(question, asked_in, aims.names)
    plain = folded(sentence)
    for tongue in _tongues(plain, spoken, asked_in):
        if found := _leaked(sentence, plain, aims, given, tongue, before):
            return found
    return None


def _tongues(plain: str, spoken: str, home: str) -> list[str]:
    """Languages to read numbers in: short sentences are easily taken for another language."""
    said = set(re.findall(r"[^\W\d_]+", plain))
    counted = [code for code, words in _counting().items() if not words.isdisjoint(said)]
    return list(dict.fromkeys([spoken, home, *counted]))


@cache
def _counting() -> Mapping[str, frozenset[str]]:
    """The words of each language that stand for a number."""
    return {
        code: frozenset((*words.numbers, *words.fractions, *words.fixed, *words.nothing))
        for code, words in languages().items()
    }


def _leaked(sentence: str, plain: str, aims: Targets, given: Givens, spoken: str, before: str) -> Found | None:
    words = words_of(spoken)
    if aims.nothing and (any(phrase in plain for phrase in words.nothing) or "∅" in sentence or "emptyset" in sentence):
        return Found("expression", "no solution")
    if aims.all and any(phrase in plain for phrase in words.all):
        return Found("expression", "every number")
    commas = (False, True) if re.search(r"\d[.,]\d", sentence + before) else (False,)
    for comma in commas:
        tokens = read(sentence, spoken, aims.names, comma)
        stated = statements(tokens)
        found = _stated(tokens, stated, aims, given, words, plain)
        signs = _wanted(tokens, words)
        if found is None and signs:
            found = _computed(signs, stated, (), aims, given)
        if found is None and signs and before:
            earlier = statements(read(before[-600:], spoken, aims.names, comma)).sides
            found = _computed(signs, stated, earlier, aims, given)
        if found:
            return found
    return None


def _stated(
    tokens: Sequence[Token], stated: Statements, aims: Targets, given: Givens, words: Words, plain: str
) -> Found | None:
    for relation in stated.relations:
        if found := _related(relation, aims, given):
            return found
    cold = any(phrase in plain for phrase in words.below)
    for side in stated.sides:
        if side.constant:
            if found := _number(side, tokens, aims, given, words, plain, cold):
                return found
        elif _is_answer(side.values, aims) and _bare(side.key) not in given.keys:
            return Found("expression", side.key)
    return None


def _is_answer(values: Values, aims: Targets) -> bool:
    if any(equal(values, one) for one in aims.expressions):
        return True
    if any(equal(values, one) for one in aims.factors):
        return True
    # x - 3 gives the root 3 away.
    return len(aims.roots) > 1 and any(equal(values, _minus(name, root)) for name, root in aims.roots)


def _minus(name: str, root: float) -> Values:
    return tuple(point(name, at) - root for at in range(POINTS))


def _related(relation: Relation, aims: Targets, given: Givens) -> Found | None:
    left, right = relation.left, relation.right
    if _bare(left.key) in given.keys and _bare(right.key) in given.keys and not (left.is_name or right.is_name):
        return None
    for one, other in ((left, right), (right, left)):
        if one.is_name and other.constant and any(close(other.value, aim.value) for aim in aims.numbers):
            return Found("expression", f"{one.key}={other.key}")
        # 4 - 2 = 2: the result stands alone on its side.
        worked_out = one.is_number and other.constant and not other.is_number
        if worked_out and any(close(one.value, aim.value) for aim in aims.numbers):
            return Found("value", one.key)
    between = difference(left, right)
    if any(value == 0 for value in between):
        return None
    for aim in aims.relations:
        ratios = [a / b for a, b in zip(between, aim, strict=True) if b]
        if len(ratios) == POINTS and all(close(ratio, ratios[0]) for ratio in ratios):
            return Found("expression", f"{left.key}={right.key}")
    return None


def _number(
    side: Side, tokens: Sequence[Token], aims: Targets, given: Givens, words: Words, plain: str, cold: bool
) -> Found | None:
    for value in (side.value, -side.value) if cold else (side.value,):
        for aim in aims.numbers:
            if not _same(value, side, aim, words, plain):
                continue
            if value >= 0 and _allowed(side, tokens, given, words):
                continue
            if value < 0 and not cold and _allowed(side, tokens, given, words):
                continue
            return Found("value", side.key)
    return None


def _same(value: float, side: Side, aim: Target, words: Words, plain: str) -> bool:
    measured = unit(side.unit)
    # "15 minutes" is no 15 kJ. But 100 joules (a second) may well be 100 watts.
    # "18 km in every hour" is the number of 18 km/h.
    own = (aim.dimension, aim.dimension.partition("/")[0])
    conflict = bool(measured and measured[0] not in own and measured[0] in _OTHER and not aim.share)
    if measured and aim.dimension == measured[0]:
        ours, theirs = value * measured[1], aim.value * aim.size
        if close(ours, theirs) or _rounds(ours, theirs, side):
            return True
    if aim.dimension == "temperature" and side.unit in ("k", "kelvin") and close(value - 273.15, aim.value):
        return True
    if conflict:
        return False
    candidates = [aim.value]
    if aim.share:
        candidates.append(aim.value * 100)
        if words.rest & set(plain.split()):
            candidates.append(1 - aim.value)
        if words.cues["*"] & set(plain.split()) or "factor" in plain:
            candidates.append(1 + aim.value)
    return any(close(value, one) or _rounds(value, one, side) for one in candidates)


def _rounds(value: float, aim: float, side: Side) -> bool:
    """A decimal with three figures or more that is the answer rounded."""
    if side.decimals < 1 and not side.key.endswith("%"):
        return False
    figures = len(side.key.strip("%-").replace(".", "").lstrip("0"))
    if figures < 3:
        return False
    step = 10.0 ** -max(side.decimals, len(side.key.rstrip("%").partition(".")[2]))
    if side.key.endswith("%"):
        step /= 100
    return abs(value - aim) <= 0.5000001 * step * max(1.0, aim and 1.0)


def _allowed(side: Side, tokens: Sequence[Token], given: Givens, words: Words) -> bool:
    """Whether this number may be said although it is the answer's: a given, or talk about the task."""
    announced = _announced(side, tokens, words)
    if not side.is_number:
        # An expression of the question's own ("one third plus one quarter") repeats the task.
        parts = [token.value for token in tokens[side.start : side.end] if token.kind == "number"]
        own = all(any(close(part, one) for one in given.values | given.ratios) for part in parts)
        return _bare(side.key) in given.keys or (own and any(close(side.value, one) for one in given.totals))
    if side.value in given.values:
        if _concluded(side, tokens):
            return False
        around = _around(tokens, side)
        repeats = any((side.value, word) in given.near for word in around)
        return not announced or repeats
    text = tokens[side.start].text
    last = side.end >= len(tokens) or tokens[side.end].kind == "stop"
    if text in words.one and not announced and not (last and _concluded(side, tokens)):
        return True
    if abs(side.value) <= _SMALL and side.value == int(side.value):
        follow = next((token.text for token in tokens[side.end : side.end + 1]), "")
        return follow in words.things and not announced
    return False


def _concluded(side: Side, tokens: Sequence[Token]) -> bool:
    """Whether it is stated as what comes out: "it is 5", "you should get 5", "la respuesta es 5", in any language."""
    said = [token.text for token in tokens[max(0, side.start - 8) : side.start] if token.text not in _SKIPPED]
    known = list(languages().values())
    while said and any(said[-1] in words.hedges for words in known):
        said.pop()
    before = f" {' '.join(said)}"
    for words in known:
        for phrase in words.concludes:
            if before.endswith(phrase if UNSPACED.search(phrase) else f" {phrase}"):
                return True
        # "the answer, then, is 5": a word for the result and nothing else that could be one in between
        if any(word in words.states for word in said[-_NEAR:]) and _is_last(side, tokens):
            return True
    return False


def _is_last(side: Side, tokens: Sequence[Token]) -> bool:
    return all(token.kind == "stop" for token in tokens[side.end + (1 if side.unit else 0) :][:1])


def _announced(side: Side, tokens: Sequence[Token], words: Words) -> bool:
    if sum(token.kind != "stop" for token in tokens) <= _NEAR and side.start == 0:
        return True  # "Five, of course."
    if side.start >= 2 and tokens[side.start - 1].kind == "relation" and tokens[side.start - 2].kind == "word":
        return True  # "perhaps equal to 5"
    before = tokens[max(0, side.start - _NEAR) : side.start]
    after = tokens[side.end : side.end + 3]
    return any(token.text in words.states for token in (*before, *after))


def _wanted(tokens: Sequence[Token], words: Words) -> list[str]:
    """What the sentence says is to be done with numbers."""
    said = {token.text for token in tokens if token.kind == "word"}
    return [sign for sign, cues in words.cues.items() if cues & said]


def _computed(
    signs: Sequence[str], stated: Statements, earlier: Sequence[Side], aims: Targets, given: Givens
) -> Found | None:
    """Two values and a word that says what to do with them: "60 times 4 is 240, 60 times 0.2 is 12; add them"."""
    here, before = list(stated.sides)[-12:], list(earlier)[-12:]
    pairs = [(a, b) for at, a in enumerate(here) for b in here[at + 1 :]] + [(a, b) for a in before for b in here]
    for a, b in pairs:
        if a.start == b.start and a.end == b.end and (a in here) == (b in here) and a is b:
            continue
        for sign in signs:
            for values in _combined(a.values, b.values, sign):
                if a.constant and b.constant:
                    parts = given.values | given.totals | given.ratios
                    own = any(close(a.value, one) for one in parts) and any(close(b.value, one) for one in parts)
                    if own and any(close(values[0], one) for one in given.totals):
                        continue  # the task itself, said again
                    if any(close(values[0], aim.value) for aim in aims.numbers) and values[0] not in (a.value, b.value):
                        return Found("value", f"{a.key}{sign}{b.key}")
                elif _is_answer(values, aims) and not (_bare(a.key) in given.keys and _bare(b.key) in given.keys):
                    return Found("expression", f"{a.key}{sign}{b.key}")
    return None


def _combined(a: Values, b: Values, sign: str) -> list[Values]:
    pairs = list(zip(a, b, strict=True))
    if sign == "+":
        return [tuple(x + y for x, y in pairs)]
    if sign == "*":
        return [tuple(x * y for x, y in pairs)]
    if sign == "-":
        return [tuple(x - y for x, y in pairs), tuple(y - x for x, y in pairs)]
    found = []
    if all(y for _, y in pairs):
        found.append(tuple(x / y for x, y in pairs))
    if all(x for x, _ in pairs):
        found.append(tuple(y / x for x, y in pairs))
    return found
