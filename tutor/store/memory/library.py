"""Courses, documents, passages and item material in memory."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from retrieval.values import Anchor, Document, ItemMaterial, Passage
from tutor.domain.curriculum import Course
from tutor.domain.errors import NotFound
from tutor.ports import DocumentState
from tutor.store.text import require_storable


@dataclass
class _Shelf:
    """A document with what belongs to it. ``embedders`` is by passage id."""

    document: Document
    source: str
    passages: tuple[Passage, ...] = ()
    items: tuple[ItemMaterial, ...] = ()
    embedders: dict[str, str] = field(default_factory=dict)


class MemoryLibrary:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._courses: dict[str, Course] = {}
        self._shelves: dict[str, dict[str, _Shelf]] = {}
        self._revisions: dict[str, int] = defaultdict(int)

    def put_course(self, course: Course) -> None:
        with self._lock:
            self._courses[course.id] = course
            self._shelves.setdefault(course.id, {})

    def courses(self) -> tuple[Course, ...]:
        with self._lock:
            return tuple(sorted(self._courses.values(), key=lambda course: course.id))

    def course(self, course: str) -> Course | None:
        with self._lock:
            return self._courses.get(course)

    def erase_course(self, course: str) -> None:
        with self._lock:
            if self._courses.pop(course, None) is not None:
                del self._shelves[course]
                self._revisions[course] += 1

    def put_document(
        self, document: Document, source: str, passages: Sequence[Passage], items: Sequence[ItemMaterial]
    ) -> None:
        require_storable(title=document.title, text=document.text)
        for item in items:
            require_storable(question=item.question, answer=item.answer or "", options="".join(item.options))
        with self._lock:
            if document.course not in self._courses:
                raise NotFound("no such course", course=document.course)
            old = self._shelves[document.course].get(document.path)
            embedders = {q.id: old.embedders[q.id] for q in passages if q.id in old.embedders} if old else {}
            shelf = _Shelf(document, source, tuple(passages), tuple(items), embedders)
            self._shelves[document.course][document.path] = shelf
            if (old.passages if old else ()) != shelf.passages:
                self._revisions[document.course] += 1

    def remove_document(self, course: str, path: str) -> None:
        with self._lock:
            if self._shelves.get(course, {}).pop(path, None) is not None:
                self._revisions[course] += 1

    def documents(self, course: str) -> tuple[DocumentState, ...]:
        return tuple(
            DocumentState(
                path=shelf.document.path,
                sha256=shelf.document.sha256,
                source=shelf.source,
                title=shelf.document.title,
                order=shelf.document.order,
                passages=len(shelf.passages),
                embedded=len(shelf.embedders),
            )
            for shelf in self._in_order(course)
        )

    def titles(self, course: str) -> dict[str, str]:
        return {shelf.document.path: shelf.document.title for shelf in self._in_order(course)}

    def document(self, course: str, path: str) -> Document | None:
        with self._lock:
            shelf = self._shelves.get(course, {}).get(path)
        return shelf.document if shelf else None

    def anchors(self, course: str, document: str) -> tuple[Anchor, ...]:
        found = self.document(course, document)
        return found.anchors if found else ()

    def passage(self, course: str, passage: str) -> Passage | None:
        return next((found for found in self.passages(course) if found.id == passage), None)

    def passages(self, course: str, document: str | None = None) -> Iterator[Passage]:
        shelves = [shelf for shelf in self._in_order(course) if document in (None, shelf.document.path)]
        found = [passage for shelf in shelves for passage in shelf.passages]
        yield from sorted(found, key=lambda passage: (passage.position, passage.document, passage.ordinal))

    def items(self, course: str) -> tuple[ItemMaterial, ...]:
        return tuple(item for shelf in self._in_order(course) for item in shelf.items)

    def not_embedded(self, course: str, embedder: str, limit: int) -> tuple[Passage, ...]:
        with self._lock:
            marks = {name: by for shelf in self._in_order(course) for name, by in shelf.embedders.items()}
            missing = [passage for passage in self.passages(course) if marks.get(passage.id) != embedder]
        return tuple(missing[:limit])

    def mark_embedded(self, course: str, embedder: str, passages: Sequence[str]) -> None:
        with self._lock:
            for shelf in self._in_order(course):
                known = {passage.id for passage in shelf.passages}
                shelf.embedders.update({name: embedder for name in passages if name in known})

    def forget_embedded(self, course: str) -> None:
        with self._lock:
            for shelf in self._in_order(course):
                shelf.embedders.clear()

    def revision(self, course: str) -> int:
        with self._lock:
            return self._revisions.get(course, 0)

    def _in_order(self, course: str) -> list[_Shelf]:
        with self._lock:
            shelves = list(self._shelves.get(course, {}).values())
        return sorted(shelves, key=lambda shelf: (shelf.document.order, shelf.document.path))
