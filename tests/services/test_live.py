"""The in-process fan-out: order, late joiners, slow listeners."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.events import SentenceSpoken
from tutor.ports import Recorded
from tutor.services.live import Delta, Lagged, Live

AT = datetime(2026, 1, 1, tzinfo=UTC)


def sentence(seq: int, offset: int, text: str) -> Recorded:
    return Recorded("conversation:c", seq, AT, SentenceSpoken("t", offset, text))


def test_a_listener_hears_only_its_conversation_in_order() -> None:
    live = Live()
    mine, other = live.subscribe("c"), live.subscribe("d")
    live.publish("c", Delta("t", 0, "a"), Delta("t", 1, "b"))
    assert mine.drain() == [Delta("t", 0, "a"), Delta("t", 1, "b")]
    assert other.drain() == []


def test_after_unsubscribing_nothing_arrives() -> None:
    live = Live()
    listener = live.subscribe("c")
    live.unsubscribe("c", listener)
    live.publish("c", Delta("t", 0, "a"))
    assert listener.drain() == []


def test_a_late_joiner_gets_the_running_text() -> None:
    live = Live()
    live.publish("c", Delta("t", 0, "Le"), Delta("t", 2, "aves"))
    assert live.running("c") == Delta("t", 0, "Leaves")


def test_a_finished_sentence_replaces_what_was_shown_of_it() -> None:
    live = Live()
    live.publish("c", Delta("t", 0, "See ![x](http://evil) now"), sentence(3, 0, "See x now."), Delta("t", 10, " And"))
    assert live.running("c") == Delta("t", 0, "See x now. And")


def test_settling_forgets_the_running_text() -> None:
    live = Live()
    live.publish("c", Delta("t", 0, "a"))
    live.settle("c")
    assert live.running("c") is None


def test_a_new_turn_starts_from_nothing() -> None:
    live = Live()
    live.publish("c", Delta("t", 0, "old"), Delta("u", 0, "new"))
    assert live.running("c") == Delta("u", 0, "new")


async def test_a_slow_listener_is_told_that_it_missed_something() -> None:
    live = Live()
    listener = live.subscribe("c")
    listener.limit = 3
    live.publish("c", *(Delta("t", i, "x") for i in range(10)))
    heard = [event async for event in listener]
    assert heard[:3] == [Delta("t", i, "x") for i in range(3)]
    assert heard[3:] == [Lagged()]


async def test_closing_ends_the_iteration() -> None:
    live = Live()
    listener = live.subscribe("c")
    live.publish("c", Delta("t", 0, "a"))
    listener.close()
    assert [event async for event in listener] == [Delta("t", 0, "a")]
    listener.close()


@given(st.lists(st.text(min_size=1, max_size=5), max_size=20))
def test_joining_at_any_point_gives_the_same_text(pieces: list[str]) -> None:
    live, offset = Live(), 0
    for joined in range(len(pieces) + 1):
        running = live.running("c")
        text = running.text if running else ""
        assert text == "".join(pieces[:joined])
        if joined < len(pieces):
            live.publish("c", Delta("t", offset, pieces[joined]))
            offset += len(pieces[joined])
