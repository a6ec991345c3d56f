"""How well the learner model predicts the next answer, beside others on the same answers.

    python -m bench.knowledge_tracing --train F --valid F --test F [--json] [--no-pybkt] [--patience S]

Ours is fitted on train and valid, then follows each test learner from nothing through the ``observe`` and ``predict``
that the chat calls. ``no items`` forgets what was learnt of single items (every item is new), ``priors`` is the cold
start of a course without any log. ``fitted bkt`` is our own expectation maximisation of BKT, one model a skill;
``deeptutor`` and ``oatutor`` are their formula and shipped parameters.

``ece`` is the expected calibration error over ten equal bins. ``us_per_update`` is the CPU time of one predict and one
observe. ``fit_speedup`` compares the CPU time, over the first 300,000 rows (one a skill; learners repeat where the
files hold fewer), of our whole fit with that of one start of pyBKT's (its default is five) in its own environment, both
in one process: its parallel mode forks a pool at every step and took longer. pyBKT is stopped after ``--patience``
seconds by the clock, and the figure is then a lower bound.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Read when numpy is first imported: threads would only get into each other's way, and pyBKT is timed on one as well.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from bench import _pybkt
from bench._tracing_data import MINUTE, START, Given, evidence, histories, read
from bench._tracing_peers import OATUTOR, fitted, predicted_by_bkt, predicted_by_last_five
from tutor.domain.tracing import Knowledge, Parameters, Question, observe, predict
from tutor.services.fitting import fit

Floats = NDArray[np.float64]
DATA = Path("../shared/data/knowledge-tracing")
ROWS = 300_000
TARGETS = {"auc": 0.78, "rmse": 0.42, "ece": 0.02, "us_per_update": 100.0, "fit_speedup": 50.0}


@dataclass(frozen=True)
class Score:
    auc: float
    rmse: float
    ece: float
    us_per_update: float | None = None


def auc(right: Floats, predicted: Floats) -> float:
    """The chance that a right answer was predicted higher than a wrong one; ties count half."""
    _, place, count = np.unique(predicted, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2.0)[place]
    positive = right.sum()
    return float((rank[right > 0].sum() - positive * (positive + 1) / 2.0) / (positive * (len(right) - positive)))


def calibration_error(right: Floats, predicted: Floats) -> float:
    bins = np.minimum((predicted * 10).astype(int), 9)
    return float(np.abs(np.bincount(bins, right - predicted, 10)).sum() / len(right))


def scored(right: Floats, predicted: Floats, us: float | None = None) -> Score:
    rmse = float(np.sqrt(np.mean((right - predicted) ** 2)))
    return Score(auc(right, predicted), rmse, calibration_error(right, predicted), us)


def followed(learners: Sequence[Sequence[Given]], parameters: Parameters) -> tuple[Floats, float]:
    """What is predicted of each answer before it is observed, and the microseconds of CPU time for both."""
    found, spent = [], 0.0
    for answers in learners:
        seen = [(evidence(given), START + MINUTE * at) for at, given in enumerate(answers)]
        state = Knowledge()
        begin = time.process_time()
        for observed, now in seen:
            found.append(predict(state, Question(observed.item, observed.kcs, observed.difficulty), now, parameters))
            state = observe(state, observed, now, parameters)
        spent += time.process_time() - begin
    return np.array(found), 1e6 * spent / max(1, len(found))


def rows_of(learners: Sequence[Sequence[Given]], limit: int) -> list[list[Given]]:
    """``limit`` answers on one skill each, as pyBKT takes them; learners come again, as others, until that many."""
    found: list[list[Given]] = []
    count = 0
    while count < limit and any(learners):
        for answers in learners:
            single = [Given(given.item, (kc,), given.right) for given in answers for kc in given.kcs][: limit - count]
            count += len(single)
            if single:
                found.append(single)
            if count == limit:
                break
    return found


def speedup(learners: Sequence[Sequence[Given]], patience: float) -> dict[str, object]:
    """Seconds of CPU time of both, and how many times ours goes into pyBKT's."""
    rows = rows_of(learners, ROWS)
    told = histories(rows)
    begin = time.process_time()
    fit(told)
    ours = time.process_time() - begin
    theirs = _pybkt.timed(rows, patience)
    if theirs.problem:
        return {"fit_speedup": None, "ours_seconds": ours, "pybkt": theirs.problem}
    return {
        "fit_speedup": theirs.seconds / ours,
        "ours_seconds": ours,
        "pybkt_seconds": theirs.seconds,
        "pybkt": "finished" if theirs.finished else "stopped: it takes longer than this",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="How well the learner model predicts the next answer.")
    for name in ("train", "valid", "test"):
        parser.add_argument(f"--{name}", type=Path, default=DATA / f"assist2009_{name}1.csv")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    parser.add_argument("--no-pybkt", action="store_true", help="leave fit_speedup out")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds after which pyBKT is stopped")
    given = parser.parse_args(arguments)
    absent = [str(path) for path in (given.train, given.valid, given.test) if not path.is_file()]
    if absent:
        sys.exit(f"bench.knowledge_tracing: no data at {', '.join(absent)}; give --train, --valid and --test.")

    known, test = read(given.train) + read(given.valid), read(given.test)
    right = np.array([answer.right for answers in test for answer in answers], dtype=float)
    parameters = fit(histories(known))
    without = Parameters(parameters.version, {**parameters.values, "items": {}})
    skills, other = fitted(known)

    def ours(chosen: Parameters) -> Callable[[], Score]:
        return lambda: scored(right, *followed(test, chosen))

    systems: dict[str, Callable[[], Score]] = {
        "ours": ours(parameters),
        "ours, no items": ours(without),
        "ours, priors": ours(Parameters.default()),
        "fitted bkt": lambda: scored(right, predicted_by_bkt(test, skills, other)),
        "deeptutor": lambda: scored(right, predicted_by_last_five(test)),
        "oatutor": lambda: scored(right, predicted_by_bkt(test, {}, OATUTOR)),
    }
    scores = {name: score() for name, score in systems.items()}
    pace: dict[str, object] = {"fit_speedup": None} if given.no_pybkt else speedup(known + test, given.patience)
    if given.json:
        sizes = {"train": sum(map(len, known)), "test": len(right)}
        each = {name: asdict(score) for name, score in scores.items()}
        print(json.dumps({**asdict(scores["ours"]), **pace, "answers": sizes, "systems": each, "targets": TARGETS}))
        return
    print(f"{'':<15}  {'auc':>6}  {'rmse':>6}  {'ece':>6}  {'us_per_update':>13}  {'fit_speedup':>11}")
    for name, score in scores.items():
        us = f"{score.us_per_update:.1f}" if score.us_per_update is not None else "-"
        times = _times(pace) if name == "ours" else "-"
        print(f"{name:<15}  {score.auc:>6.4f}  {score.rmse:>6.4f}  {score.ece:>6.4f}  {us:>13}  {times:>11}")
    for name, value in pace.items():
        if name != "fit_speedup":
            print(f"{name}: {value:.1f}" if isinstance(value, float) else f"{name}: {value}")


def _times(pace: dict[str, object]) -> str:
    value = pace["fit_speedup"]
    bound = "" if pace.get("pybkt") == "finished" else ">"
    return f"{bound}{value:.0f}x" if isinstance(value, float) else "n/a"


if __name__ == "__main__":
    main()
