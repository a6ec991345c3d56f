"""Scripts of films in SQL."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tutor.domain.errors import InvalidInput, NotFound, SequenceConflict
from tutor.domain.films import Script
from tutor.ports import Clock
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import scripts


class SqlScripts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def add(self, script: Script) -> None:
        values = {**_content(script), "id": script.id, "owner": script.owner, "revision": script.revision}
        values |= {"created_at": script.created_at, "updated_at": script.updated_at}
        with self._db.write() as connection:
            try:
                connection.execute(scripts.insert(), values)
            except IntegrityError:
                raise InvalidInput("this id is taken") from None

    def get(self, script: str) -> Script | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(scripts).where(scripts.c.id == script)).one_or_none()
        return _script(row) if row else None

    def listed(self, *, owner: str | None = None, course: str | None = None) -> tuple[Script, ...]:
        query = sa.select(scripts).order_by(scripts.c.updated_at.desc(), scripts.c.id.desc())
        if owner is not None:
            query = query.where(scripts.c.owner == owner)
        if course is not None:
            query = query.where(scripts.c.course == course)
        with self._db.read() as connection:
            return tuple(_script(row) for row in connection.execute(query))

    def save(self, script: Script) -> Script:
        of_this = scripts.c.id == script.id
        with self._db.write() as connection:
            row = connection.execute(sa.select(scripts.c.revision).where(of_this).with_for_update()).one_or_none()
            if row is None:
                raise NotFound("There is no such script.")
            if row.revision != script.revision:
                raise SequenceConflict("the script has changed meanwhile", revision=row.revision)
            change = {**_content(script), "revision": script.revision + 1, "updated_at": self._clock()}
            connection.execute(scripts.update().where(of_this), change)
            return _script(connection.execute(sa.select(scripts).where(of_this)).one())

    def remove(self, script: str) -> None:
        with self._db.write() as connection:
            connection.execute(scripts.delete().where(scripts.c.id == script))

    def forget(self, owner: str) -> int:
        with self._db.write() as connection:
            mine = scripts.c.owner == owner
            removed = connection.execute(scripts.delete().where(mine, scripts.c.course == "")).rowcount
            return removed + connection.execute(scripts.update().where(mine), {"owner": ""}).rowcount


def _content(script: Script) -> dict[str, Any]:
    return {
        "course": script.course,
        "title": script.title,
        "format": script.format,
        "text": script.text,
        "translations": json.dumps(script.translations, ensure_ascii=False),
        "assets": json.dumps(script.assets, ensure_ascii=False),
    }


def _script(row: sa.Row[Any]) -> Script:
    values = dict(row._mapping)
    return Script(**{**values, "translations": json.loads(row.translations), "assets": json.loads(row.assets)})
