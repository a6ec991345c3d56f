"""The data of the retrieval benchmark, read from the paths given."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders.folder import plan, read
from retrieval.values import Document, ItemMaterial, Passage

COURSE = "bench"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the document that answers it (``None`` for one off topic)."""

    text: str
    document: str | None
    model_answer: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages in course order, the language they are in, and the exercises that were kept out of them."""

    passages: tuple[Passage, ...]
    language: str
    items: tuple[ItemMaterial, ...] = ()


def paragraphs(path: Path) -> Corpus:
    """One document a line: ``id``, ``article`` (its title), ``text``."""
    found: list[Passage] = []
    for order, row in enumerate(rows(path)):
        title = str(row.get("article", "")).replace("_", " ")
        document = Document(COURSE, str(row["id"]), title, "", "text/plain", order, (), "en", str(row["text"]))
        found.extend(chunk(document, first_position=len(found)))
    return Corpus(tuple(found), "en")


def course(folder: Path) -> Corpus:
    """A folder of course material, read as the product reads it."""
    planned = plan(folder, COURSE)
    found: list[Passage] = []
    items: list[ItemMaterial] = []
    for problem in planned.problems:
        print(f"  {problem.message}", file=sys.stderr)
    for source in planned.sources:
        try:
            loaded = read(folder, source)
            found.extend(chunk(loaded.document, first_position=len(found)))
            items.extend(loaded.items)
        except UnreadableDocument as error:
            print(f"  {error.message}", file=sys.stderr)
    return Corpus(tuple(found), planned.language or "en", tuple(items))


def questions(path: Path) -> tuple[Question, ...]:
    """``paragraph`` (a number) or ``section`` (a path) names the document. Model answers are those of free responses:
    the words of a multiple-choice option belong in the passage that teaches it."""
    found = []
    for row in rows(path):
        document = row["section"] if "section" in row else str(row["paragraph"])
        free = "section" in row and not row.get("multiple_choice")
        answer = row.get("answer") if free else None
        found.append(Question(str(row["question"]), str(document), str(answer) if answer else None))
    return tuple(found)


def off_topic(path: Path) -> tuple[Question, ...]:
    """Questions that the course does not answer."""
    return tuple(Question(str(row["question"]), None) for row in rows(path))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
