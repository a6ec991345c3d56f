"""What every judge of free text promises, on the fake and on the real one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.grading.conftest import hashing_judge
from tutor.domain.items.item import TextJudge
from tutor.grading.words import WordJudge

QUESTION = "What do green plants do in the light?"
STATEMENTS = (("Plants make sugar from carbon dioxide and water.",), ("Plants release oxygen into the air.",))


def one(judge: TextJudge, statement: str, answer: str, language: str = "en", question: str = QUESTION) -> float:
    return judge.coverage(question, [[statement]], answer, language)[0]


def test_bands_are_in_order(judge: TextJudge) -> None:
    assert 0 < judge.bands.low < judge.bands.high < 1


def test_one_probability_a_statement_in_order(judge: TextJudge) -> None:
    found = judge.coverage(QUESTION, STATEMENTS, "Plants release oxygen into the air.", "en")
    assert len(found) == 2
    assert all(0 <= p <= 1 for p in found)
    assert found[1] > found[0]
    turned = judge.coverage(QUESTION, STATEMENTS[::-1], "Plants release oxygen into the air.", "en")
    assert turned == found[::-1]


@pytest.mark.parametrize("answer", ["", "   ", "?!", "\u200b", "the of and"])
def test_an_empty_answer_covers_nothing(judge: TextJudge, answer: str) -> None:
    assert all(p < judge.bands.low for p in judge.coverage(QUESTION, STATEMENTS, answer, "en"))


def test_no_statements_give_no_probabilities(judge: TextJudge) -> None:
    assert judge.coverage(QUESTION, [], "Plants make sugar.", "en") == ()


SAID = {
    "en": "Plants release oxygen into the air.",
    "es": "Las plantas liberan oxígeno al aire.",
    "de": "Die Pflanzen setzen Sauerstoff in die Luft frei.",
    "ar": "تطلق النباتات الأكسجين في الهواء.",
    "hi": "पौधे हवा में ऑक्सीजन छोड़ते हैं।",
    "zh": "植物向空气中释放氧气。",
}
NEGATED = {
    "en": "Plants do not release oxygen into the air.",
    "es": "Las plantas no liberan oxígeno al aire.",
    "de": "Die Pflanzen setzen keinen Sauerstoff in die Luft frei.",
    "ar": "لا تطلق النباتات الأكسجين في الهواء.",
    "hi": "पौधे हवा में ऑक्सीजन नहीं छोड़ते हैं।",
    "zh": "植物不向空气中释放氧气。",
}


@pytest.mark.parametrize("language", SAID)
def test_the_statement_itself_covers_and_its_negation_never_does(judge: TextJudge, language: str) -> None:
    assert one(judge, SAID[language], SAID[language], language, "") >= judge.bands.high
    assert one(judge, SAID[language], NEGATED[language], language, "") < judge.bands.low
    assert one(judge, NEGATED[language], SAID[language], language, "") < judge.bands.high


@pytest.mark.parametrize("language", [language for language in SAID if language != "en"])
def test_a_negation_in_another_language_never_covers(judge: TextJudge, language: str) -> None:
    assert one(judge, SAID["en"], NEGATED[language], language) < judge.bands.high


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("The pressure increases.", "The pressure decreases."),
        ("The rate goes up when the temperature rises.", "The rate goes down when the temperature rises."),
        ("Roots absorb water.", "Roots release water."),
        ("A sperm cell has 23 chromosomes.", "A sperm cell has 46 chromosomes."),
        ("The charge of the ion is -2.", "The charge of the ion is 2."),
        ("The object speeds up by 9.8 m/s each second.", "The object speeds up by 8.9 m/s each second."),
        ("It is dominant.", "It is recessive."),
        ("Energy is not created.", "Energy is created."),
        ("Water leaves the cell.", "It is not true that water leaves the cell."),
        ("Water leaves the cell.", "Water enters the cell."),
        ("Half of the children have the trait.", "Three of the children have the trait."),
    ],
)
def test_what_is_turned_around_never_covers(judge: TextJudge, statement: str, answer: str) -> None:
    assert one(judge, statement, answer, question="What happens?") < judge.bands.high


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("A sperm cell has 23 chromosomes.", "A sperm cell has twenty-three chromosomes."),
        ("The rate increases when the temperature rises.", "When the temperature rises, the rate increases."),
        ("A quarter is 25 %.", "A quarter is 0.25"),
    ],
)
def test_the_same_in_other_words_is_not_rejected(judge: TextJudge, statement: str, answer: str) -> None:
    assert one(judge, statement, answer, question="") >= judge.bands.low


def test_the_best_of_equally_good_wordings_counts(judge: TextJudge) -> None:
    answer = "Oxygen is set free by plants."
    both = judge.coverage(QUESTION, [["Plants grow tall.", answer]], answer, "en")[0]
    assert both == pytest.approx(one(judge, answer, answer))


def test_the_same_question_has_the_same_answer_twice(judge: TextJudge) -> None:
    first = judge.coverage(QUESTION, STATEMENTS, "They make sugar out of water and air.", "en")
    assert judge.coverage(QUESTION, STATEMENTS, "They make sugar out of water and air.", "en") == first


@pytest.mark.parametrize(
    "answer",
    ["x" * 200_000, "not " * 50_000, "9" * 100_000, "a. " * 50_000, "1,000" * 20_000, "\ud800\x00", "水不" * 30_000,
     "-" * 50_000, "١" * 50_000, "1e" + "9" * 400, "10^" + "9" * 400, "1/0", "٪" * 1000],
)  # fmt: skip
def test_hostile_and_huge_answers_are_bounded(judge: TextJudge, answer: str) -> None:
    found = judge.coverage(QUESTION, STATEMENTS, answer, "en")
    assert all(0 <= p < judge.bands.high for p in found)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["en", "es", "de", "ar", "hi", "zh", "sw", ""]))
def test_any_text_gives_a_probability(statement: str, answer: str, language: str) -> None:
    for judge in (WordJudge(), hashing_judge()):
        (found,) = judge.coverage(QUESTION, [[statement]], answer, language)
        assert 0 <= found <= 1
