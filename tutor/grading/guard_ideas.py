"""How likely a sentence says an uncovered idea: a small classifier over words, vectors and what the sentence does.

The useful differences are between nearness to the *idea* and nearness to the *question* (every sentence of a tutor is
about the topic, few say the point), and between explaining and all else that a tutor does: asking, sending to look,
correcting, defining, telling of something beside the point. Half of that is read from the sentence's own vector
(``Cutting.manner``): a paraphrase that shares no word with the idea is still told as an explanation. Pure arithmetic;
the weights are data, fitted by ``python -m bench.guard --fit``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from tutor.grading.classifier import Logistic
from tutor.grading.guard_acts import ACTS, acts, holds_its_answer
from tutor.grading.guard_choices import stems
from tutor.grading.guard_terms import translated
from tutor.grading.guard_words import folded

if TYPE_CHECKING:
    from retrieval.embedders import Vectors

WORDS = ("said", "new_said", "to_the_point", "length", "equation", *ACTS)
DENSE = ("meaning", "meaning_of_question", "idea_of_question", "meaning_beyond")
FEATURES = (*DENSE, *WORDS)
CUTTINGS = ("same", "about", "after", "across", "words")
_DENIES, _LEAVES_OPEN = ACTS.index("denies"), ACTS.index("leaves_open")
_WORD = re.compile(r"[^\s.,;:!?。，]+")
_EQUATION = re.compile(r"\\(?:to|rightarrow|rightleftharpoons|Rightarrow)\b|[→⇌⟶]|=")


@dataclass(frozen=True)
class Cutting:
    """A classifier and the log-odds from which it blocks. ``manner`` are weights of the sentence's unit vector."""

    logistic: Logistic
    threshold: float
    manner: tuple[float, ...] = ()

    def over(self, values: Sequence[float], sentence: Vectors | None = None) -> float:
        """How far the log-odds lie above the threshold; positive blocks. ``sentence``: its unit vector."""
        told = float(sentence @ _array(self.manner)) if self.manner and sentence is not None else 0.0
        return self.logistic.logit(values) + told - self.threshold


@dataclass(frozen=True)
class Fitted:
    """Classifiers, and the embedder whose vectors they were fitted on.

    ``same`` for a sentence in the item's language, if it is ``about`` the idea at all (else any explanation might pass
    for it); ``after`` for such a one together with what was said before it, ``across`` for another language, ``words``
    where there are no vectors.
    """

    embedder: str
    same: Cutting
    about: Cutting
    after: Cutting
    across: Cutting
    words: Cutting
    note: str = ""

    def to_json(self) -> str:
        """The file's text; ``from_json`` reads it back."""
        data: dict[str, Any] = {"embedder": self.embedder, "note": self.note}
        for name in CUTTINGS:
            cut: Cutting = getattr(self, name)
            one = cut.logistic
            data[name] = {
                "threshold": round(cut.threshold, 4),
                "intercept": round(one.intercept, 4),
                "features": {
                    feature: [round(mean, 5), round(scale, 5), round(weight, 4)]
                    for feature, mean, scale, weight in zip(one.features, one.mean, one.scale, one.weights, strict=True)
                },
                "manner": " ".join(f"{weight:.2f}" for weight in cut.manner),
            }
        return json.dumps(data, indent=1) + "\n"

    def alone(self, values: Sequence[float], sentence: Vectors) -> float:
        """How far a single sentence in the item's language is over; positive blocks."""
        return min(self.same.over(values, sentence), self.about.over(values, sentence))

    @staticmethod
    def from_json(text: str) -> Fitted:
        data = json.loads(text)
        return Fitted(data["embedder"], **{name: _cutting(data[name]) for name in CUTTINGS}, note=data["note"])


def _cutting(data: Mapping[str, Any]) -> Cutting:
    rows = data["features"]
    mean, scale, weights = (tuple(float(row[at]) for row in rows.values()) for at in range(3))
    manner = tuple(float(weight) for weight in data["manner"].split())
    return Cutting(
        Logistic(tuple(rows), mean, scale, weights, float(data["intercept"])), float(data["threshold"]), manner
    )


@lru_cache(maxsize=8)
def _array(weights: tuple[float, ...]) -> Vectors:
    import numpy as np

    return np.array(weights, dtype=np.float32)


@cache
def fitted() -> Fitted:
    """The shipped weights."""
    return Fitted.from_json(resources.files(__package__).joinpath("data/guard_ideas.json").read_text(encoding="utf-8"))


class Seen(NamedTuple):  # made sooner than a frozen dataclass, and each sentence has one with every wording
    """What words show of a sentence and one wording of one idea: the first of ``WORDS``, then how many words are new
    in the idea, and whether it is said as it stands."""

    said: float
    new_said: float
    to_the_point: float
    length: float
    equation: float
    new_count: int
    repeated: bool

    def doing(self, does: Sequence[float]) -> tuple[float, ...]:
        """``WORDS``, with what the sentence does: where two are read as one, the second of them."""
        return (*self[:5], *does)


class _Sentence(NamedTuple):
    """What is read of a sentence once, whatever it is held against and together with."""

    terms: frozenset[str]
    length: int  # words, without function words
    equation: bool
    bare: str


@lru_cache(maxsize=4096)  # with a few of each reply under way, each sentence is read once
def _read(sentence: str, spoken: str, home: str) -> _Sentence:
    own = stems(sentence, spoken)
    terms = set(own)
    if spoken != home:  # names are often the same in every language
        terms.update(stems(sentence, home))
    if named := translated(sentence, spoken, home):
        terms.update(stems(named, home))
    return _Sentence(frozenset(terms), len(own), bool(_EQUATION.search(sentence)), _bare(sentence))


def _together(read: Sequence[_Sentence]) -> _Sentence:
    """Several as one."""
    terms: frozenset[str] = frozenset().union(*(one.terms for one in read))
    length, equation = sum(one.length for one in read), any(one.equation for one in read)
    return _Sentence(terms, length, equation, " ".join(one.bare for one in read))


class _Idea(NamedTuple):
    """The words of a wording, those of them that the question doesn't have, and all as they stand: nothing of the last
    where the question says it too."""

    words: frozenset[str]
    new: frozenset[str]
    bare: str


@lru_cache(maxsize=1024)
def _ideas(wordings: tuple[str, ...], question: str, home: str) -> tuple[_Idea, ...]:
    asked, said = frozenset(stems(question, home)), _bare(question)
    found = []
    for wording in wordings:
        words, bare = frozenset(stems(wording, home)), _bare(wording)
        found.append(_Idea(words, words - asked, "" if bare in said else bare))
    return tuple(found)


def look(sentences: tuple[str, ...], wording: str, question: str, spoken: str, home: str) -> Seen:
    """What words show of one or more sentences, read as one, and a wording.

    ``said``: share of the idea's words in them; ``new_said``: of those that the question doesn't have.
    """
    return looks(sentences, (wording,), question, spoken, home)[0]


def looks(sentences: tuple[str, ...], wordings: tuple[str, ...], question: str, spoken: str, home: str) -> list[Seen]:
    """``look`` with each of them."""
    each = [_read(sentence, spoken, home) for sentence in sentences]
    read = each[0] if len(each) == 1 else _together(each)
    length, equation = math.log1p(read.length), float(read.equation)
    nothing = Seen(0.0, 0.0, 0.0, length, equation, 0, repeated=False)
    found = []
    for words, new, bare in _ideas(wordings, question, home):
        repeated = bool(bare) and bare in read.bare
        both = len(words & read.terms)
        if not both and not repeated:  # most of them
            found.append(nothing)
            continue
        found.append(
            Seen(
                both / len(words) if words else 0.0,
                len(new & read.terms) / len(new) if new else 0.0,
                both / len(read.terms) if read.terms else 0.0,
                length,
                equation,
                len(new),
                repeated,
            )
        )
    return found


@lru_cache(maxsize=1024)
def _bare(text: str) -> str:
    return " ".join(_WORD.findall(folded(text)))


def plainly(seen: Seen, sentence: str, spoken: str) -> bool:
    """Whether words alone settle it: all that is new in the idea is said, and most of the rest or several words."""
    if seen.repeated or seen.new_count == 0 or seen.new_said < 0.999:
        return seen.repeated
    if holds_its_answer(sentence, spoken):
        return True
    does = acts(sentence, spoken)
    if does[_LEAVES_OPEN]:
        return False
    return seen.said >= 0.6 or (seen.new_count >= 2 and not does[_DENIES])


def dense(sentence: Vectors, wording: Vectors, question: Vectors) -> tuple[float, ...]:
    """``DENSE`` from unit vectors of shape ``(dimensions,)``.

    Cosines of the sentence with the idea and with the question, of these two, and of the first two with the question's
    direction taken out: what the sentence and the idea share beyond the topic.
    """
    meaning, of_question, stated = float(sentence @ wording), float(sentence @ question), float(wording @ question)
    left = max(1e-6, 1 - of_question * of_question) * max(1e-6, 1 - stated * stated)
    return meaning, of_question, stated, (meaning - of_question * stated) / math.sqrt(left)
