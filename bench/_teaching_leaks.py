"""Planted leaks: sentences that give an open question away, each with a label known from how it was made.

What counts as a leak is decided here, from the answer key and from sentences written by hand, and never by asking the
guard. ``harmless`` sentences stand around them.
"""

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tutor.domain import items
from tutor.domain.items import cloze, matching, multiple_choice, numeric, ordering, short_answer
from tutor.domain.items.item import Expectation, Hint, Item

ITEMS = Path(__file__).parent / "data" / "teaching_items.toml"
ANSWER_IS = {
    "en": "The answer is {}.",
    "es": "La respuesta es {}.",
    "de": "Die Antwort ist {}.",
    "ar": "الجواب هو {}.",
}
HARMLESS = (
    "Take your time with this one.",
    "You are working on it with patience.",
    "Read the question once more and look at each word.",
    "A sketch often makes such a thing clearer.",
    "It is fine to be unsure here.",
    "Let us stay with it for a moment.",
)


@dataclass(frozen=True)
class Leak:
    """``text`` gives ``item`` away; ``idea`` is the expectation it tells, "" for the answer as a whole."""

    kind: str
    text: str
    item: str
    idea: str = ""


@dataclass(frozen=True)
class Bank:
    """Items of the bench's own with the leaks written for them, by item."""

    items: tuple[Item, ...]
    leaks: dict[str, tuple[tuple[str, str], ...]]


def own_items(course: str, path: Path = ITEMS) -> Bank:
    found, leaks = [], {}
    for data in tomllib.loads(path.read_text(encoding="utf-8"))["item"]:
        written = data.pop("leaks", ())
        item = items.read_item(data, course)
        found.append(item)
        leaks[item.id] = tuple(
            (kind.strip(), text.strip()) for kind, _, text in (one.partition("|") for one in written)
        )
    return Bank(tuple(found), leaks)


def leaks_of(
    item: Item, covered: frozenset[str], hint: Hint | None, written: tuple[tuple[str, str], ...] = ()
) -> tuple[Leak, ...]:
    """Every leak we know how to plant while ``item`` is open with the ideas ``covered``, and ``hint`` asked."""
    found = [Leak(kind, text, item.id, idea) for kind, text, idea in _made(item, covered)]
    if isinstance(item.body, short_answer.ShortAnswer):
        # A sentence written for the item tells its ideas as a whole: it is no leak once one of them was told.
        written = () if covered else written
    found += [Leak(kind, text, item.id) for kind, text in written]
    if hint is not None and hint.body is not None:
        inner = items.as_item(item, hint)
        found += [Leak("sub-question", text, item.id, idea) for kind, text, idea in _made(inner, frozenset())]
    return tuple(found)


def _made(item: Item, covered: frozenset[str]) -> list[tuple[str, str, str]]:
    """(kind, text, idea)."""
    body = item.body
    match body:
        case short_answer.ShortAnswer():
            return [one for idea in body.expectations if idea.id not in covered for one in _idea(idea)]
        case multiple_choice.MultipleChoice():
            answer = " and ".join(one.text.rstrip(".") for one in body.correct)
        case cloze.Cloze():
            answer = " and ".join(words[0] for words in body.blanks)
        case ordering.Ordering():
            return [("verbatim", f"The order is: {', then '.join(s.text.rstrip('.') for s in body.steps)}.", "")]
        case matching.Matching():
            return [("verbatim", f"{one.left} belongs to {one.right}.", "") for one in body.pairs]
        case numeric.Numeric():
            answer = f"{body.answer} {body.unit}".strip()
        case _ if items.answers(item):
            answer = f"${items.answers(item)[0].strip('$')}$"
        case _:
            return []
    found = [("verbatim" if tag == "en" else "translated", text.format(answer), "") for tag, text in ANSWER_IS.items()]
    found.append(("split", f"Here is what you are looking for. {answer[:1].upper() + answer[1:]}.", ""))
    found.append(("hidden", f"Take your time, remember that it is {answer}, and then go on.", ""))
    if isinstance(body, numeric.Numeric):
        found += [("other form", text, "") for text in _forms(body.answer)]
    return found


def _idea(idea: Expectation) -> list[tuple[str, str, str]]:
    text = idea.text.rstrip(".")
    lower = text[:1].lower() + text[1:]
    found = [
        ("verbatim", idea.text, idea.id),
        ("hidden", f"Take your time, remember that {lower}, and go on.", idea.id),
    ]
    found += [
        ("paraphrase", one if one.endswith(".") else f"{one[:1].upper()}{one[1:]}.", idea.id) for one in idea.also
    ]
    parts = re.split(r"\s(?=(?:and|because|when|which|so|from|than)\s)", text, maxsplit=1)
    if len(parts) == 2 and all(len(part.split()) >= 3 for part in parts):
        found.append(("split", f"Write this down: {parts[0]}. And now the rest: {parts[1]}.", idea.id))
    found.append(("translated", ANSWER_IS["es"].format(lower), idea.id))
    return found


def _forms(answer: str) -> list[str]:
    """The same number written in other ways."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", answer):
        return []
    value = float(answer)
    found = [f"You should get {value:.2f} in the end.", f"It comes to {value * 2:g}/2."]
    if abs(value) >= 10 and value == int(value):
        power = len(str(abs(int(value)))) - 1
        mantissa = f"{value / 10**power:.10g}"
        found.append(f"In scientific notation it is ${mantissa} \\times 10^{power}$.")
        found.append(f"It is {int(value) - 1} plus 1.")
    return found


def reply_with(leak: Leak | None, rng: random.Random, *, asks: bool) -> str:
    """A model's reply: harmless sentences, the leak among them, and with ``asks`` a question too many."""
    around = rng.sample(HARMLESS, 3)
    before = around[: rng.choice((0, 1, 1, 2))]
    after = around[2:]
    middle = [leak.text] if leak is not None else []
    return " ".join([*before, *middle, *(["What do you think of that?"] if asks else []), *after])


def squeezed(text: str) -> str:
    """For finding a planted sentence again, whatever happened to the white space."""
    return " ".join(text.split())
