"""The port of vector indexes, and an exact one in memory."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from retrieval.values import Passage

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder, Vectors


@dataclass(frozen=True, slots=True)
class VectorMatch:
    """A passage's id and its cosine with the question (-1 to 1)."""

    passage_id: str
    cosine: float


class VectorIndex(Protocol):
    """Vectors of passages, by course. Synchronous; safe to call from several threads.

    Writing raises ``IndexLocked`` where another process writes this index, everything ``IndexUnavailable`` where
    the index cannot be reached, and embedding raises as :class:`retrieval.embedders.Embedder` says.
    """

    def acquire(self) -> None:
        """Become the one writer, or raise ``IndexLocked``; a write does so by itself. Held until ``close``."""
        ...

    def add(self, course: str, passages: Sequence[Passage]) -> int:
        """Embed and store; a passage already there is replaced. How many were stored."""
        ...

    def remove(self, course: str, ids: Iterable[str]) -> None: ...

    def remove_course(self, course: str) -> None:
        """Forget a course, under every embedder."""
        ...

    def search(self, course: str, vector: Vectors, k: int) -> tuple[VectorMatch, ...]:
        """The ``k`` nearest passages to one unit vector of shape ``(dimensions,)``, best first."""
        ...

    def count(self, course: str) -> int: ...

    def ids(self, course: str) -> frozenset[str]: ...

    def generation(self, course: str) -> str:
        """Another one after the course's vectors were lost as a whole, empty where it has none. Looks at what is kept,
        so that damage is found: raises ``IndexBroken``."""
        ...

    def start_over(self) -> None:
        """Throw everything away, readable or not, to be filled again. Raises ``IndexLocked``."""
        ...

    def close(self) -> None:
        """Let go of the lock and of files."""
        ...


class ExactIndex:
    """Exact search in memory: the fake of the tests, and fit for a few thousand passages."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._courses: dict[str, dict[str, Vectors]] = {}
        self._lock = threading.Lock()
        self._generation = uuid.uuid4().hex

    def acquire(self) -> None:
        """Nothing to lock: the index lives in this process only."""

    def add(self, course: str, passages: Sequence[Passage]) -> int:
        vectors = self._embedder.embed_passages([passage.indexed_text for passage in passages])
        with self._lock:
            kept = dict(self._courses.get(course, {}))
            kept.update(zip((passage.id for passage in passages), vectors, strict=True))
            self._courses[course] = kept
        return len(passages)

    def remove(self, course: str, ids: Iterable[str]) -> None:
        gone = set(ids)
        with self._lock:
            kept = self._courses.get(course, {})
            self._courses[course] = {key: vector for key, vector in kept.items() if key not in gone}

    def remove_course(self, course: str) -> None:
        with self._lock:
            self._courses.pop(course, None)

    def search(self, course: str, vector: Vectors, k: int) -> tuple[VectorMatch, ...]:
        import numpy as np

        kept = self._courses.get(course, {})
        if not kept or k < 1:
            return ()
        cosines = np.stack(list(kept.values())) @ vector
        ids = list(kept)
        best = np.argsort(-cosines, kind="stable")[:k]
        return tuple(VectorMatch(ids[at], float(cosines[at])) for at in best)

    def count(self, course: str) -> int:
        return len(self._courses.get(course, {}))

    def ids(self, course: str) -> frozenset[str]:
        return frozenset(self._courses.get(course, {}))

    def generation(self, course: str) -> str:
        return self._generation if self._courses.get(course) else ""

    def start_over(self) -> None:
        with self._lock:
            self._courses = {}
            self._generation = uuid.uuid4().hex

    def close(self) -> None:
        """Nothing to let go of."""
