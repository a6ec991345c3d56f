"""Knowledge tracing: from evidence to a calibrated probability of a right next answer, one component at a time.

A logistic model over few statistics with a name each (``tracing_parameters``): the learner's ability in common and in
the component as a filter tracks them, the item's ease, recent windows, right and wrong answers counted apart as in
Performance Factors Analysis (Pavlik, Cen and Koedinger 2009), and time away. Every weight of what answers move is at
least zero. It works from the first answer on, with priors; ``tutor.services.fitting`` learns all of it from a log.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import mul

from tutor.domain.assessment import JUDGED
from tutor.domain.events import EvidenceObserved, MasteryShift
from tutor.domain.knowledge import COMPONENT_VARIANCE, DRIFT, Knowledge, Trace, Weighed, practised, sigmoid, trace_of
from tutor.domain.tracing_parameters import EVIDENCE, Model, Parameters

__all__ = [
    "Belief",
    "Knowledge",
    "Parameters",
    "Question",
    "Trace",
    "belief",
    "explain",
    "has_turned",
    "is_mastered",
    "observe",
    "predict",
    "shifts",
]

#: A component counts as mastered when even the lower end of the interval is at least this likely a right answer ...
MASTERED = 0.7
#: ... and so many first tries were right without help. One lucky answer opens nothing.
UNAIDED = 2
#: Or when the latest first tries are so many times likelier from somebody who is right this often ...
TURNED = 5.0
KNOWING = 0.9
#: ... than from somebody as able as the tries before them showed (of whom, before any, so many were right of so many),
#: with so many right ones among them, the last two included.
BEFORE = (0.6, 1.6)
TURNED_RIGHT = 3
#: Standard normal deviation with 10 % beyond: the interval holds 80 %.
TENTH = 1.2816
TOLD = 4
#: A gap from which a right answer is worth telling as "after so many days".
GAP_DAYS = 1.0
MIN_TIMED = 5
COMMON, COMPONENT = EVIDENCE.index("common"), EVIDENCE.index("component")


@dataclass(frozen=True)
class Question:
    """What predicting needs of an item: its id, components and prior difficulty (logits)."""

    item: str
    kcs: tuple[str, ...]
    difficulty: float = 0.0


@dataclass(frozen=True)
class Belief:
    """What is believed of a component: the probability of a right next answer on an average item of it, with an 80 %
    credible interval, and how much evidence it rests on: ``evidence`` answers, of them ``unaided`` right at the first
    try and without help. ``at`` is when it was last practised."""

    mean: float
    lower: float
    upper: float
    evidence: int
    at: datetime | None = None
    unaided: int = 0


def observe(state: Knowledge, evidence: EvidenceObserved, now: datetime, parameters: Parameters) -> Knowledge:
    """The state after one piece of evidence. What was not judged, or concerns no component, changes nothing."""
    if evidence.verdict not in JUDGED or not evidence.kcs:
        return state
    model = parameters.model
    seen = weighed(evidence, state, model)
    kcs = _components(evidence.kcs)
    usual = [(kc, model.ease_of_kc(kc)) for kc in kcs]
    ease = model.ease_of(evidence.item, kcs, evidence.difficulty)
    after = practised(state, usual, evidence.item, ease, seen, now)
    if evidence.seconds is None or evidence.seconds <= 0.0:
        return after
    timed = state.timed + 1
    pace = state.pace + (math.log(evidence.seconds) - state.pace) / min(timed, 20)
    return replace(after, pace=pace, timed=timed)


def weighed(evidence: EvidenceObserved, state: Knowledge, model: Model) -> Weighed:
    """How far this answer may move beliefs, from what surrounded it."""
    gains = model.gains
    credit = min(1.0, max(0.0, evidence.credit))
    up = down = min(1.0, max(0.0, evidence.certainty))
    level = min(TOLD, max(0, evidence.hint_level))
    up *= gains["hints"][level]
    if level == TOLD:
        down *= 0.5  # what led to telling was counted when it happened
    if not evidence.opportunity:
        up *= gains["repeat"]
        down *= gains["repeat"]
    if evidence.confidence is not None:
        doubt = 1.0 - min(1.0, max(0.0, evidence.confidence))
        up *= 1.0 - (1.0 - gains["guessed"]) * doubt
        down *= 1.0 - (1.0 - gains["doubted"]) * doubt
    if evidence.seconds is not None and evidence.seconds > 0.0 and state.timed >= MIN_TIMED:
        ratio = math.log(evidence.seconds) - state.pace
        if ratio < -1.5:
            down *= gains["rushed"]
        elif ratio > 1.5:
            up *= gains["laboured"]
    first_try = evidence.opportunity and evidence.attempt <= 1 and level == 0
    unaided = first_try and evidence.verdict == "correct" and credit >= 1.0 and evidence.certainty >= 0.5
    return Weighed(credit, up, down, evidence.opportunity, unaided)


def predict(state: Knowledge, question: Question, now: datetime, parameters: Parameters) -> float:
    """The probability that the learner answers ``question`` right, unaided, at ``now``."""
    model = parameters.model
    kcs = _components(question.kcs)
    if not kcs:
        return sigmoid(model.ease - question.difficulty + state.ability)
    traces = [trace_of(state, kc, model.ease_of_kc(kc)) for kc in kcs]
    ease = model.ease_of(question.item, kcs, question.difficulty)
    found = features(state, traces, question.item, ease, now)
    bias, weights = model.weights_of(kcs)
    return sigmoid(bias + sum(map(mul, weights, found)))


def belief(state: Knowledge, kc: str, now: datetime, parameters: Parameters) -> Belief:
    """What is believed of one component."""
    model = parameters.model
    ease = model.ease_of_kc(kc)
    trace = trace_of(state, kc, ease)
    bias, weights = model.weights_of((kc,))
    logit = bias + sum(map(mul, weights, (*_moved(state, [trace], ease, None, now), *model.usual)))
    variance = min(COMPONENT_VARIANCE, trace.variance + DRIFT * trace.forgetting(now))
    spread = TENTH * math.sqrt(weights[COMMON] ** 2 * state.variance + weights[COMPONENT] ** 2 * variance)
    return Belief(
        sigmoid(logit), sigmoid(logit - spread), sigmoid(logit + spread), trace.answers, trace.at, trace.unaided
    )


def is_mastered(found: Belief) -> bool:
    """The gate: on the lower bound, and on more than one answer."""
    return found.lower >= MASTERED and found.unaided >= UNAIDED


def has_turned(tries: Sequence[bool]) -> bool:
    """The other way through the gate, for who gets it all at once: an ability that is tracked smoothly carries earlier
    failures along for long. ``tries`` are the latest first tries, oldest first: right without help, or failed.

    A scan for the point from which on they changed (Page 1954, Biometrika 41), against what was usual until there; so
    right ones weigh much after failures, and little after tries that went right two times of three.
    """
    wins = 0
    for at in range(len(tries)):
        since = tries[at:]
        if sum(since) < TURNED_RIGHT or not all(since[-2:]):
            break
        usual = (wins + BEFORE[0]) / (at + BEFORE[1])
        ratio = math.prod(KNOWING / usual if right else (1.0 - KNOWING) / (1.0 - usual) for right in since)
        if ratio >= TURNED:
            return True
        wins += tries[at]
    return False


def explain(
    before: Knowledge, after: Knowledge, evidence: EvidenceObserved, kc: str, now: datetime
) -> tuple[str, dict[str, float]]:
    """Why the belief in ``kc`` moved as it did: a code worded as ``mastery.why.<code>``, and the facts for it.

    ``told``; ``misconception``; ``wrong``; ``partial`` (``credit``); ``repeated``: right at a further try
    (``attempt``); ``right_with_hint`` (``hint``, the level); ``right_after_gap`` (``days``); ``right_again`` (``run``);
    ``right_first_try``.
    """
    level = min(TOLD, max(0, evidence.hint_level))
    if level == TOLD:
        return "told", {}
    if evidence.verdict == "misconception":
        return "misconception", {}
    if evidence.verdict == "incorrect" or evidence.credit <= 0.0:
        return "wrong", {}
    if evidence.verdict == "partial" or evidence.credit < 1.0:
        return "partial", {"credit": round(evidence.credit, 2)}
    if level:
        return "right_with_hint", {"hint": float(level)}
    if not evidence.opportunity or evidence.attempt > 1:
        return "repeated", {"attempt": float(evidence.attempt)}
    known = before.kcs.get(kc)
    if known is not None and known.at is not None:
        days = (now - known.at).total_seconds() / 86_400
        if days >= GAP_DAYS:
            return "right_after_gap", {"days": float(int(days))}
    run = after.kcs[kc].run if kc in after.kcs else 0.0
    return ("right_again", {"run": float(round(run))}) if run >= 3.0 else ("right_first_try", {})


def shifts(
    before: Knowledge, after: Knowledge, evidence: EvidenceObserved, now: datetime, parameters: Parameters
) -> tuple[MasteryShift, ...]:
    """What the evidence changed, one shift for each of its components."""
    found = []
    for kc in _components(evidence.kcs):
        old, new = belief(before, kc, now, parameters), belief(after, kc, now, parameters)
        why, data = explain(before, after, evidence, kc, now)
        found.append(MasteryShift(kc, old.mean, new.mean, new.lower, new.upper, why, data))
    return tuple(found)


def _components(kcs: tuple[str, ...]) -> tuple[str, ...]:
    return kcs if len(kcs) == 1 else tuple(sorted(set(kcs)))


def features(state: Knowledge, traces: list[Trace], item: str, ease: float, now: datetime) -> tuple[float, ...]:
    """Those named in ``FEATURES``, in that order: means over the components of the item."""
    return (*_moved(state, traces, ease, state.items.get(item), now), *_situation(state, traces, item))


def _moved(
    state: Knowledge, traces: list[Trace], ease: float, met: tuple[float, int] | None, now: datetime
) -> tuple[float, ...]:
    """The statistics named in ``EVIDENCE``, in that order; means over the components."""
    if len(traces) > 1:
        rows = [_statistics(trace, now) for trace in traces]
        share = 1.0 / len(rows)
        means = [share * math.fsum(column) for column in zip(*rows, strict=True)]
        ability, fast, slow, wins, losses, run, loss, forgetting = means
    else:
        ability, fast, slow, wins, losses, run, loss, forgetting = _statistics(traces[0], now)
    return (
        ease,
        state.ability,
        ability,
        fast - 0.5,
        slow - 0.5,
        wins,
        losses,
        run,
        state.long - 0.5,
        state.middle - 0.5,
        state.short - 0.5,
        met[0] - 0.5 if met is not None else 0.0,
        loss,
        forgetting,
    )


def _statistics(trace: Trace, now: datetime) -> tuple[float, ...]:
    return (
        trace.ability,
        trace.fast,
        trace.slow,
        math.log1p(trace.wins),
        -math.log1p(trace.losses),
        min(5.0, trace.run),
        -trace.loss,
        -trace.forgetting(now),
    )


def _situation(state: Knowledge, traces: list[Trace], item: str) -> tuple[float, ...]:
    """The features named in ``SITUATION``, in that order."""
    share = 1.0 / len(traces)
    new = share * sum(trace.answers == 0 for trace in traces)
    gap = share * math.fsum(math.log1p(state.answers - trace.order) for trace in traces if trace.answers)
    practice = share * math.fsum(math.log1p(trace.answers) for trace in traces)
    again = 1.0 if item in state.items else 0.0
    return (new, gap, math.log1p(state.answers), len(traces) - 1.0, again, practice)
