"""Reads fields of an item's data, so that a mistake in a course file is named where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from tutor.domain.items.item import BadItem


def text(data: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    """A string; a number counts as its digits, since ``answer = 12`` is a natural thing to write. Without a
    ``default`` it must be there and not be blank."""
    value = data.get(key, default)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = repr(value)
    if not isinstance(value, str):
        raise BadItem(f"{where}: {key} must be text" if key in data else f"{where}: {key} is missing")
    if default is None and not value.strip():
        raise BadItem(f"{where}: {key} is empty")
    return value


def texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of strings (numbers as in ``text``); one string alone is a list of one; absent is empty."""
    value = data.get(key, ())
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence):
        raise BadItem(f"{where}: {key} must be a list of texts")
    return tuple(text({key: one}, key, where) for one in value)


def number(data: Mapping[str, Any], key: str, where: str, default: float = 0.0) -> float:
    """A finite number."""
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) == float("inf"):
        raise BadItem(f"{where}: {key} must be a number")
    return float(value)


def flag(data: Mapping[str, Any], key: str, where: str, default: bool = False) -> bool:
    value = data.get(key, default)
    if not isinstance(value, bool):
        raise BadItem(f"{where}: {key} must be true or false")
    return value


def one_of(data: Mapping[str, Any], key: str, where: str, allowed: Sequence[str]) -> str:
    """One of ``allowed``, the first of which is the default."""
    value = data.get(key, allowed[0])
    if value not in allowed:
        raise BadItem(f"{where}: {key} must be one of {', '.join(allowed)}")
    return str(value)


def tables(data: Mapping[str, Any], key: str, where: str) -> tuple[Mapping[str, Any], ...]:
    """A list of tables; absent is empty."""
    value = data.get(key, ())
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise BadItem(f"{where}: {key} must be a list of tables")
    for one in value:
        if not isinstance(one, Mapping):
            raise BadItem(f"{where}: {key} must be a list of tables")
    return tuple(value)


def distinct(ids: Sequence[str], what: str, where: str) -> None:
    """Raises ``BadItem`` when an id is used twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadItem(f"{where}: {what} {one!r} appears twice")
        seen.add(one)


def letter(index: int) -> str:
    """``a``, ``b``, ... ``z``, then ``27``: the id of a thing that was given none."""
    return chr(ord("a") + index) if index < 26 else str(index + 1)


def without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """What differs from the default of every field: no empty text or list, no ``False``, no zero, no ``None``."""
    return {key: value for key, value in data.items() if value not in ("", (), [], {}, None, False, 0.0)}
