"""Items as both stores keep them: their JSON form, their words for a search, and what a trainer's decision rests on.

Pure functions, so that what ``put`` keeps and what it replaces can't differ between the fake and the databases.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tutor.domain.errors import InvalidInput
from tutor.domain.items import read_item, write_item
from tutor.domain.items.item import Item, Origin, State
from tutor.domain.items.summary import ItemSummary
from tutor.store.text import folded, require_storable


@dataclass(frozen=True)
class ItemRow:
    """An item in the bank; ``given``: see ``fingerprint``. ``edited`` and ``decided`` are a trainer's doing."""

    item: Item
    source: str
    ordinal: int
    given: str
    edited: bool = False
    decided: bool = False


def to_json(item: Item) -> str:
    return json.dumps(write_item(item), ensure_ascii=False, separators=(",", ":"))


def from_json(course: str, stored: str) -> Item:
    return read_item(json.loads(stored), course)


def words(item: Item) -> str:
    """What a search finds of an item, folded: the question, its answers and hints, and its id."""
    return folded("\n".join(_texts(write_item(item))))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list | tuple) else []


def fingerprint(item: Item) -> str:
    """A hash of what the source says: question, key, help and credit.

    Left out is what we find anew at any time (which components it belongs to, how hard it is) and what trainers decide.
    """
    said = replace(item, state="approved", kcs=(), kcs_guessed=False, difficulty=0.0, place="", extra={})
    data = json.dumps(write_item(said), sort_keys=True)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


def require_sound(course: str, items: Sequence[Item]) -> None:
    """Raise ``InvalidInput`` for an item of another course, an id used twice, and text that no database can hold."""
    seen: set[str] = set()
    for item in items:
        if item.course != course or not item.id:
            raise InvalidInput("an item belongs to one course and has an id", item=item.id)
        if item.id in seen:
            raise InvalidInput(f"two items are called {item.id}", item=item.id)
        seen.add(item.id)
        require_storable(item=item.id, text="\n".join(_texts(write_item(item))))


def merged(old: ItemRow | None, new: Item, source: str, ordinal: int) -> ItemRow:
    """The row after its source was read again: new words count, else a trainer's edit and decision stay."""
    given = fingerprint(new)
    if old is None or old.given != given:
        return ItemRow(new, source, ordinal, given)
    if old.edited:
        kept = replace(old.item, extra={**old.item.extra, **new.extra})
        return replace(old, item=kept, source=source, ordinal=ordinal)
    state: State = old.item.state if old.decided else new.state
    return replace(old, item=replace(new, state=state), source=source, ordinal=ordinal)


def saved(old: ItemRow | None, item: Item, ordinal: int) -> ItemRow:
    """The row after somebody saved the item; a new one comes last of those without a source."""
    if old is None:
        return ItemRow(item, "", ordinal, fingerprint(item), edited=True, decided=True)
    return replace(old, item=item, edited=True, decided=True)


def matches(item: ItemSummary, state: State | None, origin: Origin | None, kc: str | None) -> bool:
    return state in (None, item.state) and origin in (None, item.origin) and (kc is None or kc in item.kcs)
