"""Searching a course: both halves, joined, moved by position, and judged for whether the course holds an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from retrieval.centring import LanguageCentres
from retrieval.errors import EmbedderUnavailable, IndexUnavailable
from retrieval.fusion import FusionWeights, RefusalRule, coverage, distinct, fuse, giving_away, with_position
from retrieval.language import detect
from retrieval.lexical import LexicalMatches
from retrieval.values import Hit, SearchResult, Signals
from retrieval.words import fold

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder, Vectors
    from retrieval.lexical import LexicalIndex
    from retrieval.vectors import VectorIndex, VectorMatch

TEXT_CANDIDATES = 50
VECTOR_CANDIDATES = 30  # a longer list costs time and adds nothing
# Below this share of vectors, a missing vector says more about the indexing than about the passage.
ENOUGH_VECTORS = 0.98
FEW_NAMES = 6.0  # a name that one passage of four hundred has weighs as much; fewer shared words speak less loudly
COVERAGE_OF = 5  # best hits looked at for the question's words
NO_MATCHES = LexicalMatches((), {})
LONGEST_QUESTION = 2_000  # characters


class Retriever(Protocol):
    """Finds passages of a course. Synchronous and thread-safe: call it from a thread, not from the event loop."""

    def search(
        self,
        course: str,
        query: str,
        *,
        language: str | None = None,
        course_language: str = "en",
        position: int | None = None,
        k: int = 6,
    ) -> SearchResult:
        """The ``k`` best passages for ``query`` and whether the course holds an answer.

        ``language`` is the query's where known (else it is guessed), ``position`` where the learner is in the course.
        An unknown course gives no hits. Without a usable embedder the search goes by words alone and says so in
        ``signals.mode``. Raises ``IndexUnavailable`` where the text index fails.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tuning:
    """The constants of a search in one place; the defaults are those measured by ``python -m bench.retrieval``."""

    weights: FusionWeights = field(default_factory=FusionWeights)
    refusal: RefusalRule = field(default_factory=RefusalRule)
    text_candidates: int = TEXT_CANDIDATES
    vector_candidates: int = VECTOR_CANDIDATES


class HybridRetriever:
    """Text and vector search together.

    ``vectors`` and ``embedder`` may be ``None``: then only words count.
    """

    def __init__(
        self,
        lexical: LexicalIndex,
        vectors: VectorIndex | None = None,
        embedder: Embedder | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self._lexical = lexical
        self._vectors = vectors
        self._embedder = embedder
        self.tuning = tuning or Tuning()
        # Both halves let go of the GIL, so they run side by side: text here, vectors on this pool.
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="search")
        self._centres = LanguageCentres(embedder) if embedder is not None and vectors is not None else None

    def search(
        self,
        course: str,
        query: str,
        *,
        language: str | None = None,
        course_language: str = "en",
        position: int | None = None,
        k: int = 6,
    ) -> SearchResult:
        """See :class:`Retriever`."""
        query = query[:LONGEST_QUESTION]
        spoken = language or detect(query, course_language)
        vector = self._vector(query, spoken, course_language)
        return self.search_vector(
            course, query, vector, language=spoken, course_language=course_language, position=position, k=k
        )

    def search_vector(
        self,
        course: str,
        query: str,
        vector: Vectors | None,
        *,
        language: str,
        course_language: str = "en",
        position: int | None = None,
        k: int = 6,
    ) -> SearchResult:
        """A search whose query is embedded and centred already; ``vector`` is ``None`` for words alone."""
        foreign = _base(language) != _base(course_language)
        total = self._lexical.count(course)
        share = min(1.0, self._filled(course) / total) if total and vector is not None else 0.0
        usable = vector is not None and share > 0
        # In another language a text search finds chance words, and joining the halves would drown the vectors: only
        # what both languages write alike counts, and only beside them.
        by_words = not (foreign and usable and self._multilingual and share >= ENOUGH_VECTORS)

        pending = self._pool.submit(self._dense, course, vector) if usable else None
        words = (
            self._lexical.search(course, query, self.tuning.text_candidates)
            if by_words
            else self._lexical.shared(course, query, language)
        )
        answers = self._lexical.model_answers(course, query)
        meaning = pending.result() if pending else ()
        if not meaning and not by_words:  # the vectors have just been dropped or cannot be reached
            words, by_words = self._lexical.search(course, query, self.tuning.text_candidates), True

        ids = list(dict.fromkeys([*(m.passage_id for m in words.matches), *(m.passage_id for m in meaning)]))
        texts = self._lexical.term_texts(course, ids)
        covered = coverage(words.idf, texts, 0.0 if by_words else FEW_NAMES) if words.idf else {}
        weights = (
            self.tuning.weights
            if by_words
            else replace(self.tuning.weights, dense=1.0, coverage=self.tuning.weights.names)
        )
        fused = fuse(
            [(match.passage_id, match.score) for match in words.matches],
            [(match.passage_id, match.cosine) for match in meaning],
            covered,
            weights,
        )
        if position is not None and fused:
            fused = with_position(fused, self._lexical.positions(course, ids), position, weights)

        # A vector may outlive its passage by a moment; what the text index no longer knows is not shown.
        ordered = [one.passage_id for one in fused if one.passage_id in texts]
        away: tuple[str, ...] = ()
        if answers:
            away = giving_away(ordered, texts, answers)
            ordered = [key for key in ordered if key not in away]
        kept = distinct(ordered, texts, k)
        found = self._lexical.passages(course, [*kept, *away[:k]])
        scores = {one.passage_id: one for one in fused}
        hits, withheld = (
            tuple(
                Hit(found[key], scores[key].score, scores[key].lexical, scores[key].dense)
                for key in keys
                if key in found
            )
            for keys in (kept, away[:k])
        )
        best = max((covered.get(key, 0.0) for key in (*away, *kept[:COVERAGE_OF])), default=0.0)
        signals = self._signals(words if by_words else NO_MATCHES, meaning, None if foreign else best, share)
        # What the course asks, it also teaches.
        holds = bool(withheld) or (bool(hits) and self.tuning.refusal.covers(signals.confidence))
        return SearchResult(hits, holds, signals, _base(language), withheld)

    def close(self) -> None:
        """End the threads; the indexes belong to the caller."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def _multilingual(self) -> bool:
        return self._embedder is not None and self._embedder.multilingual

    def _vector(self, query: str, language: str, course_language: str) -> Vectors | None:
        if self._embedder is None or self._centres is None or not query.strip():
            return None
        try:
            vector = self._embedder.embed_queries([fold_space(query)])[0]
            return self._centres.moved(vector, language, course_language)
        except EmbedderUnavailable:
            return None  # the result says that only words were used

    def _filled(self, course: str) -> int:
        try:
            return self._vectors.count(course) if self._vectors is not None else 0
        except IndexUnavailable:
            return 0

    def _dense(self, course: str, vector: Vectors | None) -> tuple[VectorMatch, ...]:
        if self._vectors is None or vector is None:
            return ()
        try:
            return self._vectors.search(course, vector, self.tuning.vector_candidates)
        except IndexUnavailable:
            return ()

    def _signals(
        self, words: LexicalMatches, meaning: tuple[VectorMatch, ...], covered: float | None, share: float
    ) -> Signals:
        cosine = meaning[0].cosine if meaning else None
        scaled = self._embedder.cosine_range.scaled(cosine) if self._embedder and cosine is not None else None
        mode = "lexical" if not meaning else "hybrid" if words.matches else "dense"
        return Signals(mode, cosine, covered, self.tuning.refusal.confidence(scaled, covered), share)


def fold_space(query: str) -> str:
    """One line, single blanks; case stays, since models read it."""
    return " ".join(query.split())


def _base(language: str) -> str:
    return fold(language).split("-")[0].split("_")[0]
