"""A lesson in another language, and what of it is still a machine's or missing."""

import pytest

from media_gen.language import load
from media_gen.lesson import Bullets, Lesson, Question, Table
from media_gen.translation import (
    MISSING,
    OUTDATED,
    FakeTranslator,
    Translation,
    approve,
    edit,
    localise,
    review,
    update,
)
from media_gen.translation import started as empty
from media_gen.translation.numbers import rewrite_number


@pytest.fixture
def spanish(lesson: Lesson) -> Translation:
    return update(lesson, Translation("en", "es"), FakeTranslator())


def test_texts_are_the_translations_and_all_else_is_the_same(lesson: Lesson, spanish: Translation) -> None:
    made = localise(lesson, approve(spanish))
    assert made.language == "es"
    assert made.title == "(es) Sugar from air"
    bullets, maths = made.slides[0].blocks
    assert isinstance(bullets, Bullets)
    assert bullets.items[1].text == "(es) The energy $E = hc/\\lambda$ of light"
    assert maths == lesson.slides[0].blocks[1]
    question = made.slides[2].interaction
    assert isinstance(question, Question)
    assert [(o.text, o.correct, o.goto) for o in question.options] == [
        ("(es) From the water", True, ""),
        ("(es) From `CO2`", None, "leaf"),
    ]
    assert made.drafts == {}
    assert review(made).complete


def test_sentences_keep_their_reveals_and_pauses_and_lose_the_pronunciation_of_the_source(
    lesson: Lesson, spanish: Translation
) -> None:
    sentences = localise(lesson, spanish).slides[0].narration
    assert [(s.reveal, s.pause, s.say) for s in sentences] == [(0, 0.0, ""), (1, 0.5, "")]


def test_a_trainers_pronunciation_is_taken(lesson: Lesson, spanish: Translation) -> None:
    made = localise(lesson, edit(spanish, "leaf/narration/1/say", "Rubepé espera."))
    assert made.slides[0].narration[1].say == "Rubepé espera."


def test_pronunciations_of_the_whole_lesson_belong_to_its_own_language(lesson: Lesson, spanish: Translation) -> None:
    assert [p.language for p in localise(lesson, spanish).pronunciations] == ["en"]


def test_a_draft_names_its_engine(lesson: Lesson, spanish: Translation) -> None:
    made = localise(lesson, edit(spanish, "leaf/title", "Lo que toma una hoja"))
    assert made.drafts["_lesson/title"] == "fake"
    assert "leaf/title" not in made.drafts
    assert review(made).complete


def test_what_is_missing_stays_in_the_source_language_and_says_so(lesson: Lesson) -> None:
    made = localise(lesson, empty(lesson, "es"))
    assert made.slides[0].title == "What a leaf takes in"
    assert made.drafts["leaf/title"] == MISSING
    assert "leaf/title" in review(made).missing
    assert not review(made).complete


def test_a_translation_of_an_earlier_text_is_outdated(lesson: Lesson, spanish: Translation) -> None:
    slide = lesson.slides[0].model_copy(update={"title": "Something else"})
    changed = lesson.model_copy(update={"slides": (slide, *lesson.slides[1:])})
    made = localise(changed, approve(spanish))
    assert made.drafts == {"leaf/title": OUTDATED}
    assert review(made).outdated == ("leaf/title",)


def test_numbers_on_their_own_are_written_as_the_language_writes_them(lesson: Lesson, spanish: Translation) -> None:
    table = localise(lesson, spanish).slides[1].blocks[0]
    assert isinstance(table, Table)
    assert table.rows[1][1] == "176,25"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2.5", "2,5"),
        ("-1,234.50 %", "-1.234,50 %"),
        ("2870", "2870"),
        ("12,345", "12.345"),
        ("1.2.3", "1.2.3"),
        ("3 to 4.5", "3 to 4.5"),
        ("–", "–"),
    ],
)
def test_rewriting_a_number(text: str, written: str) -> None:
    assert rewrite_number(text, load("en"), load("de")) == written


def test_the_localised_lesson_is_still_a_lesson(lesson: Lesson, spanish: Translation) -> None:
    made = localise(lesson, spanish)
    assert Lesson.model_validate_json(made.model_dump_json()) == made
