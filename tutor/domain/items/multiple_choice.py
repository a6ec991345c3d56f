"""Multiple choice: one right option, or several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.options import Option, chosen, options_card, read_options, write_options

TYPE = "multiple_choice"


@dataclass(frozen=True)
class MultipleChoice:
    """With ``several`` any number of options may be chosen, and all the right ones must be."""

    options: tuple[Option, ...]
    several: bool = False

    @property
    def type(self) -> str:
        return TYPE

    @property
    def correct(self) -> tuple[Option, ...]:
        return tuple(one for one in self.options if one.correct)


def read(data: Mapping[str, Any], where: str) -> MultipleChoice:
    """Raises ``BadItem``; several right options need ``several = true``, since only then can they all be chosen."""
    body = MultipleChoice(read_options(data, where), fields.flag(data, "several", where))
    if not body.correct:
        raise BadItem(f"{where}: option: none is correct")
    if len(body.correct) > 1 and not body.several:
        raise BadItem(f"{where}: option: {len(body.correct)} are correct, so several must be true")
    return body


def write(body: MultipleChoice) -> dict[str, Any]:
    return fields.without_blanks({"option": write_options(body.options), "several": body.several})


def grade(body: MultipleChoice, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    """Two options where one is asked for are no answer yet; with ``several`` wrong ones cost what right ones bring."""
    found = chosen(body.options, answer)
    if found is None:
        return Verdict("unparsed")
    said = "; ".join(one.text for one in found)
    if len(found) > 1 and not body.several:
        return Verdict("unparsed", reading=said)
    hits = tuple(one.id for one in found if one.correct)
    missing = tuple(one.id for one in body.correct if one not in found)
    wrong = [one for one in found if not one.correct]
    if not wrong and not missing:
        return Verdict("correct", 1.0, 1.0, covered=hits)
    credit = max(0.0, (len(hits) - len(wrong)) / len(body.correct))
    shown = _misconception(wrong, item)
    if shown is not None:
        name, text = shown
        return Verdict("misconception", 0.0, credit, hits, missing, misconception=name, evidence=text)
    # Ticking every box shows nothing.
    if hits and len(found) < len(body.options):
        return Verdict(
            "partial", 0.0, credit, hits, missing, evidence=said, note="not_all" if not wrong else "too_many"
        )
    return Verdict("incorrect", 0.0, credit, hits, missing, evidence=said)


def _misconception(wrong: list[Option], item: Item) -> tuple[str, str] | None:
    """The one that a wrong option shows, and its text."""
    for option in wrong:
        if option.misconception:
            return option.misconception, option.text
        for one in item.misconceptions:
            if option.id in one.says or option.text in one.says:
                return one.id, option.text
    return None


def card(body: MultipleChoice, item: Item, seed: str) -> dict[str, Any]:
    return {"type": TYPE, "several": body.several, "options": options_card(body.options)}


def answers(body: MultipleChoice, item: Item) -> tuple[str, ...]:
    """The texts of the right options."""
    return tuple(one.text for one in body.correct)


def solution(body: MultipleChoice, item: Item) -> str:
    """The right options, each with its reason."""
    return "\n\n".join(f"{one.text}. {one.why}" if one.why else one.text for one in body.correct)


_GAS: dict[str, Any] = {
    "id": "gas",
    "type": TYPE,
    "prompt": "Which gas do plants take in to make sugar?",
    "option": [
        {"text": "Oxygen", "misconception": "breathes"},
        {"text": "Carbon dioxide", "correct": True, "why": "Its carbon ends up in the sugar."},
        {"text": "Nitrogen"},
    ],
    "misconception": [{"id": "breathes", "title": "Plants breathe in like us"}],
}
_PRIMES: dict[str, Any] = {
    "id": "primes",
    "type": TYPE,
    "prompt": "Which are prime?",
    "several": True,
    "option": [{"text": "2", "correct": True}, {"text": "9"}, {"text": "7", "correct": True}, {"text": "4"}],
}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_GAS, Answer(selected=("b",)), "correct"),
    (_GAS, Answer("B"), "correct"),
    (_GAS, Answer("the second one"), "correct"),
    (_GAS, Answer("la segunda", language="es"), "correct"),
    (_GAS, Answer("die zweite Antwort", language="de"), "correct"),
    (_GAS, Answer("الثاني", language="ar"), "correct"),
    (_GAS, Answer("carbon dioxide"), "correct"),
    (_GAS, Answer("I think it is carbon dioxyde"), "correct"),
    (_GAS, Answer("A"), "misconception"),
    (_GAS, Answer(selected=("c",)), "incorrect"),
    (_GAS, Answer("not B"), "unparsed"),
    (_GAS, Answer("A or B"), "unparsed"),
    (_GAS, Answer("water"), "unparsed"),
    (_PRIMES, Answer("2, 7"), "correct"),
    (_PRIMES, Answer("a and c"), "correct"),
    (_PRIMES, Answer(selected=("a",)), "partial"),
    (_PRIMES, Answer(selected=("a", "b", "c")), "partial"),
    (_PRIMES, Answer(selected=("a", "b", "c", "d")), "incorrect"),
    (_PRIMES, Answer(selected=("b",)), "incorrect"),
)
