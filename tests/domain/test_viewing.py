"""What of a film was seen."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.learner_events import FilmWatched
from tutor.domain.viewing import MOST_SPANS, Viewing, viewed

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)).map(lambda s: (s[0], s[0] + s[1])), max_size=30)


def watched(*spans: tuple[int, int], length: int = 100) -> FilmWatched:
    return FilmWatched("c", "f", "Stomata", "en", length, spans)


def test_stretches_that_touch_are_one() -> None:
    seen = viewed(None, watched((0, 10), (10, 20), (30, 40)), NOW)
    assert seen.seen == ((0, 20), (30, 40))
    assert (seen.seconds, seen.share, seen.skipped, seen.again) == (30, 0.3, ((20, 30),), 0)


def test_what_is_seen_again_is_counted_apart() -> None:
    once = viewed(None, watched((0, 50)), NOW)
    twice = viewed(once, watched((40, 60)), NOW)
    assert (twice.seconds, twice.again) == (60, 10)


@given(SPANS)
def test_seen_and_seen_again_make_up_all_that_was_played(spans: list[tuple[int, int]]) -> None:
    found = viewed(None, watched(*spans, length=400), NOW)
    assert found.seconds + found.again == sum(to - start for start, to in spans)
    assert found.seconds == len({second for start, to in spans for second in range(start, to)})


@given(SPANS, SPANS)
def test_the_order_of_reports_changes_nothing(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    def after(*reports: list[tuple[int, int]]) -> Viewing | None:
        found = None
        for report in reports:
            found = viewed(found, watched(*report, length=400), NOW)
        return found

    assert after(first, second) == after(second, first)


def test_a_restless_viewer_takes_no_more_room() -> None:
    spans = tuple((10 * n, 10 * n + 1) for n in range(500))
    assert len(viewed(None, watched(*spans, length=5000), NOW).seen) == MOST_SPANS


def test_a_film_is_as_long_as_the_longest_report_says() -> None:
    whole = viewed(viewed(None, watched((0, 10), length=10), NOW), watched((10, 20), length=40), NOW)
    assert viewed(whole, watched((0, 5), length=10), NOW).length == 40
    assert whole.share == 0.5
