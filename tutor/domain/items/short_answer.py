"""Short answer: free text, judged by the ideas (*expectations*) it expresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Expectation, Item, TextJudge

TYPE = "short_answer"


@dataclass(frozen=True)
class ShortAnswer:
    """``expectations`` in the order in which the tutor works on them; ``model_answer`` says them all."""

    expectations: tuple[Expectation, ...]
    model_answer: str = ""

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> ShortAnswer:
    """Raises ``BadItem``. Without expectations the model answer is the only one."""
    expectations = tuple(
        _expectation(one, f"e{number}", f"{where}: expectation {number}")
        for number, one in enumerate(fields.tables(data, "expectation", where), start=1)
    )
    model_answer = fields.text(data, "model_answer", where, default="")
    if not expectations:
        if not model_answer.strip():
            raise BadItem(f"{where}: a short answer needs an expectation or a model_answer")
        expectations = (Expectation("e1", model_answer),)
    fields.distinct([one.id for one in expectations], "expectation", where)
    return ShortAnswer(expectations, model_answer)


def _expectation(data: Mapping[str, Any], default: str, where: str) -> Expectation:
    return Expectation(
        id=fields.text(data, "id", where, default=default),
        text=fields.text(data, "text", where),
        also=fields.texts(data, "also", where),
        hint=fields.text(data, "hint", where, default=""),
        ask=fields.text(data, "ask", where, default=""),
    )


def write(body: ShortAnswer) -> dict[str, Any]:
    return fields.without_blanks(
        {
            "model_answer": body.model_answer,
            "expectation": [
                fields.without_blanks(
                    {"id": one.id, "text": one.text, "also": list(one.also), "hint": one.hint, "ask": one.ask}
                )
                for one in body.expectations
            ],
        }
    )


def grade(body: ShortAnswer, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    """By the judge's bands: every idea covered is correct, some are partial, none but a doubtful one is unsure.

    A misconception is named only when the judge is sure of it and the answer isn't a full one: a learner who explains
    why the wrong idea is wrong says its words too.
    """
    if not answer.text.strip():
        return Verdict("not_an_answer")
    bands = judge.bands
    ideas = body.expectations
    shares = judge.coverage(item.prompt, [(one.text, *one.also) for one in ideas], answer.text, answer.language)
    covered = tuple(one.id for one, share in zip(ideas, shares, strict=True) if share >= bands.high)
    doubtful = tuple(one.id for one, share in zip(ideas, shares, strict=True) if bands.low <= share < bands.high)
    missing = tuple(one.id for one, share in zip(ideas, shares, strict=True) if share < bands.low)
    probability = min(shares)
    credit = len(covered) / len(ideas)
    if len(covered) == len(ideas):
        return Verdict("correct", probability, 1.0, covered)
    shown = _misconception(item, answer, judge)
    if shown:
        name, evidence = shown
        return Verdict("misconception", probability, credit, covered, missing, doubtful, name, evidence)
    if covered:
        return Verdict("partial", probability, credit, covered, missing, doubtful)
    if doubtful:
        return Verdict("unsure", probability, credit, covered, missing, doubtful)
    return Verdict("incorrect", probability, credit, covered, missing, doubtful)


def _misconception(item: Item, answer: Answer, judge: TextJudge) -> tuple[str, str] | None:
    """The misconception the answer shows most surely, with the learner's words that show it."""
    known = [one for one in item.misconceptions if one.says]
    if not known:
        return None
    shares = judge.coverage(item.prompt, [one.says for one in known], answer.text, answer.language)
    best = max(range(len(known)), key=lambda at: shares[at])
    return (known[best].id, answer.text.strip()) if shares[best] >= judge.bands.high else None


def card(body: ShortAnswer, item: Item, seed: str) -> dict[str, Any]:
    return {"type": TYPE, "lines": 3}


def answers(body: ShortAnswer, item: Item) -> tuple[str, ...]:
    """Every wording of every idea, and the model answer."""
    found = [wording for one in body.expectations for wording in (one.text, *one.also)]
    return tuple(dict.fromkeys([*found, *([body.model_answer] if body.model_answer else [])]))


def solution(body: ShortAnswer, item: Item) -> str:
    return body.model_answer or " ".join(one.text for one in body.expectations)


_LEAVES: dict[str, Any] = {
    "id": "leaves",
    "type": TYPE,
    "prompt": "Why are leaves green?",
    "expectation": [
        {"id": "absorb", "text": "Chlorophyll absorbs red and blue light."},
        {"id": "reflect", "text": "Green light is reflected."},
    ],
    "misconception": [{"id": "eats-green", "title": "Uses green", "says": ["Plants use only the green light."]}],
}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_LEAVES, Answer("Chlorophyll absorbs red and blue light. Green light is reflected."), "correct"),
    (_LEAVES, Answer("Green light is reflected."), "partial"),
    (_LEAVES, Answer("Plants use only the green light."), "misconception"),
    (_LEAVES, Answer("Because of the soil they stand in"), "incorrect"),
    (_LEAVES, Answer("   "), "not_an_answer"),
)
