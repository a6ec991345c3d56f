"""The item bank in memory."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tutor.domain.errors import NotFound
from tutor.domain.items.item import Item, Origin, State
from tutor.domain.items.summary import ItemSummary, summary
from tutor.ports import BankChange
from tutor.store import item_rows
from tutor.store.item_rows import ItemRow
from tutor.store.text import search_terms


class MemoryItemBank:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._rows: dict[str, dict[str, ItemRow]] = defaultdict(dict)
        self._revisions: dict[str, int] = defaultdict(int)
        self._summaries: dict[str, tuple[int, tuple[ItemSummary, ...]]] = {}

    def put(self, course: str, source: str, items: Sequence[Item]) -> BankChange:
        item_rows.require_sound(course, items)
        with self._lock:
            old = self._rows[course]
            mine = {name for name, row in old.items() if row.source == source}
            clashes = tuple(item.id for item in items if item.id in old and item.id not in mine)
            new = {
                item.id: item_rows.merged(old.get(item.id), _as_stored(item), source, ordinal)
                for ordinal, item in enumerate(items)
                if item.id not in clashes
            }
            change = BankChange(
                added=tuple(name for name in new if name not in mine),
                changed=tuple(name for name, row in new.items() if name in mine and old[name] != row),
                removed=tuple(sorted(mine - new.keys())),
                clashes=clashes,
            )
            self._rows[course] = {name: row for name, row in old.items() if name not in mine} | new
            if change.added or change.changed or change.removed:
                self._revisions[course] += 1
            return change

    def get(self, course: str, item: str) -> Item | None:
        with self._lock:
            row = self._rows[course].get(item)
        return row.item if row else None

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
        terms = search_terms(search)
        found = [
            item
            for item in (row.item for row in self._in_order(course))
            if item_rows.matches(summary(item), state, origin, kc)
            and (not terms or all(term in item_rows.words(item) for term in terms))
        ]
        return tuple(found[offset : offset + limit])

    def summaries(self, course: str) -> tuple[ItemSummary, ...]:
        with self._lock:
            revision = self._revisions[course]
            known = self._summaries.get(course)
            if known is None or known[0] != revision:
                known = (revision, tuple(summary(row.item) for row in self._in_order(course)))
                self._summaries[course] = known
        return known[1]

    def save(self, item: Item) -> None:
        item_rows.require_sound(item.course, (item,))
        with self._lock:
            rows = self._rows[item.course]
            old = rows.get(item.id)
            rows[item.id] = item_rows.saved(old, _as_stored(item), sum(not row.source for row in rows.values()))
            self._revisions[item.course] += 1

    def set_state(self, course: str, item: str, state: State) -> None:
        with self._lock:
            row = self._rows[course].get(item)
            if row is None:
                raise NotFound("no such item", item=item)
            self._rows[course][item] = replace(row, item=replace(row.item, state=state), decided=True)
            self._revisions[course] += 1

    def revision(self, course: str) -> int:
        with self._lock:
            return self._revisions[course]

    def erase_course(self, course: str) -> None:
        with self._lock:
            if self._rows.pop(course, None):
                self._revisions[course] += 1

    def _in_order(self, course: str) -> list[ItemRow]:
        with self._lock:
            rows = list(self._rows[course].values())
        return sorted(rows, key=lambda row: (row.source, row.ordinal, row.item.id))


def _as_stored(item: Item) -> Item:
    """Through JSON and back, as a database does it."""
    return item_rows.from_json(item.course, item_rows.to_json(item))
