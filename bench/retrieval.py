"""How well and how fast passages are found: ``python -m bench.retrieval``.

    --paragraphs FILE --questions FILE                  paragraphs and questions in the JSONL form of SQuAD and XQuAD
    --course DIR --questions FILE [--off-topic FILE]    a course folder and end-of-section questions

Everything runs through the product's own ``HybridRetriever``. A passage counts by its document: ranks are those of
the distinct documents in the order of their best passages.

``r1`` ``r5`` ``mrr10``    share of questions whose document is first, among the first five; mean reciprocal rank to 10
``leak5``                share of questions with a model answer where one of the top five passages contains 80 % of that
                         answer's content words
``refused_at_95``        share of off-topic questions refused at the confidence that keeps 95 % of in-course ones
``embed_ms_p50``         embedding one question, nothing cached
``search_ms_p50``        a search for ten passages, embedding aside; ``chroma_ms_p50``: Chroma's own query for ten
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._embedding_cache import CachedEmbedder
from bench._retrieval_data import COURSE, Corpus, Question, course, off_topic, paragraphs, questions
from retrieval.centring import LanguageCentres
from retrieval.dense import ChromaIndex, collection_name
from retrieval.embedders import Embedder, Vectors
from retrieval.language import detect
from retrieval.lexical import LexicalIndex
from retrieval.retriever import HybridRetriever
from retrieval.terms import query_terms, terms
from retrieval.values import Hit, Passage, SearchResult

DEEP = 40  # passages asked for, so that ten distinct documents are among them
TIMED = 300  # questions timed
K = 10


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rank of each question's document from 0, ``None`` where it was not found."""

    of: tuple[int | None, ...]

    def recall(self, k: int) -> float:
        return _share(rank is not None and rank < k for rank in self.of)

    def mrr(self, k: int = 10) -> float:
        return statistics.fmean(1 / (rank + 1) if rank is not None and rank < k else 0.0 for rank in self.of)

    def line(self, name: str) -> str:
        return f"  {name:34} {100 * self.recall(1):5.1f}  {100 * self.recall(5):5.1f}  {100 * self.mrr():6.1f}"


class Bench:
    """One corpus, indexed as the product indexes it, in a folder that is thrown away."""

    def __init__(self, corpus: Corpus, embedder: Embedder, folder: Path) -> None:
        self.corpus = corpus
        self.embedder = embedder
        self.lexical = LexicalIndex(folder / "text.sqlite")
        self.vectors = ChromaIndex(embedder, folder / "vectors")
        self.retriever = HybridRetriever(self.lexical, self.vectors, embedder)
        self.centres = LanguageCentres(embedder)
        self.documents = {passage.id: passage.document for passage in corpus.passages}
        self.lexical.add(COURSE, corpus.passages, corpus.language)
        self.lexical.set_exercises(COURSE, corpus.items, corpus.language)
        self.lexical.set_revision(COURSE, 1)
        self.vectors.add(COURSE, corpus.passages)

    def close(self) -> None:
        self.retriever.close()
        self.vectors.close()
        self.lexical.close()

    def vectors_of(self, asked: Sequence[Question]) -> list[Vectors]:
        """The vectors a search would use."""
        raw = self.embedder.embed_queries([" ".join(one.text.split()) for one in asked])
        return [
            self.centres.moved(vector, self.language(one), self.corpus.language)
            for one, vector in zip(asked, raw, strict=True)
        ]

    def language(self, question: Question) -> str:
        return detect(question.text, self.corpus.language)

    def search(self, question: Question, vector: Vectors, k: int, position: int | None = None) -> SearchResult:
        return self.retriever.search_vector(
            COURSE,
            question.text,
            vector,
            language=self.language(question),
            course_language=self.corpus.language,
            position=position,
            k=k,
        )

    def ranks(self, asked: Sequence[Question], found: Iterable[Iterable[str]]) -> Ranks:
        """Ranks of documents from lists of passage ids."""
        ranks: list[int | None] = []
        for question, ids in zip(asked, found, strict=True):
            documents = list(dict.fromkeys(self.documents[key] for key in ids))
            ranks.append(documents.index(question.document) if question.document in documents else None)
        return Ranks(tuple(ranks))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; prints a table and, with ``--json``, one flat object as the last line."""
    options = _options(arguments)
    corpus = paragraphs(options.paragraphs) if options.paragraphs else course(options.course)
    asked = questions(options.questions)[:: options.every]
    away = off_topic(options.off_topic)[:: options.every] if options.off_topic else ()
    documents = len({passage.document for passage in corpus.passages})
    print(f"{len(corpus.passages)} passages of {documents} documents, {len(asked)} questions, {len(away)} off topic")

    inner = _embedder(options.embedder, options.models_dir, options.threads)
    embedder = CachedEmbedder(inner, options.cache, _progress)
    with tempfile.TemporaryDirectory(prefix="bench-retrieval-") as folder:
        bench = Bench(corpus, embedder, Path(folder))
        try:
            figures = _quality(bench, asked, away)
            figures |= _speed(bench, inner, asked)
        finally:
            bench.close()
    if options.json:
        print(json.dumps(figures))
    return 0


def _quality(bench: Bench, asked: Sequence[Question], away: Sequence[Question]) -> dict[str, Any]:
    vectors = bench.vectors_of(asked)
    results = [bench.search(one, vector, DEEP) for one, vector in zip(asked, vectors, strict=True)]
    found = [[hit.passage.id for hit in result.hits] for result in results]
    joined = bench.ranks(asked, found)
    words = [[m.passage_id for m in bench.lexical.search(COURSE, one.text, DEEP).matches] for one in asked]
    meaning = [[match.passage_id for match in bench.vectors.search(COURSE, vector, DEEP)] for vector in vectors]

    print(f"\n  {'':34} {'R@1':>5}  {'R@5':>5}  {'MRR@10':>6}")
    print(bench.ranks(asked, words).line("text alone (FTS5)"))
    print(bench.ranks(asked, meaning).line(f"vectors alone ({bench.embedder.name})"))
    print(joined.line("joined"))
    modes = {result.signals.mode for result in results}
    print(f"  searched: {', '.join(f'{m} {sum(r.signals.mode == m for r in results)}' for m in sorted(modes))}")
    if any(one.document and "/" in one.document for one in asked):
        _report_position(bench, asked, vectors)

    leak = _leak(asked, [result.hits for result in results])
    if leak is not None:
        open_leak = _leak(asked, [_by_score(result) for result in results]) or 0.0
        withheld = _share(bool(result.withheld) for result in results)
        print(f"  leak@5: {100 * leak:.1f} % ({100 * open_leak:.1f} % if nothing were withheld)")
        print(f"  the question repeats an exercise and passages that give it away are withheld: {100 * withheld:.1f} %")
    refused = _refused(bench, results, away) if away else None
    return {
        "r1": round(joined.recall(1), 4),
        "r5": round(joined.recall(5), 4),
        "mrr10": round(joined.mrr(), 4),
        "leak5": None if leak is None else round(leak, 4),
        "refused_at_95": None if refused is None else round(refused, 4),
    }


def _report_position(bench: Bench, asked: Sequence[Question], vectors: Sequence[Vectors]) -> None:
    """The same questions with the learner's place known: the middle of the section that the question is about."""
    places: dict[str, list[int]] = {}
    for passage in bench.corpus.passages:
        places.setdefault(passage.document, []).append(passage.position)
    found = []
    for one, vector in zip(asked, vectors, strict=True):
        where = places.get(one.document or "", [])
        middle = where[len(where) // 2] if where else None
        found.append([hit.passage.id for hit in bench.search(one, vector, DEEP, middle).hits])
    print(bench.ranks(asked, found).line("joined, the learner's place known"))


def _leak(asked: Sequence[Question], found: Iterable[Sequence[Hit]]) -> float | None:
    leaks = []
    for one, hits in zip(asked, found, strict=True):
        words = set(query_terms(one.model_answer, "en")) if one.model_answer else set()
        if words:
            leaks.append(any(_holds(hit.passage, words) for hit in hits[:5]))
    return _share(leaks) if leaks else None


def _by_score(result: SearchResult) -> list[Hit]:
    return sorted((*result.hits, *result.withheld), key=lambda hit: -hit.score)


def _holds(passage: Passage, words: set[str]) -> bool:
    return len(words & set(terms(passage.text, "en"))) >= 0.8 * len(words)


def _refused(bench: Bench, results: Sequence[SearchResult], away: Sequence[Question]) -> float:
    inside = sorted(result.signals.confidence for result in results)
    threshold = inside[int(0.05 * len(inside))]
    outside = [bench.search(one, vector, K) for one, vector in zip(away, bench.vectors_of(away), strict=True)]
    confidences = [result.signals.confidence for result in outside]
    share = _share(confidence < threshold for confidence in confidences)
    print(f"  refused at 95 % kept: {100 * share:.1f} % (confidence below {threshold:.3f})")
    kept = _share(result.covered for result in results)
    print(
        f"  as shipped (confidence below {bench.retriever.tuning.refusal.threshold}): refuses"
        f" {100 * _share(not result.covered for result in outside):.1f} %, keeps {100 * kept:.1f} %"
    )
    return share


def _speed(bench: Bench, inner: Embedder, asked: Sequence[Question]) -> dict[str, float]:
    """Medians over a spread of the questions; our search and Chroma's take turns, so both see the same machine."""
    import chromadb

    sample = list(asked[:: max(1, len(asked) // TIMED)][:TIMED])
    vectors = bench.vectors_of(sample)
    embed: list[float] = []
    for one in sample[:60]:
        started = time.perf_counter()
        inner.embed_queries([one.text])
        embed.append(time.perf_counter() - started)
    client: chromadb.ClientAPI = bench.vectors._connected()
    collection = client.get_collection(collection_name(COURSE, bench.embedder), embedding_function=None)
    search: list[float] = []
    chroma: list[float] = []
    for one, vector in zip(sample, vectors, strict=True):
        started = time.perf_counter()
        bench.search(one, vector, K)
        search.append(time.perf_counter() - started)
        started = time.perf_counter()
        collection.query(query_embeddings=[vector], n_results=K)
        chroma.append(time.perf_counter() - started)
    figures = {
        "embed_ms_p50": round(1000 * statistics.median(embed), 2),
        "search_ms_p50": round(1000 * statistics.median(search), 2),
        "chroma_ms_p50": round(1000 * statistics.median(chroma), 2),
    }
    print(
        f"\n  median ms: embedding {figures['embed_ms_p50']}, search {figures['search_ms_p50']},"
        f" Chroma's own query {figures['chroma_ms_p50']}"
        f" (search is {figures['search_ms_p50'] / figures['chroma_ms_p50']:.2f} times Chroma)"
    )
    return figures


def _share(values: Iterable[bool]) -> float:
    held = list(values)
    return sum(held) / len(held) if held else 0.0


def _embedder(name: str, models: Path, threads: int) -> Embedder:
    if name == "e5":
        from retrieval.embedders.e5 import E5Embedder

        return E5Embedder(models / "e5", threads)
    if name == "minilm":
        from retrieval.embedders.minilm import MiniLmEmbedder

        return MiniLmEmbedder(models / "minilm", threads)
    from retrieval.embedders.hashing import HashingEmbedder

    return HashingEmbedder()


def _progress(done: int, total: int) -> None:
    if total > 64 and (done % 320 == 0 or done == total):
        print(f"  embedded {done} of {total}", file=sys.stderr)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.retrieval", description="How well and fast passages are found."
    )
    material = parser.add_mutually_exclusive_group(required=True)
    material.add_argument("--paragraphs", type=Path, help="JSONL of id, article, text")
    material.add_argument("--course", type=Path, help="a folder of course material")
    parser.add_argument("--questions", type=Path, required=True, help="JSONL of question and paragraph or section")
    parser.add_argument("--off-topic", type=Path, help="JSONL of questions that the material does not answer")
    parser.add_argument("--embedder", choices=("e5", "minilm", "hashing"), default="e5")
    parser.add_argument("--models-dir", type=Path, default=Path(".cache/models"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"), help="folder where vectors are kept")
    parser.add_argument("--threads", type=int, default=1, help="cores for embedding")
    parser.add_argument("--every", type=int, default=1, help="take only every n-th question")
    parser.add_argument("--json", action="store_true", help="print one flat object as the last line")
    options = parser.parse_args(arguments)
    for path in (options.paragraphs, options.course, options.questions, options.off_topic):
        if path is not None and not path.exists():
            parser.error(f"there is nothing at {path}; this benchmark takes its data by path")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
