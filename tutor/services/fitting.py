"""Learning the parameters of the learner model from a log: how hard things are, and what weighs how much.

Maximum a posteriori throughout: means shrink to their component's, component's to the whole, weights to the priors of
``tutor.domain.tracing_parameters``. A handful of answers therefore changes little. Ease enters the features of a
learner as estimated from *other* learners (cross-fitting), so that nobody's answers predict themselves.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tutor.domain.errors import InvalidInput
from tutor.domain.tracing_parameters import EVIDENCE, FEATURES, PRIOR_WEIGHTS, SITUATION, Parameters
from tutor.services.evidence_log import History, gathered
from tutor.services.replaying import Log, replay

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOLDS = 5
#: Answers' worth of prior: an item leans on its components as if it had been answered so often, and so on.
ITEM_PRIOR = 4.0
KC_PRIOR = 5.0
WHOLE_PRIOR = 20.0
#: Precision of the priors of weights (of features scaled to a standard deviation of one), and of a component's own.
WEIGHT_PRIOR = 20.0
SLOPE_PRIOR = 30.0
ROUNDS = 3
LEAST_SPREAD = 0.3
DIGITS = 5
#: What a component may weigh in its own way. The rest is too seldom to tell components apart.
OWN = (
    *("item", "common", "component", "slow", "wins", "losses", "run", "long", "short"),
    *("new", "gap", "answers", "practice"),
)


def fit(histories: Sequence[History], *, gains: Parameters | None = None) -> Parameters:
    """Parameters for one course from its learners' ``(evidence, at)`` histories, each in order of time.

    ``gains`` says how far kinds of evidence count (the priors otherwise). The version names the outcome: the same
    log gives the same. Raises ``InvalidInput`` where nothing was judged.
    """
    import numpy as np

    start = gains or Parameters.default()
    log = gathered(histories, start.model)
    if not log.weight.any():
        raise InvalidInput("The log holds no judged first try without help: nothing to learn from.")
    ease, usual = _crossfitted(log)
    features = replay(log, ease, usual)
    rows = log.weight > 0.0
    weight = log.weight[rows]
    centre = np.average(features[rows], axis=0, weights=weight)
    # What hardly varies in this log (nobody was ever away, say) can't be learnt from it and stays at its prior.
    scale = np.maximum(features[rows].std(axis=0), LEAST_SPREAD)
    scaled = (features - centre) / scale
    prior = np.array([PRIOR_WEIGHTS.get(name, 0.0) for name in FEATURES]) * scale
    bias, weights = _weights(scaled[rows], log.credit[rows], weight, prior)
    slopes = _slopes(log, scaled, rows, bias, weights)

    kcs, whole = _component_ease(log, np.ones(len(log.learner)))
    items = _item_ease(log, np.ones(len(log.learner)), kcs)
    own = np.zeros((len(log.kcs), len(FEATURES) + 1))
    at = [FEATURES.index(name) for name in OWN]
    own[:, [1 + j for j in at]] = slopes[:, 1:] / scale[at]
    own[:, 0] = slopes[:, 0] - own[:, 1:] @ centre
    raw = np.round(weights / scale, DIGITS)
    own = np.round(own, DIGITS)
    signed = slice(1, 1 + len(EVIDENCE))
    own[:, signed] = np.maximum(own[:, signed], -raw[: len(EVIDENCE)])  # not below zero by rounding either
    evidence = {name: start.values["evidence"][name] for name in start.values.get("evidence", {})}
    values: dict[str, Any] = {
        "bias": _short(bias - raw @ centre),
        "weights": {name: _short(value) for name, value in zip(FEATURES, raw, strict=True)},
        "usual": {name: _short(value) for name, value in zip(SITUATION, centre[len(EVIDENCE) :], strict=True)},
        "evidence": json.loads(json.dumps(evidence)),
        "ease": _short(whole),
        "kcs": {kc: _short(value) for kc, value in zip(log.kcs, kcs, strict=True)},
        "items": {item: _short(value, 3) for item, value in zip(log.items, items, strict=True)},
        "slopes": {kc: [_short(value) for value in row] for kc, row in zip(log.kcs, own, strict=True)},
    }
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return Parameters(f"fit-{len(log.learner)}-{digest[:8]}", values)


def _short(value: Any, digits: int = DIGITS) -> float:
    return round(float(value), digits)


def _crossfitted(log: Log) -> "tuple[Floats, Floats]":
    """The ease of each row's item, and of each meeting's component, as other folds of learners show it."""
    import numpy as np

    fold = log.learner % FOLDS
    of_meeting = np.repeat(fold, np.diff(log.first))
    ease, usual = np.zeros(len(log.learner)), np.zeros(len(log.kc))
    for held in range(FOLDS):
        others = (fold != held).astype(float)
        kcs, _ = _component_ease(log, others)
        here = fold == held
        ease[here] = _item_ease(log, others, kcs)[log.item[here]]
        usual[of_meeting == held] = kcs[log.kc[of_meeting == held]]
    return ease, usual


def _component_ease(log: Log, count: "Floats") -> "tuple[Floats, float]":
    """By component, and over all of them: log odds of a right first answer, each shrunk to the next larger whole."""
    import numpy as np

    weight = count * log.weight
    whole = (weight @ log.credit + 0.5 * WHOLE_PRIOR) / (weight.sum() + WHOLE_PRIOR)
    repeats = np.diff(log.first)
    right = np.bincount(log.kc, np.repeat(weight * log.credit, repeats), len(log.kcs))
    total = np.bincount(log.kc, np.repeat(weight, repeats), len(log.kcs))
    return _log_odds((right + KC_PRIOR * whole) / (total + KC_PRIOR)), float(_log_odds(whole))


def _item_ease(log: Log, count: "Floats", kcs: "Floats") -> Any:
    """By item, shrunk to the mean of its components less the author's difficulty."""
    import numpy as np

    weight, n = count * log.weight, len(log.items)
    base = np.add.reduceat(kcs[log.kc], log.first[:-1]) / np.diff(log.first) - log.difficulty
    centre = np.bincount(log.item, base, n) / np.bincount(log.item, minlength=n)
    right, total = np.bincount(log.item, weight * log.credit, n), np.bincount(log.item, weight, n)
    return _log_odds((right + ITEM_PRIOR / (1.0 + np.exp(-centre))) / (total + ITEM_PRIOR))


def _log_odds(share: Any) -> Any:
    import numpy as np

    share = np.clip(share, 0.01, 0.99)
    return np.log(share / (1.0 - share))


def _sigmoid(logit: Any) -> Any:
    import numpy as np

    return 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))


def _weights(x: "Floats", y: "Floats", weight: "Floats", prior: "Floats") -> "tuple[float, Floats]":
    """Logistic regression by Newton's method with a Gaussian prior; weights of evidence stay at or above zero."""
    import numpy as np

    design = np.column_stack([np.ones(len(x)), x])
    mean = np.concatenate([[0.0], prior])
    precision = np.full(len(mean), WEIGHT_PRIOR)
    precision[0] = 1e-3
    low = np.full(len(mean), -np.inf)
    low[1 : 1 + len(EVIDENCE)] = 0.0
    found = mean.copy()
    found[0] = _log_odds(np.average(y, weights=weight)) - np.average(x @ prior, weights=weight)
    for _ in range(25):
        p = _sigmoid(design @ found)
        gradient = design.T @ (weight * (y - p)) - precision * (found - mean)
        curvature = (design * (weight * p * (1.0 - p))[:, None]).T @ design + np.diag(precision)
        step = _bounded_step(curvature[None], gradient[None], found[None], low[None])[0]
        found = found + step
        if np.abs(step).max() < 1e-4:
            break
    return float(found[0]), found[1:]


def _slopes(log: Log, x: "Floats", rows: "NDArray[np.bool_]", bias: float, weights: "Floats") -> "Floats":
    """What each component adds to the bias and the weights named in ``OWN``: (components, 1 + ``OWN``), by Newton steps
    for all components at once, each from what the others leave."""
    import numpy as np

    at = [FEATURES.index(name) for name in OWN]
    q, count = len(at) + 1, len(log.kcs)
    sizes = np.diff(log.first)
    row_of = np.repeat(np.arange(len(log.learner)), sizes)
    design = np.column_stack([np.ones(len(x)), x[:, at]])
    fixed = bias + x @ weights
    own, low = np.zeros((count, q)), np.full((count, q), -np.inf)
    low[:, 1:] = [-weights[j] if j < len(EVIDENCE) else -np.inf for j in at]
    order = np.argsort(log.kc, kind="stable")
    order = order[rows[row_of[order]]]
    edges = np.searchsorted(log.kc[order], np.arange(count + 1))
    used = row_of[order]
    shares = 1.0 / sizes[used]
    table = design[used] * shares[:, None]
    logit = fixed
    for _ in range(ROUNDS):
        p = _sigmoid(logit)
        left, bend = (log.weight * (log.credit - p))[used], (log.weight * p * (1.0 - p))[used]
        gradient, curvature = -SLOPE_PRIOR * own, np.zeros((count, q, q))
        for kc in range(count):
            part = slice(edges[kc], edges[kc + 1])
            z = table[part]
            gradient[kc] += z.T @ left[part]
            curvature[kc] = (z * bend[part][:, None]).T @ z
        curvature += SLOPE_PRIOR * np.eye(q)
        own = own + _bounded_step(curvature, gradient, own, low)
        logit = fixed + np.add.reduceat(np.einsum("ij,ij->i", design[row_of], own[log.kc]), log.first[:-1]) / sizes
    return own


def _bounded_step(curvature: "Floats", gradient: "Floats", found: "Floats", low: "Floats") -> Any:
    """Newton steps (many at once) that end at or above ``low``: what would fall below is held there, the rest solved
    again."""
    import numpy as np

    size = found.shape[1]
    held = np.zeros(found.shape, dtype=bool)
    while True:
        step = np.where(held, low - found, 0.0) if held.any() else np.zeros_like(found)
        free = (~held).astype(float)
        inner = curvature * free[:, :, None] * free[:, None, :] + np.eye(size) * (1.0 - free)[:, None, :]
        right = (gradient - np.einsum("gij,gj->gi", curvature, step)) * free
        step = step + free * np.linalg.solve(inner, right[..., None])[..., 0]
        below = (found + step < low - 1e-9) & ~held
        if not below.any():
            return step
        held |= below
