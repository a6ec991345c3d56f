"""Symbolic: an expression, equation, inequality, interval, point or set, compared by what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, Item, TextJudge

TYPE = "symbolic"
Form = Literal["any", "expanded", "factored", "simplified"]
FORMS: tuple[Form, ...] = ("any", "expanded", "factored", "simplified")
Notation = Literal["plain", "latex"]
NOTATIONS: tuple[Notation, ...] = ("plain", "latex")


@dataclass(frozen=True)
class Symbolic:
    """``answer`` and ``also`` are written in ``notation`` (how to show them; both are always read). ``form`` is
    what the question asks for: an equal answer in another form is only partly right."""

    answer: str
    also: tuple[str, ...] = ()
    form: Form = "any"
    variables: tuple[str, ...] = ()
    notation: Notation = "plain"

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> Symbolic:
    """Raises ``BadItem``."""
    form = fields.one_of(data, "form", where, FORMS)
    notation = fields.one_of(data, "notation", where, NOTATIONS)
    return Symbolic(
        answer=fields.text(data, "answer", where),
        also=fields.texts(data, "also", where),
        form=next(one for one in FORMS if one == form),
        variables=fields.texts(data, "variables", where),
        notation=next(one for one in NOTATIONS if one == notation),
    )


def write(body: Symbolic) -> dict[str, Any]:
    return fields.without_blanks(
        {
            "answer": body.answer,
            "also": list(body.also),
            "form": "" if body.form == "any" else body.form,
            "variables": list(body.variables),
            "notation": "" if body.notation == "plain" else body.notation,
        }
    )


def grade(body: Symbolic, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    raise NotImplementedError


def card(body: Symbolic, item: Item, seed: str) -> dict[str, Any]:
    return {"type": TYPE, "variables": list(body.variables)}


def answers(body: Symbolic, item: Item) -> tuple[str, ...]:
    return (body.answer, *body.also)


def solution(body: Symbolic, item: Item) -> str:
    """As mathematics where the answer is LaTeX (unless it holds dollars of its own), else as it stands."""
    if body.notation == "latex" and "$" not in body.answer:
        return f"${body.answer}$"
    return body.answer


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
