"""Events to and from what a database keeps: a type name, a schema version and a JSON object.

Nothing is written that can't be read back: encoding validates the payload exactly as reading it will. An old version
is lifted one step at a time by ``UPCASTERS`` before it is validated.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tutor.domain.errors import EventUnreadable, InvalidInput
from tutor.domain.events import CONVERSATION_EVENTS, COURSE_EVENTS, LEARNER_EVENTS, Event

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

#: (type name, version) -> the function that turns a payload of that version into one of the next.
UPCASTERS: dict[tuple[str, int], Upcaster] = {}

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True)
class Encoded:
    """``event`` is the event as a reader of ``payload`` will see it (lists have become tuples)."""

    type: str
    version: int
    payload: str
    event: Event


class Codec:
    """The event types a log knows, by wire name."""

    def __init__(self, types: Iterable[type[Event]], upcasters: Mapping[tuple[str, int], Upcaster]) -> None:
        self._types = {kind.__name__: kind for kind in types}
        self._upcasters = upcasters
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    def encode(self, event: Event) -> Encoded:
        """Raises ``EventUnreadable`` for a type the log doesn't know, and ``InvalidInput`` for values JSON or UTF-8
        can't hold (NaN, half a surrogate pair) or that aren't of their field's type."""
        name = type(event).__name__
        if self._types.get(name) is not type(event):
            raise EventUnreadable("not an event of this log", type=name, version=event.VERSION)
        adapter = self._adapter(name)
        try:
            plain = adapter.dump_python(event, mode="json", warnings=False)
            payload = _JSON.encode(plain)
            payload.encode()
            normal = adapter.validate_json(payload)
        except ValueError as error:  # UnicodeEncodeError, ValidationError and JSON's own are all ValueErrors
            # The cause is dropped on purpose: pydantic's message quotes the values, which may be a learner's words.
            raise InvalidInput(
                "the event holds a value that can't be stored", type=name, cause=type(error).__name__
            ) from None
        return Encoded(name, event.VERSION, payload, normal)

    def decode(self, name: str, version: int, payload: str) -> Event:
        """Raises ``EventUnreadable``."""
        kind = self._types.get(name)
        if kind is None or version > kind.VERSION:
            raise EventUnreadable("written by a newer version of this program", type=name, version=version)
        try:
            if version == kind.VERSION:
                event: Event = self._adapter(name).validate_json(payload)
                return event
            data = json.loads(payload)
            for step in range(version, kind.VERSION):
                data = self._upcasters[name, step](data)
            lifted: Event = self._adapter(name).validate_json(json.dumps(data))
            return lifted
        except (ValidationError, json.JSONDecodeError, KeyError):
            raise EventUnreadable("the stored event doesn't fit its type", type=name, version=version) from None

    def _adapter(self, name: str) -> TypeAdapter[Any]:
        # Built at first use: most processes meet only a few of the types, and building them all costs start-up time.
        adapter = self._adapters.get(name)
        if adapter is None:
            adapter = self._adapters[name] = TypeAdapter(self._types[name])
        return adapter


def default_codec() -> Codec:
    """The codec of the product's own events."""
    return Codec((*CONVERSATION_EVENTS, *LEARNER_EVENTS, *COURSE_EVENTS), UPCASTERS)
