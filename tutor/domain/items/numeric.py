"""Numeric: a number, with a unit, a tolerance or significant figures where the item asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge

TYPE = "numeric"
Form = Literal["any", "fraction", "decimal", "simplified"]
FORMS: tuple[Form, ...] = ("any", "fraction", "decimal", "simplified")


@dataclass(frozen=True)
class Numeric:
    """``answer`` is a number, fraction or arithmetic expression as the course's language writes it; ``also`` are others
    that count as well. ``tolerance`` is relative, ``absolute`` in the answer's unit. ``unit`` is the answer's unit;
    with ``unit_required`` a number without one is only partly right. ``percent`` allows "50 %" for 0.5.
    """

    answer: str
    also: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float = 0.0
    absolute: float = 0.0
    significant_figures: int | None = None
    unit_required: bool = False
    percent: bool = False
    form: Form = "any"

    @property
    def type(self) -> str:
        return TYPE


def read(data: Mapping[str, Any], where: str) -> Numeric:
    """Raises ``BadItem``."""
    figures = data.get("significant_figures")
    if figures is not None and (isinstance(figures, bool) or not isinstance(figures, int) or not 1 <= figures <= 15):
        raise BadItem(f"{where}: significant_figures must be a whole number from 1 to 15")
    tolerance, absolute = fields.number(data, "tolerance", where), fields.number(data, "absolute", where)
    if tolerance < 0 or absolute < 0:
        raise BadItem(f"{where}: tolerance and absolute must not be negative")
    form = fields.one_of(data, "form", where, FORMS)
    return Numeric(
        answer=fields.text(data, "answer", where),
        also=fields.texts(data, "also", where),
        unit=fields.text(data, "unit", where, default=""),
        tolerance=tolerance,
        absolute=absolute,
        significant_figures=figures,
        unit_required=fields.flag(data, "unit_required", where),
        percent=fields.flag(data, "percent", where),
        form=next(one for one in FORMS if one == form),
    )


def write(body: Numeric) -> dict[str, Any]:
    return fields.without_blanks(
        {
            "answer": body.answer,
            "also": list(body.also),
            "unit": body.unit,
            "tolerance": body.tolerance,
            "absolute": body.absolute,
            "significant_figures": body.significant_figures,
            "unit_required": body.unit_required,
            "percent": body.percent,
            "form": "" if body.form == "any" else body.form,
        }
    )


def grade(body: Numeric, item: Item, answer: Answer, judge: TextJudge) -> Verdict:
    raise NotImplementedError


def card(body: Numeric, item: Item, seed: str) -> dict[str, Any]:
    """The unit is shown beside the field, unless finding it is part of the question."""
    return {"type": TYPE, "unit": "" if body.unit_required else body.unit, "units": []}


def answers(body: Numeric, item: Item) -> tuple[str, ...]:
    return (body.answer, *body.also)


def solution(body: Numeric, item: Item) -> str:
    return f"{body.answer} {body.unit}".strip()


EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = ()
