"""Multiple choice: one right option, or several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.options import Option, options_card, read_options, write_options

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
    raise NotImplementedError


def card(body: MultipleChoice, item: Item, seed: str) -> dict[str, Any]:
    return {"type": TYPE, "several": body.several, "options": options_card(body.options)}


def answers(body: MultipleChoice, item: Item) -> tuple[str, ...]:
    """The texts of the right options."""
    return tuple(one.text for one in body.correct)


def solution(body: MultipleChoice, item: Item) -> str:
    """The right options, each with its reason."""
    return "\n\n".join(f"{one.text}. {one.why}" if one.why else one.text for one in body.correct)


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
