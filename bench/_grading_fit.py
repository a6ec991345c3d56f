"""Fitting the classifier of free text: logistic regression, on the wording the product would choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bench._grading_data import Answered, Bag
from tutor.grading import features
from tutor.grading.classifier import FURTHEST, Logistic, Products
from tutor.grading.memory import MEMORY, ItemMemory

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Truth = NDArray[np.bool_]

STRENGTH = 0.0002  # inverse of the penalty
TRUST = 7.0  # named features are scaled up by this, so that the penalty falls on the products first
DISTANCE = 0.5  # log-odds that vectors lose between languages; set on tests/grading/data/multilingual.toml
ROUNDS = 2  # of choosing each answer's best wording and fitting again


@dataclass(frozen=True)
class Model:
    """What judges an answer in the item's own language."""

    named: Logistic
    products: Products

    def logit(self, bag: Bag) -> float:
        """The best log-odds over the wordings."""
        return float(self.logits(bag).max())

    def logits(self, bag: Bag) -> Floats:
        answers = np.repeat(bag.answer[None], len(bag.statements), axis=0)
        return named_logits(self.named, bag.same) + self.products.logits(bag.statements, answers)


def fit(bags: Sequence[Bag], correct: Truth) -> Model:
    """Features and products together, on the best wording of each answer; calibrated by Platt's method."""
    chosen = [_closest(bag) for bag in bags]
    model = _fitted(bags, chosen, correct)
    for _ in range(ROUNDS - 1):
        chosen = [int(np.argmax(model.logits(bag))) for bag in bags]
        model = _fitted(bags, chosen, correct)
    return model


def fit_across(bags: Sequence[Bag], correct: Truth) -> Logistic:
    """The features that need no shared language."""
    chosen = np.array([bag.across[_closest(bag)] for bag in bags])
    fitted = logistic(chosen, correct, features.ACROSS)
    chosen = np.array([bag.across[int(np.argmax(named_logits(fitted, bag.across)))] for bag in bags])
    fitted = logistic(chosen, correct, features.ACROSS)
    return replace(fitted, intercept=fitted.intercept + DISTANCE)


def named_logits(fitted: Logistic, values: Floats) -> Floats:
    """``fitted.logit`` of many rows at once."""
    scaled = np.clip((values - np.array(fitted.mean)) / np.array(fitted.scale), -FURTHEST, FURTHEST)
    found: Floats = scaled @ np.array(fitted.weights) + fitted.intercept
    return found


def logistic(values: Floats, correct: Truth, names: tuple[str, ...], strength: float = 0.1) -> Logistic:
    """A plain logistic regression on standardised features."""
    from sklearn.linear_model import LogisticRegression

    mean, scale, scaled = _standardised(values)
    model = LogisticRegression(C=strength, max_iter=2000).fit(scaled, correct)
    return Logistic(names, _rounded(mean), _rounded(scale), _rounded(model.coef_[0]), float(model.intercept_[0]))


def remember(bags: Sequence[Bag], rows: Sequence[Answered]) -> dict[str, ItemMemory]:
    """The memory of every question, of all its answers."""
    of: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        of.setdefault(row.id, []).append(at)
    return {
        question: ItemMemory(
            np.stack([bags[at].answer for at in places]),
            [bags[at].stems for at in places],
            [rows[at].correct for at in places],
        )
        for question, places in of.items()
    }


def fit_memory(bags: Sequence[Bag], rows: Sequence[Answered], judged: Floats) -> Logistic:
    """Weights that join out-of-fold log-odds ``judged`` with each answer's question without that answer."""
    correct = np.array([row.correct for row in rows])
    found = np.zeros((len(rows), len(MEMORY)))
    memories = remember(bags, rows)
    for question, memory in memories.items():
        places = [at for at, row in enumerate(rows) if row.id == question]
        found[places] = memory.left_out([float(judged[at]) for at in places])
    return logistic(found, correct, MEMORY)


def out_of_fold(bags: Sequence[Bag], correct: Truth, groups: Sequence[object] | None, folds: int = 5) -> Floats:
    """Each answer's log-odds from a model that saw none of its group; with no groups, of answers at random."""
    from sklearn.model_selection import GroupKFold, KFold

    found = np.zeros(len(bags))
    if groups is None:
        splits = KFold(folds, shuffle=True, random_state=0).split(correct)
    else:
        splits = GroupKFold(min(folds, len(set(groups)))).split(correct, correct, list(map(str, groups)))
    for seen, unseen in splits:
        model = fit([bags[at] for at in seen], correct[seen])
        found[unseen] = [model.logit(bags[at]) for at in unseen]
    return found


def _closest(bag: Bag) -> int:
    said, meaning = features.SAME.index("said"), features.SAME.index("meaning")
    return int(np.argmax(bag.same[:, said] + 4 * bag.same[:, meaning]))


def _fitted(bags: Sequence[Bag], chosen: Sequence[int], correct: Truth) -> Model:
    from sklearn.linear_model import LogisticRegression

    named = np.array([bag.same[at] for bag, at in zip(bags, chosen, strict=True)])
    statements = np.array([bag.statements[at] for bag, at in zip(bags, chosen, strict=True)])
    answers = np.array([bag.answer for bag in bags])
    mean, scale, scaled = _standardised(named)
    products = np.concatenate([np.abs(answers - statements), answers * statements], axis=1).astype(np.float64)
    product_mean, product_scale, product_scaled = _standardised(products)
    both = np.concatenate([TRUST * scaled, product_scaled], axis=1).astype(np.float32)
    model = LogisticRegression(C=STRENGTH, max_iter=500, tol=1e-3).fit(both, correct)
    weights, width = model.coef_[0].astype(np.float64), len(mean)
    return Model(
        Logistic(
            features.SAME,
            _rounded(mean),
            _rounded(scale),
            _rounded(TRUST * weights[:width]),
            float(model.intercept_[0]),
        ),
        Products(_rounded(product_mean), _rounded(product_scale), _rounded(weights[width:])),
    )


def _standardised(values: Floats) -> tuple[Floats, Floats, Floats]:
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    return mean, scale, np.clip((values - mean) / scale, -FURTHEST, FURTHEST)


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
