"""Graded answers in the XML of SemEval-2013 task 7, and what the classifier sees of them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
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
    """The features of one answer against each wording: ``same`` and ``across`` have a row a wording."""

    same: NDArray[np.float64]
    across: NDArray[np.float64]


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


def vectors(embedder: Embedder, rows: Sequence[Answered]) -> dict[str, NDArray[np.float32]]:
    """The vector of every text of ``rows``."""
    texts = list(dict.fromkeys(text for row in rows for text in (row.question, row.answer, *row.wordings)))
    return dict(zip(texts, embedder.embed_queries(texts), strict=True))


def bags(embedder: Embedder, rows: Sequence[Answered]) -> list[Bag]:
    """What the product's own feature functions give, whole answers only."""
    known = vectors(embedder, rows)
    centres = LanguageCentres(embedder)
    moved = {text: centres.moved(vector, LANGUAGE, LANGUAGE) for text, vector in known.items()}
    found = []
    for row in rows:
        asked, given = read(row.question, LANGUAGE), read(row.answer, LANGUAGE)
        same, across = [], []
        for wording in row.wordings:
            statement = read(wording, LANGUAGE)
            compared = contrast(asked, statement, given, same_language=True)
            letters = features.Letters(wording, row.answer)
            texts = (row.question, wording, row.answer)
            raw = features.dense(*(known[text] for text in texts), known[row.answer][None])
            same.append(features.lexical(asked, statement, given, letters, compared) + raw)
            across.append(features.dense(*(moved[text] for text in texts), moved[row.answer][None]))
        found.append(Bag(np.array(same), np.array(across)))
    return found
