"""What must not be said while an item is open, and what the guard reports when it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrieval.language import detect
from tutor.domain.items import answers
from tutor.domain.items.cloze import Cloze
from tutor.domain.items.item import Body, Hint, Item
from tutor.domain.items.multiple_choice import MultipleChoice
from tutor.domain.items.short_answer import ShortAnswer

Why = Literal["verbatim", "value", "expression", "option", "idea", "order", "split"]
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Secret:
    """What must not be said while an item is open.

    ``question`` is the open question's prompt: what it gives may be said. ``answers`` are the accepted answers as text
    (numbers with units, expressions, texts of right options, ordered steps joined by semicolons, ``left: right``
    pairs). ``ideas`` are the uncovered expectations, each with its wordings. ``options`` are (label, text) as shown.
    ``also`` is the secret of an item whose scaffold this is: both are kept. ``covered`` are ideas that the learner has
    said: they may be repeated.
    """

    question: str
    answers: tuple[str, ...]
    ideas: tuple[tuple[str, ...], ...]
    language: str
    type: str
    options: tuple[tuple[str, str], ...] = ()
    also: Secret | None = None
    covered: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Leak:
    """Why a sentence must not be shown; ``detail`` is for the log and may hold the answer: never show it."""

    why: Why
    detail: str


def secret_of(item: Item, covered: frozenset[str] = frozenset(), hint: Hint | None = None) -> Secret:
    """The secret of an open item, less the expectations ``covered``; with a scaffold open, its answer as well."""
    whole = _secret(item, item.prompt, item.body, covered)
    if hint is None or hint.body is None:
        return whole
    inner = _secret(item, hint.text, hint.body, frozenset())
    return Secret(
        inner.question, inner.answers, inner.ideas, inner.language, inner.type, options=inner.options, also=whole
    )


def _secret(item: Item, question: str, body: Body, covered: frozenset[str]) -> Secret:
    language = item.language or detect(question, "en")
    accepted: tuple[str, ...] = ()
    ideas: tuple[tuple[str, ...], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, ...], ...] = ()
    if isinstance(body, ShortAnswer):
        said = tuple((one.text, *one.also) for one in body.expectations if one.id in covered)
        ideas = tuple((one.text, *one.also) for one in body.expectations if one.id not in covered)
    elif body.type != "poll":
        from dataclasses import replace

        accepted = answers(replace(item, body=body))
        if isinstance(body, MultipleChoice):
            options = tuple((LABELS[at % 26], one.text) for at, one in enumerate(body.options))
        elif isinstance(body, Cloze):
            # The filled text repeats the prompt: only the words of the blanks are secret.
            accepted = tuple(dict.fromkeys(word for blank in body.blanks for word in blank))
        elif (measure := getattr(body, "unit", "")) and isinstance(measure, str):
            accepted = tuple(one if one.rstrip().endswith(measure) else f"{one} {measure}" for one in accepted)
    return Secret(question, accepted, ideas, language, body.type, options, covered=said)
