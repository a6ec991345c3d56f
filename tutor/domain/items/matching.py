"""Matching: each thing on the left belongs to one on the right."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.choosing import place_of
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.shown import shown_id, shuffled
from tutor.domain.numerals import tidy

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
    given = data.get("pairs", ())
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        raise BadItem(f"{where}: pairs must be a list of [left, right]")
    for number, one in enumerate(given, start=1):
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
    """Partly right by the share of pairs that are. ``covered`` and ``missing`` are ids of pairs."""
    given = _pairs(body, item, answer)
    if not given:
        return Verdict("unparsed")
    said = "; ".join(f"{left}: {right}" for left, right in given.items())
    covered = tuple(one.id for one in body.pairs if given.get(one.left) == one.right)
    missing = tuple(one.id for one in body.pairs if one.id not in covered)
    if not missing:
        return Verdict("correct", 1.0, 1.0, covered)
    credit = len(covered) / len(body.pairs)
    for one in item.misconceptions:
        for says in one.says:
            left, _, right = says.partition("=")
            names = {name for pair in body.pairs if left.strip() in (pair.id, pair.left) for name in (pair.left,)}
            if any(given.get(name) == _right(body, right.strip()) for name in names):
                return Verdict("misconception", 0.0, credit, covered, missing, misconception=one.id, evidence=said)
    kind: VerdictKind = "partial" if covered else "incorrect"
    return Verdict(kind, 0.0, credit, covered, missing, evidence=said)


def _right(body: Matching, name: str) -> str:
    """A right-hand text by itself or by the id of its pair."""
    return next((one.right for one in body.pairs if one.id == name), name)


def _pairs(body: Matching, item: Item, answer: Answer) -> dict[str, str]:
    """Left texts to right texts, as far as they are understood; the first word on a left side counts."""
    lefts, rights = [one.left for one in body.pairs], list(shown_rights(body, item))
    found: dict[str, str] = {}
    for one in answer.selected or _typed_pairs(answer.text, lefts):
        first, _, second = one.partition("=")
        left, right = (
            _named(part.strip(), names, item, side, answer.language)
            for part, names, side in ((first, lefts, "left"), (second, rights, "right"))
        )
        if left is not None and right is not None:
            found.setdefault(left, right)
    return found


def _named(text: str, names: list[str], item: Item, side: str, language: str) -> str | None:
    by_id = {shown_id(item, side, one): one for one in names}
    if text in by_id:
        return by_id[text]
    place = place_of(text, names, language)
    return None if place is None else names[place]


def _typed_pairs(text: str, lefts: list[str]) -> list[str]:
    """ "a=2 b=1", "1-B, 2-A", "leaf: sugar; root: water" as ``left=right``."""
    short = re.findall(r"(?<!\w)(\w{1,2})\s*(?:[=:)]|->|→|-)\s*(\w{1,2})(?!\w)", tidy(text))
    if len(short) >= min(2, len(lefts)) and not re.sub(r"\w{1,2}\s*(?:[=:)]|->|→|-)\s*\w{1,2}|[\s,;.]", "", tidy(text)):
        return [f"{left}={right}" for left, right in short]
    pieces = re.split(r"[;\n]|,\s*(?=[^,;\n]*(?:[=:]|->|→| - ))", text)
    return [re.sub(r"\s*(?:[=:]|->|→| - )\s*", "=", piece.strip(), count=1) for piece in pieces if piece.strip()]


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


_CELL: dict[str, Any] = {
    "id": "cell",
    "type": TYPE,
    "prompt": "What does what?",
    "pairs": [["Nucleus", "keeps the DNA"], ["Ribosome", "makes proteins"], ["Mitochondrion", "makes ATP"]],
    "extra": ["stores water"],
    "misconception": [{"id": "protein-nucleus", "title": "Nucleus makes proteins", "says": ["1=2"]}],
}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_CELL, Answer("Nucleus: keeps the DNA; Ribosome: makes proteins; Mitochondrion: makes ATP"), "correct"),
    (_CELL, Answer("nucleus - keeps the DNA, ribosome - makes ATP, mitochondrion - makes proteins"), "partial"),
    (_CELL, Answer("Nucleus: makes proteins; Ribosome: keeps the DNA"), "misconception"),
    (_CELL, Answer("Nucleus: stores water; Ribosome: makes ATP"), "incorrect"),
    (_CELL, Answer("all of them live"), "unparsed"),
)
