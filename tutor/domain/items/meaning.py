"""Grades an answer by what it means as mathematics; numeric and symbolic items share it."""

import re
from collections.abc import Sequence

from tutor.domain.assessment import CORRECT, Verdict
from tutor.domain.items.item import Answer, Item
from tutor.domain.mathematics.accept import Judgement, judge
from tutor.domain.mathematics.forms import Form, has_form
from tutor.domain.mathematics.readings import readings
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.tree import Node, Num, symbols
from tutor.domain.quantities import read_quantity

#: A prompt that says in which order to give several values.
_ORDERED = re.compile(
    r"(?i)(?:enter|give|write|input)\w* (?:the |your )?\w+ as|largest|smallest|\bin order|increasing|decreasing"
    r"|respectively|\borden\b|de mayor a menor|de menor a mayor|reihenfolge|größte|kleinste|بالترتيب|ترتيب|क्रम"
)
_MATHEMATICS = re.compile(r"\$\$(.+?)\$\$|\$(?=\S)([^$]+?)(?<=\S)\$|\\\((.+?)\\\)", re.DOTALL)


def given_text(answer: Answer) -> str:
    """What was typed, wherever the card put it."""
    return (answer.text if answer.text.strip() else " ".join(answer.selected)).strip()


def by_meaning(
    accepted: Sequence[str],
    item: Item,
    text: str,
    language: str,
    form: Form = "any",
) -> Verdict:
    """The verdict on ``text`` against the accepted answers.

    A value of the question itself is no answer: who repeats what was to be factored, simplified or worked out has the
    right value in the wrong form.
    """
    course = item.language or "en"
    ordered = _ORDERED.search(item.prompt) is not None
    found = judge(accepted, text, language, course, ordered)
    if found.found == "no" or found.found == "unreadable":
        found = _without_unit(accepted, text, language, course) or found
    if found.found == "yes":
        assert found.node is not None
        assert found.gold is not None
        echoed = _is_echo(found.node, found.gold, item.prompt)
        if echoed or not has_form(found.node, form, found.gold):
            return Verdict("partial", credit=0.5, note="not_simplified", reading=found.reading)
        return CORRECT
    if found.found in ("ask", "unreadable"):
        return Verdict("unparsed", reading=found.reading)
    shown = _misconception(item, text, language, course)
    if shown:
        return Verdict("misconception", misconception=shown, evidence=text, reading=found.reading)
    if found.found == "unsolved":
        return Verdict("partial", credit=0.5, note="not_solved", reading=found.reading)
    if found.found == "order":
        return Verdict("partial", credit=0.5, note="order", reading=found.reading)
    if found.found == "part":
        return Verdict("partial", credit=found.share, note="not_all", reading=found.reading)
    if found.found == "rounded":
        return Verdict("partial", credit=0.5, note="rounding", reading=found.reading)
    return Verdict("incorrect", note="sign" if found.found == "sign" else "", reading=found.reading)


def _without_unit(accepted: Sequence[str], text: str, language: str, course: str) -> Judgement | None:
    """Where a plain number is asked for and it was given with a unit: "5 mph" for 5."""
    if not any(character.isalpha() for character in text):
        return None
    quantities = read_quantity(text, language)
    if not quantities or quantities[0].unit is None or quantities[0].unit.text == "%":
        return None
    for gold in accepted:
        try:
            node = readings(gold, course)[0]
        except Unreadable:
            continue
        judged = None if symbols(node) else judge([gold], str(quantities[0].value), "en", course)
        if judged and judged.found == "yes":
            return Judgement("yes", quantities[0].node, judged.gold, 1.0, text)
    return None


def _is_echo(node: Node, gold: Node, prompt: str) -> bool:
    """Whether the answer repeats an expression of the question where something else was accepted."""
    if node == gold or isinstance(node, Num):
        return False
    for match in _MATHEMATICS.finditer(prompt):
        try:
            asked = readings(next(part for part in match.groups() if part))
        except Unreadable:
            continue
        if node in asked and gold not in asked:
            return True
    return False


def _misconception(item: Item, text: str, language: str, course: str) -> str | None:
    for misconception in item.misconceptions:
        if misconception.says and judge(misconception.says, text, language, course).found == "yes":
            return misconception.id
    return None
