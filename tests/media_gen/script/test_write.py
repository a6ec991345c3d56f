"""A lesson is written as a deck and read back as the same lesson."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from media_gen.lesson import Bullet, Bullets, Layout, Lesson, Paragraph, Sentence, Slide
from media_gen.script import read
from media_gen.script.deck import read_deck
from media_gen.script.write import write_deck
from media_gen.translation import artefact
from media_gen.translation.localise import localise
from tests.media_gen.script.lessons import ODD, lessons

DEMO = Path(__file__).parents[3] / "tutor/demo/energy-for-life/decks/photosynthesis.md"
SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=25
)


@SLOW
@given(lessons())
def test_every_lesson_reads_back_the_same(lesson: Lesson) -> None:
    assert read_deck(write_deck(lesson)) == lesson


@SLOW
@given(lessons(ODD))
def test_so_does_one_whose_texts_look_like_markup(lesson: Lesson) -> None:
    assert read_deck(write_deck(lesson)) == lesson


def test_an_ordinary_lesson_is_written_as_plain_markdown() -> None:
    written = write_deck(read(DEMO))
    assert "```slide" not in written
    assert read_deck(written) == read(DEMO)


@pytest.mark.parametrize("language", ["es", "hi", "ar", "zh"])
def test_so_is_its_translation(language: str) -> None:
    lesson = localise(read(DEMO), artefact.read(DEMO.with_suffix(f".{language}.toml")))
    written = write_deck(lesson)
    assert "```slide" not in written
    assert read_deck(written) == lesson


def test_reveals_are_written_only_where_they_are_not_the_automatic_ones() -> None:
    bullets = Bullets(items=(Bullet(text="Light"), Bullet(text="Water")))

    def written(*narration: Sentence) -> str:
        slide = Slide(id="a", layout=Layout.BULLETS, title="Needs", blocks=(bullets,), narration=narration)
        return write_deck(Lesson(title="T", slides=(slide,)))

    assert "[" not in written(Sentence(text="First light.", reveal=1), Sentence(text="Then water.", reveal=2))
    assert "[step 2] First light." in written(Sentence(text="First light.", reveal=2), Sentence(text="Then water."))
    assert "reveal: manual" in written(Sentence(text="First light."), Sentence(text="Then water."))


def test_every_kind_of_line_break_is_kept_in_the_front_matter() -> None:
    slide = Slide(id="a", layout=Layout.TITLE, title="A", narration=(Sentence(text="Yes."),))
    for text in ("a\nb", "a\x85b", "a  \u2028 b", " a\r\nb ", "---", "a\n---\nb", "x" * 300 + " y"):
        lesson = Lesson(title=text, description=text, slides=(slide,))
        assert read_deck(write_deck(lesson)) == lesson


def test_what_markdown_cannot_say_is_written_as_data() -> None:
    slide = Slide(id="a", layout=Layout.BULLETS, blocks=(Paragraph(text="one\n\ntwo"),), narration=())
    lesson = Lesson(title="T", slides=(slide,))
    assert "```slide" in write_deck(lesson)
    assert read_deck(write_deck(lesson)) == lesson
