"""Fitting: the same features as the domain's, parameters found again, and sign and prior kept."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.test_tracing import anything
from tutor.domain import events as e
from tutor.domain.errors import InvalidInput
from tutor.domain.events import EvidenceObserved
from tutor.domain.tracing import Knowledge, Parameters, Question, features, observe, predict, trace_of
from tutor.domain.tracing_parameters import EVIDENCE
from tutor.ports import Append
from tutor.services.adopting import current, parameters, practised_courses, refit
from tutor.services.evidence_log import gathered
from tutor.services.fitting import fit
from tutor.services.replaying import replay
from tutor.store.memory.store import MemoryStore

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
PRIOR = Parameters.default()
History = list[tuple[EvidenceObserved, datetime]]

logs = st.lists(st.lists(st.tuples(anything, st.floats(0.0, 40.0)), max_size=8), min_size=1, max_size=4)


def answer(item: str, kc: str, right: bool) -> EvidenceObserved:
    return EvidenceObserved("c", item, (kc,), "correct" if right else "incorrect", float(right))


def simulated(learners: int, answers: int, seed: int = 3) -> tuple[list[History], dict[str, float]]:
    """Rasch learners without learning on forty items of four components."""
    rng = random.Random(seed)
    ease = {f"i{n}": rng.gauss(0.6 * (n % 4), 1.0) for n in range(40)}
    histories = []
    for _ in range(learners):
        ability = rng.gauss(0.0, 1.0)
        history: History = []
        for at in range(answers):
            item = rng.randrange(40)
            right = rng.random() < 1.0 / (1.0 + math.exp(-ability - ease[f"i{item}"]))
            history.append((answer(f"i{item}", f"k{item % 4}", right), START + timedelta(minutes=3 * at)))
        histories.append(history)
    return histories, ease


def log_loss(histories: list[History], fitted: Parameters) -> float:
    lost, count = 0.0, 0
    for history in histories:
        state = Knowledge()
        for evidence, at in history:
            chance = predict(state, Question(evidence.item, evidence.kcs), at, fitted)
            lost -= math.log(chance if evidence.credit else 1.0 - chance)
            count += 1
            state = observe(state, evidence, at, fitted)
    return lost / count


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(logs)
def test_the_replay_has_the_features_that_the_chat_sees(told: list[list[tuple[EvidenceObserved, float]]]) -> None:
    histories: list[History] = []
    for learner in told:
        now, history = START, []
        for evidence, days in learner:
            now += timedelta(days=days)
            history.append((evidence, now))
        histories.append(history)
    log = gathered(histories, PRIOR.model)
    ease = -log.difficulty
    rows = replay(log, ease, np.zeros(len(log.kc)))
    ranked = sorted((history for history in histories if history), key=len, reverse=True)
    for learner, history in enumerate(ranked):
        state = Knowledge()
        for step, (evidence, at) in enumerate(history):
            traces = [trace_of(state, kc, 0.0) for kc in sorted(evidence.kcs)]
            seen = features(state, traces, evidence.item, -evidence.difficulty, at)
            assert rows[log.starts[step] + learner] == pytest.approx(seen, rel=1e-9, abs=1e-9)
            state = observe(state, evidence, at, PRIOR)


def test_a_fit_predicts_new_learners_better_and_finds_how_hard_items_are() -> None:
    everybody, ease = simulated(240, 40)
    known, new = everybody[:200], everybody[200:]
    fitted = fit(known)
    order = sorted(ease)
    found = [fitted.values["items"][item] for item in order]
    assert np.corrcoef(found, [ease[item] for item in order])[0, 1] > 0.95
    assert log_loss(new, fitted) < log_loss(new, PRIOR) - 0.02


def test_the_same_log_gives_the_same_parameters_which_are_json() -> None:
    histories, _ = simulated(30, 20)
    one, two = fit(histories), fit(histories)
    assert one == two
    assert one.version.startswith("fit-600-")
    copy = json.loads(json.dumps(one.values, allow_nan=False))
    assert copy == one.values


def test_a_few_answers_change_little() -> None:
    fitted = fit([[(answer("i1", "k", True), START), (answer("i2", "k", False), START)]])
    state = Knowledge()
    for kc in ("k", "other"):
        question = Question("new", (kc,))
        assert predict(state, question, START, fitted) == pytest.approx(predict(state, question, START, PRIOR), abs=0.1)
    assert fitted.values["weights"]["forgetting"] == pytest.approx(PRIOR.values["weights"]["forgetting"], abs=0.01)


def test_no_weight_of_evidence_is_negative_in_any_component() -> None:
    histories, _ = simulated(60, 30)
    contrary = [
        [
            (EvidenceObserved("c", ev.item, ev.kcs, "correct", float(not history[max(0, at - 1)][0].credit)), when)
            for at, (ev, when) in enumerate(history)
        ]
        for history in histories
    ]
    for log in (histories, contrary):
        model = fit(log).model
        for _, weights in (model.weights, *model.slopes.values()):
            assert min(weights[: len(EVIDENCE)]) >= 0.0


def test_what_was_helped_or_not_judged_teaches_nothing() -> None:
    helped = EvidenceObserved("c", "i", ("k",), "correct", 1.0, hint_level=2)
    vague = EvidenceObserved("c", "i", ("k",), "unsure", 0.0)
    for history in ([], [(helped, START)], [(vague, START)]):
        with pytest.raises(InvalidInput):
            fit([history])


def test_a_refit_is_adopted_once_by_those_it_rests_on_and_found_by_newcomers() -> None:
    store = MemoryStore(clock=lambda: START)
    for number, history in enumerate(simulated(3, 12)[0]):
        name = f"learner-{number}"
        store.log.append(Append(f"conversation:{name}", (e.ConversationStarted(name, "c", "en"),)))
        store.log.append(Append(e.learner_stream(name), tuple(evidence for evidence, _ in history)))
    assert practised_courses(store) == ("c",)
    assert current(store.log, "c") is None
    assert parameters(current(store.log, "c")) == PRIOR
    done = refit(store, "c")
    assert (done.answers, done.learners, done.adopted) == (36, 3, 3)
    assert parameters(current(store.log, "c")).version == done.version
    assert store.learners.profile("learner-1").course("c").parameters.version == done.version
    assert refit(store, "c").adopted == 0
    with pytest.raises(InvalidInput):
        refit(store, "another")
