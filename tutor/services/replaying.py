"""Whole logs at once: the statistics of ``tutor.domain.knowledge`` for many learners in lockstep, with numpy.

The same recurrences as the domain's, written over arrays: step ``t`` advances every learner who has a ``t``-th answer.
A test holds both to the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.domain import knowledge as k
from tutor.domain.tracing_parameters import FEATURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Log:
    """Judged answers of many learners. Rows are ordered by step, within a step by learner (those with most answers
    first), so that step ``t`` is ``starts[t]:starts[t + 1]``, and row ``i`` of it belongs to learner ``i``.

    ``pairs`` are (learner, component) meetings: those of row ``r`` are ``first[r]:first[r + 1]``; ``kc`` and ``trace``
    (a number for each learner and component) are by meeting. ``memory`` numbers learners' items. ``times`` are seconds.
    ``weight`` says how much a row tells of unaided answering: the certainty of first unaided tries, else 0.
    """

    learners: int
    starts: "Whole"
    learner: "Whole"
    item: "Whole"
    memory: "Whole"
    first: "Whole"
    kc: "Whole"
    trace: "Whole"
    credit: "Floats"
    up: "Floats"
    down: "Floats"
    counts: "NDArray[np.bool_]"
    weight: "Floats"
    difficulty: "Floats"
    times: "Floats"
    items: Sequence[str]
    kcs: Sequence[str]


def replay(log: Log, ease: "Floats", usual: "Floats") -> "Floats":
    """The features of every row as they stood before its answer: (rows, ``FEATURES``).

    ``ease`` is by row, ``usual`` (of the average item of the component) by meeting."""
    import numpy as np

    traces = int(log.trace.max(initial=-1)) + 1
    zeros, n = np.zeros, log.learners
    ability, variance = zeros(n), np.full(n, k.COMMON_VARIANCE)
    long, middle, short, count = np.full(n, 0.5), np.full(n, 0.5), np.full(n, 0.5), zeros(n)
    a, v = zeros(traces), np.full(traces, k.COMPONENT_VARIANCE)
    fast, slow, wins, losses, run, loss = (zeros(traces) for _ in range(6))
    stability, answers, order, at = np.full(traces, k.FIRST_STABILITY), zeros(traces), zeros(traces), zeros(traces)
    known = zeros(traces, dtype=bool)
    memories = int(log.memory.max(initial=-1)) + 1
    met, met_order = np.full(memories, 0.5), np.full(memories, -np.inf)
    out = np.empty((len(log.learner), len(FEATURES)))
    sizes = np.diff(log.first).astype(float)

    for t in range(len(log.starts) - 1):
        begin, end = int(log.starts[t]), int(log.starts[t + 1])
        m = end - begin
        low, high = int(log.first[begin]), int(log.first[end])
        tr, size = log.trace[low:high], sizes[begin:end]
        single = high - low == m
        edges = None if single else log.first[begin:end] - low
        row = slice(None) if single else np.repeat(np.arange(m), np.diff(log.first[begin : end + 1]))
        share = 1.0 / size

        def mean(values: Any, edges: Any = edges, share: Any = share) -> Any:
            return values if edges is None else np.add.reduceat(values, edges) * share

        ab, cnt, now = ability[:m], count[:m], log.times[begin:end][row]
        seen_before = known[tr]
        begins = _sigmoid(usual[low:high] + ab[row])
        f, s = np.where(seen_before, fast[tr], begins), np.where(seen_before, slow[tr], begins)
        days = np.where(seen_before, np.maximum(0.0, now - at[tr]) / k.SECONDS_A_DAY, 0.0)
        stab, aa, vv = stability[tr], a[tr], v[tr]
        time = np.log1p(days / stab)
        w, lo, ru, los, nn = wins[tr], losses[tr], run[tr], loss[tr], answers[tr]
        mem = log.memory[begin:end]
        last = met_order[mem]
        fresh = last < cnt - k.MEMORY
        memory = np.where(fresh, 0.5, met[mem])
        e = ease[begin:end]
        a_mean = mean(aa)
        x = out[begin:end]
        x[:, 0], x[:, 1], x[:, 2] = e, ab, a_mean
        x[:, 3], x[:, 4] = mean(f) - 0.5, mean(s) - 0.5
        x[:, 5], x[:, 6], x[:, 7] = mean(np.log1p(w)), -mean(np.log1p(lo)), mean(np.minimum(5.0, ru))
        x[:, 8], x[:, 9], x[:, 10] = long[:m] - 0.5, middle[:m] - 0.5, short[:m] - 0.5
        x[:, 11], x[:, 12], x[:, 13] = memory - 0.5, -mean(los), -mean(time)
        x[:, 14] = mean((nn == 0).astype(float))
        x[:, 15] = mean(np.where(nn > 0, np.log1p(cnt[row] - order[tr]), 0.0))
        x[:, 16], x[:, 17], x[:, 18] = np.log1p(cnt), size - 1.0, ~fresh
        x[:, 19] = mean(np.log1p(nn))

        credit, up, down = log.credit[begin:end], log.up[begin:end], log.down[begin:end]
        step = log.counts[begin:end].astype(float)
        vv = np.minimum(k.COMPONENT_VARIANCE, vv + k.DRIFT * time)
        expected = _sigmoid(e + ab + a_mean)
        surprise, info = credit - expected, expected * (1.0 - expected)
        var = variance[:m]
        gain = np.where(surprise > 0, up, down) / (1.0 + info * (var + share * mean(vv)))
        c, u, d, sh, g, st = credit[row], up[row], down[row], share[row], gain[row], step[row]
        kept, failed = u * c, d * (1.0 - c)
        a[tr] = aa + vv * sh * g * surprise[row]
        v[tr] = np.maximum(k.COMPONENT_FLOOR, vv - vv * vv * sh * sh * info[row] * g)
        fast[tr], slow[tr] = _towards(f, c, 0.5, u, d), _towards(s, c, 0.2, u, d)
        part = np.where(st > 0, 1.0, 0.25)
        wins[tr], losses[tr] = w + kept * part, lo + failed * part
        run[tr] = (ru + kept) * (1.0 - failed)
        loss[tr] = (los + time) * (1.0 - kept)
        stretch = 1.0 + kept * (0.15 + 1.5 * days / (days + stab))
        stability[tr] = np.clip(stab * stretch * (1.0 - 0.5 * failed), 1.0, 365.0)
        answers[tr] = nn + st
        cnt = cnt + step
        order[tr], known[tr] = cnt[row], True
        at[tr] = np.where(seen_before, np.maximum(at[tr], now), now)
        met[mem], met_order[mem] = _towards(memory, credit, 0.7, up, down), cnt
        ability[:m] = ab + var * gain * surprise
        variance[:m] = np.maximum(k.COMMON_FLOOR, var - var * var * info * gain)
        for values, rate in ((long, 0.05), (middle, 0.15), (short, 0.4)):
            values[:m] = _towards(values[:m], credit, rate, up, down)
        count[:m] = cnt
    return out


def _sigmoid(logit: Any) -> Any:
    import numpy as np

    return 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))


def _towards(value: Any, credit: Any, rate: float, up: Any, down: Any) -> Any:
    import numpy as np

    return value + rate * np.where(credit > value, up, down) * (credit - value)
