"""The placement, in simulation against learners whose knowledge is known, and rule by rule."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.learning import KCS, course_of, items_for
from tutor.domain import placement
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.items.summary import ItemSummary
from tutor.domain.placement import FEWEST, MOST, PlacementStep, next_question
from tutor.domain.readiness import Graph, components_of

SLIPS, GUESSES = 0.1, 0.12
SIZE = 24


def a_course(seed: int) -> Course:
    """A graph as courses have them: most components build on one or two of those shortly before."""
    rng = Random(seed)
    before = [
        tuple({f"k{rng.randrange(max(0, n - 7), n)}" for _ in range(rng.choice((1, 1, 2)))})
        if n and rng.random() < 0.88
        else ()
        for n in range(SIZE)
    ]
    components = tuple(
        KnowledgeComponent(f"k{n}", f"K{n}", f"u{n // 6}", prerequisites=found) for n, found in enumerate(before)
    )
    return Course("c", "C", components=components)


def a_learner(course: Course, rng: Random) -> frozenset[str]:
    """Knows a set that holds its members' prerequisites, drawn in another way than the placement's own population."""
    graph, known = Graph(course.components), set[str]()
    chance = 0.55 + 0.4 * rng.random()
    for kc in graph.topological:
        if all(name in known for name in graph.before[kc]) and rng.random() < chance:
            known.add(kc)
    return frozenset(known)


def accuracy(step: PlacementStep, known: frozenset[str]) -> float:
    return sum((kc in step.known) == (kc in known) for kc in step.beliefs) / len(step.beliefs)


def answered(kc: str, known: frozenset[str], rng: Random) -> float:
    return float(rng.random() >= SLIPS if kc in known else rng.random() < GUESSES)


def adaptively(course: Course, items: list[ItemSummary], known: frozenset[str], rng: Random) -> tuple[int, float]:
    given_: list[tuple[str, str, float]] = []
    while not (step := next_question(course, items, given_)).finished:
        assert step.item is not None
        given_.append((step.kc, step.item, answered(step.kc, known, rng)))
    return len(given_), accuracy(step, known)


def in_fixed_order(
    course: Course, items: list[ItemSummary], known: frozenset[str], rng: Random, count: int
) -> tuple[int, float]:
    """Spread evenly over the course, and read by the same posterior: only the choice of questions differs."""
    asked = [course.components[(7 * n + 3) % SIZE].id for n in range(count)]
    given_ = [(kc, f"{kc}-0", answered(kc, known, rng)) for kc in asked]
    return count, accuracy(next_question(course, items, given_), known)


def test_fewer_questions_place_better_than_a_fixed_order() -> None:
    own, fixed = [], []
    for seed in range(24):
        course = a_course(seed % 4)
        items = items_for(course)
        known = a_learner(course, Random(seed))
        own.append(adaptively(course, items, known, Random(seed)))
        fixed.append(in_fixed_order(course, items, known, Random(seed), MOST))
    asked, right = (sum(found[n] for found in own) / len(own) for n in (0, 1))
    assert all(FEWEST <= count <= MOST for count, _ in own)
    assert asked < 0.9 * MOST
    assert right > sum(found for _, found in fixed) / len(fixed)
    assert right > 0.85


@pytest.mark.parametrize("knows_all", [True, False])
def test_it_stops_early_for_who_knows_all_and_for_who_knows_nothing(knows_all: bool) -> None:
    course = a_course(1)
    given_: list[tuple[str, str, float]] = []
    while not (step := next_question(course, items_for(course), given_)).finished:
        given_.append((step.kc, step.item or "", float(knows_all)))
    assert FEWEST <= len(given_) <= 8
    assert len(step.known) == (SIZE if knows_all else 0)


@settings(max_examples=25)
@given(st.data())
def test_what_is_taken_for_known_holds_its_prerequisites_and_nothing_is_asked_twice(data: st.DataObject) -> None:
    course = a_course(data.draw(st.integers(0, 3)))
    graph = Graph(course.components)
    given_: list[tuple[str, str, float]] = []
    for _ in range(data.draw(st.integers(0, MOST))):
        step = next_question(course, items_for(course), given_)
        assert step == next_question(course, items_for(course), given_)
        assert all(name in step.known for kc in step.known for name in graph.before[kc])
        if step.item is None:
            assert len(given_) >= FEWEST
            break
        assert step.item not in [item for _, item, _ in given_]
        assert step.expected_gain > 0.0
        given_.append((step.kc, step.item, data.draw(st.sampled_from([0.0, 0.5, 1.0]))))


def test_a_right_answer_speaks_for_what_it_builds_on_and_a_wrong_one_against_what_builds_on_it() -> None:
    course = course_of(*[(kc, KCS[max(0, n - 1) : n]) for n, kc in enumerate(KCS)])
    items = items_for(course)
    before = next_question(course, items, []).beliefs
    right = next_question(course, items, [("c", "c-0", 1.0)]).beliefs
    wrong = next_question(course, items, [("c", "c-0", 0.0)]).beliefs
    for kc in KCS:
        assert wrong[kc] < before[kc] < right[kc]
    assert right["a"] >= right["b"] >= right["c"] > 0.85
    assert wrong["f"] <= wrong["d"] <= wrong["c"] < 0.2


@settings(max_examples=20)
@given(st.integers(0, 3), st.permutations([True] * 7 + [False] * 5))
def test_after_five_dont_knows_nothing_is_taken_for_known_that_no_right_answer_speaks_for(
    seed: int, says: list[bool]
) -> None:
    course = a_course(seed)
    given_: list[tuple[str, str, float | None]] = []
    for right in says:
        step = next_question(course, items_for(course), given_)
        if step.item is None:
            break
        given_.append((step.kc, step.item, float(right)))
    if sum(credit == 0.0 for *_, credit in given_) < 2:
        return
    spoken_for = Graph(course.components).ancestors(kc for kc, _, credit in given_ if credit)
    assert set(next_question(course, items_for(course), given_).known) <= spoken_for


def test_who_knows_a_component_or_not_by_chance_is_not_taken_to_know_those_beside_it() -> None:
    course = course_of(*[(f"k{n}", ()) for n in range(SIZE)])
    mixed = [(f"k{n}", f"k{n}-0", float(n % 12 < 7)) for n in range(0, SIZE, 2)]
    known = set(next_question(course, items_for(course), mixed).known)
    assert known <= {kc for kc, _, right in mixed if right}
    all_right = [(kc, item, 1.0) for kc, item, _ in mixed]
    assert len(next_question(course, items_for(course), all_right).known) == SIZE


def test_an_answer_that_stayed_in_doubt_counts_as_a_question_and_for_nothing_else() -> None:
    course = a_course(1)
    items = items_for(course)
    before = next_question(course, items, [])
    assert before.item is not None
    after = next_question(course, items, [(before.kc, before.item, None)])
    assert after.beliefs == before.beliefs
    assert after.item != before.item
    doubts: list[tuple[str, str, float | None]] = []
    while (step := next_question(course, items, doubts)).item is not None:
        doubts.append((step.kc, step.item, None))
    assert len(doubts) == MOST
    assert step.known == ()


def test_questions_met_before_are_asked_only_where_there_are_no_others() -> None:
    course = course_of(("a", ()))
    items = items_for(course, 2)
    first = next_question(course, items, []).item
    other = next_question(course, items, [], seen=[first or ""]).item
    assert {first, other} == {"a-0", "a-1"}
    assert next_question(course, items, [], seen=["a-0", "a-1"]).item == first


def test_drafts_polls_and_unknown_items_are_not_asked_and_an_empty_course_is_finished() -> None:
    course = course_of(("a", ()))
    items = [ItemSummary("p", ("a",), "poll"), ItemSummary("d", ("a",), state="draft"), ItemSummary("none")]
    assert next_question(course, items, []) == PlacementStep(
        None, "", 0.0, True, (), {"a": pytest.approx(0.5, abs=0.5)}
    )
    assert next_question(Course("c", "C"), [], [("x", "y", 1.0)]).finished
    assert components_of(Course("c", "C"), items[:1])[0].id == "a"


def test_a_guessable_question_says_less() -> None:
    course = course_of(("a", ()), ("b", ()))
    free = [ItemSummary("a-0", ("a",)), ItemSummary("a-1", ("a",), "multiple_choice")]
    assert next_question(course, free, []).item == "a-0"
    certain = next_question(course, free, [("a", "a-0", 1.0)]).beliefs["a"]
    assert next_question(course, free, [("a", "a-1", 1.0)]).beliefs["a"] < certain


def test_a_course_of_hundreds_of_components_is_weighed_in_part() -> None:
    course = course_of(*[(f"k{n}", ()) for n in range(300)])
    step = next_question(course, items_for(course), [("k150", "k150-0", 1.0)])
    assert step.item is not None
    assert step.beliefs["k20"] > step.beliefs["k280"]
    assert placement.WORK // 300 < placement.WEIGHED
