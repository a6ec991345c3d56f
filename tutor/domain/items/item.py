"""An item: one question, what counts as an answer to it, and how to help with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tutor.domain.errors import InvalidInput

Origin = Literal["authored", "imported", "harvested", "drafted"]
State = Literal["approved", "draft", "rejected"]


class BadItem(InvalidInput):
    """An item's data say something impossible; the message names the item and the field."""

    code = "bad_item"


@dataclass(frozen=True)
class Answer:
    """What a learner gave: ``text`` as typed, or ``selected`` from a card.

    ``selected`` holds option ids (multiple choice, poll), step ids in the chosen order (ordering), ``left=right``
    pairs of ids (matching) or one text per blank (cloze). ``language`` is the learner's (BCP 47): it decides what a
    comma in a number means.
    """

    text: str = ""
    selected: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Bands:
    """Coverage probabilities at or above ``high`` count as covered, below ``low`` as not, between as doubtful."""

    low: float
    high: float


class TextJudge(Protocol):
    """Judges free text. The real one is fitted (``tutor.grading``); ``tutor.grading.words`` is the shipped fake."""

    @property
    def bands(self) -> Bands: ...

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        """For each statement (its equally good wordings), the probability that ``answer`` expresses it.

        A negated or sign-flipped answer never covers. Blocking: it may embed.
        """
        ...


@dataclass(frozen=True)
class Expectation:
    """An idea a full answer holds. ``also`` are other wordings; ``hint`` points at it without saying it; ``ask`` is a
    narrower question (the *prompt* of the ladder) that this idea answers."""

    id: str
    text: str
    also: tuple[str, ...] = ()
    hint: str = ""
    ask: str = ""


@dataclass(frozen=True)
class Misconception:
    """A named wrong idea: ``says`` are answers that show it (statements, option ids, numbers or expressions, by the
    item's type), ``repair`` mends it without giving the answer away, ``ask`` is a question that tests the repair."""

    id: str
    title: str
    says: tuple[str, ...] = ()
    repair: str = ""
    ask: str = ""


class Body(Protocol):
    """What is particular to a type: its answer key. ``TYPE`` is its name in the course format."""

    @property
    def type(self) -> str: ...


@dataclass(frozen=True)
class Hint:
    """A rung of the ladder: a ``text`` to read, or with ``body`` a *scaffold*: a sub-question of its own.

    ``depends_on`` are ids of hints that come first (ids unique in the item).
    """

    id: str
    text: str
    title: str = ""
    depends_on: tuple[str, ...] = ()
    body: Body | None = None

    @property
    def is_scaffold(self) -> bool:
        return self.body is not None


@dataclass(frozen=True)
class Item:
    """One question of a course.

    ``prompt`` is Markdown with LaTeX between dollars. ``explanation`` is the model answer or worked solution, told
    only when the ladder is exhausted. ``difficulty`` is a prior in logits (0: even odds for an average learner; more is
    harder). ``variant_of`` groups items that test the same in other numbers or words: a *fresh* item comes from the
    same group or the same knowledge component. ``place`` is the document the item rests on. ``kcs_guessed`` flags
    knowledge components that were matched and not named by an author.
    """

    id: str
    course: str
    prompt: str
    body: Body
    kcs: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    explanation: str = ""
    difficulty: float = 0.0
    language: str = ""
    variant_of: str = ""
    transfer: bool = False
    origin: Origin = "authored"
    state: State = "approved"
    kcs_guessed: bool = False
    place: str = ""
    attribution: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return self.body.type

    def hint(self, name: str) -> Hint:
        """Raises ``KeyError``."""
        for hint in self.hints:
            if hint.id == name:
                return hint
        raise KeyError(name)
