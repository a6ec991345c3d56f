"""Vectors follow SQL: batch by batch as passages come in, and from the start when they were lost or damaged."""

from collections.abc import Sequence
from typing import Protocol

from retrieval.errors import IndexBroken, RetrievalError
from retrieval.vectors import VectorIndex
from tutor.observe import Logger
from tutor.ports import Library
from tutor.services.notes import Notes

log = Logger(__name__)

BATCH = 16  # passages between two marks in SQL


class Report(Protocol):
    """Told of progress; raises to stop the work (the job was cancelled or taken over)."""

    def __call__(self, stage: str, done: int, total: int, message: str | None = None) -> None: ...


class VectorUpkeep:
    """``embedder`` names the model and version whose vectors ``vectors`` holds."""

    def __init__(self, library: Library, vectors: VectorIndex, embedder: str, notes: Notes) -> None:
        self._library = library
        self._vectors = vectors
        self._embedder = embedder
        self._notes = notes

    def embed(self, course: str, report: Report) -> None:
        """Embed what is not yet embedded, a batch at a time, marking each batch once its vectors are stored.

        Passages that arrive meanwhile are taken along. Raises what the embedder and the vector index raise; what was
        marked before stays.
        """
        while self.unembedded(course):
            total = sum(state.passages for state in self._library.documents(course))
            done = total - len(self._library.not_embedded(course, self._embedder, total))
            report("embedding", done, total)
            while batch := self._library.not_embedded(course, self._embedder, BATCH):
                self._vectors.add(course, batch)
                self._library.mark_embedded(course, self._embedder, [passage.id for passage in batch])
                done += len(batch)
                report("embedding", min(done, total), total)
            self._reconcile(course, report)
            self._notes.put("vectors", {course: self._now(course)})

    def _reconcile(self, course: str, report: Report) -> None:
        """After a crash between two steps, or a deleted index, SQL and the vectors may differ: follow SQL."""
        known = {passage.id: passage for passage in self._library.passages(course)}
        held = self._vectors.ids(course)
        self._vectors.remove(course, held - known.keys())
        missing = [passage for key, passage in known.items() if key not in held]
        for at in range(0, len(missing), BATCH):
            self._vectors.add(course, missing[at : at + BATCH])
            report("embedding", len(known) - len(missing) + at, len(known))

    def unembedded(self, course: str) -> bool:
        """Whether vectors of the course are, or may be, missing. A vector index that is damaged is emptied.

        Raises ``IndexUnavailable`` where that can't be found out now, and ``IndexLocked``."""
        if self._library.not_embedded(course, self._embedder, 1):
            return True
        if not any(state.passages for state in self._library.documents(course)):
            return False
        try:
            return self._notes.get("vectors", course) != self._now(course)
        except IndexBroken as error:
            log.warning("vectors.broken", course=course, code=error.code)
            self._vectors.start_over()
            return True

    def _now(self, course: str) -> str:
        """What tells a course's vectors from others that took their place."""
        return f"{self._embedder} {self._vectors.generation(course)}"

    def remove(self, course: str, ids: Sequence[str]) -> None:
        """These passages are gone."""
        try:
            self._vectors.remove(course, ids)
        except RetrievalError as error:  # SQL is the truth: the next embedding puts the vectors right
            log.warning("vectors.not_removed", course=course, code=error.code)
            self._notes.drop("vectors")

    def remove_course(self, course: str) -> None:
        """Throw the course's vectors away, to be made anew."""
        self._vectors.remove_course(course)
        self._library.forget_embedded(course)
