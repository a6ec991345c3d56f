"""Where in a document something is taught: the heading to look under again."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from retrieval.terms import query_terms
from retrieval.values import Passage

# Where everything is said once more: no place to send somebody who should find one thing.
_RECAP = re.compile(
    r"\b(?:summary|review|recap|looking back|glossary|key terms|resumen|glosario|repaso|zusammenfassung)\b|ملخص", re.I
)


class Sections:
    """The headings of one document with the words below them."""

    def __init__(self, passages: Sequence[Passage], language: str | None) -> None:
        self._language = language
        self._words: dict[str, set[str]] = {}
        for passage in passages:
            if passage.heading_path and not _RECAP.search(passage.heading_path[-1]):
                words = self._words.setdefault(passage.heading_path[-1], set())
                words.update(query_terms(passage.text, language))
        held = Counter(word for words in self._words.values() for word in words)
        self._weights = {word: math.log(1 + len(self._words) / count) for word, count in held.items()}

    def about(self, statement: str) -> str:
        """The heading under which most of the statement's words stand, rare words first; empty where there is none, or
        where the heading itself gives the statement away."""
        words = set(query_terms(statement, self._language))
        if not words or not self._words:
            return ""
        best = max(self._words, key=lambda heading: sum(self._weights[w] for w in words & self._words[heading]))
        said = set(query_terms(best, self._language))
        if not words & self._words[best] or len(words & said) > len(words) / 2:
            return ""
        return best


def nearest_passage(passages: Sequence[Passage], statement: str, language: str | None) -> Passage | None:
    """The passage that shares most with a statement, rare words first; None where nothing is shared."""
    asked = set(query_terms(statement, language))
    held = [(passage, asked & set(query_terms(passage.text, language))) for passage in passages]
    counts = Counter(word for _, words in held for word in words)
    weigh = {word: math.log(1 + len(held) / count) for word, count in counts.items()}
    best = max(held, key=lambda pair: sum(weigh[word] for word in pair[1]), default=None)
    return best[0] if best and best[1] else None
