"""Learning from an item's graded answers: what like answers were judged.

A kernel ridge regression of the judgements on the answers, one over vectors and one over words, beside the nearest
right and wrong answer. A handful of graded answers already say much about an item (Suzen et al. 2020, "Automatic short
answer grading and feedback using text mining methods"). Numpy only; an item's memory is fitted in milliseconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.embedders import Vectors

    Floats = NDArray[np.float64]

#: Names of the numbers that join the judge's own log-odds, in order.
MEMORY = (
    "judged",  # the log-odds without memory
    "like_in_meaning",  # kernel ridge over vectors
    "like_in_words",
    "like_in_both",
    "nearest_in_meaning",  # nearness of the nearest right answer less that of the nearest wrong one
    "nearest_in_words",
    "usual",  # log-odds of any answer to this item being right
    "graded",  # log of the number of graded answers
)
TEMPERATURE = 0.07  # of the kernel over vectors: exp(-(1 - cosine) / TEMPERATURE)
RIDGE = 0.3
MOST = 400  # graded answers that are kept: the last ones


class ItemMemory:
    """The graded answers of one item: ``vectors`` of shape ``(n, dimensions)``, their content ``stems``, and which
    were ``right``; n >= 1."""

    def __init__(self, vectors: Vectors, stems: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
        self._vectors = vectors[-MOST:].astype(np.float64)
        self._right = np.array(right[-MOST:], dtype=np.float64)
        self._bags = [_bag(one) for one in stems[-MOST:]]
        seen = Counter(word for bag in self._bags for word in bag)
        self._weight = {word: math.log(1 + len(self._bags) / count) for word, count in seen.items()}
        self._place = {word: at for at, word in enumerate(seen)}
        self._words = self._placed(self._bags)

    def features(self, vector: Vectors, stems: Sequence[str], judged: float) -> tuple[float, ...]:
        """``MEMORY`` of a new answer."""
        meaning = _kernel(vector[None].astype(np.float64), self._vectors)
        words = self._placed([_bag(stems)]) @ self._words.T
        usual = self._usual(self._right)
        found = [
            float((ours @ _ridge(theirs, self._right - usual))[0])
            for ours, theirs in zip(self._both(meaning, words), self._kernels(), strict=True)
        ]
        nearest = [self._nearest(row[0], self._right) for row in (meaning, words)]
        return (judged, *found, *nearest, _logit(usual), math.log(len(self._right)))

    def left_out(self, judged: Sequence[float]) -> list[tuple[float, ...]]:
        """``MEMORY`` of each remembered answer as if it were new: what the joining weights are fitted on."""
        kernels = self._kernels()
        whole = self._usual(self._right)
        fitted = [_left_out(kernel, self._right - whole) for kernel in kernels]
        rows = []
        for at, own in enumerate(judged):
            others = np.delete(self._right, at)
            nearest = [self._nearest(np.delete(kernel[at], at), others) for kernel in kernels[:2]]
            usual = self._usual(others)
            rows.append(
                (own, *(float(one[at]) for one in fitted), *nearest, _logit(usual), math.log(max(1, len(others))))
            )
        return rows

    def _kernels(self) -> tuple[Floats, Floats, Floats]:
        return self._both(_kernel(self._vectors, self._vectors), self._words @ self._words.T)

    @staticmethod
    def _both(meaning: Floats, words: Floats) -> tuple[Floats, Floats, Floats]:
        return meaning, words, (meaning + words) / 2

    @staticmethod
    def _usual(right: Floats) -> float:
        return float((right.sum() + 1) / (len(right) + 2))

    @staticmethod
    def _nearest(near: Floats, right: Floats) -> float:
        return float(np.max(near * right, initial=0.0) - np.max(near * (1 - right), initial=0.0))

    def _placed(self, bags: Sequence[frozenset[str]]) -> Floats:
        """Unit rows of word weights; words not remembered only make the rest weigh less."""
        rows = np.zeros((len(bags), len(self._place)))
        for at, bag in enumerate(bags):
            length = 0.0
            for word in bag:
                weight = self._weight.get(word, math.log(1 + len(self._bags)))
                length += weight * weight
                if word in self._place:
                    rows[at, self._place[word]] = weight
            rows[at] /= math.sqrt(length) or 1.0
        return rows


def _bag(stems: Sequence[str]) -> frozenset[str]:
    return frozenset([*stems, *(" ".join(pair) for pair in pairwise(stems))])


def _kernel(ours: Floats, theirs: Floats) -> Floats:
    found: Floats = np.exp(-np.maximum(0.0, 1.0 - ours @ theirs.T) / TEMPERATURE)
    return found


def _ridge(kernel: Floats, values: Floats) -> Floats:
    found: Floats = np.linalg.solve(kernel + RIDGE * np.eye(len(values)), values).astype(np.float64)
    return found


def _left_out(kernel: Floats, values: Floats) -> Floats:
    """Leave-one-out predictions in closed form."""
    hat = kernel @ np.linalg.inv(kernel + RIDGE * np.eye(len(values)))
    own: Floats = np.diagonal(hat)
    found: Floats = (hat @ values - own * values) / np.maximum(1e-9, 1 - own)
    return found


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
