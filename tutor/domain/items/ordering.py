"""Ordering: steps to be put in their order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.choosing import places_of
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
    """Right in full, or partly by the longest run of steps that stand in their order (the fewest others would have to
    move). Typed positions and letters are those of the card."""
    order = _order(body, item, answer)
    if order is None:
        return Verdict("unparsed")
    said = " → ".join(body.steps[at].text for at in order)
    kept = _longest_run(order)
    covered = tuple(body.steps[at].id for at in kept)
    missing = tuple(one.id for one in body.steps if one.id not in covered)
    if not missing:
        return Verdict("correct", 1.0, 1.0, covered)
    if len(order) < len(body.steps) and len(kept) == len(order):
        return Verdict("partial", 0.0, len(kept) / len(body.steps), covered, missing, evidence=said, note="not_all")
    shown = _misconception(body, item, order)
    if shown:
        return Verdict("misconception", covered=covered, missing=missing, misconception=shown, evidence=said)
    credit = (len(kept) - 1) / (len(body.steps) - 1)
    kind: VerdictKind = "partial" if credit >= 0.5 else "incorrect"
    return Verdict(kind, 0.0, credit, covered, missing, evidence=said, note="order")


def _order(body: Ordering, item: Item, answer: Answer) -> list[int] | None:
    """Places in ``steps`` in the order given."""
    if answer.selected:
        by_id = {one.id: at for at, one in enumerate(body.steps)}
        by_id |= {shown_id(item, "step", one.id): at for at, one in enumerate(body.steps)}
        found = [by_id[one] for one in answer.selected if one in by_id]
    else:
        visible = shown(body, item)
        places = places_of(answer.text, [one.text for one in visible], answer.language)
        found = [body.steps.index(visible[at]) for at in places or ()]
    found = list(dict.fromkeys(found))
    return found if len(found) > 1 else None


def _longest_run(order: list[int]) -> list[int]:
    """The longest increasing subsequence, the first of several."""
    best: list[list[int]] = []
    for at, step in enumerate(order):
        before = max((best[i] for i in range(at) if order[i] < step), key=len, default=[])
        best.append([*before, step])
    return max(best, key=len)


def _misconception(body: Ordering, item: Item, order: list[int]) -> str:
    """``says`` are ids of steps, as in "3, 1": shown when those come one right after the other."""
    given = [body.steps[at].id for at in order]
    for one in item.misconceptions:
        for says in one.says:
            run = [part.strip() for part in re.split(r"[,>→]", says) if part.strip()]
            if len(run) > 1 and any(given[at : at + len(run)] == run for at in range(len(given))):
                return one.id
    return ""


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


_WATER: dict[str, Any] = {
    "id": "water",
    "type": TYPE,
    "prompt": "The way of water",
    "steps": ["It evaporates", "It condenses", "It rains", "It flows to the sea"],
    "misconception": [{"id": "rain-first", "title": "Rain before clouds", "says": ["3, 2"]}],
}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_WATER, Answer(selected=("1", "2", "3", "4")), "correct"),
    (_WATER, Answer("It evaporates, it condenses, it rains, it flows to the sea"), "correct"),
    (_WATER, Answer(selected=("2", "3", "4", "1")), "partial"),
    (_WATER, Answer(selected=("1", "3", "2", "4")), "misconception"),
    (_WATER, Answer(selected=("4", "3", "1", "2")), "incorrect"),
    (_WATER, Answer("It evaporates; it rains"), "partial"),
    (_WATER, Answer("by the sun"), "unparsed"),
)
