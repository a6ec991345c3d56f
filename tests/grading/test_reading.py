"""What is read from a text: negations, directions, numbers, and what of it opposes a statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.grading.cues import cues, languages
from tutor.grading.numbers import Number, numbers
from tutor.grading.opposition import Opposition, contrast
from tutor.grading.reading import read


def verdict(statement: str, answer: str, language: str = "en", question: str = "") -> Opposition:
    return contrast(
        read(question, language), read(statement, language), read(answer, language), same_language=True
    ).verdict


@pytest.mark.parametrize("language", languages())
def test_every_language_has_cues_of_every_kind(language: str) -> None:
    known = cues(language)
    assert known is not None
    assert all((known.negators, known.not_negators, known.denials, known.breaks, known.numbers, known.opposites))
    assert cues(f"{language}-XX") is not None


def test_axes_have_the_same_names_in_every_language() -> None:
    english = cues("en")
    assert english is not None
    names = {axis for places in english.opposites.values() for axis, _ in places}
    for language in languages():
        known = cues(language)
        assert known is not None
        assert {axis for places in known.opposites.values() for axis, _ in places} <= names


def test_a_language_without_cues_is_read_for_words_and_numbers() -> None:
    found = read("Mimea hutoa oksijeni 2", "sw")
    assert not found.known
    assert found.numbers.sure == (Number(2.0),)
    assert cues("../en") is None


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("terminals 4,5, and 6", "en", [4, 5, 6]),
        ("1,234.5 m", "en", [1234.5]),
        ("1.234,5 m", "de", [1234.5]),
        ("3,5 kg", "es", [3.5]),
        ("forty-six", "en", [46]),
        ("minus five", "en", [-5]),
        ("−2 °C", "en", [-2]),
        ("2-3", "en", [2, 3]),
        ("H2O and C6H12O6", "en", []),
        ("50 %, or 1/2", "en", [0.5]),
        ("३.५", "hi", [3.5]),
        ("٢٣", "ar", [23]),
        ("里面有二十三条", "zh", [23]),
        ("它有46条染色体", "zh", [46]),
        ("3 x 10^8 m/s", "en", [3e8]),
        ("the two bulbs", "en", []),
    ],
)
def test_numbers_are_read_as_they_are_written(text: str, language: str, values: list[float]) -> None:
    found = dict.fromkeys(number.value for number in numbers(text, language).sure)
    assert list(found) == pytest.approx(values)


def test_a_unit_that_could_be_converted_is_doubted_and_not_refused() -> None:
    assert verdict("It is 1 km long.", "It is 1000 m long.") is Opposition.DOUBTFUL
    assert verdict("It is 1 km long.", "It is 3 km long.") is Opposition.CONTRARY


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("The bulb stays lit.", "The bulb does not stay lit."),
        ("Plants do not eat soil.", "Plants eat soil."),
        ("The rate increases when it gets warm.", "The rate doesn't increase when it gets warm."),
        ("The cell shrinks.", "The cell grows."),
        ("The reaction is faster.", "The reaction is less fast."),
        ("It has 46 chromosomes.", "It has 48 chromosomes."),
        ("Mass comes from the air.", "It is false that mass comes from the air."),
    ],
)
def test_contraries(statement: str, answer: str) -> None:
    assert verdict(statement, answer) is Opposition.CONTRARY


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("The bulb stays lit.", "Not only does the bulb stay lit, it is bright."),
        ("Solubility falls when it gets warm.", "When it gets warm, solubility falls."),
        ("Plants make sugar.", "Plants make sugar and release it through the leaves."),
        ("The cell shrinks.", "The cell becomes more small."),
        ("Mass comes from the air.", "The mass comes from the air, not from the soil."),
        ("Energy is not created.", "No energy is created."),
    ],
)
def test_no_contraries(statement: str, answer: str) -> None:
    assert verdict(statement, answer) is Opposition.NONE


def test_a_reason_with_a_negation_is_doubted_and_not_refused() -> None:
    statement = "Sound needs a material whose particles pass the vibration on."
    assert verdict(statement, "Sound travels in matter, and there are no particles to pass the vibration.") == 1


@given(st.text(max_size=300), st.sampled_from([*languages(), "sw"]))
def test_a_text_never_opposes_itself(text: str, language: str) -> None:
    assert verdict(text, text, language) is Opposition.NONE


@given(st.text(alphabet="0123456789.,-/%x^ e١२一十百", max_size=60), st.sampled_from(languages()))
def test_any_digits_give_finite_numbers(text: str, language: str) -> None:
    assert all(abs(number.value) < float("inf") for number in numbers(text, language).sure)
