"""Which types there are, and what can be done with an item of any of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import (
    cloze,
    matching,
    multiple_choice,
    numeric,
    ordering,
    poll,
    short_answer,
    symbolic,
)
from tutor.domain.items.item import Answer, BadItem, Body, Item, TextJudge


class ItemType(Protocol):
    """What a module of this package offers. Bodies are its own dataclass, hence ``Any``."""

    @property
    def TYPE(self) -> str: ...  # noqa: N802

    @property
    def EXAMPLES(self) -> tuple[tuple[dict[str, Any], Answer, VerdictKind], ...]: ...  # noqa: N802

    @property
    def read(self) -> Any: ...

    @property
    def write(self) -> Any: ...

    @property
    def grade(self) -> Any: ...

    @property
    def card(self) -> Any: ...

    @property
    def answers(self) -> Any: ...

    @property
    def solution(self) -> Any: ...


_MODULES: tuple[ItemType, ...] = (
    short_answer,
    multiple_choice,
    numeric,
    symbolic,
    cloze,
    ordering,
    matching,
    poll,
)

#: By the name in the course format.
TYPES: Mapping[str, ItemType] = MappingProxyType({module.TYPE: module for module in _MODULES})


def read_body(name: str, data: Mapping[str, Any], where: str) -> Body:
    """Raises ``BadItem`` for an unknown type or an impossible key."""
    module = TYPES.get(name)
    if module is None:
        raise BadItem(f"{where}: type {name!r} is not known; it must be one of {', '.join(TYPES)}")
    body: Body = module.read(data, where)
    return body


def write_body(body: Body) -> dict[str, Any]:
    """The answer key as JSON values, without the name of its type."""
    data: dict[str, Any] = TYPES[body.type].write(body)
    return data


def grade(item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    """The verdict on an answer to the item; never raises for anything a learner can type.

    Decide first that the message is an answer at all: only an empty one is found out here.
    """
    if not answer.text.strip() and not any(one.strip() for one in answer.selected):
        return Verdict("not_an_answer")
    verdict: Verdict = TYPES[item.type].grade(item.body, item, answer, judge)
    return verdict


def card(item: Item, seed: str) -> dict[str, Any]:
    """How to show the item: JSON values with ``type``, and never the answer."""
    shown: dict[str, Any] = TYPES[item.type].card(item.body, item, seed)
    return shown


def answers(item: Item) -> tuple[str, ...]:
    """The accepted answers as text, for the guard: numbers, expressions, texts of right options, steps in order."""
    found: tuple[str, ...] = TYPES[item.type].answers(item.body, item)
    return found


def solution(item: Item) -> str:
    """The worked solution, or the right answer, as Markdown."""
    found: str = item.explanation or TYPES[item.type].solution(item.body, item)
    return found
