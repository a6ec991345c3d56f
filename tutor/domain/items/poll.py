"""Poll: what the learner thinks, wants or feels. Nothing is right or wrong; the answer is profile evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, Item, TextJudge
from tutor.domain.items.options import Option, chosen, options_card, read_options, write_options

TYPE = "poll"


@dataclass(frozen=True)
class Poll:
    """``about`` names what is asked, for the profile: "interest", "confidence", "goal"."""

    options: tuple[Option, ...]
    several: bool = False
    about: str = ""

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> Poll:
    """Raises ``BadItem``."""
    return Poll(
        read_options(data, where),
        fields.flag(data, "several", where),
        fields.text(data, "about", where, default=""),
    )


def write(body: Poll) -> dict[str, Any]:
    return fields.without_blanks({"option": write_options(body.options), "several": body.several, "about": body.about})


def grade(body: Poll, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    """``noted``, with the chosen ids in ``covered`` and their texts as evidence; own words are noted as they are."""
    found = chosen(body.options, answer)
    if found is None:
        return Verdict("noted", evidence=answer.text.strip())
    if not body.several:
        found = found[:1]
    return Verdict("noted", covered=tuple(one.id for one in found), evidence="; ".join(one.text for one in found))


def card(body: Poll, item: Item, seed: str) -> dict[str, Any]:
    return {"type": TYPE, "several": body.several, "options": options_card(body.options)}


def answers(body: Poll, item: Item) -> tuple[str, ...]:
    """None: there is nothing to give away."""
    return ()


def solution(body: Poll, item: Item) -> str:
    return ""


_WHY: dict[str, Any] = {
    "id": "why",
    "type": TYPE,
    "prompt": "Why do you learn this?",
    "about": "goal",
    "option": [{"text": "For an exam"}, {"text": "Out of interest"}],
}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_WHY, Answer(selected=("a",)), "noted"),
    (_WHY, Answer("B"), "noted"),
    (_WHY, Answer("my sister told me to"), "noted"),
    (_WHY, Answer(""), "not_an_answer"),
)
