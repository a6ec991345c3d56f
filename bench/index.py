"""How faithful and how fast the vector index is as a course grows: ``python -m bench.index``.

    python -m bench.index [--sizes 10000 100000] [--questions 300] [--json]

The index is the product's own (``ChromaIndex``: a Chroma collection in a folder, opened again before it is asked, as
after a restart). Beside it, in the same run and on the same vectors: Chroma as it comes (default graph), asked for ids
and distances; and exact search, one product of a matrix and a vector in numpy.

The vectors are those of real passages (``--paragraphs``, SQuAD's form, and ``--course``, a folder of material; e5,
cached), grown to the size asked for by near-duplicates: two neighbours mixed, with a little noise. They are hard for a
graph, and a large course is full of them. What is asked are vectors of real questions.

``recall_SIZE``      share of exact search's first ten that the index finds among its own first ten;
                     ``default_recall_SIZE``: that Chroma's defaults find
``slower_SIZE``      our median time by Chroma's own
``exact_SIZE``       our median time by exact search's
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench._embedding_cache import CachedEmbedder
from bench._retrieval_data import course, paragraphs, questions
from retrieval.dense import ChromaIndex
from retrieval.embedders.e5 import E5Embedder
from retrieval.values import Passage

if TYPE_CHECKING:
    from retrieval.embedders import CosineRange, Vectors

SHARED = Path("../shared/data")
COURSE = "bench"
FIRST = 10
NOISE = 0.02  # standard deviation a dimension; the mean distance between two neighbours is several times as much


class Given:
    """An :class:`retrieval.embedders.Embedder` that knows the vectors of its texts: number ``n`` has row ``n``."""

    def __init__(self, like: CachedEmbedder, rows: Vectors) -> None:
        self._like = like
        self._rows = rows
        self.name, self.version = like.name, like.version
        self.dimensions, self.multilingual = like.dimensions, like.multilingual

    @property
    def cosine_range(self) -> CosineRange:
        return self._like.cosine_range

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._rows[[int(text) for text in texts]]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError("questions come with their vectors")


def main() -> None:
    """Run, print a table, and with ``--json`` one flat object as the last line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--paragraphs", type=Path, default=SHARED / "squad" / "paragraphs.jsonl")
    parser.add_argument("--asked", type=Path, default=SHARED / "squad" / "questions.jsonl", help="whose vectors ask")
    parser.add_argument("--course", type=Path, action="append", default=[], help="folder of more material")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--models-dir", type=Path, default=Path(".cache/models"))
    parser.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    embedder = CachedEmbedder(E5Embedder(given.models_dir / "e5", threads=2), given.cache, _told)
    found = [*paragraphs(given.paragraphs).passages, *(p for folder in given.course for p in course(folder).passages)]
    real = embedder.embed_passages([passage.indexed_text for passage in found])
    asked = embedder.embed_queries([question.text for question in questions(given.asked)[: given.questions]])
    print(f"{len(real)} real passages, {len(asked)} questions; medians in ms, one at a time")
    print(f"{'passages':>9} {'':18} {'recall@10':>9} {'median':>8} {'p95':>8}")
    figures: dict[str, float] = {}
    for size in given.sizes:
        figures |= measured(embedder, grown(real, size), asked)
    if given.json:
        print(json.dumps(figures))


def grown(real: Vectors, size: int, seed: int = 1) -> Vectors:
    """Unit vectors of shape ``(size, dimensions)``: the real ones, then mixtures of two that are near each other."""
    random = np.random.default_rng(seed)
    if size <= len(real):
        return real[:size]
    rows = [real]
    for first in range(len(real), size, 2000):
        count = min(2000, size - first)
        chosen = random.integers(len(real), size=count)
        cosines = real[chosen] @ real.T
        near = np.argpartition(-cosines, 9, axis=1)[:, :9]  # itself among them
        other = near[np.arange(count), random.integers(9, size=count)]
        part = random.uniform(0.5, 1, size=(count, 1)).astype(np.float32)
        mixed = part * real[chosen] + (1 - part) * real[other]
        mixed += random.normal(0, NOISE / real.shape[1] ** 0.5, size=mixed.shape).astype(np.float32)
        rows.append((mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32))
    return np.concatenate(rows)


def measured(like: CachedEmbedder, rows: Vectors, asked: Vectors) -> dict[str, float]:
    """The figures at one size, after a line for each of the three."""
    size = len(rows)
    wanted = [_exact(rows, vector) for vector in asked]
    folder = Path(tempfile.mkdtemp())
    try:
        _build(folder / "ours", like, rows)
        index = ChromaIndex(Given(like, rows), folder / "ours")
        raw = _raw(folder / "raw", rows)
        ways: dict[str, Callable[[Vectors], Sequence[int]]] = {
            "exact (numpy)": lambda vector: _exact(rows, vector),
            "Chroma's defaults": lambda vector: _asked(raw, vector),
            "ours": lambda vector: [_row(match.passage_id) for match in index.search(COURSE, vector, FIRST)],
        }
        spent: dict[str, float] = {}
        recall: dict[str, float] = {}
        for name, ask in ways.items():
            ask(asked[0])
            times, hits = [], 0
            for vector, best in zip(asked, wanted, strict=True):
                began = time.perf_counter()
                answer = ask(vector)
                times.append((time.perf_counter() - began) * 1000)
                hits += len(set(answer) & set(best))
            spent[name], recall[name] = statistics.median(times), hits / (FIRST * len(asked))
            slow = statistics.quantiles(times, n=20)[-1]
            print(f"{size:>9} {name:18} {recall[name]:>9.4f} {spent[name]:>8.2f} {slow:>8.2f}", flush=True)
        index.close()
    finally:
        shutil.rmtree(folder)
    return {
        f"recall_{size}": recall["ours"],
        f"default_recall_{size}": recall["Chroma's defaults"],
        f"slower_{size}": spent["ours"] / spent["Chroma's defaults"],
        f"exact_{size}": spent["ours"] / spent["exact (numpy)"],
    }


def _build(folder: Path, like: CachedEmbedder, rows: Vectors) -> None:
    index = ChromaIndex(Given(like, rows), folder)
    for first in range(0, len(rows), 1000):
        numbers = range(first, min(first + 1000, len(rows)))
        index.add(COURSE, [Passage(_id(n), COURSE, "d", n, (), 0, 0, str(n), n) for n in numbers])
        _told(numbers.stop, len(rows))
    index.close()


def _raw(folder: Path, rows: Vectors) -> Any:
    """A collection of Chroma's own making, with nothing set but the distance."""
    import chromadb

    client = chromadb.PersistentClient(path=str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    made = client.create_collection(COURSE, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None)
    for first in range(0, len(rows), 1000):
        part = rows[first : first + 1000]
        made.add(ids=[_id(first + n) for n in range(len(part))], embeddings=list(part))
        _told(first + len(part), len(rows))
    return made


def _asked(collection: Any, vector: Vectors) -> list[int]:
    found = collection.query(query_embeddings=[vector], n_results=FIRST, include=["distances"])
    return [_row(key) for key in found["ids"][0]]


def _exact(rows: Vectors, vector: Vectors) -> list[int]:
    cosines = rows @ vector
    best = np.argpartition(-cosines, FIRST)[:FIRST]
    return [int(n) for n in best[np.argsort(-cosines[best])]]


def _id(row: int) -> str:
    return f"{row:08d}"


def _row(key: str) -> int:
    return int(key)


def _told(done: int, total: int) -> None:
    if done == total or done % 10_000 < 1000:
        print(f"  {done} of {total}", file=sys.stderr, end="\r", flush=True)


if __name__ == "__main__":
    main()
