"""Fitting the classifier of free text: logistic regression on features, the wording chosen as the product chooses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from bench._grading_data import Bag
from tutor.domain.items.item import Bands
from tutor.grading import features
from tutor.grading.classifier import FURTHEST, Logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

Mode = Literal["same", "across"]
NAMES: dict[Mode, tuple[str, ...]] = {"same": features.LEXICAL + features.DENSE, "across": features.DENSE}
ROUNDS = 3  # of choosing each answer's best wording and fitting again
STRENGTH = 0.1  # inverse of the penalty


def fit(bags: Sequence[Bag], correct: Truth, mode: Mode) -> Logistic:
    """A logistic regression on the best wording of each answer, calibrated by Platt's method on the bag's maximum."""
    chosen = np.array([rows(bag, mode)[_closest(bag)] for bag in bags])
    fitted = _logistic(chosen, correct, mode)
    for _ in range(ROUNDS):
        best = [rows(bag, mode)[int(np.argmax(logits(fitted, rows(bag, mode))))] for bag in bags]
        fitted = _logistic(np.array(best), correct, mode)
    return _calibrated(fitted, bag_logits(fitted, bags, mode), correct)


def rows(bag: Bag, mode: Mode) -> Floats:
    return bag.same if mode == "same" else bag.across


def logits(fitted: Logistic, values: Floats) -> Floats:
    """``fitted.logit`` of many rows at once."""
    scaled = np.clip((values - np.array(fitted.mean)) / np.array(fitted.scale), -FURTHEST, FURTHEST)
    found: Floats = scaled @ np.array(fitted.weights) + fitted.intercept
    return found


def bag_logits(fitted: Logistic, bags: Sequence[Bag], mode: Mode) -> Floats:
    """Each answer's best log-odds over the wordings."""
    return np.array([logits(fitted, rows(bag, mode)).max() for bag in bags])


def _closest(bag: Bag) -> int:
    names = NAMES["same"]
    return int(np.argmax(bag.same[:, names.index("said")] + 4 * bag.same[:, names.index("meaning")]))


def _logistic(values: Floats, correct: Truth, mode: Mode) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    scaled = np.clip((values - mean) / scale, -FURTHEST, FURTHEST)
    model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaled, correct)
    return Logistic(
        NAMES[mode],
        tuple(map(float, mean)),
        tuple(map(float, scale)),
        tuple(map(float, model.coef_[0])),
        float(model.intercept_[0]),
    )


def _calibrated(fitted: Logistic, found: Floats, correct: Truth) -> Logistic:
    """Platt 1999: a straight line through the log-odds, folded into the weights."""
    from sklearn.linear_model import LogisticRegression

    line = LogisticRegression(C=1e6).fit(found[:, None], correct)
    slope, shift = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Logistic(
        fitted.features,
        fitted.mean,
        fitted.scale,
        tuple(slope * weight for weight in fitted.weights),
        slope * fitted.intercept + shift,
    )


def bands(probabilities: Floats, correct: Truth, false_reject: float, unsure: float) -> Bands:
    """``low`` so that at most ``false_reject`` of right answers lie below, ``high`` so that ``unsure`` of all lie between."""
    low = float(np.quantile(probabilities[correct], false_reject))
    below = float((probabilities < low).mean())
    high = float(np.quantile(probabilities, min(0.999, below + unsure)))
    return Bands(round(low, 3), round(max(high, low), 3))
