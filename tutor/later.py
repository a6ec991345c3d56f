"""Parts that are made when they are first asked for."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class made_once(Generic[T]):  # noqa: N801 - it is written and read as `property` is
    """A property that is made at its first use and kept, whichever threads ask at the same time.

    ``functools.cached_property`` without its race: from Python 3.12 on that one makes the value in every thread that
    comes early, and of a service with a state there must be one. The parts of one object share a lock, which may be
    taken again by the same thread, since parts are made of parts.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "made_once[T]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> "made_once[T] | T":
        if instance is None:
            return self
        kept = instance.__dict__
        with kept.setdefault("_making", threading.RLock()):
            if self._name not in kept:
                kept[self._name] = self._make(instance)
        part: T = kept[self._name]
        return part


def made(owner: object, name: str) -> bool:
    """Whether ``owner`` has the part already: what was never used needs no closing."""
    return name in owner.__dict__
