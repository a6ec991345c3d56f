"""Short answer: free text, judged by the ideas (*expectations*) it expresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields, weighing
from tutor.domain.items.item import Answer, BadItem, Bands, Expectation, Item, TextJudge

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
    """By what the answer says most surely (``weighing``): every idea covered is correct, some are partial, none but a
    doubtful one is unsure.

    A misconception is named only when the answer says it clearly more surely than any idea: a learner who explains why
    the wrong idea is wrong says its words too. Where it says both alike nothing is covered, and the tutor asks.
    """
    text = answer.text.strip()
    if not text:
        return Verdict("not_an_answer")
    bands = judge.bands
    wordings = [(one.text, *one.also) for one in body.expectations]
    shares = judge.coverage(item.prompt, wordings, text, answer.language)
    best, probability = max(shares), min(shares)
    known = [one for one in item.misconceptions if one.says]
    shown = judge.coverage(item.prompt, [one.says for one in known], text, answer.language) if known else ()
    surest = max(shown, default=0.0)
    weighed = weighing.weigh(shares, wordings, text, bands)
    if weighing.is_named(surest, best, bands):
        misconception = known[shown.index(surest)]
        evidence, rest = _evidence(misconception.says, item, text, answer.language, judge)
        kept = judge.coverage(item.prompt, wordings, rest, answer.language) if rest else (0.0,) * len(shares)
        weighed = replace(weighed, covered=weighing.weigh(kept, wordings, rest, bands).covered)
        found = _verdict("misconception", body, weighed, probability)
        return replace(found, misconception=misconception.id, evidence=evidence)
    if weighing.is_contested(surest, best, bands):
        weighed = weighing.Weighed((), tuple(range(len(shares))))
    if len(weighed.covered) == len(shares):
        return _verdict("correct", body, weighed, probability)
    if weighed.covered:
        return _verdict("partial", body, weighed, probability)
    texts = (item.prompt, *(said for one in wordings for said in one), *(said for one in known for said in one.says))
    if not weighed.doubtful or _is_off(body, item, answer, best, texts, bands):
        return _verdict("incorrect", body, weighing.Weighed((), ()), probability)
    return _verdict("unsure", body, weighed, probability)


def _verdict(kind: VerdictKind, body: ShortAnswer, weighed: weighing.Weighed, probability: float) -> Verdict:
    names = [one.id for one in body.expectations]
    covered = tuple(names[at] for at in weighed.covered)
    doubtful = tuple(names[at] for at in weighed.doubtful if at not in weighed.covered)
    missing = tuple(name for name in names if name not in covered and name not in doubtful)
    return Verdict(kind, probability, len(covered) / len(names), covered, missing, doubtful)


def _evidence(says: Sequence[str], item: Item, text: str, language: str, judge: TextJudge) -> tuple[str, str]:
    """The sentence that shows a misconception most surely, and the rest of the answer."""
    sentences = weighing.sentences(text)
    if len(sentences) < 2:
        return text, ""
    shares = [judge.coverage(item.prompt, [says], one, language)[0] for one in sentences]
    at = shares.index(max(shares))
    return sentences[at], " ".join(sentences[:at] + sentences[at + 1 :])


def _is_off(body: ShortAnswer, item: Item, answer: Answer, best: float, texts: Sequence[str], bands: Bands) -> bool:
    """One idea without a misconception has nothing to be weighed against: the bands alone decide."""
    home, spoken = ((language or "en").split("-")[0].lower() for language in (item.language, answer.language))
    alone = len(body.expectations) == 1 and not item.misconceptions
    return not alone and home == spoken and weighing.is_off(best, answer.text, texts, bands)


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
