"""Matching: each thing on the left belongs to one on the right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.shown import shown_id, shuffled

TYPE = "matching"


@dataclass(frozen=True)
class Pair:
    id: str
    left: str
    right: str


@dataclass(frozen=True)
class Matching:
    """``extra`` are right-hand texts that belong to nothing. Two pairs may share a right-hand text."""

    pairs: tuple[Pair, ...]
    extra: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> Matching:
    """From ``pairs``, a list of ``[left, right]``. Raises ``BadItem``."""
    pairs: list[Pair] = []
    for number, one in enumerate(data.get("pairs", ()), start=1):
        if isinstance(one, (str, Mapping)) or not isinstance(one, Sequence) or len(one) != 2:
            raise BadItem(f"{where}: pairs: number {number} must be [left, right]")
        left, right = fields.texts({"pairs": one}, "pairs", where)
        pairs.append(Pair(str(number), left, right))
    if len(pairs) < 2:
        raise BadItem(f"{where}: pairs: at least two are needed")
    fields.distinct([one.left for one in pairs], "left side", where)
    extra = fields.texts(data, "extra", where)
    fields.distinct([*dict.fromkeys(one.right for one in pairs), *extra], "right side", where)
    return Matching(tuple(pairs), extra)


def write(body: Matching) -> dict[str, Any]:
    return fields.without_blanks({"pairs": [[one.left, one.right] for one in body.pairs], "extra": list(body.extra)})


def grade(body: Matching, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    raise NotImplementedError


def shown_rights(body: Matching, item: Item) -> tuple[str, ...]:
    """The different right-hand texts in the order in which the card shows them."""
    rights = list(dict.fromkeys([*(one.right for one in body.pairs), *body.extra]))
    return tuple(rights[at] for at in shuffled(item, "right", rights))


def card(body: Matching, item: Item, seed: str) -> dict[str, Any]:
    return {
        "type": TYPE,
        "left": [{"id": shown_id(item, "left", one.left), "text": one.left} for one in body.pairs],
        "right": [{"id": shown_id(item, "right", one), "text": one} for one in shown_rights(body, item)],
    }


def answers(body: Matching, item: Item) -> tuple[str, ...]:
    """Each pair as one text."""
    return tuple(f"{one.left}: {one.right}" for one in body.pairs)


def solution(body: Matching, item: Item) -> str:
    return "\n".join(f"- {one.left}: {one.right}" for one in body.pairs)


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
