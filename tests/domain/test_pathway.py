"""The path: properties for any learner, and what it does for particular ones."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.domain.histories import placed
from tests.domain.learning import KCS, Learner, answer, course_of, items_for, lessons
from tutor.domain import events as e
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course
from tutor.domain.items.summary import ItemSummary
from tutor.domain.learner import fold
from tutor.domain.pathway import FAST, REASONS, Activity, fringe, map_of, next_activity, outcome, summary
from tutor.domain.readiness import Graph, components_of

CHAIN = course_of(("a", ()), ("b", ("a",)), ("c", ("b",)), ("d", ("c",)))
FORK = course_of(("a", ()), ("b", ("a",)), ("c", ("a",)), ("d", ("b", "c")))


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any graph over the components, circles and unknown prerequisites included."""
    names = st.lists(st.sampled_from([*KCS, "unknown"]), max_size=2, unique=True)
    return course_of(*[(kc, draw(names)) for kc in KCS])


def asked(learner: Learner, course: Course = CHAIN, items: Sequence[ItemSummary] = (), **options: object) -> Activity:
    found = next_activity(course, learner.model, items or items_for(course), learner.now, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


# -- for any learner -----------------------------------------------------------------------------------------------


@given(courses(), lessons, st.integers(0, 60))
def test_nothing_is_offered_before_what_it_builds_on_unless_as_a_step_back_or_by_choice(
    course: Course, history: list[e.Event], days: int
) -> None:
    events = placed(history)
    model = fold(events).course("biology")
    now = events[-1][2] + timedelta(days=days) if events else placed([e.LearnerErased()])[0][2]
    found = next_activity(course, model, items_for(course), now)
    if found is None:
        assert outcome(course, model, items_for(course), now) == "all_mastered"
        return
    before = Graph(components_of(course)).before[found.kc]
    contested = model.component(found.kc).contested is not None
    if found.kind == "review":
        assert model.knows(found.kc) or contested
    elif found.kind != "remedial" and not contested:
        assert all(model.knows(name) for name in before)
    assert found.facts.keys() == REASONS[found.reason]
    assert found.facts["title"] == found.kc.upper()


@given(courses(), lessons, st.integers(0, 60))
def test_what_was_answered_right_comes_after_everything_else_of_its_component(
    course: Course, history: list[e.Event], days: int
) -> None:
    events = placed(history)
    assume(events)
    model = fold(events).course("biology")
    found = next_activity(course, model, items_for(course), events[-1][2] + timedelta(days=days))
    assume(found is not None)
    assert found is not None
    others = [item.id for item in items_for(course) if item.kcs == (found.kc,)]
    if found.item in model.seen and model.seen[found.item].right:
        assert all(item in model.seen and model.seen[item].right for item in others)
        assert model.seen[found.item].seq == min(model.seen[item].seq for item in others)
    elif found.item in model.seen:
        assert all(item in model.seen for item in others)


@given(courses(), lessons)
def test_the_same_learner_is_offered_the_same(course: Course, history: list[e.Event]) -> None:
    events = placed(history)
    assume(events)
    one, other = (fold(events).course("biology") for _ in range(2))
    now = events[-1][2]
    assert next_activity(course, one, items_for(course), now) == next_activity(course, other, items_for(course), now)


@given(courses(), lessons)
def test_the_map_shows_every_component_and_agrees_with_the_fringe(course: Course, history: list[e.Event]) -> None:
    events = placed(history)
    assume(events)
    model, now = fold(events).course("biology"), events[-1][2]
    states = {state.kc: state for state in map_of(course, model, now)}
    assert list(states) == list(KCS)
    for kc in fringe(course, model):
        assert states[kc].status in ("ready", "learning")
        assert states[kc].missing == ()
    for state in states.values():
        assert (state.status in ("mastered", "due")) == model.knows(state.kc)
        assert 0.0 <= state.belief.lower <= state.belief.mean <= state.belief.upper <= 1.0
        assert state.part.grounds.count >= len(state.part.grounds.seqs)
    assert summary(model, now).answers == model.answers


@pytest.mark.parametrize("seed", range(3))
def test_a_learner_who_can_do_it_gets_through_and_one_who_cannot_is_never_left_without_a_question(seed: int) -> None:
    rng = random.Random(seed)
    for able in (True, False):
        learner, items = Learner(), items_for(FORK, 12)
        for _ in range(120):
            found = next_activity(FORK, learner.model, items, learner.now)
            if found is None:
                break
            learner.says(answer(found.item, found.kc, right=rng.random() < (0.95 if able else 0.1)))
        assert (outcome(FORK, learner.model, items, learner.now) == "all_mastered") is able


# -- for particular ones -------------------------------------------------------------------------------------------


def test_the_first_step_is_the_first_component() -> None:
    found = asked(Learner())
    assert (found.kind, found.kc, found.reason) == ("learn", "a", "first_step")


def test_the_next_component_opens_with_the_mastery_of_what_it_builds_on() -> None:
    found = asked(Learner().masters("a"))
    assert (found.kind, found.kc, found.reason) == ("learn", "b", "ready")
    assert found.facts["after"] == "A"
    assert outcome(CHAIN, Learner().masters("a").model, items_for(CHAIN), Learner().now) == "open"


def test_what_is_due_comes_first_and_says_for_how_long() -> None:
    learner = Learner().masters("a")
    learner.now += timedelta(days=200)
    found = asked(learner)
    assert (found.kind, found.kc, found.reason, found.facts["count"]) == ("review", "a", "review_due", "200")
    assert 0 < int(found.facts["percent"]) < 90


def test_two_failures_lead_back_to_a_weak_prerequisite_until_that_is_right() -> None:
    learner = Learner().says(e.PlacementFinished("biology", 5, ("a",)))
    learner.says(answer("b-0", right=False))
    assert asked(learner).kc == "b"
    learner.says(answer("b-1", right=False))
    found = asked(learner)
    assert (found.kind, found.kc, found.reason) == ("remedial", "a", "step_back")
    assert found.facts == {"title": "A", "blocked": "B", "count": "2"}
    learner.says(answer("a-0", right=False))
    assert (asked(learner).kind, asked(learner).kc) == ("remedial", "a")
    learner.says(answer("a-1"))
    assert asked(learner).kind != "remedial"


def test_failing_does_not_lead_back_to_what_is_well_known() -> None:
    learner = Learner().masters("a")
    learner.says(*[answer(f"a-elsewhere-{n}", "a") for n in range(20, 32)])
    assert learner.model.belief("a", learner.now).mean > 0.9
    learner.says(answer("b-0", right=False), answer("b-1", right=False))
    assert asked(learner).kc == "b"


def test_who_is_stuck_does_something_else_for_a_while() -> None:
    learner = Learner().masters("a")
    learner.says(*[answer(f"a-elsewhere-{n}", "a") for n in range(20, 32)])
    items = items_for(FORK, 8)
    learner.says(*[answer(f"b-{n}", right=False) for n in range(4)])
    found = next_activity(FORK, learner.model, items, learner.now)
    assert found is not None
    assert (found.kc, found.reason, found.facts["stuck"]) == ("c", "for_a_while", "B")
    learner.says(answer("c-0"), answer("c-1", right=False), answer("c-2"))
    assert asked(learner, FORK, items).kc in ("b", "c")


def test_what_has_no_other_question_is_left_and_the_reason_says_so() -> None:
    learner = Learner().masters("a").says(answer("b-0"), answer("b-1", right=False))
    found = next_activity(FORK, learner.model, items_for(FORK, 2), learner.now, exclude=frozenset({"b-0", "b-1"}))
    assert found is not None
    assert (found.kc, found.reason, found.facts["used"]) == ("c", "used_up", "B")


def test_who_seems_to_know_it_gets_the_transfer_question() -> None:
    learner = Learner().says(*[answer(f"x{n}-0") for n in range(6)], answer("a-8"), answer("a-9"))
    found = asked(learner)
    assert (found.kind, found.item, found.reason) == ("challenge", "a-2", "fast_track")


def test_nobody_is_told_that_they_seem_to_know_on_two_lucky_answers() -> None:
    learner = Learner().says(*[answer(f"x{n}-0", right=False) for n in range(4)], answer("a-8"), answer("a-9"))
    assert learner.model.belief("a", learner.now).lower < FAST
    assert asked(learner).reason == "keep_going"


@given(courses(), lessons)
def test_the_fast_track_is_for_who_is_likelier_right_than_wrong_at_the_least(
    course: Course, history: list[e.Event]
) -> None:
    events = placed(history)
    assume(events)
    model, now = fold(events).course("biology"), events[-1][2]
    found = next_activity(course, model, items_for(course), now)
    if found is not None and found.reason == "fast_track":
        assert model.belief(found.kc, now).lower >= FAST


def test_a_question_met_and_left_comes_after_those_never_met() -> None:
    items = items_for(course_of(("a", ())), 2)
    course = course_of(("a", ()))
    first = asked(Learner(), course, items).item
    learner = Learner().says(e.ItemMet("biology", first, "c", "t"))
    assert asked(learner, course, items).item != first
    learner.says(e.ItemMet("biology", asked(learner, course, items).item, "c", "t"))
    assert asked(learner, course, items).reason == "first_step"


def test_a_goal_pulls_what_it_builds_on_forward() -> None:
    course = course_of(("a", ()), ("b", ()), ("c", ("b",)))
    learner = Learner().says(e.GoalChosen("biology", ("c",)))
    found = asked(learner, course)
    assert (found.kind, found.kc, found.reason) == ("goal", "b", "towards_goal")
    assert found.facts["goal"] == "C"
    learner.masters("b")
    assert asked(learner, course).reason == "goal"
    learner.masters("c")
    assert outcome(course, learner.model, items_for(course), learner.now) == "goal_reached"
    assert asked(learner, course).kc == "a"


def test_an_interest_pulls_forward() -> None:
    course = course_of(("cells", ()), ("football", ()))
    learner = Learner().says(answer("x-0"), e.PreferenceSet("interests", "Football"))
    found = asked(learner, course)
    assert (found.kc, found.reason, found.facts["interest"]) == ("football", "interest", "Football")


def test_a_word_of_an_interest_is_enough_where_few_topics_have_it() -> None:
    course = course_of(("cells of animals", ()), ("cells of plants", ()), ("cells of fungi", ()))
    learner = Learner().says(answer("x-0"), e.PreferenceSet("interests", "how a plant lives; cells that divide"))
    found = asked(learner, course)
    assert (found.kc, found.reason, found.facts["interest"]) == ("cells of plants", "interest", "how a plant lives")


def test_the_learners_choice_comes_first_and_the_path_goes_on_from_there() -> None:
    assert asked(Learner(), wanted_kc="a").reason == "you_chose"
    found = asked(Learner(), wanted_kc="c")
    assert (found.kind, found.kc, found.reason, found.facts["missing"]) == ("explore", "c", "you_chose_early", "B")
    course = course_of(("a", ()), ("b", ()), ("c", ()), ("d", ()))
    learner = Learner().says(e.ActivityChosen("biology", "a", "c")).masters("c")
    assert asked(learner, course).kc == "d"
    assert asked(learner, course, wanted_kc="nowhere").kc == "d"


@pytest.mark.parametrize(
    ("because", "kind"),
    [("fresh", "learn"), ("transfer", "challenge"), ("challenge", "challenge"), ("easier", "remedial")],
)
def test_a_move_that_stays_with_a_component_says_so(because: str, kind: str) -> None:
    found = asked(Learner().says(answer("a-0")), wanted_kc="a", because=because)
    assert (found.kind, found.kc, found.reason, found.facts) == (kind, "a", because, {"title": "A"})
    assert found.item != "a-0"


def test_a_contested_belief_is_checked_next() -> None:
    learner = Learner().says(e.BeliefContested("biology", "c", "know"))
    assert (asked(learner).kind, asked(learner).kc, asked(learner).reason) == ("challenge", "c", "you_said_you_know")
    learner = Learner().masters("a").says(e.BeliefContested("biology", "a", "unsure"))
    assert (asked(learner).kind, asked(learner).kc, asked(learner).reason) == ("review", "a", "you_doubt")


def test_what_the_placement_found_is_not_taught_again() -> None:
    learner = Learner().says(e.PlacementFinished("biology", 6, ("a", "b")))
    assert asked(learner).kc == "c"
    states = {state.kc: state for state in map_of(CHAIN, learner.model, learner.now)}
    assert (states["a"].status, states["a"].placed, states["d"].missing) == ("mastered", True, ("c",))


def test_a_poll_is_asked_once_when_its_component_begins() -> None:
    items = [*items_for(CHAIN), ItemSummary("poll-a", ("a",), "poll"), ItemSummary("poll-b", ("b",), "poll")]
    learner = Learner()
    assert (asked(learner, items=items).item, asked(learner, items=items).reason) == ("poll-a", "your_view")
    learner.says(answer("poll-a", "a", verdict="noted", credit=0.0))
    assert asked(learner, items=items).item.startswith("a-")


def test_only_approved_items_are_posed_and_none_of_the_excluded() -> None:
    items = [replace(item, state="draft") if item.id != "a-1" else item for item in items_for(CHAIN)]
    assert asked(Learner(), items=items).item == "a-1"
    assert next_activity(CHAIN, CourseModel(), items, Learner().now, exclude=frozenset({"a-1"})) is None
    assert outcome(CHAIN, CourseModel(), [], Learner().now) == "no_items"


def test_a_component_without_questions_holds_nobody_up() -> None:
    items = [item for item in items_for(CHAIN) if item.kcs != ("b",)]
    learner = Learner().masters("a")
    assert asked(learner, items=items).kc == "c"
    states = {state.kc: state for state in map_of(CHAIN, learner.model, learner.now, items)}
    assert states["c"].status == "ready"


def test_a_course_without_graph_goes_by_its_order_and_one_without_components_by_its_items() -> None:
    course = course_of(*[(f"k{n}", ()) for n in range(30)])
    learner = Learner().masters("k0")
    assert asked(learner, course).kc == "k1"
    plain = Course("biology", "Biology")
    named = [ItemSummary("x-0", ("x",)), ItemSummary("y-0", ("y",))]
    assert (asked(Learner(), plain, named).kc, asked(Learner(), plain, named).facts["title"]) == ("x", "x")
    bare = [ItemSummary("1"), ItemSummary("2")]
    assert (asked(Learner(), plain, bare).item, asked(Learner(), plain, bare).facts["title"]) == ("1", "Biology")
    learner = Learner().says(e.EvidenceObserved("biology", "1", (), "correct", 1.0))
    assert asked(learner, plain, bare).item == "2"
    learner.says(e.EvidenceObserved("biology", "2", (), "correct", 1.0))
    assert outcome(plain, learner.model, bare, learner.now) == "all_mastered"
    assert next_activity(plain, learner.model, bare, learner.now) is None


def test_a_fresh_variant_comes_before_the_group_to_avoid() -> None:
    items = [ItemSummary("a-0", ("a",), variant_of="v"), ItemSummary("a-1", ("a",), variant_of="v")]
    items.append(ItemSummary("a-2", ("a",), difficulty=2.5))
    assert asked(Learner(), items=items).item == "a-0"
    assert asked(Learner(), items=items, avoid_variants=frozenset({"v"})).item == "a-2"
    assert asked(Learner(), items=items[:2], avoid_variants=frozenset({"v"})).item == "a-0"


def test_an_item_that_also_needs_what_is_locked_waits() -> None:
    items = [ItemSummary("both", ("a", "d")), ItemSummary("alone", ("a",), difficulty=2.0)]
    assert asked(Learner(), items=items).item == "alone"
    assert asked(Learner(), items=items[:1]).item == "both"


def test_difficulty_follows_the_learner() -> None:
    items = [ItemSummary(f"a-{n}", ("a",), difficulty=n - 3.0) for n in range(7)]
    weak = Learner().says(*[answer(f"x-{n}", right=False) for n in range(6)])
    strong = Learner().says(*[answer(f"x-{n}") for n in range(6)])
    level = {item.id: item.difficulty for item in items}
    assert level[asked(weak, items=items).item] < level[asked(strong, items=items).item]


def test_with_everything_mastered_what_is_left_is_a_new_setting_and_then_nothing() -> None:
    learner = Learner().masters("a", "b", "c", "d")
    found = asked(learner)
    assert (found.kind, found.reason, found.item) == ("challenge", "transfer", "a-2")
    learner.says(*[answer(f"{kc}-2") for kc in "abcd"])
    assert next_activity(CHAIN, learner.model, items_for(CHAIN), learner.now) is None
    assert outcome(CHAIN, learner.model, items_for(CHAIN), learner.now) == "all_mastered"


def test_a_choice_among_thousands_of_items_takes_milliseconds() -> None:
    course = course_of(*[(f"k{n}", (f"k{n - 1}",) if n % 4 else ()) for n in range(300)])
    items = items_for(course, 9)
    learner = Learner().says(*[answer(f"k{n}-0") for n in range(300)])
    next_activity(course, learner.model, items, learner.now)
    spent = []
    for _ in range(5):
        before = process_time()
        assert next_activity(course, learner.model, items, learner.now + timedelta(days=9))
        spent.append(process_time() - before)
    assert min(spent) < 0.02
