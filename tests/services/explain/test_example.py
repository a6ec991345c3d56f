"""A worked example shows how, on another problem than the learner's."""

from collections.abc import Sequence

from media_gen.language import load
from media_gen.lesson import Lesson
from tests.services.explain.material import COURSE, TITLES, hits, item
from tutor.domain.items.item import Misconception
from tutor.services.explain.example import about_misconception, check_question, question_slide, sibling, worked_example
from tutor.services.explain.extract import from_passages

WORDS = load("en").words
RATE = item(
    id="rate",
    type="numeric",
    prompt="A leaf takes in 12 mL of gas in 4 min. What is the rate in mL/min?",
    answer="3",
    unit="mL/min",
    explanation="A rate is an amount for each minute. So 12 mL / 4 min = 3 mL/min.",
)
LIKE_IT = item(
    id="rate-2",
    type="numeric",
    prompt="A leaf gives off 30 mL of gas in 6 min. What is the rate in mL/min?",
    answer="5",
    unit="mL/min",
    hint=[
        {"text": "A rate is an amount for each minute."},
        {"text": "How many minutes did it take?", "type": "numeric", "answer": "6"},
    ],
)
SAME_ANSWER = item(
    id="rate-3", type="numeric", prompt="9 mL in 3 min?", answer="3", unit="mL/min", explanation="One. Two."
)
CHOICE = item(
    id="choice",
    type="multiple_choice",
    prompt="What is a rate?",
    option=[{"text": "An amount per time", "correct": True, "why": "For each minute, say."}, {"text": "A time"}],
)


def text_of(lesson: Lesson) -> str:
    return " ".join(sentence.text for slide in lesson.slides for sentence in slide.narration)


def test_a_sibling_has_steps_and_another_answer() -> None:
    assert sibling(RATE, (RATE, SAME_ANSWER, LIKE_IT, CHOICE)) == LIKE_IT
    assert sibling(RATE, (RATE, SAME_ANSWER, CHOICE)) is None


def test_the_steps_are_the_siblings_and_the_learners_question_ends_it() -> None:
    lesson = worked_example(RATE, LIKE_IT, COURSE, WORDS)
    assert [slide.id for slide in lesson.slides] == ["problem", "step-1", "step-2", "answer", "yours"]
    assert "30 mL" in lesson.slides[0].narration[1].text
    assert "6" in text_of(lesson)
    assert "12 mL" in lesson.slides[-1].title
    assert "3 mL/min" not in text_of(lesson)


def test_a_step_that_gives_the_open_question_away_is_left_out() -> None:
    def harmless(texts: Sequence[str]) -> tuple[bool, ...]:
        return tuple("minutes" not in text for text in texts)

    ids = [slide.id for slide in worked_example(RATE, LIKE_IT, COURSE, WORDS, harmless=harmless).slides]
    assert ids == ["problem", "step-1", "answer", "yours"]


def test_a_wrong_idea_is_named_and_mended_before_the_course_speaks() -> None:
    wrong = Misconception("breathes", "Leaves only breathe", repair="By day they also make sugar. It needs light.")
    lesson = about_misconception(RATE, wrong, COURSE, from_passages("sugar", COURSE, hits(), TITLES))
    assert [slide.id for slide in lesson.slides[:3]] == ["title", "idea", "repair"]
    assert lesson.slides[2].steps == 2


def test_a_film_ends_with_a_question_that_is_not_the_open_one() -> None:
    found = check_question((RATE, CHOICE), frozenset({"rates"}))
    assert found is not None
    assert found.options[0].correct
    assert found.options[0].feedback == "For each minute, say."
    (slide,) = question_slide(found)
    first, *rest = slide.narration
    assert (first.text, first.reveal) == (found.prompt, None)
    assert (rest[0].text, rest[0].reveal) == (found.options[0].text, 1)  # the answer speaks
    assert " ".join(said.text for said in rest[1:]) == found.explanation
    assert check_question((RATE, CHOICE), frozenset({"rates"}), without="choice") is None
    assert check_question((RATE, CHOICE), frozenset({"other"})) is None
