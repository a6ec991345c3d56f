"""How likely a sentence says an uncovered idea: a small classifier over words, vectors and the judge. Pure arithmetic.

The useful difference is between nearness to the *idea* and nearness to the *question*: every sentence of a tutor is
about the topic, few say the point.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tutor.grading.guard_choices import stems

if TYPE_CHECKING:
    from retrieval.embedders import Vectors

LEXICAL = ("said", "new_said", "new_in_row", "to_the_point", "same_language", "asks", "length")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the classifier sees of one sentence and one wording of one idea."""

    said: float
    new_said: float
    new_count: int
    to_the_point: float
    same_language: bool
    asks: bool


def look(sentence: str, wording: str, question: str, spoken: str, home: str) -> Seen:
    """``said``: share of the idea's words in the sentence; ``new_said``: of those that the question doesn't have."""
    ours, theirs, asked = (
        frozenset(stems(wording, home)),
        frozenset(stems(sentence, spoken)),
        frozenset(stems(question, home)),
    )
    if spoken != home:  # names and formulas are the same in every language
        theirs |= frozenset(stems(sentence, home))
    new = ours - asked
    return Seen(
        said=len(ours & theirs) / len(ours) if ours else 0.0,
        new_said=len(new & theirs) / len(new) if new else 0.0,
        new_count=len(new),
        to_the_point=len(ours & theirs) / len(theirs) if theirs else 0.0,
        same_language=spoken == home,
        asks=sentence.rstrip().rstrip("\"”»'").endswith(("?", "？", "؟")),
    )


def plainly(seen: Seen) -> bool:
    """Whether words alone settle it: all that is new in the idea is said, and most of the rest."""
    return seen.new_count > 0 and seen.new_said >= 0.999 and (seen.said >= 0.6 or seen.new_count >= 2)
