"""What the tutor does next: a pure decision with the rule that fired.

Without question items the choice is between answering a free question from the course, guiding towards the answer of
one of its exercises, saying that the course does not hold it, greeting, and saying that there is nothing yet. The
ladder of hints joins with the items.
"""

import unicodedata
from dataclasses import dataclass
from typing import Literal

MoveName = Literal["greet", "answer", "guide", "not_covered", "no_material"]


@dataclass(frozen=True)
class Move:
    """``rule`` names the rule that chose it, ``reason`` says why in one sentence for a reviewer."""

    name: MoveName
    rule: str
    reason: str


@dataclass(frozen=True)
class Situation:
    """What the decision rests on. ``found`` counts passages; ``covered`` is the retriever's verdict; ``withheld``
    counts passages kept back because the question is one of the course's exercises and they give its answer away;
    ``touches_open`` says that the best passage is kept back because it answers the tutor's own open question."""

    is_greeting: bool
    has_material: bool
    found: int
    covered: bool
    withheld: int = 0
    touches_open: bool = False


def next_move(situation: Situation) -> Move:
    """The first rule that applies, in this order."""
    if situation.is_greeting:
        return Move("greet", "greeting", "The message is a greeting, not a question.")
    if not situation.has_material:
        return Move("no_material", "empty_course", "The course holds no material yet.")
    if situation.covered and situation.withheld > 0:
        return Move("guide", "course_exercise", "The question is an exercise of the course; its answer is kept back.")
    if situation.covered and situation.touches_open:
        return Move("guide", "open_question", "What the course says of it would answer the open question.")
    if not situation.covered or situation.found == 0:
        return Move("not_covered", "refuse_uncovered", "No passage of the course covers the question well enough.")
    return Move("answer", "free_question", f"{situation.found} passages of the course cover the question.")


def is_greeting(text: str, greetings: frozenset[str]) -> bool:
    """Whether the whole message is one of ``greetings`` (lower case, without punctuation)."""
    return " ".join(_words(text)) in greetings


def _words(text: str) -> list[str]:
    """In lower case, without punctuation."""
    # Vowel signs and accents written apart belong to their letter; everything else between words is punctuation.
    kept = (c if c.isalnum() or c == "'" or unicodedata.category(c)[0] == "M" else " " for c in text.casefold())
    return unicodedata.normalize("NFC", "".join(kept)).split()


@dataclass(frozen=True)
class Leaning:
    """How a short message shows that it leans on the one before: any of ``signs`` ("and", "it", "more") in it, or no
    word that isn't ``empty`` ("why", "is"). Words in lower case."""

    signs: frozenset[str]
    empty: frozenset[str]


def retrieval_query(message: str, earlier: tuple[str, ...], leaning: Leaning, short: int = 4) -> str:
    """What to look up: a short follow-up ("why?", "and at night?") leans on the message before it.

    A short question with a subject of its own ("What is glycolysis?") doesn't: the words before would lead astray.
    """
    words = _words(message)
    if earlier and len(words) <= short and (leaning.signs & set(words) or leaning.empty >= set(words)):
        return f"{earlier[-1]} {message}"
    return message
