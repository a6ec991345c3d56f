"""What kind of utterance a message is, decided before anything is graded.

Two linear classifiers over the named features of ``intent_features``: a logistic regression that tells answers from
everything else, and a multinomial one that tells the others apart. ``python -m bench.intent_train`` fits them on
utterances written for this project; the weights are ``data/intent.json``. A few shapes are decided without them.

Being asked beats being marked wrong, so a message counts as an answer only from ``bands.high`` of answer probability.
Between ``bands.low`` and ``bands.high`` the returned intent is the likeliest that is no answer, and the caller should
ask ("Is that your answer, or a question?"): :meth:`IntentClassifier.is_doubtful`. What puts the decision to the tutor
("Is it chlorophyll?", "it's chlorophyll, right?") is a question; a guess with a question mark ("chlorophyll?") is an
answer. A bare "yes" is an answer only to a question that yes or no answers, so a caller that has just asked the
learner for a confirmation should pass that question's kind as ``""`` and read ``confirm`` and ``deny``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

from tutor.domain.assessment import Intent, IntentGuess
from tutor.domain.items.item import Bands
from tutor.grading.intent_features import NEVER_GRADED, PLAIN_GUESS, features
from tutor.grading.intent_shape import decided

WEIGHTS = Path(__file__).parent / "data" / "intent.json"
VERSION = 1
# "doubtful" is the tutor's conclusion from the probability of an answer, and nothing that can be read in a message.
INTENTS: tuple[Intent, ...] = tuple(name for name in get_args(Intent) if name != "doubtful")
DECIDED = 0.97  # the probability of what the shape alone decides
DOUBTLESS_QUESTION = 0.02  # the most that what is plainly a question counts as an answer
DOUBTLESS_GUESS = 0.6  # the least that a bare guess with a question mark does
_ANSWER = INTENTS.index("answer")


@dataclass(frozen=True)
class IntentWeights:
    """``bias`` and each of ``weights`` hold one number an intent, in the order of ``INTENTS``.

    The number of "answer" is the log odds that it is one; the others are scores among what is none.
    """

    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    bands: Bands

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> IntentWeights:
        """Raises ``ValueError`` for a file of another version or with other intents."""
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("version") != VERSION or tuple(data.get("intents", ())) != INTENTS:
            raise ValueError(f"{path.name}: not weights of version {VERSION} for these intents")
        empty = (0.0,) * len(INTENTS)
        weights: dict[str, tuple[float, ...]] = {}
        for name, sparse in data["weights"].items():
            row = list(empty)
            for place, hundredths in zip(sparse[::2], sparse[1::2], strict=True):
                row[place] = hundredths / 100
            weights[name] = tuple(row)
        return cls(tuple(data["bias"]), weights, Bands(**data["bands"]))

    def save(self, path: Path = WEIGHTS, about: str = "") -> None:
        """One feature a line: the place of an intent and its weight in hundredths, in turn."""
        head = {"version": VERSION, "about": about, "intents": INTENTS, "bias": [round(b, 3) for b in self.bias]}
        head["bands"] = {"low": self.bands.low, "high": self.bands.high}
        lines = []
        for name, row in sorted(self.weights.items()):
            sparse = [number for place, w in enumerate(row) if round(100 * w) for number in (place, round(100 * w))]
            if sparse:
                lines.append(f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(sparse, separators=(',', ':'))}")
        body = json.dumps(head, ensure_ascii=False)[:-1] + ',\n"weights": {\n' + ",\n".join(lines) + "\n}}\n"
        path.write_text(body, encoding="utf-8")


@lru_cache(maxsize=1)
def shipped() -> IntentWeights:
    """The weights in ``data/intent.json``."""
    return IntentWeights.load()


class IntentClassifier:
    """Pure, deterministic and safe to share between threads."""

    def __init__(self, weights: IntentWeights | None = None) -> None:
        self._weights = weights or shipped()

    @property
    def bands(self) -> Bands:
        """Of ``answer_probability``: graded from ``high``, asked about from ``low``."""
        return self._weights.bands

    def classify(self, message: str, question: str, kind: str, language: str) -> IntentGuess:
        """What ``message`` is, sent while the item ``question`` of type ``kind`` was open (both ``""`` for none).

        ``language`` is the learner's (BCP 47); every language's cues are always looked for, because learners mix
        them. Takes well under a millisecond, whatever the length. Never raises.
        """
        probabilities = self.probabilities(message, question, kind)
        answer = probabilities[_ANSWER]
        if answer >= self._weights.bands.high:
            return IntentGuess("answer", answer, answer)
        best = max((p, i) for i, p in enumerate(probabilities) if i != _ANSWER)
        return IntentGuess(INTENTS[best[1]], best[0], answer)

    def is_doubtful(self, guess: IntentGuess) -> bool:
        """Whether to ask if it was meant as an answer: too likely to pass over, not likely enough to grade."""
        return self.bands.low <= guess.answer_probability < self.bands.high

    def probabilities(self, message: str, question: str, kind: str) -> tuple[float, ...]:
        """One an intent, in the order of ``INTENTS``; they sum to one. Nothing is an answer while no item is open."""
        shape = decided(message, question, kind)
        if shape is not None and (shape != "answer" or question or kind):
            rest = (1 - DECIDED) / (len(INTENTS) - 1 - (not question and not kind))
            certain = [rest] * len(INTENTS)
            if not question and not kind:
                certain[_ANSWER] = 0.0
            certain[INTENTS.index(shape)] = DECIDED
            return tuple(certain)
        scores = list(self._weights.bias)
        weights = self._weights.weights
        found = features(message, question, kind)
        for name in found:
            row = weights.get(name)
            if row is not None:
                scores = [score + weight for score, weight in zip(scores, row, strict=True)]
        answer = 1 / (1 + math.exp(-max(-40.0, min(40.0, scores[_ANSWER])))) if question or kind else 0.0
        if NEVER_GRADED in found:
            answer = min(answer, DOUBTLESS_QUESTION)
        elif PLAIN_GUESS in found and (question or kind):
            answer = max(answer, DOUBTLESS_GUESS)
        top = max(score for place, score in enumerate(scores) if place != _ANSWER)
        powers = [math.exp(score - top) for score in scores[:_ANSWER] + scores[_ANSWER + 1 :]]
        scale = (1 - answer) / sum(powers)
        shares = [power * scale for power in powers]
        return (*shares[:_ANSWER], answer, *shares[_ANSWER:])


def intent(name: str) -> Intent:
    """Raises ``ValueError`` for what is no intent."""
    for known in INTENTS:
        if known == name:
            return known
    raise ValueError(f"{name!r} is not an intent")
