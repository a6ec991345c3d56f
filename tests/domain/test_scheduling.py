"""Properties of the review dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.learning import START, Learner, answer
from tutor.domain.progress import due
from tutor.domain.scheduling import LONGEST_DAYS, Review, is_due, rating, retrievability, reviewed

ratings = st.sampled_from([1, 2, 3, 4])


@given(st.lists(st.sampled_from([3, 4]), min_size=2, max_size=12))
def test_the_interval_grows_with_every_success_on_its_day(given_ratings: list[int]) -> None:
    review, now, before = None, START, timedelta(0)
    for rated in given_ratings:
        review = reviewed(review, rated, now)  # type: ignore[arg-type]
        interval = review.due - now
        assert interval > before or interval.days == LONGEST_DAYS
        before, now = interval, review.due
    assert review is not None
    assert (review.count, review.lapses) == (len(given_ratings), 0)


@given(st.lists(st.tuples(ratings, st.integers(0, 90 * 86_400)), min_size=1, max_size=12))
def test_a_failure_is_due_before_a_success_would_be(history: list[tuple[int, int]]) -> None:
    review, now = None, START
    for rated, seconds in history:
        review = reviewed(review, rated, now)  # type: ignore[arg-type]
        now += timedelta(seconds=seconds)
    failed, right, easy = (reviewed(review, rated, now) for rated in (1, 3, 4))  # type: ignore[arg-type]
    assert failed.due <= right.due <= easy.due
    assert failed.due >= now + timedelta(days=1)
    assert failed.lapses == right.lapses + 1


@given(st.lists(st.tuples(ratings, st.integers(0, 90 * 86_400)), min_size=1, max_size=6), st.integers(0, 400))
def test_what_is_recalled_fades_and_the_same_history_gives_the_same_dates(
    history: list[tuple[int, int]], days: int
) -> None:
    def told() -> Review:
        review, now = None, START
        for rated, seconds in history:
            now += timedelta(seconds=seconds)
            review = reviewed(review, rated, now)  # type: ignore[arg-type]
        assert review is not None
        return review

    review = told()
    assert review == told()
    soon, late = (retrievability(review, review.last + timedelta(days=n)) for n in (days, days + 30))
    assert 0.0 < late < soon <= 1.0
    assert not is_due(review, review.last)
    assert is_due(review, review.due)


def test_any_time_zone_will_do() -> None:
    here = datetime(2025, 3, 1, 12, tzinfo=timezone(timedelta(hours=3)))
    there = datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert reviewed(reviewed(None, 3, here), 3, here) == reviewed(reviewed(None, 3, there), 3, there)


@pytest.mark.parametrize(
    ("fields", "rated"),
    [
        ({}, 3),
        ({"seconds": 5.0}, 4),
        ({"seconds": 15.0}, 3),
        ({"hint_level": 1}, 2),
        ({"attempt": 2}, 2),
        ({"verdict": "partial", "credit": 0.6}, 2),
        ({"verdict": "partial", "credit": 0.2}, 1),
        ({"right": False}, 1),
        ({"hint_level": 4}, 1),
        ({"certainty": 0.2}, None),
        ({"opportunity": False}, None),
        ({"verdict": "noted"}, None),
    ],
)
def test_what_an_answer_says_of_recall(fields: dict[str, object], rated: int | None) -> None:
    assert rating(answer("a-0", **fields), usual=20.0) == rated  # type: ignore[arg-type]


def test_only_what_was_known_is_due_and_the_least_recalled_first() -> None:
    learner = Learner().masters("a").says(answer("c-0"))
    learner.now += timedelta(days=20)
    learner.masters("b")
    assert due(learner.model, learner.now) == ("a",)
    assert due(learner.model, learner.now + timedelta(days=300)) == ("a", "b")
