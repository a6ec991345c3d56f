"""The values this room deals in: documents, passages, items, citations and search results.

All are frozen. Offsets count Python characters (code points) in ``Document.text``, half open: ``text[start:end]``.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Anchor:
    """From offset ``start`` of a document's text on, this is the place in the file: a ``page`` (1-based; a slide counts
    as one) of paged media, a ``second`` of timed media."""

    start: int
    page: int | None = None
    second: float | None = None


def anchor_at(anchors: Sequence[Anchor], offset: int) -> Anchor | None:
    """The last of ``anchors`` (in the order of the text) that begins at or before ``offset``."""
    at = bisect_right(anchors, offset, key=lambda anchor: anchor.start)
    return anchors[at - 1] if at else None


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a course as it is searched and cited.

    ``text`` is canonical, normalised Markdown: every anchor refers to it, and it never holds an exercise or a
    solution. ``path`` is relative to the course folder, with forward slashes. ``sha256`` is that of the file's
    bytes, ``order`` the place in the course (0-based), ``breadcrumb`` the titles above the document, and
    ``kcs`` the ids of the knowledge components the file's front matter names. ``anchors`` are in the order of the text.
    """

    course: str
    path: str
    title: str
    sha256: str
    media_type: str
    order: int
    breadcrumb: tuple[str, ...]
    language: str | None
    text: str
    kcs: tuple[str, ...] = ()
    anchors: tuple[Anchor, ...] = ()

    def anchor(self, offset: int) -> Anchor | None:
        """The place in the file of the text at ``offset``; ``None`` where the medium has no pages and no time."""
        return anchor_at(self.anchors, offset)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document that is indexed, found and cited.

    ``text == document.text[start:end]`` holds exactly. ``heading_path`` runs from the course's outermost title to
    the nearest heading. ``ordinal`` counts within the document, ``position`` within the course. ``page`` (1-based)
    and ``second`` are set by loaders of paged and timed media.
    """

    id: str
    course: str
    document: str
    ordinal: int
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    position: int
    page: int | None = None
    second: float | None = None

    @property
    def prefix(self) -> str:
        """Where the passage stands, as ``Chapter > Section > Heading``; empty where nothing is above it."""
        return " > ".join(self.heading_path)

    @property
    def indexed_text(self) -> str:
        """What is embedded: the prefix on a line of its own, then the text."""
        return f"{self.prefix}\n{self.text}" if self.heading_path else self.text


def passage_id(course: str, document: str, start: int, heading_path: tuple[str, ...], text: str) -> str:
    """A stable name for a passage: the hash of what it says and where (32 hex digits).

    The same file ingested twice gives the same ids, and a changed passage gets a new one.
    """
    parts = "\x1f".join((course, document, str(start), "\x1e".join(heading_path), text))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class ItemKind(StrEnum):
    """What sort of exercise a loader found."""

    MULTIPLE_CHOICE = "multiple_choice"
    FREE_RESPONSE = "free_response"


@dataclass(frozen=True, slots=True)
class ItemMaterial:
    """An exercise kept out of the index.

    ``options`` is empty for a free response. ``answer`` is the text of the right option, or the model answer, or
    ``None`` where the material gives none. ``start`` and ``end`` are both the offset in ``Document.text`` where
    the exercise stood before it was taken out: it has a place but no text there.
    """

    course: str
    document: str
    kind: ItemKind
    question: str
    options: tuple[str, ...]
    answer: str | None
    start: int
    end: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that was found word for word at ``document.text[start:end]`` (whitespace apart)."""

    passage_id: str
    document: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. ``score`` orders the hits of one search and means nothing across searches.

    ``lexical`` is the BM25 score (larger is better) and ``dense`` the cosine, each ``None`` where that half did
    not return the passage.
    """

    passage: Passage
    score: float
    lexical: float | None = None
    dense: float | None = None


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision to answer or refuse rests on.

    ``cosine`` is the best cosine (``None`` without vectors), ``coverage`` the IDF-weighted share (0 to 1) of the
    query's words found in the best hits (``None`` where the query is in another language than the course), and
    ``confidence`` their combination, compared with a threshold. ``mode`` is ``hybrid``, ``lexical`` or ``dense``;
    ``vectors`` says how much of the course has its vectors (0 to 1).
    """

    mode: str
    cosine: float | None
    coverage: float | None
    confidence: float
    vectors: float

    def as_data(self) -> dict[str, Any]:
        """Plain values, for the log."""
        return {
            "mode": self.mode,
            "cosine": self.cosine,
            "coverage": self.coverage,
            "confidence": self.confidence,
            "vectors": self.vectors,
        }


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first; ``covered`` is false where the course does not hold what was asked.

    ``withheld`` are passages left out of ``hits`` because the query repeats an exercise and they give its model
    answer away; they are for after the learner has answered.
    """

    hits: tuple[Hit, ...]
    covered: bool
    signals: Signals
    language: str | None = None
    withheld: tuple[Hit, ...] = ()
