"""Properties of the learner fold."""

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.histories import learner_histories, placed
from tutor.domain import events as e
from tutor.domain.learner import LearnerProfile, fold


@given(learner_histories, st.integers(0, 12))
def test_folding_in_two_steps_is_folding_in_one(history: list[e.Event], cut: int) -> None:
    events = placed(history)
    assert fold(events[cut:], fold(events[:cut])) == fold(events)


@given(learner_histories)
def test_what_was_met_is_the_union_of_what_was_shown(history: list[e.Event]) -> None:
    profile = fold(placed(history))
    shown = [item for item in history if isinstance(item, e.MaterialMet)]
    assert {course: set(met) for course, met in profile.met.items()} == {
        course: {passage for item in shown if item.course == course for passage in item.passages}
        for course in {item.course for item in shown}
    }
    assert dict(profile.positions) == {item.course: item.position for item in shown}


@given(learner_histories)
def test_the_last_preference_of_a_name_counts(history: list[e.Event]) -> None:
    said = {item.name: item.value for item in history if isinstance(item, e.PreferenceSet)}
    said.pop("language", None)
    assert dict(fold(placed(history)).preferences) == said


@given(learner_histories)
def test_an_erasure_leaves_nothing_but_its_place(history: list[e.Event]) -> None:
    events = placed([*history, e.LearnerErased()])
    assert fold(events) == LearnerProfile(last_seq=len(events), updated_at=events[-1][2], erased=True)


def test_the_language_chosen_last_is_the_learners_language() -> None:
    profile = fold(placed([e.LearnerJoined("es"), e.PreferenceSet("language", "ar")]))
    assert profile.language == "ar"
    assert profile.preferences == {}


def test_events_of_other_streams_change_only_the_place() -> None:
    events = placed([e.ConversationRenamed("stray")])
    assert fold(events) == LearnerProfile(last_seq=1, updated_at=events[-1][2])
