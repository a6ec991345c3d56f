"""Numeric: a number, with a unit, a tolerance or significant figures where the item asks for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from tutor.domain.assessment import CORRECT, Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Item, TextJudge
from tutor.domain.items.meaning import by_meaning, given_text
from tutor.domain.items.spelled import in_digits
from tutor.domain.mathematics.forms import has_form
from tutor.domain.mathematics.near import rounds_to
from tutor.domain.mathematics.tree import Neg, Node, Num, children
from tutor.domain.numerals import write_number
from tutor.domain.quantities import Quantity, figures_allowed, read_quantity, round_to_figures
from tutor.domain.units import Unit, bare, convert, kin, read_unit

TYPE = "numeric"
Form = Literal["any", "fraction", "decimal", "simplified"]
_ONE = Unit("", Fraction(1), ())
_UNIT_AT_END = re.compile(r"(?P<number>.*\d)\s*(?P<unit>[^\W\d_][^\d\s]{0,11})")
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
    """Reads the number and its unit, converts it to the answer's unit and compares; the note says what was wrong.

    ``unparsed`` with a reading: wrong as the language has it, right as another would ("1,234"). A flipped sign is never
    right, whatever the tolerance.
    """
    text = given_text(answer)
    quantities = read_quantity(text, answer.language) or read_quantity(_in_case(body, text), answer.language)
    targets = _targets(body, item)
    if targets:
        spelled = _spelled(body, targets, item, text, answer)
        if spelled:
            return spelled
    if not quantities or not targets:
        return by_meaning((body.answer, *body.also), item, text, answer.language)
    verdicts = [_verdict(body, one, targets) for one in quantities]
    best = max(verdicts, key=lambda one: one.credit)
    if best is not verdicts[0] and best.kind == "correct":
        number = write_number(quantities[0].value, answer.language)
        unit = quantities[0].unit
        return Verdict("unparsed", reading=f"{number} {unit.text if unit else ''}".strip())
    return _named(body, item, quantities[0], verdicts[0], text)


def _in_case(body: Numeric, text: str) -> str:
    """ "51 j" with the item's own unit, or one of its kind, as it is written: a letter that names nothing else is no
    unknown to multiply by."""
    found = _UNIT_AT_END.fullmatch(text.strip())
    if found is None or not body.unit:
        return text
    said = found["unit"].casefold()
    meant = {unit for unit in (body.unit, *kin(body.unit)) if unit.casefold() == said}
    return f"{found['number']} {meant.pop()}" if len(meant) == 1 else text


def _named(body: Numeric, item: Item, given: Quantity, verdict: Verdict, text: str) -> Verdict:
    """The verdict, or the misconception whose value was given. A value that shows one need not be written to the
    significant figures that a right answer has."""
    if verdict.kind == "correct":
        return verdict
    for misconception in item.misconceptions:
        wrong = tuple(one for says in misconception.says for one in _read_targets(says, item))
        shown = _verdict(body, given, wrong) if wrong else verdict
        if wrong and (shown.kind == "correct" or shown.note == "figures"):
            return replace(verdict, kind="misconception", misconception=misconception.id, evidence=text)
    return verdict


def _spelled(body: Numeric, targets: tuple[Quantity, ...], item: Item, text: str, answer: Answer) -> Verdict | None:
    """The verdict on a number in words or an ordinal. One that is neither right nor known to be wrong is asked about:
    "third" may be a part and not a place."""
    digits = in_digits(text, item.prompt)
    quantities = read_quantity(digits, answer.language) if digits else ()
    if not quantities:
        return None
    verdict = _named(body, item, quantities[0], _verdict(body, quantities[0], targets), text)
    return verdict if verdict.kind in ("correct", "misconception") else Verdict("unparsed", reading=digits)


def _read_targets(text: str, item: Item) -> tuple[Quantity, ...]:
    return read_quantity(text, item.language or "en")[:1]


def _targets(body: Numeric, item: Item) -> tuple[Quantity, ...]:
    found = tuple(one for text in (body.answer, *body.also) for one in _read_targets(text, item))
    unit = read_unit(body.unit)
    if unit is None or not _is_percent(unit):
        return found
    # Beside 45 in "%" an accepted 0.45 is the share as a plain number: "0.45 %" is not right.
    values = {one.value for one in found}
    return tuple(
        replace(one, unit=_ONE) if one.unit is None and one.value * 100 in values and one.value else one
        for one in found
    )


def _is_percent(unit: Unit) -> bool:
    return not unit.dimensions and unit.factor == Fraction(1, 100)


def _verdict(body: Numeric, given: Quantity, targets: tuple[Quantity, ...]) -> Verdict:
    """The best that the answer deserves against any accepted value."""
    return max((_against(body, given, target) for target in targets), key=lambda one: one.credit)


def _against(body: Numeric, given: Quantity, target: Quantity) -> Verdict:
    wanted = _ONE if target.unit is _ONE else read_unit(body.unit) or target.unit
    value, unit_note = _in_unit(given, wanted, body)
    right = _is_close(body, value, given, target)
    if not right:
        return Verdict("incorrect", note=_why_wrong(body, value, given, target, unit_note), evidence=given.text)
    if unit_note:
        return Verdict("partial", credit=0.5, note=unit_note)
    figures = body.significant_figures
    if figures is not None and not figures_allowed(given, figures):
        return Verdict("partial", credit=0.5, note="figures")
    if not has_form(given.node, body.form, target.node):
        return Verdict("partial", credit=0.5, note="not_simplified")
    return CORRECT


def _in_unit(given: Quantity, wanted: Unit | None, body: Numeric) -> tuple[Fraction, str]:
    """The number in the wanted unit, and a note when the unit is missing or is another kind of thing."""
    unit = given.unit
    if unit is None:
        return given.value, "unit_missing" if body.unit_required and wanted is not None else ""
    if wanted is None:
        if _is_percent(unit):  # by sign or by word
            return given.value / 100, "" if body.percent else "unit"
        return given.value, ""
    if unit.text in ("C", "F") and wanted.offset:  # degrees, where the little circle is hard to type
        unit = read_unit(f"°{unit.text}") or unit
    converted = convert(given.value, unit, wanted)
    if converted is None and bare(unit).dimensions == bare(wanted).dimensions != ():
        # "4.5 µmol of CO2" for "4.5 µmol": of what is said by one of the two only, or in other words.
        converted = convert(given.value, bare(unit), bare(wanted)) if not _differ(unit, wanted) else None
    if converted is not None:
        return converted, ""
    if unit.is_counted and (wanted.is_counted or not body.unit_required):
        # "38 molecules of ATP" for "38 ATP": what is counted may be named in other words.
        return given.value, "" if not body.unit_required or _names_same(unit, wanted) else "unit"
    return given.value, "unit"


def _differ(one: Unit, other: Unit) -> bool:
    """Whether both say of what they are a measure, and not of the same."""
    named = [{name for name, _ in unit.dimensions if name.startswith("#")} for unit in (one, other)]
    return all(named) and not named[0] & named[1]


def _names_same(one: Unit, other: Unit) -> bool:
    return bool({name for name, _ in one.dimensions} & {name for name, _ in other.dimensions})


def _is_close(body: Numeric, value: Fraction, given: Quantity, target: Quantity) -> bool:
    wanted = target.value
    if value == wanted:
        return True
    if wanted != 0 and value * wanted <= 0:
        return False
    if body.significant_figures is not None:
        figures = body.significant_figures
        if round_to_figures(value, figures) == round_to_figures(wanted, figures):
            return True
    margin = max(Fraction(body.tolerance) * abs(wanted), Fraction(body.absolute))
    # The margin itself counts: 5 % of 20 is 1, though not in binary.
    if abs(value - wanted) <= margin * (1 + Fraction(1, 10**9)):
        return True
    return _is_rounding(target.node, value, given.node)


def _is_rounding(gold: Node, value: Fraction, given: Node) -> bool:
    """Whether the accepted answer is the learner's exact value, rounded: 0.33 where a learner says 1/3."""
    literal = gold.of if isinstance(gold, Neg) else gold
    if not isinstance(literal, Num) or not literal.decimals or literal.decimals < 2 or _has_decimals(given):
        return False
    wanted = -literal.value if isinstance(gold, Neg) else literal.value
    return abs(value - wanted) <= Fraction(1, 2 * 10**literal.decimals)


def _has_decimals(node: Node) -> bool:
    if isinstance(node, Num):
        return bool(node.decimals) or node.value.denominator != 1
    return any(map(_has_decimals, children(node)))


def _why_wrong(body: Numeric, value: Fraction, given: Quantity, target: Quantity, unit_note: str) -> str:
    wanted = target.value
    if _is_close(body, -value, given, replace(target, value=wanted)) and value:
        return "sign"
    if given.value != value and _is_close(body, given.value, given, target):
        return "unit"
    if value and wanted and _is_power_of_ten(value / wanted):
        return "power_of_ten"
    if rounds_to(target.node, given.node):
        return "rounding"
    return unit_note


def _is_power_of_ten(share: Fraction) -> bool:
    top, bottom = str(share.numerator), str(share.denominator)
    return share != 1 and "1" in (top, bottom) and all(one.rstrip("0") == "1" for one in (top, bottom))


def card(body: Numeric, item: Item, seed: str) -> dict[str, Any]:
    """The unit is shown beside the field, unless finding it is part of the question: then there are some to choose."""
    shown = "" if body.unit_required else body.unit
    return {"type": TYPE, "unit": shown, "units": list(kin(body.unit)) if body.unit_required else []}


def answers(body: Numeric, item: Item) -> tuple[str, ...]:
    """The accepted numbers, and the first with its unit."""
    with_unit = (f"{body.answer} {body.unit}",) if body.unit else ()
    return (body.answer, *body.also, *with_unit)


def solution(body: Numeric, item: Item) -> str:
    return f"{body.answer} {body.unit}".strip()


_HEAT: dict[str, Any] = {
    "id": "heat",
    "type": TYPE,
    "prompt": "How much energy?",
    "answer": "4.2",
    "unit": "kJ",
    "tolerance": 0.02,
    "unit_required": True,
    "misconception": [{"id": "doubled", "title": "Takes it twice", "says": ["8.4 kJ"]}],
}
_SHARE: dict[str, Any] = {"id": "share", "type": TYPE, "prompt": "What share?", "answer": "1/2", "percent": True}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_HEAT, Answer("4.2 kJ"), "correct"),
    (_HEAT, Answer("4200 J"), "correct"),
    (_HEAT, Answer("1 kcal"), "correct"),
    (_HEAT, Answer("4,2 kJ", language="de"), "correct"),
    (_HEAT, Answer("4.2"), "partial"),
    (_HEAT, Answer("4.2 kg"), "partial"),
    (_HEAT, Answer("-4.2 kJ"), "incorrect"),
    (_HEAT, Answer("8.4 kJ"), "misconception"),
    (_HEAT, Answer("warm"), "unparsed"),
    (_SHARE, Answer("0.5"), "correct"),
    (_SHARE, Answer("50 %"), "correct"),
    (_SHARE, Answer("٠٫٥", language="ar"), "correct"),
    (_SHARE, Answer("2"), "incorrect"),
    ({**_SHARE, "answer": "1.234"}, Answer("1,234"), "unparsed"),
    ({**_SHARE, "form": "simplified"}, Answer("2/4"), "partial"),
)
