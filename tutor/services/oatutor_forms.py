"""Keeps an answer from being the question over again.

OATutor compares values only, so "Simplify $100/4$" takes $100/4$ for an answer. Where the formula of a question would
be taken, the answer has to be in a form that the question isn't in.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from tutor.domain.assessment import VerdictKind
from tutor.domain.items import grade
from tutor.domain.items.item import Answer, Bands, Item
from tutor.domain.items.numeric import Numeric
from tutor.domain.items.symbolic import Form, Symbolic

_FORMULA = re.compile(r"(?<![\\$])\$([^$]+)\$")
_ASKED: tuple[tuple[re.Pattern[str], Form], ...] = (
    (re.compile(r"\bfactor", re.I), "factored"),
    (re.compile(r"\b(?:expand|distribut|multiply|square the)", re.I), "expanded"),
)
_FORMS: tuple[Form, ...] = ("simplified", "expanded", "factored")


class _NoJudge:
    """No text is judged here: numbers and formulas only."""

    bands = Bands(0.3, 0.7)

    def coverage(self, question: str, statements: object, answer: str, language: str) -> tuple[float, ...]:
        raise NotImplementedError


def demanding(item: Item) -> Item:
    """The item with the form its answer needs, if any; the answer key itself must fit it."""
    body = item.body
    if not isinstance(body, Numeric | Symbolic):
        return item
    given = [formula for formula in _FORMULA.findall(item.prompt) if _kind(item, formula) == "correct"]
    given = [formula for formula in given if re.sub(r"\s", "", formula) != re.sub(r"\s", "", body.answer)]
    if not given:
        return item
    for candidate in _candidates(item, body):
        stricter = replace(item, body=candidate)
        if _kind(stricter, body.answer) == "correct" and all(_kind(stricter, one) != "correct" for one in given):
            return stricter
    return item


def _candidates(item: Item, body: Numeric | Symbolic) -> Iterator[Numeric | Symbolic]:
    if isinstance(body, Numeric):
        if body.absolute:  # a number to be rounded is near enough to its rounded self
            yield replace(body, absolute=0.0)
        yield replace(body, form="simplified")
    else:
        asked = [form for pattern, form in _ASKED if pattern.search(item.prompt)]
        for form in dict.fromkeys((*asked, *_FORMS)):
            yield replace(body, form=form)


def _kind(item: Item, text: str) -> VerdictKind:
    return grade(item, Answer(text, language=item.language or "en"), _NoJudge()).kind
