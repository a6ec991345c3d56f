"""The item bank in SQL."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from tutor.domain.errors import NotFound
from tutor.domain.items.item import Item, Origin, State
from tutor.domain.items.summary import ItemSummary
from tutor.ports import BankChange
from tutor.store import item_rows
from tutor.store.item_rows import ItemRow
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import bank, bank_revisions
from tutor.store.text import search_terms

_ORDER = (bank.c.source, bank.c.ordinal, bank.c.id)
_MANY = 500  # names in one statement


class SqlItemBank:
    """Keeps the summaries of each course in memory, by revision: reading them again is one small query."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._summaries: dict[str, tuple[int, tuple[ItemSummary, ...]]] = {}

    def put(self, course: str, source: str, items: Sequence[Item]) -> BankChange:
        item_rows.require_sound(course, items)
        with self._db.write() as connection:
            self._lock_course(connection, course)
            old = self._rows(connection, course, [item.id for item in items], source)
            mine = {name for name, row in old.items() if row.source == source}
            clashes = {item.id for item in items if item.id in old and item.id not in mine}
            new = {
                item.id: item_rows.merged(old.get(item.id), item, source, ordinal)
                for ordinal, item in enumerate(items)
                if item.id not in clashes
            }
            change = BankChange(
                added=tuple(name for name in new if name not in mine),
                changed=tuple(name for name, row in new.items() if name in mine and old[name] != row),
                removed=tuple(sorted(mine - new.keys())),
                clashes=tuple(item.id for item in items if item.id in clashes),
            )
            self._delete(connection, course, [*change.changed, *change.removed])
            rows = [_values(new[name]) for name in (*change.added, *change.changed)]
            if rows:
                connection.execute(bank.insert(), rows)
            if rows or change.removed:
                self._changed(connection, course)
        return change

    def get(self, course: str, item: str) -> Item | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(bank.c.data).where(_is(course, item))).one_or_none()
        return item_rows.from_json(course, row.data) if row else None

    def listed(
        self,
        course: str,
        *,
        state: State | None = None,
        origin: Origin | None = None,
        kc: str | None = None,
        search: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[Item, ...]:
        names = [item.id for item in self.summaries(course) if item_rows.matches(item, state, origin, kc)]
        with self._db.read() as connection:
            if terms := search_terms(search):
                query = sa.select(bank.c.id).where(bank.c.course == course)
                for term in terms:
                    query = query.where(bank.c.words.contains(term, autoescape=True))
                found = set(connection.scalars(query))
                names = [name for name in names if name in found]
            wanted = names[offset : offset + limit]
            stored: dict[str, str] = {}
            for part in _parts(wanted):
                query = sa.select(bank.c.id, bank.c.data).where(bank.c.course == course, bank.c.id.in_(part))
                stored.update((row.id, row.data) for row in connection.execute(query))
        return tuple(item_rows.from_json(course, stored[name]) for name in wanted if name in stored)

    def summaries(self, course: str) -> tuple[ItemSummary, ...]:
        columns = (
            bank.c.id,
            bank.c.components,
            bank.c.type,
            bank.c.difficulty,
            bank.c.variant_of,
            bank.c.transfer,
            bank.c.state,
            bank.c.origin,
        )
        with self._db.read() as connection:
            revision = self._revision(connection, course)
            with self._lock:
                known = self._summaries.get(course)
            if known is not None and known[0] == revision:
                return known[1]
            rows = connection.execute(sa.select(*columns).where(bank.c.course == course).order_by(*_ORDER)).all()
            found = tuple(ItemSummary(row.id, tuple(json.loads(row.components)), *row[2:]) for row in rows)
            # Read committed may show rows newer than the revision; then the next look reads them again.
            with self._lock:
                self._summaries[course] = (revision, found)
        return found

    def save(self, item: Item) -> None:
        item_rows.require_sound(item.course, (item,))
        with self._db.write() as connection:
            self._lock_course(connection, item.course)
            old = self._rows(connection, item.course, [item.id])
            loose = sa.select(sa.func.count()).where(bank.c.course == item.course, bank.c.source == "")
            row = item_rows.saved(old.get(item.id), item, connection.scalar(loose) or 0)
            self._delete(connection, item.course, [item.id])
            connection.execute(bank.insert(), _values(row))
            self._changed(connection, item.course)

    def set_state(self, course: str, item: str, state: State) -> None:
        with self._db.write() as connection:
            self._lock_course(connection, course)
            row = self._rows(connection, course, [item]).get(item)
            if row is None:
                raise NotFound("no such item", item=item)
            decided = replace(row, item=replace(row.item, state=state), decided=True)
            connection.execute(bank.update().where(_is(course, item)), _values(decided))
            self._changed(connection, course)

    def revision(self, course: str) -> int:
        with self._db.read() as connection:
            return self._revision(connection, course)

    def erase_course(self, course: str) -> None:
        with self._db.write() as connection:
            self._lock_course(connection, course)
            if connection.execute(bank.delete().where(bank.c.course == course)).rowcount:
                self._changed(connection, course)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _rows(
        self, connection: sa.Connection, course: str, names: Sequence[str], source: str | None = None
    ) -> dict[str, ItemRow]:
        """The rows of these names, and with ``source`` every row of it."""
        found: dict[str, ItemRow] = {}
        conditions: list[sa.ColumnElement[bool]] = [bank.c.id.in_(part) for part in _parts(names)]
        if source is not None:
            conditions.append(bank.c.source == source)
        for condition in conditions:
            for row in connection.execute(sa.select(bank).where(bank.c.course == course, condition)):
                found[row.id] = ItemRow(
                    item_rows.from_json(course, row.data), row.source, row.ordinal, row.given, row.edited, row.decided
                )
        return found

    def _delete(self, connection: sa.Connection, course: str, names: Sequence[str]) -> None:
        for part in _parts(names):
            connection.execute(bank.delete().where(bank.c.course == course, bank.c.id.in_(part)))

    def _lock_course(self, connection: sa.Connection, course: str) -> None:
        self._db.lock(connection, f"bank:{course}")

    def _revision(self, connection: sa.Connection, course: str) -> int:
        query = sa.select(bank_revisions.c.revision).where(bank_revisions.c.course == course)
        return connection.execute(query).scalar_one_or_none() or 0

    def _changed(self, connection: sa.Connection, course: str) -> None:
        mine = bank_revisions.c.course == course
        rise = bank_revisions.update().where(mine).values(revision=bank_revisions.c.revision + 1)
        if not connection.execute(rise).rowcount:
            connection.execute(bank_revisions.insert(), {"course": course, "revision": 1})


def _is(course: str, item: str) -> sa.ColumnElement[bool]:
    return (bank.c.course == course) & (bank.c.id == item)


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[at : at + _MANY] for at in range(0, len(names), _MANY)]


def _values(row: ItemRow) -> dict[str, Any]:
    item = row.item
    return {
        "course": item.course,
        "id": item.id,
        "source": row.source,
        "ordinal": row.ordinal,
        "type": item.type,
        "state": item.state,
        "origin": item.origin,
        "components": json.dumps(list(item.kcs), ensure_ascii=False),
        "difficulty": item.difficulty,
        "variant_of": item.variant_of,
        "transfer": item.transfer,
        "words": item_rows.words(item),
        "data": item_rows.to_json(item),
        "given": row.given,
        "edited": row.edited,
        "decided": row.decided,
    }
