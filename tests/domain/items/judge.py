"""A judge of text for tests: an answer covers a statement when it holds its words."""

from collections.abc import Sequence

from tutor.domain.items.item import Bands
from tutor.domain.mathematics.words import plain_words


class WordsJudge:
    """Coverage is the share of the words of the best wording that the answer holds."""

    bands = Bands(0.5, 0.9)

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        given = set(plain_words(answer).split())
        return tuple(max(self._share(wording, given) for wording in wordings) for wordings in statements)

    def _share(self, wording: str, given: set[str]) -> float:
        words = set(plain_words(wording).split())
        return len(words & given) / max(len(words), 1)
