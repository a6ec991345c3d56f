"""Chapters: they cover the film, and take the best names that there are."""

from itertools import pairwise
from pathlib import Path

from media_gen.chapters import Chapter, chapters, moments, webvtt
from media_gen.lesson import Layout, Lesson, Sentence, Slide
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import TICK, Timeline, layout


def film(*slides: Slide, title: str = "Leaves") -> tuple[Lesson, Timeline]:
    lesson = Lesson(title=title, slides=slides)
    screens = [Screen(s.id, s.id, (Path("x.png"),), (0, len(s.narration))) for s in slides]
    return lesson, layout(lesson, screens, {(s.id, n): RATE for s in slides for n in range(len(s.narration))})


def slide(name: str, title: str = "", chapter: str = "", kind: Layout = Layout.BULLETS) -> Slide:
    return Slide(id=name, layout=kind, title=title, chapter=chapter, narration=(Sentence(text="Words."),))


def names(lesson: Lesson, timeline: Timeline) -> list[str]:
    marks = chapters(lesson, timeline)
    assert marks[0].start == 0
    assert marks[-1].end == timeline.samples
    assert all(before.end == after.start for before, after in pairwise(marks))
    return [mark.title for mark in marks]


def test_the_script_names_them() -> None:
    assert names(*film(slide("a", "A", "Light"), slide("b", "B"), slide("c", "C", "Water"))) == ["Light", "Water"]


def test_what_comes_before_the_first_one_bears_the_title_of_the_film() -> None:
    assert names(*film(slide("a", "A"), slide("b", "B", "Water"))) == ["Leaves", "Water"]


def test_without_any_the_sections_are_chapters_and_without_those_the_slides() -> None:
    sections = film(slide("a", "A", kind=Layout.SECTION), slide("b", "B"), slide("c", "C", kind=Layout.SECTION))
    assert names(*sections) == ["A", "C"]
    assert names(*film(slide("a", "A"), slide("b", ""), slide("c", "C"))) == ["A", "C"]


def test_a_film_without_any_title_is_one_chapter() -> None:
    assert names(*film(slide("a"), slide("b"))) == ["Leaves"]


def test_titles_are_plain_text_in_the_file() -> None:
    lesson, timeline = film(slide("a", "*Rate* & $x^2$", "**Why** $x^2 < 1$"))
    assert webvtt(chapters(lesson, timeline)).splitlines()[3] == "Why x² &lt; 1"
    assert webvtt([Chapter("One", 0, RATE)]) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOne\n"


def test_a_screen_is_complete_in_its_last_film_frame() -> None:
    _, timeline = film(slide("a"), slide("b"))
    assert moments(timeline) == tuple((span.screen, span.end - TICK) for span in timeline.spans)
