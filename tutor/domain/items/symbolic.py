"""Symbolic: an expression, equation, inequality, interval, point or set, compared by what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tutor.domain.assessment import Verdict, VerdictKind
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, Item, TextJudge
from tutor.domain.items.meaning import by_meaning, given_text
from tutor.domain.mathematics.readings import read as read_mathematics
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.tree import symbols

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
    """By meaning, in any notation; see ``meaning.by_meaning`` for the notes."""
    return by_meaning((body.answer, *body.also), item, given_text(answer), answer.language, body.form)


def card(body: Symbolic, item: Item, seed: str) -> dict[str, Any]:
    """The variables to offer as keys: those named, else those of the answer, in the alphabet's order."""
    return {"type": TYPE, "variables": list(body.variables or _variables(body, item))}


def _variables(body: Symbolic, item: Item) -> list[str]:
    try:
        names = symbols(read_mathematics(body.answer, item.language or "en"))
    except Unreadable:
        return []
    return sorted(name for name in names if len(name) == 1)


def answers(body: Symbolic, item: Item) -> tuple[str, ...]:
    return (body.answer, *body.also)


def solution(body: Symbolic, item: Item) -> str:
    """As mathematics where the answer is LaTeX (unless it holds dollars of its own), else as it stands."""
    if body.notation == "latex" and "$" not in body.answer:
        return f"${body.answer}$"
    return body.answer


_PRODUCT: dict[str, Any] = {
    "id": "product",
    "type": TYPE,
    "prompt": "Factor $x^2-x-20$.",
    "answer": r"\left(x-5\right)\left(x+4\right)",
    "notation": "latex",
    "form": "factored",
    "misconception": [{"id": "signs", "title": "Swaps the signs", "says": ["(x+5)(x-4)"]}],
}
_ROOTS: dict[str, Any] = {"id": "roots", "type": TYPE, "prompt": "Solve $x^2=9$.", "answer": "x=3 or x=-3"}
_LINE: dict[str, Any] = {"id": "line", "type": TYPE, "prompt": "Solve $2x+1>7$.", "answer": "x>3"}
_HALF: dict[str, Any] = {"id": "half", "type": TYPE, "prompt": "Simplify.", "answer": r"\frac{1}{2x}"}

EXAMPLES: tuple[tuple[dict[str, Any], Answer, VerdictKind], ...] = (
    (_PRODUCT, Answer("(x+4)(x-5)"), "correct"),
    (_PRODUCT, Answer("(4 + x)*(x − 5)"), "correct"),
    (_PRODUCT, Answer("x^2 - x - 20"), "partial"),
    (_PRODUCT, Answer("(x+5)(x-4)"), "misconception"),
    (_PRODUCT, Answer("-(x-5)(x+4)"), "incorrect"),
    (_PRODUCT, Answer("__import__('os')"), "unparsed"),
    (_ROOTS, Answer("±3"), "correct"),
    (_ROOTS, Answer("x = -3 oder x = 3", language="de"), "correct"),
    (_ROOTS, Answer("3"), "partial"),
    (_ROOTS, Answer("3, 4"), "incorrect"),
    (_LINE, Answer(r"(3, \infty)"), "correct"),
    (_LINE, Answer("3 < x"), "correct"),
    (_LINE, Answer("2x > 6"), "partial"),
    (_LINE, Answer("x ≥ 3"), "incorrect"),
    (_HALF, Answer("1/(2x)"), "correct"),
    (_HALF, Answer("1/2x"), "unparsed"),
)
