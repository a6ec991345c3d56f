"""Properties of the learner model, on its priors and on made-up fits."""

import json
import math
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tutor.domain.events import EvidenceObserved
from tutor.domain.knowledge import COMMON_VARIANCE, COMPONENT_VARIANCE, MEMORY, Knowledge
from tutor.domain.tracing import (
    MASTERED,
    Belief,
    Parameters,
    Question,
    belief,
    explain,
    has_turned,
    is_mastered,
    observe,
    predict,
    shifts,
)
from tutor.domain.tracing_parameters import EVIDENCE, FEATURES

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PRIOR = Parameters.default()
FITTED = Parameters(
    "made-up",
    {
        "bias": -0.2,
        "weights": {name: (0.3 if name in EVIDENCE else -0.1) for name in FEATURES},
        "usual": {"answers": 2.0, "practice": 1.0},
        "ease": 0.4,
        "kcs": {"a": 1.1, "b": -0.8},
        "items": {"i1": 1.5, "i2": -1.0},
        "slopes": {
            "a": [0.1, *[(-0.3 if name == "slow" else 0.2) for name in FEATURES]],
            "b": [-0.2, *[0.05 for _ in FEATURES]],
        },
    },
)


def evidence(
    credit: float = 1.0, *, item: str = "i1", kcs: tuple[str, ...] = ("a",), **more: object
) -> EvidenceObserved:
    verdict = "correct" if credit == 1.0 else "partial" if credit else "incorrect"
    values: dict[str, object] = {"verdict": verdict, **more}
    return EvidenceObserved("course", item, kcs, credit=credit, **values)  # type: ignore[arg-type]


def after(
    *answers: EvidenceObserved, gap: timedelta = timedelta(minutes=2), parameters: Parameters = PRIOR
) -> Knowledge:
    state, now = Knowledge(), NOW
    for answer in answers:
        state = observe(state, answer, now, parameters)
        now += gap
    return state


def odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


kc_sets = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(tuple)
anything = st.builds(
    evidence,
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    item=st.sampled_from(["i1", "i2", "i3"]),
    kcs=kc_sets,
    certainty=st.floats(0.0, 1.0),
    hint_level=st.integers(0, 4),
    opportunity=st.booleans(),
    seconds=st.none() | st.floats(0.1, 1000.0),
    confidence=st.none() | st.floats(0.0, 1.0),
    difficulty=st.floats(-3.0, 3.0),
)
histories = st.lists(st.tuples(anything, st.floats(0.0, 60.0)), max_size=12)
fits = st.sampled_from([PRIOR, FITTED])


def told(history: list[tuple[EvidenceObserved, float]], parameters: Parameters) -> tuple[Knowledge, datetime]:
    state, now = Knowledge(), NOW
    for answer, days in history:
        now += timedelta(days=days)
        state = observe(state, answer, now, parameters)
    return state, now


@given(histories, anything, fits, st.floats(0.0, 400.0))
def test_probabilities_are_inside_zero_and_one(
    history: list[tuple[EvidenceObserved, float]], last: EvidenceObserved, fit: Parameters, days: float
) -> None:
    state, now = told(history, fit)
    now += timedelta(days=days)
    assert 0.0 < predict(state, Question(last.item, last.kcs, last.difficulty), now, fit) < 1.0
    found = belief(state, "a", now, fit)
    assert 0.0 < found.lower < found.mean < found.upper < 1.0


@given(histories, anything, fits, st.floats(0.0, 400.0))
def test_a_right_answer_never_lowers_and_a_wrong_one_never_raises_any_belief(
    history: list[tuple[EvidenceObserved, float]], last: EvidenceObserved, fit: Parameters, days: float
) -> None:
    state, now = told(history, fit)
    now += timedelta(days=days)
    right = observe(state, replace(last, verdict="correct", credit=1.0), now, fit)
    wrong = observe(state, replace(last, verdict="incorrect", credit=0.0), now, fit)
    for kc in "abc":
        before = belief(state, kc, now, fit).mean
        assert belief(right, kc, now, fit).mean >= before - 1e-12
        assert belief(wrong, kc, now, fit).mean <= before + 1e-12


@given(histories, fits, st.floats(0.0, 100.0))
def test_a_hint_takes_from_a_right_answer_and_a_told_one_lifts_nothing(
    history: list[tuple[EvidenceObserved, float]], fit: Parameters, days: float
) -> None:
    state, now = told(history, fit)
    now += timedelta(days=days)
    moved = [
        belief(observe(state, evidence(hint_level=level), now, fit), "a", now, fit).mean
        - belief(state, "a", now, fit).mean
        for level in range(5)
    ]
    assert all(more >= less - 1e-12 for more, less in pairwise(moved))
    assert moved[0] > moved[1]
    assert moved[4] == pytest.approx(0.0, abs=1e-9)


@given(histories, fits, st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_less_certain_evidence_moves_less(
    history: list[tuple[EvidenceObserved, float]], fit: Parameters, credit: float, one: float, other: float
) -> None:
    state, now = told(history, fit)
    before = belief(state, "a", now, fit).mean
    low, high = sorted((one, other))
    moved = [
        abs(belief(observe(state, evidence(credit, certainty=sure), now, fit), "a", now, fit).mean - before)
        for sure in (low, high)
    ]
    assert moved[0] <= moved[1] + 1e-12


@given(histories, anything, fits)
def test_evidence_narrows_the_interval_in_log_odds(
    history: list[tuple[EvidenceObserved, float]], last: EvidenceObserved, fit: Parameters
) -> None:
    state, now = told(history, fit)
    before = belief(state, "a", now, fit)
    found = belief(observe(state, replace(last, kcs=("a",)), now, fit), "a", now, fit)
    assert odds(found.upper) - odds(found.lower) <= odds(before.upper) - odds(before.lower) + 1e-9


@given(histories, fits, st.floats(0.0, 300.0), st.floats(0.0, 300.0))
def test_time_away_lowers_the_mean_and_widens_the_interval(
    history: list[tuple[EvidenceObserved, float]], fit: Parameters, one: float, other: float
) -> None:
    state, now = told(history, fit)
    sooner, later = (belief(state, "a", now + timedelta(days=days), fit) for days in sorted((one, other)))
    assert later.mean <= sooner.mean
    assert odds(later.upper) - odds(later.lower) >= odds(sooner.upper) - odds(sooner.lower) - 1e-9


@given(histories, anything, fits, st.randoms(use_true_random=False))
def test_the_order_of_components_in_an_item_does_not_matter(
    history: list[tuple[EvidenceObserved, float]], last: EvidenceObserved, fit: Parameters, rng: random.Random
) -> None:
    state, now = told(history, fit)
    shuffled = tuple(rng.sample(last.kcs, len(last.kcs)))
    assert observe(state, last, now, fit) == observe(state, replace(last, kcs=shuffled), now, fit)
    here, there = Question("i3", last.kcs), Question("i3", shuffled)
    assert predict(state, here, now, fit) == predict(state, there, now, fit)


@given(histories, fits)
def test_knowledge_survives_json(history: list[tuple[EvidenceObserved, float]], fit: Parameters) -> None:
    state, _ = told(history, fit)
    adapter = TypeAdapter(Knowledge)
    assert adapter.validate_json(adapter.dump_json(state)) == state
    assert Knowledge.from_data(json.loads(json.dumps(state.as_data(), allow_nan=False))) == state


def test_parameters_survive_json() -> None:
    adapter = TypeAdapter(Parameters)
    for parameters in (PRIOR, FITTED):
        copy = adapter.validate_json(adapter.dump_json(parameters))
        state = after(*[evidence(hint_level=1)] * 3, parameters=parameters)
        assert after(*[evidence(hint_level=1)] * 3, parameters=copy) == state
        assert belief(state, "a", NOW, copy) == belief(state, "a", NOW, parameters)


@given(histories, st.floats(-5.0, 5.0), st.floats(-5.0, 5.0))
def test_a_harder_item_is_less_likely_answered_right(
    history: list[tuple[EvidenceObserved, float]], one: float, other: float
) -> None:
    state, now = told(history, PRIOR)
    easy, hard = (predict(state, Question("new", ("a",), level), now, PRIOR) for level in sorted((one, other)))
    assert hard <= easy


@pytest.mark.parametrize("verdict", ["unsure", "unparsed", "not_an_answer", "noted"])
def test_what_was_not_judged_changes_nothing(verdict: str) -> None:
    state = after(evidence())
    assert observe(state, evidence(verdict=verdict), NOW, PRIOR) is state


def test_one_lucky_answer_opens_nothing_and_a_few_right_ones_do() -> None:
    easy = Parameters("easy", {**PRIOR.values, "ease": 5.0})
    assert belief(after(evidence(), parameters=easy), "a", NOW, easy).lower > MASTERED
    assert not is_mastered(belief(after(evidence(), parameters=easy), "a", NOW, easy))
    answers = [evidence(item=f"i{n}") for n in range(9)]
    opened = [is_mastered(belief(after(*answers[:count]), "a", NOW, PRIOR)) for count in range(10)]
    assert opened == sorted(opened)
    assert not any(opened[:3])
    assert opened[6]


@pytest.mark.parametrize(
    ("tries", "turned"),
    [
        ("", False),
        ("RR", False),  # two guesses open nothing
        ("RRR", True),
        ("WWWWRR", False),
        ("WWWRRR", True),
        ("RRWRR", True),  # a slip is forgiven
        ("WRRR", True),
        ("RRWRRWRR", False),  # right two times of three: two more say little
        ("WWWRRRW", False),
        ("WWWRRRWR", False),
    ],
)
def test_getting_it_at_once_opens_the_gate(tries: str, turned: bool) -> None:
    assert has_turned([one == "R" for one in tries]) is turned


@given(st.lists(st.booleans(), max_size=8))
def test_no_turn_without_three_right_ones(tries: list[bool]) -> None:
    if has_turned(tries):
        assert sum(tries) >= 3
        assert tries[-2:] == [True, True]


@pytest.mark.parametrize(
    "more", [{"hint_level": 2}, {"hint_level": 4}, {"opportunity": False, "attempt": 2}, {"certainty": 0.3}]
)
def test_help_repetition_and_doubt_never_open_the_gate(more: dict[str, object]) -> None:
    assert not is_mastered(belief(after(*[evidence(**more)] * 30), "a", NOW, PRIOR))


def test_further_tries_count_only_a_little() -> None:
    before = belief(Knowledge(), "a", NOW, PRIOR).mean
    full = belief(after(evidence()), "a", NOW, PRIOR).mean - before
    again = belief(after(evidence(opportunity=False, attempt=2)), "a", NOW, PRIOR).mean - before
    assert 0.0 < again < 0.4 * full


def test_partial_credit_lies_between_wrong_and_right() -> None:
    means = [belief(after(evidence(credit)), "a", NOW, PRIOR).mean for credit in (0.0, 0.3, 0.6, 1.0)]
    assert means == sorted(means)


def test_a_guess_and_a_slip_move_less() -> None:
    state = after(*[evidence(seconds=30.0) for _ in range(6)], evidence(0.0, seconds=30.0))
    now = NOW + timedelta(minutes=20)

    def mean(answer: EvidenceObserved) -> float:
        return belief(observe(state, answer, now, PRIOR), "a", now, PRIOR).mean

    assert mean(evidence(confidence=0.0)) < mean(evidence(confidence=1.0)) == mean(evidence())
    assert mean(evidence(0.0, confidence=1.0)) < mean(evidence(0.0, confidence=0.0))
    assert mean(evidence(0.0, seconds=30.0)) < mean(evidence(0.0, seconds=2.0))
    assert mean(evidence(seconds=300.0)) < mean(evidence(seconds=30.0))


def test_spaced_retrieval_lasts_longer_than_massed() -> None:
    massed, spaced = (after(*[evidence()] * 5, gap=gap) for gap in (timedelta(minutes=1), timedelta(days=4)))
    lost = []
    for state in (massed, spaced):
        at = state.kcs["a"].at
        assert at is not None
        now, later = (belief(state, "a", at + timedelta(days=days), PRIOR).mean for days in (0, 30))
        lost.append(odds(now) - odds(later))
    assert lost[1] < 0.7 * lost[0]


def test_the_state_stays_small() -> None:
    state = after(*[evidence(item=f"item-{n}", kcs=(f"kc-{n % 50}",)) for n in range(400)])
    assert len(state.items) <= MEMORY + 1
    assert len(json.dumps(state.as_data())) < 50 * 400 + 5_000


@pytest.mark.parametrize(
    ("answer", "days", "why", "data"),
    [
        (evidence(), 0, "right_first_try", {}),
        (evidence(), 3, "right_after_gap", {"days": 3.0}),
        (evidence(hint_level=2), 3, "right_with_hint", {"hint": 2.0}),
        (evidence(0.0), 3, "wrong", {}),
        (evidence(0.0, verdict="misconception", misconception="m"), 0, "misconception", {}),
        (evidence(0.5), 0, "partial", {"credit": 0.5}),
        (evidence(hint_level=4), 0, "told", {}),
        (evidence(opportunity=False, attempt=2), 0, "repeated", {"attempt": 2.0}),
    ],
)
def test_every_move_has_its_reason(answer: EvidenceObserved, days: int, why: str, data: dict[str, float]) -> None:
    state = after(evidence(0.0))
    now = NOW + timedelta(days=days, minutes=5)
    moved = observe(state, answer, now, PRIOR)
    assert explain(state, moved, answer, "a", now) == (why, data)
    (shift,) = shifts(state, moved, answer, now, PRIOR)
    assert (shift.kc, shift.why) == ("a", why)
    assert shift.before == belief(state, "a", now, PRIOR).mean
    assert (shift.lower, shift.after, shift.upper) == (
        (found := belief(moved, "a", now, PRIOR)).lower,
        found.mean,
        found.upper,
    )


def test_three_right_in_a_row_are_told_as_such() -> None:
    state = after(evidence(), evidence())
    now = NOW + timedelta(minutes=5)
    assert explain(state, observe(state, evidence(), now, PRIOR), evidence(), "a", now)[0] == "right_again"


@pytest.mark.parametrize("learning", [0.0, 0.1])
def test_learners_as_the_priors_assume_them_are_right_as_often_as_predicted(learning: float) -> None:
    """Abilities normal, constant or rising by a tenth of a logit an answer; items of any difficulty. Predictions are
    calibrated, and about 80 % of the intervals hold the true chance."""
    rng = random.Random(7)
    bins = [[0.0, 0.0, 0.0] for _ in range(10)]
    held = total = 0
    for _ in range(300):
        common, own = rng.gauss(0.0, COMMON_VARIANCE**0.5), rng.gauss(0.0, COMPONENT_VARIANCE**0.5)
        state, now = Knowledge(), NOW
        for n in range(12):
            difficulty = rng.gauss(0.0, 0.7)
            chance = predict(state, Question(f"i{n}", ("a",), difficulty), now, PRIOR)
            right = rng.random() < 1.0 / (1.0 + math.exp(difficulty - common - own - learning * n))
            part = bins[min(9, int(chance * 10))]
            part[0], part[1], part[2] = part[0] + right, part[1] + chance, part[2] + 1
            state = observe(state, evidence(float(right), item=f"i{n}", difficulty=difficulty), now, PRIOR)
            now += timedelta(minutes=1)
            if n in (3, 7, 11):
                found = belief(state, "a", now, PRIOR)
                truth = 1.0 / (1.0 + math.exp(-common - own - learning * (n + 1)))
                held += found.lower <= truth <= found.upper
                total += 1
    error = sum(abs(right - expected) for right, expected, _ in bins) / sum(count for *_, count in bins)
    assert error < 0.06
    assert 0.7 < held / total < 0.95


def test_an_update_takes_at_most_a_hundred_microseconds() -> None:
    state = after(*[evidence(item=f"i{n}", kcs=(f"k{n % 80}",)) for n in range(160)])
    answer = evidence(item="i5", kcs=("k3",))
    best = math.inf
    for _ in range(5):
        begin = time.process_time()
        for _ in range(200):
            observe(state, answer, NOW, PRIOR)
        best = min(best, (time.process_time() - begin) / 200)
    assert best < 100e-6


def test_a_belief_without_evidence_is_the_prior_and_wide() -> None:
    found = belief(Knowledge(), "a", NOW, PRIOR)
    assert found == Belief(0.5, found.lower, found.upper, 0)
    assert found.lower < 0.25
    assert found.upper > 0.75
