"""A judge that needs no model: shared words, and the hard rule against contraries. The shipped fake.

It is conservative: few shared words leave it unsure rather than sure of a wrong answer, because a paraphrase shares
few. Across languages it sees no words in common and always asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tutor.domain.items.item import Bands
from tutor.grading import tongue
from tutor.grading.opposition import Opposition, contrast
from tutor.grading.reading import Reading, read

BANDS = Bands(low=0.1, high=0.8)
DOUBT = 0.45  # the probability when there is nothing to go by


class WordJudge:
    """A ``TextJudge`` from words alone."""

    @property
    def bands(self) -> Bands:
        return BANDS

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        """See :class:`tutor.domain.items.item.TextJudge`."""
        home = tongue.of_item(question, statements, language)
        spoken = tongue.of_answer(answer, home, language, statements)
        asked, given = read(question, home), read(answer, spoken)
        return tuple(
            max((_probability(asked, read(wording, home), given, home == spoken) for wording in wordings), default=0.0)
            for wordings in statements
        )


def _probability(asked: Reading, statement: Reading, given: Reading, same_language: bool) -> float:
    if given.is_empty:
        return 0.0
    found = _overlap(statement, given, asked) if same_language else DOUBT
    match contrast(asked, statement, given, same_language=same_language).verdict:
        case Opposition.CONTRARY:
            return min(found, BANDS.low / 2)
        case Opposition.DOUBTFUL:
            return min(found, (BANDS.low + BANDS.high) / 2)
    return found


def _overlap(statement: Reading, given: Reading, asked: Reading) -> float:
    """Logistic in the share of the statement's words, those not in the question counted twice."""
    weights = {stem: (1.0 if stem in asked.content else 2.0) for stem in statement.content}
    whole = sum(weights.values())
    if not whole:
        return DOUBT
    share = sum(weight for stem, weight in weights.items() if stem in given.content) / whole
    return 1.0 / (1.0 + math.exp(-(6.5 * share - 2.6)))
