"""When an answer is the same as one that somebody judged, and what follows."""

import pytest

from tests.grading.conftest import hashing_judge
from tutor.grading.decided import Decided
from tutor.grading.text import taught
from tutor.grading.words import WordJudge

QUESTION = "Is it iron or wood that sinks, and why?"
STATEMENT = "Iron sinks because it is denser than water."
GIVEN = "The iron goes under, heavy for its size."


def judged(answer: str, *decisions: tuple[str, bool], language: str = "en") -> str:
    judge = Decided(WordJudge(), lambda question, statement: decisions)
    (share,) = judge.coverage(QUESTION, [[STATEMENT]], answer, language)
    return "said" if share >= judge.bands.high else "not said" if share < judge.bands.low else "doubtful"


@pytest.mark.parametrize(
    "answer",
    [GIVEN, "the iron goes under - heavy for its size", "Iron goes under; it is heavy for its size"],
)
def test_the_same_in_other_small_words_is_judged_the_same(answer: str) -> None:
    assert judged(answer, (GIVEN, True)) == "said"
    assert judged(answer, (GIVEN, False)) == "not said"


@pytest.mark.parametrize(
    "answer",
    [
        "The iron does not go under, heavy for its size.",
        "The wood goes under, heavy for its size.",
        "Goes under, heavy for its size.",
        "The iron goes up, heavy for its size.",
        "The iron goes over, heavy for its size.",
        "Heavy iron goes under for its size.",
        "The iron goes under, heavy for its size and magnetic.",
        "The iron goes 3 m under, heavy for its size.",
    ],
)
def test_what_differs_in_anything_that_may_matter_is_left_to_the_judge(answer: str) -> None:
    assert judged(answer, (GIVEN, True)) == judged(answer)
    assert judged(answer, (GIVEN, False)) == judged(answer)


def test_words_of_the_question_may_be_added_and_not_left_out() -> None:
    assert judged("Why? The iron goes under, heavy for its size", (GIVEN, True)) == "said"
    assert judged("iron", ("iron, heavy", True)) == judged("iron")


def test_the_last_decision_counts() -> None:
    assert judged(GIVEN, (GIVEN, True), (GIVEN, False)) == "not said"
    assert judged(GIVEN, (GIVEN, False), (GIVEN, True)) == "said"


def test_in_a_language_whose_negations_are_unknown_only_the_very_same_counts() -> None:
    said = "Rauta uppoaa koska se on raskas"
    assert judged(said + ".", (said, True), language="fi") == "said"
    assert judged("Rauta ei uppoaa koska se on raskas", (said, True), language="fi") != "said"


def test_without_decisions_nothing_changes() -> None:
    plain = hashing_judge()
    judge = taught(plain, lambda question, statement: ())
    for answer in (GIVEN, STATEMENT, "no idea", ""):
        assert judge.coverage(QUESTION, [[STATEMENT]], answer, "en") == plain.coverage(
            QUESTION, [[STATEMENT]], answer, "en"
        )


def test_right_answers_alone_do_not_make_every_answer_likelier() -> None:
    plain = hashing_judge()
    right = [("It is dense.", True), ("Too dense to float.", True), ("Its density pulls it down.", True)]
    judge = taught(plain, lambda question, statement: right)
    other = "Because wood is made of trees."
    assert judge.coverage(QUESTION, [[STATEMENT]], other, "en") == plain.coverage(QUESTION, [[STATEMENT]], other, "en")
