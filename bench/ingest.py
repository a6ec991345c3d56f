"""How soon a course can be asked: ``python -m bench.ingest --course DIR``.

Brings a folder in through the product's own service into an empty data folder, and then asks the questions of
``--ask`` (``question => words the passage must hold``), for instance one in another language than the course.

``text_searchable_s``   until the whole course is found by its words
``vectors_s``           until it is also found by meaning (null with ``--text-only``)
``documents`` ``passages``
``found``               share of the questions with a passage holding the words among the first five
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.services.indexing import course_of
from tutor.store.memory import MemoryStore

COURSE = "bench"
SPANISH = "¿Cómo convierten las plantas la luz del sol en energía química? => photosynthesis"


def main() -> None:
    """Run, print a table, and with ``--json`` one flat object as the last line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--course", type=Path, required=True, help="folder of material")
    parser.add_argument("--ask", action="append", help=f"question => words; default: {SPANISH}")
    parser.add_argument("--models", type=Path, default=Path(".cache/models"), help="folder of model files")
    parser.add_argument("--threads", type=int, default=0, help="of the embedder; 0: as the product chooses")
    parser.add_argument("--text-only", action="store_true", help="leave the vectors out")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if not given.course.is_dir():
        parser.error(f"{given.course} is no folder; pass the folder of a course, such as a textbook in Markdown.")
    figures = run(given)
    for name, value in figures.items():
        print(f"  {name:20} {value}")
    if given.json:
        print(json.dumps(figures))


def run(given: argparse.Namespace) -> dict[str, Any]:
    """The figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            models_dir=given.models,
            embedder="none" if given.text_only else "e5",
            embedder_threads=given.threads,
        )
        system = build(settings, store=MemoryStore())
        try:
            return _measured(system, given)
        finally:
            system.close()


def _measured(system: System, given: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    job = system.ingest.enqueue(course_of(given.course, COURSE, "", "en"))
    system.ingest.start()
    for _ in system.ingest.follow(job.id):
        pass
    searchable = time.perf_counter() - began
    documents = system.store.library.documents(COURSE)
    print(f"  searchable by words after {searchable:.1f} s", flush=True)
    embedded: float | None = None
    for waiting in system.ingest.embedding(COURSE):
        for now in system.ingest.follow(waiting.id):
            print(f"  {now.done} of {now.total} passages have vectors", end="\r", flush=True)
        embedded = time.perf_counter() - began
    if embedded is not None:
        print(f"  searchable by meaning after {embedded:.1f} s" + " " * 20, flush=True)
    return {
        "text_searchable_s": round(searchable, 1),
        "vectors_s": round(embedded, 1) if embedded is not None else None,
        "documents": len(documents),
        "passages": sum(document.passages for document in documents),
        "found": _found(system, given.ask or [SPANISH]),
    }


def _found(system: System, asked: list[str]) -> float:
    hits = 0
    for line in asked:
        question, _, words = line.partition("=>")
        result = system.retriever.search(COURSE, question.strip(), course_language="en", k=5)
        best = [hit.passage for hit in result.hits if words.strip().lower() in hit.passage.indexed_text.lower()]
        hits += bool(best)
        print(f"  {question.strip()}  ->  {best[0].prefix if best else 'not found'}")
    return hits / len(asked)


if __name__ == "__main__":
    main()
