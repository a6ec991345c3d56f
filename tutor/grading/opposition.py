"""Whether an answer says the contrary of a statement. Pure; the hard rule that no classifier may overrule.

Three signs, each read from both texts: a negation that the other lacks, a word from the other end of an axis (more and
less, absorb and release), and numbers that differ. Two turns make a right again ("not lower" for "higher"), so an even
number of them is only doubtful. ``CONTRARY`` never covers and is a wrong answer; ``DOUBTFUL`` never covers without
asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tutor.grading.reading import Direction, Reading

ALIKE = 0.5  # share of a statement's words that makes an answer speak of the same
SHORT = 3  # content words of a statement that are too few for a share to mean anything


class Opposition(IntEnum):
    """How far an answer opposes a statement."""

    NONE = 0
    DOUBTFUL = 1
    CONTRARY = 2


@dataclass(frozen=True, slots=True)
class Contrast:
    """The signs one by one, each 0 to 2 as in ``Opposition``; ``turns`` counts the words that are turned around."""

    negation: int
    direction: int
    number: int
    turns: int

    @property
    def verdict(self) -> Opposition:
        if self.number == 2:
            return Opposition.CONTRARY
        worst = max(self.negation, self.direction)
        if worst == 2 and self.turns % 2 == 0:
            worst = 1
        return Opposition(max(worst, self.number))


def contrast(question: Reading, statement: Reading, answer: Reading, *, same_language: bool) -> Contrast:
    """Compare two readings. Across languages stems don't meet: only axes, numbers and the presence of a negation do."""
    direction, turned = _directions(statement, answer, same_language=same_language)
    if same_language and direction == 2 and not _speaks_of(statement, answer):
        direction = 1
    negation = _negation(statement, answer) if same_language else _polarity(statement, answer)
    turns = turned + (1 if negation == 2 else 0)
    return Contrast(negation, direction, _numbers(question, statement, answer), turns)


def _negation(statement: Reading, answer: Reading) -> int:
    if not statement.negations and not answer.negations:
        return 0
    if statement.negated & answer.negated:
        return 0
    denied = (answer.negated - answer.asserted) & statement.asserted
    claimed = (statement.negated - statement.asserted) & answer.asserted
    shared = len(statement.content & answer.content)
    if (denied or claimed) and shared:
        certain = _speaks_of(statement, answer) and not _is_reason(statement, answer, denied)
        return 2 if certain else 1
    if bool(statement.negations) == bool(answer.negations):
        return 0
    return 0 if len(_affirmed(answer) & statement.asserted) >= ALIKE * len(statement.content) else 1


def _speaks_of(statement: Reading, answer: Reading) -> bool:
    """Whether the two share enough words for a turned word to turn the statement and not something else."""
    return len(statement.content & answer.content) >= ALIKE * len(statement.content) or len(statement.content) <= SHORT


def _is_reason(statement: Reading, answer: Reading, turned: frozenset[str]) -> bool:
    """ "... because there are no particles to carry it": another clause of the answer affirms the very clause of the
    statement whose words are turned."""
    affirmed = _affirmed(answer)
    return any(clause.content & turned and clause.content & affirmed for clause in statement.clauses)


def _affirmed(answer: Reading) -> frozenset[str]:
    """What the answer says in clauses without a negation."""
    return frozenset(stem for clause in answer.clauses if not clause.negations for stem in clause.content)


def _polarity(statement: Reading, answer: Reading) -> int:
    if not statement.known or not answer.known:
        return 0
    if bool(statement.negations) == bool(answer.negations):
        return 0
    return 1


def _directions(statement: Reading, answer: Reading, *, same_language: bool) -> tuple[int, int]:
    """The worst sign on any axis, and how many words are turned. Turned by negation only is left to ``_negation``."""
    worst = turned = 0
    for axis in {one.axis for one in statement.directions} & {one.axis for one in answer.directions}:
        ours = [one for one in statement.directions if one.axis == axis]
        theirs = [one for one in answer.directions if one.axis == axis]
        sign, count = _axis(ours, theirs, same_language=same_language)
        worst, turned = max(worst, sign), turned + count
    return worst, turned


def _axis(ours: list[Direction], theirs: list[Direction], *, same_language: bool) -> tuple[int, int]:
    if same_language:
        met = [(a, b) for a in ours for b in theirs if a.near & b.near]
        agree = any(a.side == b.side for a, b in met)
    else:
        met, agree = [], False
    if len(ours) == len(theirs):
        differ = sum(_raw(a) != _raw(b) for a, b in zip(ours, theirs, strict=True))
        if not differ:
            return 0, 0
        mirrored = sorted(a.side for a in ours) == sorted(b.side for b in theirs)
        if mirrored and (agree or not met):
            return 0, 0  # the same facts in another order
        return 2, differ
    if {a.side for a in ours} & {b.side for b in theirs}:
        return (1, 0) if met and not agree else (0, 0)
    return 2, 1


def _raw(direction: Direction) -> int:
    return -direction.side if direction.negated else direction.side


def _numbers(question: Reading, statement: Reading, answer: Reading) -> int:
    stated, given = statement.numbers.sure, answer.numbers
    if not stated:
        return 0
    new = [number for number in stated if not question.numbers.holds(number)]
    missing = [number for number in new if not given.holds(number)]
    strange = [number for number in given.sure if not statement.numbers.holds(number)]
    if new and missing:
        other = [number for number in strange if not question.numbers.holds(number)] or strange
        if not other:
            return 1
        return 1 if all(any(a.may_be_converted(b) for b in other) for a in missing) else 2
    if not new and strange and not any(given.holds(number) for number in stated):
        return 2
    return 0
