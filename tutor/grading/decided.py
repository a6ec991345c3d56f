"""Answers that people have judged: who says the same again is judged the same.

The bar for "the same" is high, and about words alone: the same content words in the same order, with the same
negations, directions and numbers; words of the question may be added, and small words added or left out, but none put
in place of another ("into" for "out of"). Everything less alike is the judge's to weigh.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.words import fold
from tutor.domain.items.item import Bands, TextJudge
from tutor.grading import tongue
from tutor.grading.reading import Reading, read

#: Graded answers to a question, by the question and the statement: (answer, whether it was judged to say it), those
#: judged last at the end.
Graded = Callable[[str, str], Sequence[tuple[str, bool]]]

SURE = 0.99  # the probability of what somebody judged to be said
_EDGES = " .!?。।"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Decided:
    """A ``TextJudge`` that follows people's judgements where an answer is the same, and else ``judge``."""

    def __init__(self, judge: TextJudge, graded: Graded) -> None:
        self._judge = judge
        self._graded = graded

    @property
    def bands(self) -> Bands:
        return self._judge.bands

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        """See :class:`tutor.domain.items.item.TextJudge`."""
        shares = self._judge.coverage(question, statements, answer, language)
        known = [[one for wording in wordings for one in self._graded(question, wording)] for wordings in statements]
        if not any(known):
            return shares
        home = tongue.of_item(question, statements, language)
        spoken = tongue.of_answer(answer, home, language, statements)
        asked = read(question, spoken)
        found = []
        for share, decisions in zip(shares, known, strict=True):
            same = [right for text, right in decisions if _is_same(asked, text, answer, spoken)]
            if same:  # the last decision counts
                share = max(share, self.bands.high, SURE) if same[-1] else min(share, self.bands.low / 2)
            found.append(share)
        return tuple(found)


def _is_same(asked: Reading, decided: str, given: str, language: str) -> bool:
    if fold(decided).strip(_EDGES) == fold(given).strip(_EDGES):
        return True
    before, now = read(decided, language), read(given, language)
    if not now.known or not before.stems or before.numbers.sure != now.numbers.sure:
        return False
    if _directions(before) != _directions(now) or before.negations != now.negations:
        return False
    return _adds_only(_parts(decided, language), _parts(given, language), asked.content)


def _directions(reading: Reading) -> frozenset[tuple[str, int]]:
    return frozenset((one.axis, one.side) for one in reading.directions)


@dataclass(frozen=True, slots=True)
class _Part:
    """Content words, stemmed ("" at the end of the text), and the small words before them."""

    stems: tuple[str, ...]
    after: frozenset[str]


def _parts(text: str, language: str) -> list[_Part]:
    parts: list[_Part] = []
    small: set[str] = set()
    for word in _WORD.findall(fold(text)):
        stems = read(word, language).stems
        if stems:
            parts.append(_Part(stems, frozenset(small)))
            small.clear()
        else:
            small.add(word)
    return [*parts, _Part((), frozenset(small))]


def _adds_only(before: Sequence[_Part], now: Sequence[_Part], asked: frozenset[str]) -> bool:
    """Whether ``now`` is ``before`` with nothing but words of the question between. The other way round it isn't:
    "iron" for "iron or wood?" is a word of the question and the whole answer."""
    at = 0
    small: frozenset[str] = frozenset()
    for part in now:
        small |= part.after
        if part.stems == before[at].stems:
            if not (small <= before[at].after or before[at].after <= small):
                return False
            at, small = at + 1, frozenset()
        elif not part.stems or not asked.issuperset(part.stems):
            return False
    return at == len(before)
