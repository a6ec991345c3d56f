"""What the learner model is told from outside: weights, how much kinds of evidence count, and how hard things are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import add
from typing import Any

#: Statistics that answers move; none of their weights may be negative, so that a right answer never lowers a belief.
EVIDENCE = (
    "item",  # the item's ease, in log odds of an average learner
    "common",  # the learner's common ability
    "component",  # ... and that in the item's components, beside it
    "fast",  # moving average of credit in the components, half a life of one answer
    "slow",  # ... of about three answers
    "wins",  # log of one plus the right answers
    "losses",  # minus the log of one plus the wrong ones
    "run",  # right answers since the last wrong one, up to five
    "long",  # moving averages of credit over everything, of about 14, 4 and 1 answers
    "middle",
    "short",
    "met",  # how this very item went before
    "loss",  # minus the forgetting that showed in answers
    "forgetting",  # minus the forgetting expected from the time away
)
#: The situation of a question. These say nothing of what the learner knows: a belief holds them at their usual value.
SITUATION = (
    "new",  # the first answer in this component
    "gap",  # log of one plus the answers given to other things since
    "answers",  # log of one plus all answers so far
    "components",  # further components in the same item
    "again",  # the item was met before
    "practice",  # log of one plus the answers so far in the item's components
)
FEATURES = (*EVIDENCE, *SITUATION)

#: Round numbers of our own choosing, fitted to nobody's answers: ability carries the prediction, and a little learning
#: is assumed. Simulated learners, with and without learning, are predicted to some 5 % by them.
PRIOR_WEIGHTS: Mapping[str, float] = {
    "item": 1.0,
    "common": 1.0,
    "component": 1.0,
    "fast": 0.1,
    "slow": 0.1,
    "wins": 0.15,
    "met": 0.5,
    "loss": 0.5,
    "forgetting": 0.5,
}
#: How far an answer may move beliefs (1: all the way). ``hints`` is by hint level: what a right answer still says.
PRIOR_EVIDENCE: Mapping[str, Any] = {
    "hints": (1.0, 0.6, 0.45, 0.3, 0.0),
    "repeat": 0.15,  # a further try at the same question
    "rushed": 0.6,  # a wrong answer in a fraction of the learner's usual time: a slip or a click
    "laboured": 0.85,  # a right answer in several times the usual time
    "guessed": 0.6,  # a right answer given with no confidence at all
    "doubted": 0.8,  # a wrong answer the learner did not believe in either
}


@dataclass(frozen=True)
class Parameters:
    """``version`` names the fit; ``values`` are JSON numbers. ``Parameters.default()`` holds cold-start priors.

    ``values`` may hold: ``bias``; ``weights`` by the names in ``FEATURES``; ``usual``, what the ``SITUATION`` is like
    on average; ``evidence`` as in ``PRIOR_EVIDENCE``; ``ease``, the log odds of an average learner on an unknown
    component; ``kcs`` and ``items``, the same by id; ``slopes``, by component: what is added to the bias and then to
    each of the weights, in the order of ``FEATURES`` (some components are learnt faster than others). What is absent
    is at its prior.
    """

    version: str = "prior-1"
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def default(cls) -> "Parameters":
        """Documented priors for a course from which nothing was learnt yet. Nothing in them was fitted to data."""
        return cls("prior-1", {"weights": dict(PRIOR_WEIGHTS), "evidence": {**PRIOR_EVIDENCE}})

    @cached_property
    def model(self) -> "Model":
        """The same, laid out for use."""
        weights = self.values.get("weights", PRIOR_WEIGHTS)
        usual = self.values.get("usual", {})
        common = tuple(float(weights.get(name, 0.0)) for name in FEATURES)
        bias = float(self.values.get("bias", 0.0))
        slopes = {
            kc: (bias + own[0], tuple(map(add, common, own[1:]))) for kc, own in self.values.get("slopes", {}).items()
        }
        return Model(
            weights=(bias, common),
            slopes=slopes,
            usual=tuple(float(usual.get(name, 0.0)) for name in SITUATION),
            gains={**PRIOR_EVIDENCE, **self.values.get("evidence", {})},
            ease=float(self.values.get("ease", 0.0)),
            kcs=self.values.get("kcs", {}),
            items=self.values.get("items", {}),
        )


#: A bias, and the weights in the order of ``FEATURES``.
Weights = tuple[float, tuple[float, ...]]


@dataclass(frozen=True)
class Model:
    """``Parameters`` with every gap filled. ``slopes`` are whole weights of a component, not what they add."""

    weights: Weights
    slopes: Mapping[str, Weights]
    usual: tuple[float, ...]
    gains: Mapping[str, Any]
    ease: float
    kcs: Mapping[str, float]
    items: Mapping[str, float]

    def weights_of(self, kcs: tuple[str, ...]) -> Weights:
        """The mean of those of the components."""
        if len(kcs) == 1:
            return self.slopes.get(kcs[0], self.weights)
        found = [self.slopes.get(kc, self.weights) for kc in kcs]
        share = 1.0 / len(found)
        bias = share * math.fsum(bias for bias, _ in found)
        return bias, tuple(share * math.fsum(column) for column in zip(*(own for _, own in found), strict=True))

    def ease_of_kc(self, kc: str) -> float:
        return self.kcs.get(kc, self.ease)

    def ease_of(self, item: str, kcs: tuple[str, ...], difficulty: float) -> float:
        """That of a fitted item, else the mean of its components' less the author's ``difficulty`` (logits)."""
        found = self.items.get(item)
        if found is not None:
            return found
        return math.fsum(self.ease_of_kc(kc) for kc in kcs) / len(kcs) - difficulty
