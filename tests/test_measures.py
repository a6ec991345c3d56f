"""What the service counts about itself."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from tutor import measures as m
from tutor.measures import MOST, Measure, Measures


def test_a_counter_without_labels_begins_at_nought_and_one_with_labels_empty() -> None:
    measures = Measures()
    assert measures.counts(m.REFUSED) == {(): 0}
    assert measures.counts(m.TURNS) == {}
    measures.add(m.TURNS, "complete")
    measures.add(m.TURNS, "complete", amount=2)
    assert measures.counts(m.TURNS) == {("complete",): 3}
    assert measures.count(m.TURNS, "failed") == 0


@given(st.lists(st.floats(0, 1000)))
def test_each_bucket_holds_what_took_as_long_or_less(seconds: list[float]) -> None:
    measures = Measures()
    for one in seconds:
        measures.took(m.TURN_SECONDS, one)
    for _, timed in measures.times(m.TURN_SECONDS):
        assert timed.cumulative[-1] == len(seconds)
        for bound, count in zip(m.TURN_SECONDS.buckets, timed.cumulative[:-1], strict=True):
            assert count == sum(one <= bound for one in seconds)
        assert abs(timed.total - sum(seconds)) < 1e-6


def test_nothing_is_lost_between_threads() -> None:
    measures = Measures()

    def work() -> None:
        for _ in range(1000):
            measures.add(m.STREAMED)
            measures.took(m.TURN_SECONDS, 0.1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert measures.count(m.STREAMED) == 4000
    ((_, timed),) = measures.times(m.TURN_SECONDS)
    assert timed.cumulative[-1] == 4000


def test_labels_that_never_end_are_counted_as_other() -> None:
    measures = Measures()
    for number in range(MOST + 50):
        measures.add(m.ERRORS, "http", f"code {number}")
    counts = measures.counts(m.ERRORS)
    assert len(counts) == MOST + 1
    assert counts["other", "other"] == 50


def test_names_are_as_prometheus_wants_them() -> None:
    names = [one.name for one in m.ALL]
    assert len(set(names)) == len(names)
    assert {one for one in vars(m).values() if isinstance(one, Measure)} == set(m.ALL)
    for one in m.ALL:
        assert one.name.startswith("diotima_")
        assert not one.name.endswith(("_total", "_count", "_sum", "_bucket"))
        assert one.name.endswith("_seconds") == bool(one.buckets)
        assert list(one.buckets) == sorted(one.buckets)
        assert not {"user", "account", "learner", "conversation", "course", "session"} & set(one.labels)
