"""Courses, documents, passages and item material in SQL."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from retrieval.values import Anchor, Document, ItemKind, ItemMaterial, Passage
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.errors import NotFound
from tutor.ports import DocumentState
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import anchors, courses, documents, items, passages, revisions
from tutor.store.text import require_storable

_PAGE = 500

# Built once, since every turn asks for it: putting a statement together costs more than running it.
_TITLES = (
    sa.select(documents.c.path, documents.c.title)
    .where(documents.c.course == sa.bindparam("of_course"))
    .order_by(documents.c.course_order, documents.c.path)
)


class SqlLibrary:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._units = TypeAdapter(tuple[Unit, ...])
        self._components = TypeAdapter(tuple[KnowledgeComponent, ...])

    # -- courses -------------------------------------------------------------------------------------------------------

    def put_course(self, course: Course) -> None:
        values = {
            "id": course.id,
            "title": course.title,
            "language": course.language,
            "description": course.description,
            "licence": course.licence,
            "units": self._units.dump_json(course.units).decode(),
            "components": self._components.dump_json(course.components).decode(),
        }
        with self._db.write() as connection:
            self._db.lock(connection, f"course:{course.id}")
            if not connection.execute(courses.update().where(courses.c.id == course.id), values).rowcount:
                connection.execute(courses.insert(), values)

    def courses(self) -> tuple[Course, ...]:
        with self._db.read() as connection:
            rows = connection.execute(sa.select(courses)).all()
        return tuple(sorted((self._course(row) for row in rows), key=lambda course: course.id))

    def course(self, course: str) -> Course | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(courses).where(courses.c.id == course)).one_or_none()
        return self._course(row) if row else None

    def erase_course(self, course: str) -> None:
        with self._db.write() as connection:
            self._db.lock(connection, f"course:{course}")
            if connection.execute(courses.delete().where(courses.c.id == course)).rowcount:
                self._changed(connection, course)

    def _course(self, row: sa.Row[Any]) -> Course:
        return Course(
            **{
                **row._mapping,
                "units": self._units.validate_json(row.units),
                "components": self._components.validate_json(row.components),
            }
        )

    # -- documents -----------------------------------------------------------------------------------------------------

    def put_document(
        self, document: Document, source: str, passages: Sequence[Passage], items: Sequence[ItemMaterial]
    ) -> None:
        """Raises ``NotFound`` for an unknown course and ``InvalidInput`` for text that a database can't hold."""
        require_storable(title=document.title, text=document.text)
        for item in items:
            require_storable(question=item.question, answer=item.answer or "", options="".join(item.options))
        with self._db.write() as connection:
            self._db.lock(connection, f"course:{document.course}")
            found = connection.execute(sa.select(courses.c.id).where(courses.c.id == document.course)).one_or_none()
            if found is None:
                raise NotFound("no such course", course=document.course)
            self._put_row(connection, document, source)
            self._put_anchors(connection, document)
            self._put_passages(connection, document, passages)
            self._put_items(connection, document, items)

    def _put_row(self, connection: sa.Connection, document: Document, source: str) -> None:
        values = {
            "course": document.course,
            "path": document.path,
            "title": document.title,
            "sha256": document.sha256,
            "media_type": document.media_type,
            "course_order": document.order,
            "breadcrumb": _dump(document.breadcrumb),
            "language": document.language,
            "text": document.text,
            "components": _dump(document.kcs),
            "source": source,
        }
        if not connection.execute(documents.update().where(_at(document.course, document.path)), values).rowcount:
            connection.execute(documents.insert(), values)

    def _put_anchors(self, connection: sa.Connection, document: Document) -> None:
        mine = (anchors.c.course == document.course) & (anchors.c.document == document.path)
        connection.execute(anchors.delete().where(mine))
        if document.anchors:
            places = json.dumps([[one.start, one.page, one.second] for one in document.anchors], allow_nan=False)
            values = {"course": document.course, "document": document.path, "places": places}
            connection.execute(anchors.insert(), values)

    def _put_passages(self, connection: sa.Connection, document: Document, new: Sequence[Passage]) -> None:
        mine = (passages.c.course == document.course) & (passages.c.document == document.path)
        old = connection.execute(sa.select(passages).where(mine).order_by(passages.c.ordinal)).all()
        if tuple(_passage(row) for row in old) == tuple(new):
            return
        embedders = {row.id: row.embedder for row in old}
        connection.execute(passages.delete().where(mine))
        rows = [
            {
                "course": passage.course,
                "id": passage.id,
                "document": passage.document,
                "ordinal": passage.ordinal,
                "heading_path": _dump(passage.heading_path),
                "start_offset": passage.start,
                "end_offset": passage.end,
                "text": passage.text,
                "position": passage.position,
                "page": passage.page,
                "second": passage.second,
                "embedder": embedders.get(passage.id),
            }
            for passage in new
        ]
        if rows:
            connection.execute(passages.insert(), rows)
        self._changed(connection, document.course)

    def _put_items(self, connection: sa.Connection, document: Document, new: Sequence[ItemMaterial]) -> None:
        mine = (items.c.course == document.course) & (items.c.document == document.path)
        connection.execute(items.delete().where(mine))
        rows = [
            {
                "course": item.course,
                "document": item.document,
                "ordinal": ordinal,
                "kind": item.kind.value,
                "question": item.question,
                "options": _dump(item.options),
                "answer": item.answer,
                "start_offset": item.start,
                "end_offset": item.end,
                "question_group": item.group,
            }
            for ordinal, item in enumerate(new)
        ]
        if rows:
            connection.execute(items.insert(), rows)

    def remove_document(self, course: str, path: str) -> None:
        with self._db.write() as connection:
            self._db.lock(connection, f"course:{course}")
            if connection.execute(documents.delete().where(_at(course, path))).rowcount:
                self._changed(connection, course)

    def documents(self, course: str) -> tuple[DocumentState, ...]:
        counts = (
            sa.select(
                passages.c.document,
                sa.func.count().label("passages"),
                sa.func.count(passages.c.embedder).label("embedded"),
            )
            .where(passages.c.course == course)
            .group_by(passages.c.document)
            .subquery()
        )
        query = (
            sa.select(
                documents.c.path,
                documents.c.sha256,
                documents.c.source,
                documents.c.title,
                documents.c.course_order.label("order"),
                sa.func.coalesce(counts.c.passages, 0).label("passages"),
                sa.func.coalesce(counts.c.embedded, 0).label("embedded"),
            )
            .outerjoin(counts, counts.c.document == documents.c.path)
            .where(documents.c.course == course)
            .order_by(documents.c.course_order, documents.c.path)
        )
        with self._db.read() as connection:
            return tuple(DocumentState(**row._mapping) for row in connection.execute(query))

    def titles(self, course: str) -> dict[str, str]:
        with self._db.read() as connection:
            return {row.path: row.title for row in connection.execute(_TITLES, {"of_course": course})}

    def document(self, course: str, path: str) -> Document | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(documents).where(_at(course, path))).one_or_none()
            places = _anchors(connection, course, path) if row else ()
        if row is None:
            return None
        return Document(
            course=row.course,
            path=row.path,
            title=row.title,
            sha256=row.sha256,
            media_type=row.media_type,
            order=row.course_order,
            breadcrumb=_load(row.breadcrumb),
            language=row.language,
            text=row.text,
            kcs=_load(row.components),
            anchors=places,
        )

    def anchors(self, course: str, document: str) -> tuple[Anchor, ...]:
        with self._db.read() as connection:
            return _anchors(connection, course, document)

    # -- passages and items --------------------------------------------------------------------------------------------

    def passage(self, course: str, passage: str) -> Passage | None:
        query = sa.select(passages).where(passages.c.course == course, passages.c.id == passage)
        with self._db.read() as connection:
            row = connection.execute(query).one_or_none()
        return _passage(row) if row else None

    def passages(self, course: str, document: str | None = None) -> Iterator[Passage]:
        # Page by page, each in a transaction of its own: a slow consumer must not hold a snapshot open, which would
        # keep SQLite's write-ahead log from being folded back.
        query = sa.select(passages).where(passages.c.course == course)
        if document is not None:
            query = query.where(passages.c.document == document)
        place = (passages.c.position, passages.c.document, passages.c.ordinal)
        query = query.order_by(*place).limit(_PAGE)
        after: tuple[int, str, int] | None = None
        while True:
            page = query if after is None else query.where(sa.tuple_(*place) > sa.tuple_(*after))
            with self._db.read() as connection:
                found = [_passage(row) for row in connection.execute(page)]
            yield from found
            if len(found) < _PAGE:
                return
            after = (found[-1].position, found[-1].document, found[-1].ordinal)

    def items(self, course: str) -> tuple[ItemMaterial, ...]:
        place = (documents.c.course == items.c.course) & (documents.c.path == items.c.document)
        query = (
            sa.select(items)
            .join(documents, place)
            .where(items.c.course == course)
            .order_by(documents.c.course_order, documents.c.path, items.c.ordinal)
        )
        with self._db.read() as connection:
            return tuple(_item(row) for row in connection.execute(query))

    def not_embedded(self, course: str, embedder: str, limit: int) -> tuple[Passage, ...]:
        missing = sa.or_(passages.c.embedder.is_(None), passages.c.embedder != embedder)
        query = sa.select(passages).where(passages.c.course == course, missing)
        query = query.order_by(passages.c.position, passages.c.document, passages.c.ordinal).limit(limit)
        with self._db.read() as connection:
            return tuple(_passage(row) for row in connection.execute(query))

    def mark_embedded(self, course: str, embedder: str, passages: Sequence[str]) -> None:
        if not passages:
            return
        with self._db.write() as connection:
            connection.execute(_MARK, [{"of": course, "named": name, "embedder": embedder} for name in passages])

    def forget_embedded(self, course: str) -> None:
        with self._db.write() as connection:
            connection.execute(passages.update().where(passages.c.course == course).values(embedder=None))

    def revision(self, course: str) -> int:
        with self._db.read() as connection:
            query = sa.select(revisions.c.revision).where(revisions.c.course == course)
            return connection.execute(query).scalar_one_or_none() or 0

    def _changed(self, connection: sa.Connection, course: str) -> None:
        rise = revisions.update().where(revisions.c.course == course).values(revision=revisions.c.revision + 1)
        if not connection.execute(rise).rowcount:
            connection.execute(revisions.insert(), {"course": course, "revision": 1})


_MARK = (
    passages.update()
    .where(passages.c.course == sa.bindparam("of"), passages.c.id == sa.bindparam("named"))
    .values(embedder=sa.bindparam("embedder"))
)


def _at(course: str, path: str) -> sa.ColumnElement[bool]:
    return (documents.c.course == course) & (documents.c.path == path)


def _anchors(connection: sa.Connection, course: str, document: str) -> tuple[Anchor, ...]:
    query = sa.select(anchors.c.places).where(anchors.c.course == course, anchors.c.document == document)
    places = connection.execute(query).scalar_one_or_none()
    return tuple(Anchor(*place) for place in json.loads(places)) if places else ()


def _dump(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), ensure_ascii=False)


def _load(stored: str) -> tuple[str, ...]:
    return tuple(json.loads(stored))


def _passage(row: sa.Row[Any]) -> Passage:
    return Passage(
        id=row.id,
        course=row.course,
        document=row.document,
        ordinal=row.ordinal,
        heading_path=_load(row.heading_path),
        start=row.start_offset,
        end=row.end_offset,
        text=row.text,
        position=row.position,
        page=row.page,
        second=row.second,
    )


def _item(row: sa.Row[Any]) -> ItemMaterial:
    return ItemMaterial(
        course=row.course,
        document=row.document,
        kind=ItemKind(row.kind),
        question=row.question,
        options=_load(row.options),
        answer=row.answer,
        start=row.start_offset,
        end=row.end_offset,
        group=row.question_group,
    )
