"""Knowledge tracing: from evidence to a calibrated probability of a right next answer, one component at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tutor.domain.events import EvidenceObserved


@dataclass(frozen=True)
class Question:
    """What predicting needs of an item: its id, components and prior difficulty (logits)."""

    item: str
    kcs: tuple[str, ...]
    difficulty: float = 0.0


@dataclass(frozen=True)
class Belief:
    """What is believed of a component: the probability of a right next answer on an average item of it, with an 80 %
    credible interval, and how much evidence it rests on. ``at`` is when it was last practised."""

    mean: float
    lower: float
    upper: float
    evidence: int
    at: datetime | None = None


@dataclass(frozen=True)
class Knowledge:
    """A learner's state in one course (sufficient statistics only; JSON through ``as_data``)."""

    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameters:
    """``version`` names the fit; ``values`` are JSON numbers. ``Parameters.default()`` holds cold-start priors."""

    version: str = "prior-1"
    values: Mapping[str, Any] = field(default_factory=dict)


def observe(state: Knowledge, evidence: EvidenceObserved, now: datetime, parameters: Parameters) -> Knowledge:
    """The state after one piece of evidence."""
    raise NotImplementedError


def predict(state: Knowledge, question: Question, now: datetime, parameters: Parameters) -> float:
    """The probability that the learner answers ``question`` right, unaided, at ``now``."""
    raise NotImplementedError


def belief(state: Knowledge, kc: str, now: datetime, parameters: Parameters) -> Belief:
    """What is believed of one component."""
    raise NotImplementedError


def is_mastered(found: Belief) -> bool:
    """The gate: on the lower bound, and on more than one answer."""
    raise NotImplementedError


def fit(histories: Sequence[Sequence[tuple[EvidenceObserved, datetime]]]) -> Parameters:
    """Refit the parameters from logs; numpy is used outside the domain (``tutor.services.fitting``)."""
    raise NotImplementedError
