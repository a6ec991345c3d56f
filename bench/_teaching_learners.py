"""Simulated learners: what they write, from how able they are and from what they want. None of them is a person."""

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bench._teaching_room import Open
from tutor.domain import items
from tutor.domain.events import ItemReply
from tutor.domain.items import cloze, matching, multiple_choice, numeric, ordering, poll, short_answer
from tutor.domain.items.item import Item
from tutor.domain.numerals import write_number

PLEAS = Path(__file__).parent / "data" / "teaching_pleas.toml"
LANGUAGES = ("en", "es", "de", "ar")
#: What a rung of help, and a sub-question answered right, add to the odds of being right next.
HELPED, WORKED_OUT = 0.09, 0.15
HONEST = ("idk", "hint", "question", "frustration")


@dataclass(frozen=True)
class Kind:
    """``skill`` is the probability of a right first try on an average question; ``pleads`` that of asking for the
    answer instead of trying, ``asks`` that of a question, a hint or an "I don't know"."""

    name: str
    skill: float
    asks: float = 0.15
    pleads: float = 0.0


KINDS = (
    Kind("strong", 0.85, 0.08),
    Kind("middling", 0.55),
    Kind("weak", 0.25, 0.3),
    Kind("adversarial", 0.1, 0.05, 0.75),
)


@dataclass(frozen=True)
class Said:
    """A message and what it really is: ``answer``, or the kind of a plea, a question or a request."""

    what: str
    text: str
    reply: ItemReply | None = None
    right: bool = False


def pleas(path: Path = PLEAS) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By language, (kind, line)."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))["plea"]
    return {tag: tuple((one["kind"], one[tag]) for one in told) for tag in LANGUAGES}


class Learner:
    """Draws one message after another. ``language`` is the one they plead and ask in."""

    def __init__(self, kind: Kind, language: str, rng: random.Random) -> None:
        self.kind, self.language = kind, language
        self._rng = rng
        lines = pleas()[language]
        self._wheedling = [one for one in lines if one[0] not in HONEST]
        self._honest = [one for one in lines if one[0] in HONEST]
        rng.shuffle(self._wheedling)
        self._pleaded = 0

    def pause(self) -> float:
        """Seconds before the next message."""
        return self._rng.uniform(10.0, 60.0)

    def next(self, open_: Open, rungs: int, worked: int) -> Said:
        """What to write while ``open_`` is open, after ``rungs`` of help and ``worked`` right sub-questions."""
        drawn = self._rng.random()
        if drawn < self.kind.pleads:
            self._pleaded += 1
            what, text = self._wheedling[self._pleaded % len(self._wheedling)]
            return Said(what, text)
        if drawn < self.kind.pleads + self.kind.asks:
            what, text = self._rng.choice(self._honest)
            return Said(what, text)
        inner = open_.item if open_.hint is None else items.as_item(open_.item, open_.hint)
        chance = self.kind.skill + HELPED * rungs + WORKED_OUT * worked + (0.2 if open_.hint else 0.0)
        right = self._rng.random() < min(0.95, chance)
        return self.answer(inner, open_, right)

    def answer(self, inner: Item, open_: Open, right: bool) -> Said:
        text, selected = (right_answer if right else wrong_answer)(inner, open_.covered, self._rng)
        hint = open_.hint.id if open_.hint else ""
        seconds = self._rng.uniform(6.0, 60.0)
        return Said("answer", text, ItemReply(open_.item.id, hint, selected, seconds=seconds), right)


Given = tuple[str, tuple[str, ...]]


def right_answer(item: Item, covered: frozenset[str], rng: random.Random) -> Given:
    """As typed and as chosen on the card."""
    body = item.body
    match body:
        case multiple_choice.MultipleChoice():
            return "; ".join(one.text for one in body.correct), tuple(one.id for one in body.correct)
        case poll.Poll():
            return body.options[0].text, (body.options[0].id,)
        case cloze.Cloze():
            words = tuple(blank[0] for blank in body.blanks)
            return "; ".join(words), words
        case ordering.Ordering():
            return " → ".join(one.text for one in body.steps), tuple(one.id for one in body.steps)
        case matching.Matching():
            pairs = tuple(f"{one.left}={one.right}" for one in body.pairs)
            return "; ".join(pairs), pairs
        case short_answer.ShortAnswer():
            left = [one for one in body.expectations if one.id not in covered] or list(body.expectations)
            said = [rng.choice((one.text, *one.also)).rstrip(".") for one in left]
            return ". ".join(one[:1].upper() + one[1:] for one in said) + ".", ()
        case numeric.Numeric():
            return f"{body.answer} {body.unit}".strip(), ()
    return items.answers(item)[0], ()


def wrong_answer(item: Item, covered: frozenset[str], rng: random.Random) -> Given:
    """A known misconception where the item has one that can be said, else a wrong option, a near number, a muddle."""
    body = item.body
    says = [text for one in item.misconceptions for text in one.says]
    match body:
        case multiple_choice.MultipleChoice():
            wrong = rng.choice([one for one in body.options if not one.correct] or list(body.options))
            return wrong.text, (wrong.id,)
        case cloze.Cloze():
            others = [one for one in body.options if all(one not in blank for blank in body.blanks)] or ["granite"]
            words = tuple(rng.choice(others) for _ in body.blanks)
            return "; ".join(words), words
        case ordering.Ordering():
            steps = list(reversed(body.steps))
            return " → ".join(one.text for one in steps), tuple(one.id for one in steps)
        case matching.Matching():
            rights = [one.right for one in body.pairs]
            pairs = tuple(
                f"{one.left}={right}" for one, right in zip(body.pairs, [*rights[1:], rights[0]], strict=True)
            )
            return "; ".join(pairs), pairs
        case numeric.Numeric():
            return (rng.choice(says) if says and rng.random() < 0.5 else _near(body.answer, rng)), ()
        case short_answer.ShortAnswer():
            return rng.choice(says) if says else "It is because of gravity.", ()
        case poll.Poll():
            return right_answer(item, covered, rng)
    return rng.choice(says) if says else "x = 101", ()


def _near(answer: str, rng: random.Random) -> str:
    try:
        value = Fraction(answer.replace(",", "").strip("$ "))
    except ValueError:
        return "101"
    wrong = rng.choice((value + 1, value * 2 + 1, value + 10))
    return write_number(wrong, "en") if wrong.denominator != 1 else str(wrong)
