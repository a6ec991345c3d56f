"""What is kept of a learner's answers in one course, and how one more answer changes it.

Every statistic moves by the same rule: *towards* what was seen, by a rate times a gain between 0 and 1. The gain of the
way up and that of the way down differ (a hint discounts only what speaks for the learner), so for any evidence a right
answer raises or keeps every statistic, and a wrong one lowers or keeps it. Whatever weighs the statistics with
non-negative weights inherits that.

Abilities are tracked as a one-step extended Kalman filter of a Rasch model with a common and a component part (Elo with
uncertainty; Glickman 1999, Pelánek 2016). Forgetting follows a power-like curve with a stability that grows more by
spaced than by massed retrieval (Wickelgren 1974; Pavlik and Anderson 2005).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

SECONDS_A_DAY = 86_400.0
#: Round numbers chosen by us, not fitted: a learner's common ability and that in one component have about this spread.
COMMON_VARIANCE = 0.8
COMPONENT_VARIANCE = 0.8
#: Answers never make us surer than this: people change, and a filter that is sure stops listening.
COMMON_FLOOR = 0.03
COMPONENT_FLOOR = 0.08
#: Variance gained per unit of forgetting (``Trace.forgetting``) while away.
DRIFT = 0.15
FIRST_STABILITY = 3.0  # days
#: Answers for which an item is remembered singly (a second meeting is easier), so that the state stays small.
MEMORY = 100


@dataclass(frozen=True)
class Trace:
    """One component. ``ability`` and ``variance`` are in logits beside the learner's common ability; ``fast`` and
    ``slow`` moving averages of credit; ``wins`` and ``losses`` discounted counts; ``run`` the right answers since the
    last wrong one. ``loss`` is forgetting that no right answer has mended (logits), ``stability`` days. ``answers``
    counts opportunities, ``unaided`` full right answers without help, ``order`` is the learner's answer count then."""

    ability: float = 0.0
    variance: float = COMPONENT_VARIANCE
    fast: float = 0.5
    slow: float = 0.5
    wins: float = 0.0
    losses: float = 0.0
    run: float = 0.0
    loss: float = 0.0
    stability: float = FIRST_STABILITY
    answers: int = 0
    unaided: int = 0
    order: int = 0
    at: datetime | None = None

    def forgetting(self, now: datetime) -> float:
        """How much time away weighs, from 0: the logarithm of one plus the time since, in stabilities."""
        if self.at is None:
            return 0.0
        days = (now - self.at).total_seconds() / SECONDS_A_DAY
        return math.log1p(days / self.stability) if days > 0.0 else 0.0


@dataclass(frozen=True)
class Knowledge:
    """A learner's state in one course: sufficient statistics only.

    ``long``, ``middle`` and ``short`` are moving averages of credit over all components; ``pace`` is the mean
    logarithm of the seconds an answer takes this learner, over ``timed`` answers. ``items`` remembers items met
    lately, oldest first: the credit, and the learner's answer count then.
    """

    ability: float = 0.0
    variance: float = COMMON_VARIANCE
    long: float = 0.5
    middle: float = 0.5
    short: float = 0.5
    answers: int = 0
    pace: float = 0.0
    timed: int = 0
    kcs: Mapping[str, Trace] = field(default_factory=dict)
    items: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """JSON values, without what is at its default."""
        data = _changed(self, Knowledge())
        data["kcs"] = {kc: _changed(trace, Trace()) for kc, trace in self.kcs.items()}
        for trace in data["kcs"].values():
            if trace.get("at"):
                trace["at"] = trace["at"].isoformat()
        data["items"] = {item: list(met) for item, met in self.items.items()}
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Knowledge":
        """The inverse of ``as_data``."""
        kcs = {}
        for kc, trace in data.get("kcs", {}).items():
            at = datetime.fromisoformat(trace["at"]) if trace.get("at") else None
            kcs[kc] = Trace(**{**trace, "at": at})
        items = {item: (credit, order) for item, (credit, order) in data.get("items", {}).items()}
        return cls(**{**data, "kcs": kcs, "items": items})


def _changed(value: Any, default: Any) -> dict[str, Any]:
    pairs = ((part.name, getattr(value, part.name)) for part in fields(value))
    return {name: found for name, found in pairs if found != getattr(default, name)}


@dataclass(frozen=True)
class Weighed:
    """One answer as evidence: its ``credit`` (0 to 1) and how far it may move things ``up`` and ``down`` (0 to 1).

    ``opportunity`` and ``unaided`` say whether it counts as a try of its own, and as a full right answer on one's own.
    """

    credit: float
    up: float = 1.0
    down: float = 1.0
    opportunity: bool = True
    unaided: bool = False


def sigmoid(logit: float) -> float:
    """The logistic function, kept strictly inside (0, 1)."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def trace_of(state: Knowledge, kc: str, ease: float) -> Trace:
    """What is kept of ``kc``, on whose average item an average learner has log odds ``ease``. Before the first answer
    the moving averages start at what is expected of this learner there."""
    found = state.kcs.get(kc)
    if found is None:
        start = sigmoid(ease + state.ability)
        found = Trace(fast=start, slow=start)
    return found


def practised(
    state: Knowledge,
    kcs: Sequence[tuple[str, float]],
    item: str,
    ease: float,
    seen: Weighed,
    now: datetime,
) -> Knowledge:
    """The state after one answer. ``kcs`` are the components (sorted, none twice) with the ease of their average item;
    ``ease`` is that of this item: the log odds of an average learner."""
    credit, up, down = seen.credit, seen.up, seen.down
    traces = [trace_of(state, kc, usual) for kc, usual in kcs]
    share = 1.0 / len(kcs)
    forgetting = [trace.forgetting(now) for trace in traces]
    variances = [
        min(COMPONENT_VARIANCE, trace.variance + DRIFT * time) for trace, time in zip(traces, forgetting, strict=True)
    ]
    expected = sigmoid(ease + state.ability + share * math.fsum(trace.ability for trace in traces))
    surprise = credit - expected
    information = expected * (1.0 - expected)
    # The state is a vector of the common ability and those of the components; its covariances are left out.
    spread = 1.0 + information * (state.variance + share * share * math.fsum(variances))
    gain = (up if surprise > 0.0 else down) / spread
    kept = up * credit
    step = 1 if seen.opportunity else 0
    order = state.answers + step
    updated = dict(state.kcs)
    for (kc, _), trace, time, variance in zip(kcs, traces, forgetting, variances, strict=True):
        narrowed = variance - variance * variance * share * share * information * gain
        days = (now - trace.at).total_seconds() / SECONDS_A_DAY if trace.at else 0.0
        # A retrieval strengthens by how much was at risk; a failure halves what time had built.
        stretch = 1.0 + kept * (0.15 + 1.5 * max(0.0, days) / (max(0.0, days) + trace.stability))
        shrink = 1.0 - 0.5 * down * (1.0 - credit)
        updated[kc] = Trace(
            trace.ability + variance * share * gain * surprise,
            max(COMPONENT_FLOOR, narrowed),
            _towards(trace.fast, credit, 0.5, up, down),
            _towards(trace.slow, credit, 0.2, up, down),
            trace.wins + up * credit * (1.0 if step else 0.25),
            trace.losses + down * (1.0 - credit) * (1.0 if step else 0.25),
            (trace.run + kept) * (1.0 - down * (1.0 - credit)),
            # Forgetting is forgiven as far as the answer shows that it didn't happen.
            (trace.loss + time) * (1.0 - kept),
            max(1.0, min(365.0, trace.stability * stretch * shrink)),
            trace.answers + step,
            trace.unaided + (1 if seen.unaided else 0),
            order,
            now if trace.at is None or now > trace.at else trace.at,
        )
    items = dict(state.items)
    met, _ = items.pop(item, (0.5, 0))
    items[item] = (_towards(met, credit, 0.7, up, down), order)
    oldest = next(iter(items))
    while items[oldest][1] < order - MEMORY:
        del items[oldest]
        oldest = next(iter(items))
    return Knowledge(
        state.ability + state.variance * gain * surprise,
        max(COMMON_FLOOR, state.variance - state.variance * state.variance * information * gain),
        _towards(state.long, credit, 0.05, up, down),
        _towards(state.middle, credit, 0.15, up, down),
        _towards(state.short, credit, 0.4, up, down),
        order,
        state.pace,
        state.timed,
        updated,
        items,
    )


def _towards(value: float, credit: float, rate: float, up: float, down: float) -> float:
    return value + rate * (up if credit > value else down) * (credit - value)
