"""The timeline: nothing overlaps, everything stands on its grid, and pictures come with their sentences."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.lesson import Bullet, Bullets, Layout, Lesson, Sentence, Slide
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import (
    FADE,
    FRAME,
    GAP,
    LEAD_IN,
    LEAD_OUT,
    SHORTEST,
    SILENT,
    TICK,
    ShownSpan,
    Timeline,
    first_frame,
    layout,
)

Speeches = dict[tuple[str, int], int]


def screen(slide: Slide, sentences: tuple[int, int] | None = None, **more: object) -> Screen:
    pictures = (Path("x.png"),) * (slide.steps + 1)
    wanted: dict[str, object] = {"pictures": pictures, "sentences": sentences or (0, len(slide.narration)), **more}
    return Screen(**{"name": slide.id, "slide": slide.id, **wanted})  # type: ignore[arg-type]


def slide(name: str, *narration: Sentence, steps: int = 0, chapter: str = "") -> Slide:
    blocks = (Bullets(items=tuple(Bullet(text="a point") for _ in range(steps))),) if steps else ()
    return Slide(id=name, layout=Layout.BULLETS, blocks=blocks, narration=narration, chapter=chapter)


@st.composite
def lessons(draw: st.DrawFn) -> tuple[Lesson, list[Screen], Speeches]:
    """Lessons of any shape: slides without narration, with reveals in any order, divided in two, with pauses."""
    slides, screens, speeches = [], [], {}
    for number in range(draw(st.integers(1, 5))):
        steps = draw(st.integers(0, 3))
        reveal = st.none() | st.integers(0, steps)
        narration = [
            Sentence(text="Words.", reveal=draw(reveal), pause=draw(st.sampled_from([0.0, 0.0, 0.4, 2.0])))
            for _ in range(draw(st.integers(0, 4)))
        ]
        made = slide(f"s{number}", *narration, steps=steps)
        slides.append(made)
        middle = draw(st.integers(0, len(narration)))
        parts = [(0, middle), (middle, len(narration))] if draw(st.booleans()) else [(0, len(narration))]
        for part, sentences in enumerate(parts):
            hold = draw(st.sampled_from([0.0, 0.0, 5.0]))
            screens.append(screen(made, sentences, name=f"s{number}.{part}", hold_seconds=hold))
        speeches |= {(made.id, n): draw(st.integers(1, 8 * RATE)) for n in range(len(narration))}
    return Lesson(title="T", slides=tuple(slides)), screens, speeches


@given(lessons())
def test_screens_join_on_whole_sound_frames(case: tuple[Lesson, list[Screen], Speeches]) -> None:
    timeline = layout(*case)
    clock = 0
    for span in timeline.spans:
        assert span.start == clock
        assert (span.end - span.start) % FRAME == 0
        clock = span.end
    assert timeline.samples == clock


@given(lessons())
def test_every_sentence_is_heard_once_whole_and_with_room_around_it(
    case: tuple[Lesson, list[Screen], Speeches],
) -> None:
    lesson, screens, speeches = case
    timeline = layout(lesson, screens, speeches)
    heard = [(span.slide, part.index) for span in timeline.spans for part in span.spoken]
    assert heard == [(s.slide, index) for s in screens for index in range(*s.sentences)]
    for span in timeline.spans:
        before = span.start
        for part in span.spoken:
            assert part.end - part.start == speeches[span.slide, part.index]
            assert part.start - before >= (LEAD_IN if part is span.spoken[0] else GAP)
            before = part.end
        assert span.end - before >= (LEAD_OUT if span.spoken else FRAME)


@given(lessons())
def test_a_picture_comes_with_its_sentence_and_its_fade_is_over_before_the_next(
    case: tuple[Lesson, list[Screen], Speeches],
) -> None:
    timeline = layout(*case)
    for span in timeline.spans:
        begins = {part.start for part in span.spoken}
        assert span.shown[0].start == span.start
        for shown, following in zip(span.shown, [*span.shown[1:], None], strict=True):
            assert shown.start in begins or shown is span.shown[0]
            end = following.start if following else span.end
            assert end - shown.start >= FADE + 2 * TICK, "a key frame fits between two fades"


@given(lessons())
def test_film_frames_follow_what_they_show_by_at_most_33_ms(case: tuple[Lesson, list[Screen], Speeches]) -> None:
    for span in layout(*case).spans:
        first = first_frame(span.start) * TICK
        assert 0 <= first - span.start <= 0.033 * RATE
        for shown in span.shown[1:]:
            assert (shown.start - span.start) % TICK == 0, "coded pictures don't depend on the place in the film"


@given(lessons())
def test_a_film_of_the_first_screens_is_the_beginning_of_the_whole_film(
    case: tuple[Lesson, list[Screen], Speeches],
) -> None:
    lesson, screens, speeches = case
    whole = layout(lesson, screens, speeches)
    for count in range(len(screens) + 1):
        assert layout(lesson, screens[:count], speeches) == Timeline(whole.spans[:count])


def test_each_sentence_has_time_for_the_shortest_caption() -> None:
    made = slide("a", Sentence(text="Yes."), Sentence(text="No."))
    first, second = (
        layout(Lesson(title="T", slides=(made,)), [screen(made)], {("a", 0): 10, ("a", 1): 10}).spans[0].spoken
    )
    assert second.start - first.start >= SHORTEST == round(RATE * 5 / 6)


def test_steps_are_shown_when_their_sentence_begins() -> None:
    made = slide("a", Sentence(text="So."), Sentence(text="One.", reveal=1), Sentence(text="Two.", reveal=2), steps=2)
    span = layout(Lesson(title="T", slides=(made,)), [screen(made)], {("a", n): RATE for n in range(3)}).spans[0]
    starts = [part.start for part in span.spoken]
    assert span.shown == (ShownSpan(0, 0), ShownSpan(1, starts[1], FADE), ShownSpan(2, starts[2], FADE))


def test_a_slide_whose_narration_reveals_nothing_is_shown_whole() -> None:
    made = slide("a", Sentence(text="So."), steps=3)
    assert layout(Lesson(title="T", slides=(made,)), [screen(made)], {("a", 0): RATE}).spans[0].shown == (
        ShownSpan(3, 0),
    )


def test_a_divided_slide_goes_on_where_its_first_part_stopped() -> None:
    said = [Sentence(text="x", reveal=n) for n in (1, 2, 3, 4)]
    made = slide("a", *said, steps=4)
    two = (Path("x.png"),) * 3
    parts = [screen(made, (0, 2), pictures=two), screen(made, (2, 4), pictures=two, name="a.2", first_step=2, part=2)]
    first, second = layout(Lesson(title="T", slides=(made,)), parts, {("a", n): RATE for n in range(4)}).spans
    assert [shown.step for shown in first.shown] == [0, 1, 2]
    assert [shown.step for shown in second.shown] == [0, 1, 2]


@pytest.mark.parametrize("said", [0, 1])
def test_a_question_leaves_time_to_think_after_it_is_read(said: int) -> None:
    made = slide("q", *[Sentence(text="Why?")] * said)
    span = layout(Lesson(title="T", slides=(made,)), [screen(made, hold_seconds=5)], {("q", 0): RATE}).spans[0]
    quiet_from = span.spoken[-1].end if said else span.start
    assert 5 * RATE <= span.end - quiet_from < 5 * RATE + FRAME


def test_a_silent_screen_can_be_looked_at() -> None:
    made = slide("a")
    assert layout(Lesson(title="T", slides=(made,)), [screen(made)], {}).samples >= SILENT


def test_a_screen_stays_as_long_as_it_must() -> None:
    made = slide("a", Sentence(text="x"))
    lesson = Lesson(title="T", slides=(made,))
    assert layout(lesson, [screen(made)], {("a", 0): 10}, {"a": 30 * RATE}).samples >= 30 * RATE


def test_a_chapter_begins_with_the_first_screen_of_its_slide() -> None:
    made = slide("a", Sentence(text="x"), Sentence(text="y"), chapter="Leaves")
    parts = [screen(made, (0, 1)), screen(made, (1, 2), name="a.2")]
    spans = layout(Lesson(title="T", slides=(made,)), parts, {("a", 0): 10, ("a", 1): 10}).spans
    assert [span.chapter for span in spans] == ["Leaves", ""]
