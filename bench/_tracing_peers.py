"""What others predict from the same answers: Bayesian knowledge tracing (BKT) and DeepTutor's formula.

All of them know components apart; of an answer on several, the mean of their predictions counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench._tracing_data import Given

Floats = NDArray[np.float64]
ROUNDS = 40
#: DeepTutor: weights of the last five answers, newest last.
LAST_FIVE = (0.5, 0.7, 0.85, 0.95, 1.0)


@dataclass(frozen=True)
class Bkt:
    """``known`` at first, ``learn``, ``guess`` and ``slip`` (Corbett and Anderson 1995)."""

    known: float
    learn: float
    guess: float
    slip: float

    def chance(self, knows: float) -> float:
        return knows * (1.0 - self.slip) + (1.0 - knows) * self.guess

    def after(self, knows: float, right: bool) -> float:
        hit = knows * (1.0 - self.slip if right else self.slip)
        miss = (1.0 - knows) * (self.guess if right else 1.0 - self.guess)
        seen = hit / (hit + miss)
        return seen + (1.0 - seen) * self.learn


OATUTOR = Bkt(0.1, 0.1, 0.1, 0.1)


def predicted_by_bkt(learners: Iterable[Sequence[Given]], skills: Mapping[str, Bkt], other: Bkt) -> Floats:
    """One probability an answer, in order."""
    found = []
    for answers in learners:
        knows: dict[str, float] = {}
        for given in answers:
            models = [(kc, skills.get(kc, other)) for kc in given.kcs]
            found.append(float(np.mean([model.chance(knows.get(kc, model.known)) for kc, model in models])))
            for kc, model in models:
                knows[kc] = model.after(knows.get(kc, model.known), given.right)
    return np.array(found)


def predicted_by_last_five(learners: Iterable[Sequence[Given]]) -> Floats:
    """DeepTutor's mastery of a component, 0 before the first answer, read as a probability."""
    found = []
    for answers in learners:
        marks: dict[str, list[bool]] = defaultdict(list)
        for given in answers:
            values = []
            for kc in given.kcs:
                last = marks[kc][-5:]
                weights = LAST_FIVE[len(LAST_FIVE) - len(last) :]
                values.append(sum(w * m for w, m in zip(weights, last, strict=True)) / sum(weights) if last else 0.0)
                marks[kc].append(given.right)
            found.append(float(np.mean(values)))
    return np.array(found)


def fitted(learners: Iterable[Sequence[Given]]) -> tuple[dict[str, Bkt], Bkt]:
    """BKT by expectation maximisation, one model a skill, and one over all for skills never seen in training.

    All sequences advance in lockstep. Guess and slip are kept at or below .5, where knowing means answering better.
    """
    sequences: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for learner, answers in enumerate(learners):
        for given in answers:
            for kc in given.kcs:
                sequences[learner, kc].append(given.right)
    names = sorted({kc for _, kc in sequences})
    number = {name: at for at, name in enumerate(names)}
    order = sorted(sequences, key=lambda key: -len(sequences[key]))
    skill = np.array([number[kc] for _, kc in order])
    marks = [np.array(sequences[key], dtype=float) for key in order]
    values = _maximised(skill, marks, len(names))
    whole = _maximised(np.zeros(len(order), dtype=np.int64), marks, 1)
    return {name: Bkt(*map(float, values[at])) for name, at in number.items()}, Bkt(*map(float, whole[0]))


def _maximised(skill: NDArray[np.int64], marks: list[Floats], skills: int) -> Floats:
    """(skills, 4) parameters. ``marks`` are by sequence, longest first."""
    lengths = np.array([len(sequence) for sequence in marks])
    steps = int(lengths[0])
    active = np.searchsorted(-lengths, -np.arange(steps), side="left")
    right = [np.array([sequence[t] for sequence in marks[: active[t]]]) for t in range(steps)]
    values = np.tile([0.4, 0.15, 0.2, 0.15], (skills, 1))
    for _ in range(ROUNDS):
        known, learn, guess, slip = values[skill].T
        # forward: the chance of knowing before and after each answer was seen
        before, seen, knows = [], [], known.copy()
        for t in range(steps):
            n = active[t]
            k, y, g, s = knows[:n], right[t], guess[:n], slip[:n]
            hit, miss = k * np.where(y > 0, 1 - s, s), (1 - k) * np.where(y > 0, g, 1 - g)
            before.append(k.copy())
            seen.append(hit / (hit + miss))
            knows[:n] = seen[t] + (1 - seen[t]) * learn[:n]
        # backward: the same with all answers seen. A skill once known stays known, so that only learning is smoothed.
        sums = np.zeros((skills, 8))
        later = np.zeros(len(skill))
        for t in range(steps - 1, -1, -1):
            n = active[t]
            smooth = seen[t].copy()
            m = active[t + 1] if t + 1 < steps else 0
            if m:
                ahead = before[t + 1]
                risk = 1.0 - seen[t][:m]
                ratio = later[:m] / np.maximum(ahead, 1e-12)
                smooth[:m] = seen[t][:m] * ratio
                learnt = risk * learn[:m] * ratio
                sums[:, 2] += np.bincount(skill[:m], learnt, skills)
                sums[:, 3] += np.bincount(skill[:m], 1.0 - smooth[:m], skills)
            y, own = right[t], skill[:n]
            sums[:, 4] += np.bincount(own, (1 - smooth) * y, skills)
            sums[:, 5] += np.bincount(own, 1 - smooth, skills)
            sums[:, 6] += np.bincount(own, smooth * (1 - y), skills)
            sums[:, 7] += np.bincount(own, smooth, skills)
            later[:n] = smooth
        sums[:, 0] = np.bincount(skill, later, skills)
        sums[:, 1] = np.bincount(skill, minlength=skills)
        values = (sums[:, 0::2] + 0.5) / (sums[:, 1::2] + 2.0)
        values[:, 2:] = np.minimum(values[:, 2:], 0.5)
    return values
