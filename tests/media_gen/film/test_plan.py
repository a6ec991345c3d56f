"""Which coded picture stands where: one for each film frame, in runs from key frame to key frame."""

from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from media_gen.film.plan import EVERY, FADES, SLACK, STILLS, Coded, frames_of, plan
from media_gen.timeline import FADE, FPS, FRAME, LEAD_IN, TICK, ShownSpan, SlideSpan


@st.composite
def spans(draw: st.DrawFn) -> SlideSpan:
    """A screen somewhere in a film, with changes as far apart as the layout places them."""
    start = draw(st.integers(0, 4000)) * FRAME
    at = LEAD_IN // TICK
    shown = [ShownSpan(0, start)]
    for step in range(draw(st.integers(0, 5))):
        at += draw(st.integers(0 if step == 0 else 25, 200))
        shown.append(ShownSpan(step + 1, start + at * TICK, FADE))
    end = start + -(-(at * TICK + draw(st.integers(20_000, 300_000))) // FRAME) * FRAME
    return SlideSpan("a", "a", start, end, (), tuple(shown))


@given(spans())
def test_there_is_one_picture_for_each_film_frame(span: SlideSpan) -> None:
    frames = frames_of(span)
    assert len(list(plan(span))) == frames.stop - frames.start


@example(SlideSpan("a", "a", 0, 107_520, (), (ShownSpan(0, 0),)))  # the end lies within the 75th film frame
@given(spans())
def test_key_frames_are_at_most_two_and_a_half_seconds_apart_and_never_neighbours(span: SlideSpan) -> None:
    coded = list(plan(span))
    keys = [at for at, one in enumerate(coded) if one.kind == "key"]
    assert keys[0] == 0
    assert all(2 <= after - before <= 2.5 * FPS for before, after in pairwise([*keys, len(coded)]))


@given(spans())
def test_what_follows_a_key_frame_counts_on_from_it(span: SlideSpan) -> None:
    key = 0
    for at, one in enumerate(plan(span)):
        if one.kind == "key":
            key = at
        elif one.kind == "still":
            assert one.place == at - key
        else:
            assert one.place == at - key - 1, "a fade begins right after the key frame of the old picture"


@given(spans())
def test_each_step_begins_to_show_at_its_film_frame(span: SlideSpan) -> None:
    coded = list(plan(span))
    for index, shown in enumerate(span.shown[1:]):
        at = (shown.start - span.start) // TICK
        assert coded[at - 1] == Coded("key", index, 0)
        assert coded[at : at + FADES] == [Coded("fade", index, place) for place in range(FADES)]
        assert all(one.shown >= index + 1 for one in coded[at + FADES :])


@settings(max_examples=400)
@given(spans(), st.integers(1, 50))
def test_a_screen_is_coded_the_same_wherever_it_stands(span: SlideSpan, frames: int) -> None:
    by = frames * FRAME
    shown = tuple(ShownSpan(part.step, part.start + by, part.fade) for part in span.shown)
    moved = SlideSpan("a", "a", span.start + by, span.end + by, (), shown)
    here, there = list(plan(span)), list(plan(moved))
    assert abs(len(here) - len(there)) <= 1
    assert all(one == other for one, other in zip(here, there, strict=False))


def test_stills_repeat_within_the_longest_run() -> None:
    assert EVERY + SLACK > STILLS
