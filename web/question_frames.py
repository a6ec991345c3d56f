"""The frames about questions: what was asked, how the answer was graded, and what a person made of the grade."""

from typing import Literal

from web.cards import Card
from web.frames import Durable, Frame


class Understood(Durable):
    """What the message was taken for (``tutor.domain.assessment.Intent``)."""

    type: Literal["understood"] = "understood"
    turn: str
    intent: str


class Shift(Frame):
    """How far a belief moved, as the probability of a right next answer, and ``text``: by how much and why."""

    kc: str
    title: str
    before: float
    after: float
    text: str


class Graded(Durable):
    """The verdict on the answer in ``turn``. ``covered`` of ``total`` expected ideas (both 0 where nothing is counted).

    ``note`` says why in the reader's words, ``reading`` how the answer was read; both may be empty.
    """

    type: Literal["graded"] = "graded"
    turn: str
    item: str
    hint: str
    verdict: str
    note: str
    reading: str
    covered: int
    total: int
    shifts: tuple[Shift, ...]


class ItemFrame(Durable):
    """A question at the end of ``turn``, with ``hint`` a sub-question of it. ``reason`` says why this one, now."""

    type: Literal["item"] = "item"
    turn: str
    item: str
    hint: str
    prompt_html: str
    card: Card
    reason: str
    purpose: str


class Closed(Durable):
    """In ``turn`` the tutor is done with the question that was open."""

    type: Literal["closed"] = "closed"
    turn: str


class Contested(Durable):
    """In ``turn`` the learner said that the grade of ``graded`` (a turn) is wrong. A person will look at it."""

    type: Literal["contested"] = "contested"
    turn: str
    graded: str


class Reviewed(Durable):
    """A person looked at the grade of ``turn``: what it should be."""

    type: Literal["reviewed"] = "reviewed"
    turn: str
    verdict: str
