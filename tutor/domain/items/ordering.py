"""Ordering: steps to be put in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.shown import shown_id, shuffled

TYPE = "ordering"


@dataclass(frozen=True)
class Step:
    id: str
    text: str


@dataclass(frozen=True)
class Ordering:
    """``steps`` in their right order."""

    steps: tuple[Step, ...]

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> Ordering:
    """From ``steps``, texts in their right order; the ids are their numbers. Raises ``BadItem``."""
    found = fields.texts(data, "steps", where)
    if len(found) < 2:
        raise BadItem(f"{where}: steps: at least two are needed")
    fields.distinct(found, "step", where)
    return Ordering(tuple(Step(str(number), text) for number, text in enumerate(found, start=1)))


def write(body: Ordering) -> dict[str, Any]:
    return {"steps": [one.text for one in body.steps]}


def grade(body: Ordering, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    raise NotImplementedError


def shown(body: Ordering, item: Item) -> tuple[Step, ...]:
    """The steps in the order in which the card shows them."""
    return tuple(body.steps[at] for at in shuffled(item, "step", [one.text for one in body.steps]))


def card(body: Ordering, item: Item, seed: str) -> dict[str, Any]:
    steps = [{"id": shown_id(item, "step", one.id), "text": one.text} for one in shown(body, item)]
    return {"type": TYPE, "steps": steps}


def answers(body: Ordering, item: Item) -> tuple[str, ...]:
    """The steps in order, as one text."""
    return ("; ".join(one.text for one in body.steps),)


def solution(body: Ordering, item: Item) -> str:
    return "\n".join(f"{number}. {one.text}" for number, one in enumerate(body.steps, start=1))


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
