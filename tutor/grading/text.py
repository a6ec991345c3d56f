"""The real judge of free text: a fitted classifier on what words and vectors say, and the hard rule above it."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from retrieval.centring import LanguageCentres
from retrieval.words import fold
from tutor.domain.items.item import Bands, TextJudge
from tutor.grading import features, tongue
from tutor.grading.classifier import Fitted, fitted, key
from tutor.grading.opposition import Opposition, contrast
from tutor.grading.reading import LONGEST, Reading, read
from tutor.grading.words import WordJudge

if TYPE_CHECKING:
    from retrieval.embedders import Embedder, Vectors

SENTENCES = 8  # of an answer that are judged on their own beside the whole
KEPT = 2048  # vectors of item texts
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।؟])|[;；\n]+")


def judge_for(embedder: Embedder | None) -> TextJudge:
    """The best judge there is for an embedder: fitted where weights for it are shipped, else by words alone."""
    weights = fitted(key(embedder.name, embedder.version)) if embedder is not None else None
    return FittedTextJudge(embedder, weights) if embedder is not None and weights is not None else WordJudge()


class FittedTextJudge:
    """A ``TextJudge`` from an embedder and weights fitted on its vectors. Thread-safe.

    An answer of several sentences is judged whole and sentence by sentence, since an expectation is often one of them.
    """

    def __init__(self, embedder: Embedder, weights: Fitted) -> None:
        self._embedder = embedder
        self._weights = weights
        self._centres = LanguageCentres(embedder)
        self._items = _Kept(embedder)

    @property
    def bands(self) -> Bands:
        return self._weights.bands

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        """See :class:`tutor.domain.items.item.TextJudge`. Raises ``EmbedderUnavailable`` where the model isn't."""
        answer = answer[:LONGEST].strip()
        home = tongue.of_item(question, statements)
        spoken = tongue.of_answer(answer, home, language, statements)
        given = read(answer, spoken)
        if not given.content and not given.numbers.sure:
            return tuple(0.0 for _ in statements)
        item = _Item(question, home, self._items.vectors([question, *(w for group in statements for w in group)]))
        parts = _parts(answer)
        spoken_parts = _Answer(parts, spoken, self._embedder.embed_queries(parts))
        if spoken != home:
            item = item.moved(self._centres)
            spoken_parts = spoken_parts.moved(self._centres, home)
        return tuple(
            max((self._probability(item, wording, spoken_parts) for wording in wordings), default=0.0)
            for wordings in statements
        )

    def _probability(self, item: _Item, wording: str, answer: _Answer) -> float:
        """One wording: the best part of the answer, unless the whole speaks against it."""
        bands = self._weights.bands
        asked, statement = read(item.question, item.language), read(wording, item.language)
        same = item.language == answer.language
        best = 0.0
        worst = Opposition.NONE
        for at, part in enumerate(answer.parts):
            given = read(part, answer.language)
            if not given.content and not given.numbers.sure:
                continue
            found = self._part(item, wording, statement, asked, answer, at, given, same)
            verdict = contrast(asked, statement, given, same_language=same).verdict
            if verdict is Opposition.CONTRARY and found >= bands.low:
                worst = Opposition.CONTRARY
            best = max(best, _held(found, verdict, bands))
        return _held(best, Opposition.DOUBTFUL, bands) if worst is Opposition.CONTRARY else best

    def _part(
        self,
        item: _Item,
        wording: str,
        statement: Reading,
        asked: Reading,
        answer: _Answer,
        at: int,
        given: Reading,
        same: bool,
    ) -> float:
        if fold(answer.parts[at]).strip(" .!。।") == fold(wording).strip(" .!。।"):
            return 0.99  # its own words
        vectors = item.vectors
        own = answer.vectors[at : at + 1] if at else answer.vectors
        dense = features.dense(vectors[item.question], vectors[wording], answer.vectors[at], own)
        if not same:
            return self._weights.across.probability(dense)
        found = contrast(asked, statement, given, same_language=True)
        letters = features.Letters(wording, answer.parts[at])
        return self._weights.same.probability(features.lexical(asked, statement, given, letters, found) + dense)


def _held(probability: float, verdict: Opposition, bands: Bands) -> float:
    """The hard rule: a contrary is below the bands, a doubtful answer at most in their middle."""
    match verdict:
        case Opposition.CONTRARY:
            return min(probability, bands.low / 2)
        case Opposition.DOUBTFUL:
            return min(probability, (bands.low + bands.high) / 2)
    return probability


def _parts(answer: str) -> list[str]:
    """The whole answer and, if it has several, its first sentences."""
    sentences = [part.strip() for part in _SENTENCE.split(answer) if part.strip()]
    return [answer, *sentences[:SENTENCES]] if len(sentences) > 1 else [answer]


class _Item:
    """An item's texts with their vectors."""

    def __init__(self, question: str, language: str, vectors: dict[str, Vectors]) -> None:
        self.question, self.language, self.vectors = question, language, vectors

    def moved(self, centres: LanguageCentres) -> _Item:
        moved = {text: centres.moved(v, self.language, self.language) for text, v in self.vectors.items()}
        return _Item(self.question, self.language, moved)


class _Answer:
    """An answer's parts, the whole first, with their vectors of shape ``(parts, dimensions)``."""

    def __init__(self, parts: list[str], language: str, vectors: Vectors) -> None:
        self.parts, self.language, self.vectors = parts, language, vectors

    def moved(self, centres: LanguageCentres, home: str) -> _Answer:
        import numpy as np

        rows = [centres.moved(vector, self.language, home) for vector in self.vectors]
        return _Answer(self.parts, self.language, np.stack(rows))


class _Kept:
    """Vectors of an item's texts, which come back with every answer: the last ``KEPT`` are kept."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found |= dict(zip(missing, self._embedder.embed_queries([text[:LONGEST] for text in missing]), strict=True))
        with self._lock:
            for text, vector in found.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > KEPT:
                self._vectors.popitem(last=False)
        return found
