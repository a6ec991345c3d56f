"""A film in the course's own words says nothing that the course doesn't."""

from collections.abc import Sequence

import pytest

from media_gen.lesson import Bullets, Layout, Lesson, Option, Question, Quote
from tests.services.explain.material import COURSE, STOMATA, SUGAR, TITLES, hits
from tutor.services.explain.extract import BULLET_WORDS, NothingToFilm, from_passages


def words_of(lesson: Lesson) -> list[str]:
    """Everything shown or said but titles."""
    found: list[str] = []
    for slide in lesson.slides[1:]:
        found += [sentence.text for sentence in slide.narration]
        for block in slide.blocks:
            if isinstance(block, Bullets):
                found += [one.text for one in block.items]
            if isinstance(block, Quote):
                found.append(block.text)
    return found


def test_every_sentence_stands_in_the_course_word_for_word() -> None:
    lesson = from_passages("stomata and sugar", COURSE, hits(), TITLES)
    assert words_of(lesson)
    assert [text for text in words_of(lesson) if text not in f"{STOMATA} {SUGAR}"] == []


def test_tables_and_questions_are_not_read_out() -> None:
    said = " ".join(words_of(from_passages("stomata", COURSE, hits(), TITLES)))
    assert "|" not in said
    assert "What closes them" not in said


def test_slides_follow_the_course_and_name_their_place() -> None:
    lesson = from_passages("stomata and sugar", COURSE, hits(), TITLES)
    assert lesson.slides[0].layout is Layout.TITLE
    assert list(dict.fromkeys(slide.title for slide in lesson.slides[1:])) == ["Sugar", "Stomata"]
    assert [source.detail for source in lesson.sources] == ["Sugar", "Stomata"]
    assert all(slide.sources for slide in lesson.slides[1:])
    assert all(source.quote for source in lesson.sources)


def test_every_bullet_is_shown_in_the_end_and_none_goes_away() -> None:
    for slide in from_passages("stomata and sugar", COURSE, hits(), TITLES).slides:
        shown = [sentence.reveal for sentence in slide.narration if sentence.reveal is not None]
        assert shown == sorted(shown)
        if slide.steps:
            assert shown[-1] == slide.steps


def test_a_long_sentence_stands_alone_as_a_quotation() -> None:
    long = [
        s
        for s in from_passages("guard cells save water hot day", COURSE, hits(), TITLES).slides
        if s.layout is Layout.QUOTE
    ]
    for slide in long:
        block = slide.blocks[0]
        assert isinstance(block, Quote)
        assert len(block.text.split()) > BULLET_WORDS


def test_what_gives_an_open_question_away_is_neither_shown_nor_said() -> None:
    def harmless(texts: Sequence[str]) -> tuple[bool, ...]:
        return tuple("sugar" not in text for text in texts)

    lesson = from_passages("stomata and sugar", COURSE, hits(), TITLES, harmless=harmless)
    assert [text for text in words_of(lesson) if "sugar" in text] == []


def test_nothing_to_show_is_an_error_and_no_empty_film() -> None:
    with pytest.raises(NothingToFilm):
        from_passages("anything", COURSE, (), TITLES)
    with pytest.raises(NothingToFilm):
        from_passages("stomata", COURSE, hits(), TITLES, harmless=lambda texts: tuple(False for _ in texts))


def test_it_ends_with_the_question_it_is_given() -> None:
    question = Question(
        prompt="Where do gases pass?",
        options=(Option(text="Stomata", correct=True), Option(text="Roots", correct=False)),
    )
    last = from_passages("stomata", COURSE, hits(), TITLES, question=question).slides[-1]
    assert last.interaction == question
    assert last.narration[0].text == question.prompt


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("stomata", "Stomata"),
        ("guard cells", "Guard cells"),
        ("what do stomata do?", "Stomata"),
        ("los estomas", "Stomata"),
    ],
)
def test_the_title_is_the_topic_if_the_course_knows_it_by_that_name(topic: str, title: str) -> None:
    assert from_passages(topic, COURSE, hits()[:1], TITLES).title == title
