"""Fits the guard's classifiers: logistic regressions, with thresholds from folds that leave items out."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bench._guard_data import Planted, read_with
from tutor.grading.classifier import FURTHEST, Logistic
from tutor.grading.guard import spoken_in
from tutor.grading.guard_acts import ACTS, acts
from tutor.grading.guard_ideas import CUTTINGS, FEATURES, WORDS, Cutting, Fitted, dense, look, plainly

if TYPE_CHECKING:
    from retrieval.embedders import Embedder, Vectors

#: Share of harmless sentences about ideas that may be blocked: in the item's language, with a harmless sentence before,
#: in another language, and where there are no vectors.
BLOCKED = {"same": 0.12, "after": 0.05, "across": 0.08, "words": 0.12}
STRENGTH = 0.3  # inverse of the penalty
REACH = 8.0  # what a sentence's vector is multiplied by, so that the penalty lets its weights count
ROUNDS = 3
FOLDS = 6
TOLD = ("same", "about", "after", "across")  # these look at how a sentence is told
STRANGERS = 10  # for each item, sentences of other items: they explain as leaks do, but not this
STRANGE = 0.05  # weight of such a one beside what is said of the item
LOST = 0.03  # share of leaks that may be taken for strangers


@dataclasses.dataclass(frozen=True)
class Example:
    """A sentence: its rows of ``FEATURES``, one a wording, and its unit vector. ``strange``: said of another item."""

    item: str
    leaks: bool
    rows: Vectors
    sentence: Vectors
    strange: bool = False


def fit(planted: Sequence[Planted], embedder: Embedder, seed: int = 1) -> Fitted:
    """Fit on ``planted``. Sentences that words alone settle are left out: the classifiers never see them."""
    about = [one for one in planted if one.secret.ideas]
    shuffled = sorted({one.item for one in about})
    random.Random(seed).shuffle(shuffled)
    fold = {item: at % FOLDS for at, item in enumerate(shuffled)}
    notes = []
    cuts: dict[str, Cutting] = {}
    for name in CUTTINGS:
        examples = _examples(name, about, embedder, seed)
        features = WORDS if name == "words" else FEATURES
        # Whether it is about the idea is told from strangers alone; else these only steady the fit.
        weight = 1.0 if name == "about" else STRANGE
        outside: list[tuple[Example, float]] = []
        for at in range(FOLDS):
            cut = _fitted([one for one in examples if fold[one.item] != at], features, weight, told=name in TOLD)
            outside += [
                (one, max(_over(cut, row, one) for row in one.rows)) for one in examples if fold[one.item] == at
            ]
        leaks = sorted(score for one, score in outside if one.leaks)
        fine = sorted(score for one, score in outside if not one.leaks and one.strange == (name == "about"))
        if name == "about":
            threshold = leaks[int(len(leaks) * LOST)]
        else:
            threshold = fine[min(len(fine) - 1, int(len(fine) * (1 - BLOCKED[name])))]
        caught, blocked = (sum(score > threshold for score in scores) for scores in (leaks, fine))
        notes.append(f"{name}: {caught}/{len(leaks)} leaks, {blocked}/{len(fine)} others")
        cuts[name] = dataclasses.replace(_fitted(examples, features, weight, told=name in TOLD), threshold=threshold)
    note = (
        "Fitted by `python -m bench.guard --fit` on data of ours (Apache-2.0). What words leave open, items left out: "
        + "; ".join(notes)
    )
    return Fitted(embedder.name, **cuts, note=note)


def _over(cut: Cutting, row: Vectors, one: Example) -> float:
    columns = [FEATURES.index(feature) for feature in cut.logistic.features]
    return cut.over([float(value) for value in row[columns]], one.sentence)


def _fitted(train: Sequence[Example], features: Sequence[str], strange: float, *, told: bool) -> Cutting:
    from sklearn.linear_model import LogisticRegression

    columns = [FEATURES.index(feature) for feature in features]
    stacked = np.vstack([one.rows[:, columns] for one in train])
    mean, scale = stacked.mean(axis=0), np.maximum(stacked.std(axis=0), 0.001)
    scaled = [np.clip((one.rows[:, columns] - mean) / scale, -FURTHEST, FURTHEST) for one in train]
    manner = np.array([one.sentence * REACH * told for one in train])
    middle = manner.mean(axis=0)
    # Which of several ideas a leak says is not labelled: the likeliest, in turns with the weights.
    picked = [int(np.argmax(one.rows[:, 0])) for one in train]
    model = LogisticRegression(C=STRENGTH, max_iter=2000, tol=1e-3, warm_start=True)
    for _ in range(ROUNDS):
        rows = np.array([rows[at] for rows, at in zip(scaled, picked, strict=True)])
        model.fit(
            np.hstack([rows, manner - middle]),
            [one.leaks for one in train],
            [strange if one.strange else 1.0 for one in train],
        )
        picked = [int(np.argmax(rows @ model.coef_[0][: len(columns)])) for rows in scaled]
    weights, of_vector = model.coef_[0][: len(columns)], model.coef_[0][len(columns) :]
    logistic = Logistic(
        tuple(features),
        tuple(map(float, mean)),
        tuple(map(float, scale)),
        tuple(map(float, weights)),
        float(model.intercept_[0] - middle @ of_vector),
    )
    return Cutting(logistic, 0.0, tuple(float(weight * REACH) for weight in of_vector) if told else ())


def _examples(name: str, about: Sequence[Planted], embedder: Embedder, seed: int) -> list[Example]:
    """What a classifier is fitted on: single sentences, or pairs of them, or both where they are few."""
    match name:
        case "same" | "about":
            chosen = [one for one in about if _is_same(one) and not one.before]
            pairs = [(one, "", False) for one in chosen] + [(one, "", True) for one in _strangers(chosen, seed)]
        case "after":
            pairs = [(one, one.before or one.earlier, False) for one in about if _is_same(one) and _could_finish(one)]
        case _:
            pairs = [(one, one.before, False) for one in about if _is_same(one) == (name == "words")]
    found = [one for one in (_example(*pair, embedder) for pair in pairs) if one is not None]
    return [one for one in found if one.leaks or one.strange] if name == "about" else found


def _is_same(one: Planted) -> bool:
    return spoken_in(one.sentence, one.secret.language) == one.secret.language


def _could_finish(one: Planted) -> bool:
    does = dict(zip(ACTS, acts(one.sentence, one.secret.language), strict=True))
    return bool(one.before or one.earlier) and not does["asks"] and not does["points"]


def _strangers(chosen: Sequence[Planted], seed: int) -> Iterator[Planted]:
    """For each item of the training topics, leaks of other such items, as harmless ones."""
    rng = random.Random(seed)
    leaks = [one for one in chosen if one.leaks and one.split == "train"]
    for secret in dict.fromkeys(one.secret for one in leaks):
        others = [one for one in leaks if one.secret != secret and one.secret.language == secret.language]
        item = next(one.item for one in leaks if one.secret == secret)
        for one in rng.sample(others, min(STRANGERS, len(others))):
            yield dataclasses.replace(one, item=item, secret=secret, leaks=False)


def _example(one: Planted, before: str, strange: bool, embedder: Embedder) -> Example | None:
    """None for what words alone settle, be it the sentence by itself or with what was said before."""
    secret = one.secret
    spoken = spoken_in(one.sentence, secret.language)
    wordings = [wording for idea in secret.ideas for wording in idea]
    read = read_with(before, one.sentence)
    text = " ".join(read)
    vectors = embedder.embed_queries([secret.question, one.sentence, text, *wordings])
    does = acts(one.sentence, spoken)
    rows = []
    for at, wording in enumerate(wordings):
        seen = look(read, wording, secret.question, spoken, secret.language)
        alone = look((one.sentence,), wording, secret.question, spoken, secret.language)
        if plainly(seen, text, spoken) or plainly(alone, one.sentence, spoken):
            return None
        values = seen.doing(does)
        rows.append((*dense(vectors[2], vectors[3 + at], vectors[0]), *values))
    return Example(one.item, one.leaks, np.array(rows), vectors[1], strange)
