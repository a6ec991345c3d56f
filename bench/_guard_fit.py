"""Fits the guard's classifier: logistic regressions, with thresholds from folds that leave an item out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bench._guard_data import Planted
from tutor.grading.classifier import FURTHEST, Logistic
from tutor.grading.guard import spoken_in
from tutor.grading.guard_ideas import FEATURES, WORDS, Cutting, Fitted, dense, look, plainly

if TYPE_CHECKING:
    from retrieval.embedders import Embedder, Vectors

#: Share of harmless sentences about ideas that may be blocked, in the item's language and in another.
BLOCKED = {"same": 0.10, "across": 0.05, "words": 0.12}
STRENGTH = 0.3  # inverse of the penalty
ROUNDS = 6


@dataclasses.dataclass(frozen=True)
class Example:
    """A sentence and its rows of ``FEATURES``, one a wording (and one more each with what was said before)."""

    item: str
    leaks: bool
    same: bool
    rows: Vectors
    plain: bool


def fit(planted: Sequence[Planted], embedder: Embedder) -> Fitted:
    """Fit on ``planted``. Sentences that words alone settle are left out: the classifier never sees them."""
    from sklearn.linear_model import LogisticRegression

    examples = [_example(one, embedder) for one in planted if one.secret.ideas]
    open_ones = [one for one in examples if not one.plain]
    names = {"same": FEATURES, "across": FEATURES, "words": WORDS}
    notes = []
    cuts: dict[str, Cutting] = {}
    for name, features in names.items():
        chosen = [one for one in open_ones if one.same == (name != "across")]
        columns = [FEATURES.index(feature) for feature in features]

        def fitted(train: Sequence[Example], columns: list[int] = columns) -> Logistic:
            stacked = np.vstack([one.rows[:, columns] for one in train])
            mean, scale = stacked.mean(axis=0), np.maximum(stacked.std(axis=0), 0.001)
            # Which of several ideas a leak says is not labelled: the likeliest, in turns with the weights.
            picked = [int(np.argmax(one.rows[:, 0])) for one in train]
            model = LogisticRegression(C=STRENGTH, max_iter=1000)
            for _ in range(ROUNDS):
                rows = np.array(
                    [_scaled(one.rows[at, columns], mean, scale) for one, at in zip(train, picked, strict=True)]
                )
                model.fit(rows, [one.leaks for one in train])
                picked = [
                    int(np.argmax(model.decision_function(_scaled(one.rows[:, columns], mean, scale)))) for one in train
                ]
            used = tuple(FEATURES[column] for column in columns)
            weights = tuple(float(weight) for weight in model.coef_[0])
            return Logistic(
                used, tuple(map(float, mean)), tuple(map(float, scale)), weights, float(model.intercept_[0])
            )

        outside: list[tuple[bool, float]] = []
        for item in sorted({one.item for one in chosen}):
            without = fitted([one for one in chosen if one.item != item])
            outside += [
                (one.leaks, max(without.logit([float(v) for v in row[columns]]) for row in one.rows))
                for one in chosen
                if one.item == item
            ]
        harmless = sorted(score for leaks, score in outside if not leaks)
        threshold = harmless[min(len(harmless) - 1, int(len(harmless) * (1 - BLOCKED[name])))]
        caught = [score > threshold for leaks, score in outside if leaks]
        notes.append(
            f"{name}: {sum(caught)}/{len(caught)} leaks at {BLOCKED[name]:.1%} of {len(harmless)} harmless, "
            "items left out"
        )
        cuts[name] = Cutting(fitted(chosen), threshold)
    note = "Fitted by `python -m bench.guard --fit` on data of ours (Apache-2.0). " + "; ".join(notes)
    return Fitted(embedder.name, cuts["same"], cuts["across"], cuts["words"], note)


def _scaled(rows: Vectors, mean: Vectors, scale: Vectors) -> Vectors:
    clipped: Vectors = np.clip((rows - mean) / scale, -FURTHEST, FURTHEST)
    return clipped


def _example(one: Planted, embedder: Embedder) -> Example:
    secret = one.secret
    spoken = spoken_in(one.sentence, secret.language)
    wordings = [wording for idea in secret.ideas for wording in idea]
    texts = [one.sentence, *([f"{one.before[-300:]} {one.sentence}"] if one.before else [])]
    vectors = embedder.embed_queries([secret.question, *wordings, *texts])
    rows = []
    plain = False
    for at, text in enumerate(texts):
        own = vectors[1 + len(wordings) + at]
        for place, wording in enumerate(wordings):
            seen = look(text, wording, secret.question, spoken, secret.language)
            plain |= plainly(seen)
            rows.append((*dense(own, vectors[1 + place], vectors[0]), *seen.values))
    return Example(one.item, one.leaks, spoken == secret.language, np.array(rows), plain)
