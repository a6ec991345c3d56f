"""What a film says, as a document."""

from media_gen.lesson import Layout, Lesson, Option, Question, Sentence, Slide
from retrieval.values import Anchor
from tutor.services.film_text import document_name, document_text, places, script_of

LESSON = Lesson(
    title="Pores",
    slides=(
        Slide(id="a", layout=Layout.TITLE, title="Pores", narration=(Sentence(text="A leaf has pores."),)),
        Slide(id="b", layout=Layout.SECTION, title="At night", narration=(Sentence(text="They close."),)),
        Slide(
            id="c",
            layout=Layout.QUESTION,
            narration=(Sentence(text="What closes them?"),),
            interaction=Question(prompt="What closes them?", options=(Option(text="Guard cells", correct=True),)),
        ),
        Slide(id="d", layout=Layout.SECTION, title="Silence"),
    ),
)


def test_every_slide_that_speaks_is_a_section() -> None:
    assert document_text(LESSON) == "# Pores\n\nA leaf has pores.\n\n## At night\n\nThey close.\n"


def test_questions_and_answers_stay_out() -> None:
    assert "Guard cells" not in document_text(LESSON)
    assert "What closes" not in document_text(LESSON)


def test_every_sentence_has_its_second_in_the_film() -> None:
    text = document_text(LESSON)
    sentences = {("a", 0): 0.4, ("b", 0): 6.0, ("c", 0): 9.0}
    screens = [
        {"slide": slide, "sentences": [{"index": index, "start": start}]} for (slide, index), start in sentences.items()
    ]
    found = places(text, LESSON.model_dump(mode="json"), {"screens": screens})
    assert found == (Anchor(text.index("A leaf"), second=0.4), Anchor(text.index("They close"), second=6.0))


def test_a_text_that_is_another_has_no_seconds() -> None:
    lesson = LESSON.model_dump(mode="json")
    assert places("# Pores\n\nSomething else.\n", lesson, {"screens": []}) == ()


def test_a_document_leads_back_to_its_script() -> None:
    assert script_of(f"uploads/{document_name('x_1-Y')}") == "x_1-Y"
    assert script_of("2-photosynthesis/01-sugar.md") is None
