"""Graded answers in the XML of SemEval-2013 task 7, and what the classifier sees of them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.centring import LanguageCentres
from tutor.grading import features
from tutor.grading.opposition import contrast
from tutor.grading.reading import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.embedders import Embedder

LANGUAGE = "en"


@dataclass(frozen=True)
class Answered:
    """A student's answer. ``wordings`` are reference answers, each equally good."""

    id: str
    module: str
    question: str
    wordings: tuple[str, ...]
    answer: str
    correct: bool


@dataclass(frozen=True)
class Bag:
    """One answer against each wording: features (``same`` and ``across`` have a row a wording) and vectors."""

    same: NDArray[np.float64]
    across: NDArray[np.float64]
    statements: NDArray[np.float32]
    answer: NDArray[np.float32]
    stems: tuple[str, ...]


def answers(folder: Path) -> tuple[Answered, ...]:
    """All answers of the questions in a folder of XML files, in the order of the files' names."""
    found: list[Answered] = []
    for path in sorted(folder.glob("*.xml")):
        root = ElementTree.parse(path).getroot()
        wordings = tuple(_text(one) for one in root.iterfind("referenceAnswers/referenceAnswer"))
        for one in root.iterfind("studentAnswers/studentAnswer"):
            found.append(
                Answered(
                    root.get("id", path.stem),
                    root.get("module", ""),
                    _text(root.find("questionText")),
                    wordings,
                    _text(one),
                    one.get("accuracy") == "correct",
                )
            )
    return tuple(found)


def _text(node: Any) -> str:
    return " ".join((node.text or "").split()) if node is not None else ""


def vectors(embedder: Embedder, texts: Iterable[str]) -> dict[str, NDArray[np.float32]]:
    """The vector of every one of ``texts``."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, embedder.embed_queries(distinct), strict=True))


def bags(embedder: Embedder, rows: Sequence[Answered], floor: float) -> list[Bag]:
    """What the product's own feature functions give, whole answers only."""
    texts = [text for row in rows for text in (row.question, row.answer, *row.wordings)]
    known = vectors(embedder, [*texts, *(word for text in dict.fromkeys(texts) for word in read(text, LANGUAGE).words)])
    centres = LanguageCentres(embedder)
    moved = {text: centres.moved(known[text], LANGUAGE, LANGUAGE) for text in dict.fromkeys(texts)}

    def words(text: str) -> NDArray[np.float32]:
        found = [known[word] for word in read(text, LANGUAGE).words]
        return np.stack(found or [known[text]])

    found = []
    for row in rows:
        asked, given = read(row.question, LANGUAGE), read(row.answer, LANGUAGE)
        same, across = [], []
        for wording in row.wordings:
            statement = read(wording, LANGUAGE)
            compared = contrast(asked, statement, given, same_language=True)
            letters = features.Letters(wording, row.answer)
            three = (row.question, wording, row.answer)
            worded = features.worded(words(row.question), words(wording), words(row.answer), floor)
            raw = features.dense(*(known[text] for text in three))
            same.append(features.lexical(asked, statement, given, letters, compared) + raw + worded)
            across.append(features.dense(*(moved[text] for text in three)) + worded)
        statements = np.stack([known[wording] for wording in row.wordings])
        found.append(Bag(np.array(same), np.array(across), statements, known[row.answer], given.stems))
    return found
