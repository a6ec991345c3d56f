"""The real judge of free text: a fitted classifier on what words and vectors say, and the hard rule above it."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from retrieval.centring import LanguageCentres
from retrieval.words import fold
from tutor.domain.items.item import Bands, TextJudge
from tutor.grading import features, tongue
from tutor.grading.classifier import Fitted, fitted, key, probability
from tutor.grading.decided import Decided, Graded
from tutor.grading.opposition import Contrast, Opposition, contrast
from tutor.grading.reading import LONGEST, Reading, read
from tutor.grading.words import WordJudge

if TYPE_CHECKING:
    from retrieval.embedders import Embedder, Vectors

SENTENCES = 8  # of an answer that are judged on their own beside the whole
KEPT = 8192  # vectors of item texts and of single words
FEWEST = 3  # graded answers that are worth remembering
ITS_OWN_WORDS = 0.99
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।؟])|[;；\n]+")
_EDGES = " .!?。।"


def judge_for(embedder: Embedder | None) -> TextJudge:
    """The best judge there is for an embedder: fitted where weights for it are shipped, else by words alone."""
    weights = fitted(key(embedder.name, embedder.version)) if embedder is not None else None
    if embedder is None or weights is None:
        return WordJudge()
    return FittedTextJudge(embedder, weights)


def taught(judge: TextJudge, graded: Graded) -> TextJudge:
    """The judge with answers that people have judged: the same answers are judged the same, and like ones weigh in
    where the judge can weigh them."""
    return Decided(judge.remembering(graded) if isinstance(judge, FittedTextJudge) else judge, graded)


@dataclass(frozen=True)
class _Text:
    """A text as read, with its vector and those of its words, ``(words, dimensions)``."""

    text: str
    reading: Reading
    vector: Vectors
    words: Vectors


class FittedTextJudge:
    """A ``TextJudge`` from an embedder and weights fitted on its vectors. Thread-safe.

    An answer of several sentences is judged whole and sentence by sentence, since an expectation is often one of them.
    With ``graded``, answers that people have judged weigh in (``tutor.grading.memory``).
    """

    def __init__(self, embedder: Embedder, weights: Fitted, graded: Graded | None = None) -> None:
        self._weights = weights
        self._graded = graded
        self._centres = LanguageCentres(embedder)
        self._kept = _Kept(embedder)

    def remembering(self, graded: Graded) -> FittedTextJudge:
        """This judge, with ``graded`` to weigh in; it shares the vectors."""
        other = copy(self)
        other._graded = graded
        return other

    @property
    def bands(self) -> Bands:
        return self._weights.bands

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        """See :class:`tutor.domain.items.item.TextJudge`. Raises ``EmbedderUnavailable`` where the model isn't."""
        answer = answer[:LONGEST].strip()
        home = tongue.of_item(question, statements, language)
        spoken = tongue.of_answer(answer, home, language, statements)
        if read(answer, spoken).is_empty:
            return tuple(0.0 for _ in statements)
        asked = self._texts([question], home)[0]
        parts = [part for part in self._texts(_parts(answer), spoken) if not part.reading.is_empty]
        return tuple(
            max((self._wording(asked, one, parts, home == spoken) for one in self._texts(wordings, home)), default=0.0)
            for wordings in statements
        )

    def _wording(self, asked: _Text, statement: _Text, parts: Sequence[_Text], same: bool) -> float:
        """The best part of the answer, unless another speaks against the statement."""
        bands = self._weights.bands
        best = 0.0
        against = False
        for part in parts:
            compared = contrast(asked.reading, statement.reading, part.reading, same_language=same)
            if same and fold(part.text).strip(_EDGES) == fold(statement.text).strip(_EDGES):
                found = ITS_OWN_WORDS
            elif same:
                found = probability(self._same(asked, statement, part, parts, compared))
            else:
                found = probability(self._across(asked, statement, part))
            verdict = compared.verdict
            plain = not any(clause.content and not clause.negations for clause in part.reading.clauses)
            if not same and compared.negation and found >= bands.high and (plain or len(part.reading.clauses) == 1):
                verdict = Opposition.CONTRARY  # nearly the same in another language, but for a negation
            against |= verdict is Opposition.CONTRARY and found >= bands.low
            best = max(best, held(found, verdict, bands))
        return held(best, Opposition.DOUBTFUL, bands) if against else best

    def _same(self, asked: _Text, statement: _Text, part: _Text, parts: Sequence[_Text], compared: Contrast) -> float:
        """The log-odds in the item's own language."""
        weights = self._weights
        letters = features.Letters(statement.text, part.text)
        values = (
            *features.lexical(asked.reading, statement.reading, part.reading, letters, compared),
            *features.dense(asked.vector, statement.vector, part.vector),
            *features.worded(asked.words, statement.words, part.words, weights.floor),
        )
        products = weights.products.logits(statement.vector[None], part.vector[None])
        judged = weights.same.logit(values) + float(products[0])
        if self._graded is None or part is not parts[0]:
            return judged
        return self._remembered(asked, statement, part, judged)

    def _across(self, asked: _Text, statement: _Text, part: _Text) -> float:
        """The log-odds between languages, with each language's accent taken off the vectors."""
        home = asked.reading.language
        vectors = [self._centres.moved(one.vector, one.reading.language, home) for one in (asked, statement, part)]
        values = features.dense(*vectors) + features.worded(
            asked.words, statement.words, part.words, self._weights.floor
        )
        return self._weights.across.logit(values)

    def _remembered(self, asked: _Text, statement: _Text, part: _Text, judged: float) -> float:
        from tutor.grading.memory import MOST, ItemMemory

        graded = self._graded(asked.text, statement.text)[-MOST:] if self._graded else ()
        if len(graded) < FEWEST or len({right for _, right in graded}) < 2:
            return judged  # right ones alone say nothing of which is which
        texts = [answer[:LONGEST] for answer, _ in graded]
        vectors = self._kept.vectors(texts)
        import numpy as np

        memory = ItemMemory(
            np.stack([vectors[text] for text in texts]),
            [read(text, part.reading.language).stems for text in texts],
            [right for _, right in graded],
        )
        return self._weights.remembering.logit(memory.features(part.vector, part.reading.stems, judged))

    def _texts(self, texts: Sequence[str], language: str) -> list[_Text]:
        import numpy as np

        readings = [read(text, language) for text in texts]
        vectors = self._kept.vectors([*texts, *(word for reading in readings for word in reading.words)])
        return [
            _Text(text, reading, vectors[text], np.stack([vectors[word] for word in reading.words or (text,)]))
            for text, reading in zip(texts, readings, strict=True)
        ]


def held(found: float, verdict: Opposition, bands: Bands) -> float:
    """The hard rule: a contrary is below the bands, a doubtful answer at most in their middle."""
    match verdict:
        case Opposition.CONTRARY:
            return min(found, bands.low / 2)
        case Opposition.DOUBTFUL:
            return min(found, (bands.low + bands.high) / 2)
    return found


def _parts(answer: str) -> list[str]:
    """The whole answer and, if it has several, its first sentences."""
    sentences = [part.strip() for part in _SENTENCE.split(answer) if part.strip()]
    return [answer, *sentences[:SENTENCES]] if len(sentences) > 1 else [answer]


class _Kept:
    """Vectors of item texts and of words, which come back with every answer: the last ``KEPT`` are kept."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def vectors(self, texts: Iterable[str]) -> dict[str, Vectors]:
        wanted = list(dict.fromkeys(texts))
        with self._lock:
            found = {text: self._vectors[text] for text in wanted if text in self._vectors}
        missing = [text for text in wanted if text not in found]
        if missing:
            found |= dict(zip(missing, self._embedder.embed_queries([text[:LONGEST] for text in missing]), strict=True))
        with self._lock:
            for text, vector in found.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > KEPT:
                self._vectors.popitem(last=False)
        return found
