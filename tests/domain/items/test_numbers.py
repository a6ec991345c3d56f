"""Numeric and symbolic items: what is right, partly right, and what the note says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.items.judge import WordsJudge
from tutor.domain.assessment import Verdict
from tutor.domain.items import answers, card, grade, read_item
from tutor.domain.items.item import Answer


def verdict(text: str, language: str = "en", **data: object) -> Verdict:
    data = {"id": "it", "type": "numeric", "prompt": "How much?", **data}
    return grade(read_item(data, "course"), Answer(text, language=language), WordsJudge())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("0.5", "en"),
        (".5", "en"),
        ("1/2", "en"),
        ("2/4", "en"),
        ("$\\frac{1}{2}$", "en"),
        ("½", "en"),
        ("50%", "en"),
        ("50 percent", "en"),
        ("0,5", "de"),
        ("0,5", "es"),
        ("0.5", "de"),
        ("0,5", "en"),
        ("٠٫٥", "ar"),
        ("٠,٥", "ar"),
        ("०.५", "hi"),
        ("x = 0.5", "en"),
        ("The answer is 0.5.", "en"),
        ("es 0,5", "es"),
        ("5 × 10⁻¹", "en"),
        ("5e-1", "en"),
        ("2^-1", "en"),
    ],
)
def test_one_half_is_one_half_however_it_is_written(text: str, language: str) -> None:
    assert verdict(text, language, answer="1/2", percent=True).kind == "correct"


@pytest.mark.parametrize(
    ("text", "data", "kind", "note"),
    [
        ("50 %", {"answer": "0.5"}, "partial", "unit"),
        ("-3", {"answer": "3"}, "incorrect", "sign"),
        ("300", {"answer": "3"}, "incorrect", "power_of_ten"),
        ("0.67", {"answer": "2/3"}, "incorrect", "rounding"),
        ("4", {"answer": "3"}, "incorrect", ""),
        ("5000 J", {"answer": "5", "unit": "kJ"}, "correct", ""),
        ("5", {"answer": "5", "unit": "kJ"}, "correct", ""),
        ("5", {"answer": "5", "unit": "kJ", "unit_required": True}, "partial", "unit_missing"),
        ("5 J", {"answer": "5", "unit": "kJ"}, "incorrect", "unit"),
        ("5 kg", {"answer": "5", "unit": "kJ"}, "partial", "unit"),
        ("25 °C", {"answer": "298.15", "unit": "K"}, "correct", ""),
        ("298.15 K", {"answer": "25", "unit": "°C"}, "correct", ""),
        ("77 F", {"answer": "25", "unit": "°C"}, "correct", ""),
        ("25 C", {"answer": "25", "unit": "°C"}, "correct", ""),
        ("25 K", {"answer": "25", "unit": "°C"}, "incorrect", "unit"),
        ("1.5 min", {"answer": "90", "unit": "s"}, "correct", ""),
        ("70 mL/min", {"answer": "4.2", "unit": "L/h"}, "correct", ""),
        ("0.4 mmol m^-2 s^-1", {"answer": "400", "unit": "µmol m⁻² s⁻¹"}, "correct", ""),
        ("400 μmol/(m² s)", {"answer": "400", "unit": "µmol m^-2 s^-1"}, "correct", ""),
        ("38 ATP", {"answer": "38"}, "correct", ""),
        ("38 molecules of ATP", {"answer": "38", "unit": "ATP"}, "correct", ""),
        ("3.14", {"answer": "3.14159", "tolerance": 0.01}, "correct", ""),
        ("3.2", {"answer": "3.14159", "tolerance": 0.01}, "incorrect", ""),
        ("21", {"answer": "20", "tolerance": 0.05}, "correct", ""),
        ("20.6", {"answer": "20", "absolute": 0.5}, "incorrect", ""),
        ("-0.1", {"answer": "0.1", "absolute": 1}, "incorrect", "sign"),
        ("3.14", {"answer": "3.14159", "significant_figures": 3}, "correct", ""),
        ("3.142", {"answer": "3.14159", "significant_figures": 3}, "partial", "figures"),
        ("1500", {"answer": "1497", "significant_figures": 2}, "correct", ""),
        ("1.5×10^3", {"answer": "1497", "significant_figures": 2}, "correct", ""),
        ("1/3", {"answer": "0.33"}, "correct", ""),
        ("0.333", {"answer": "0.33"}, "incorrect", ""),
        ("2/4", {"answer": "1/2", "form": "simplified"}, "partial", "not_simplified"),
        ("0.5", {"answer": "1/2", "form": "fraction"}, "partial", "not_simplified"),
        ("1/2", {"answer": "0.5", "form": "decimal"}, "partial", "not_simplified"),
        ("12", {"answer": "12", "unit": "%"}, "correct", ""),
        ("12 %", {"answer": "12", "unit": "%"}, "correct", ""),
        ("1.5 x 10^23", {"answer": "1.5e23"}, "correct", ""),
        ("150,000", {"answer": "150000"}, "correct", ""),
        ("-9*3", {"answer": "-27", "prompt": "What is $-9\\times 3$?"}, "correct", ""),
        ("3 or 4", {"answer": "3"}, "incorrect", ""),
        ("many", {"answer": "3"}, "unparsed", ""),
        ("9**9**9", {"answer": "3"}, "unparsed", ""),
    ],
)
def test_a_number_gets_its_verdict_and_its_note(text: str, data: dict[str, object], kind: str, note: str) -> None:
    found = verdict(text, **data)
    assert (found.kind, found.note) == (kind, note)


def test_a_comma_that_can_mean_two_things_is_asked_about() -> None:
    assert verdict("1,234", answer="1234").kind == "correct"
    assert verdict("1,234", "de", answer="1.234").kind == "correct"
    found = verdict("1,234", answer="1.234")
    assert (found.kind, found.reading) == ("unparsed", "1234")
    assert verdict("1.234", "de", answer="1.234").kind == "unparsed"
    assert verdict("1.234", "de", answer="1234").kind == "correct"
    assert verdict("1,234", answer="5").kind == "incorrect"


def test_a_misconception_is_named_with_its_evidence() -> None:
    wrong = [{"id": "added", "title": "Adds", "says": ["7"]}]
    found = verdict("7.0", answer="12", misconception=wrong)
    assert (found.kind, found.misconception, found.evidence) == ("misconception", "added", "7.0")
    assert verdict("12", answer="12", misconception=wrong).kind == "correct"


def test_a_misconception_need_not_be_given_to_the_figures_that_a_right_answer_has() -> None:
    wrong = [{"id": "upside-down", "title": "Wrong way", "says": ["310 %"]}]
    data = {"answer": "32 %", "significant_figures": 2, "tolerance": 0.005, "misconception": wrong}
    for text in ("310 %", "314 %", "313.7 %"):
        assert verdict(text, **data).misconception == "upside-down"
    assert verdict("31.9 %", **data).note == "figures"
    assert verdict("290 %", **data).kind == "incorrect"


def test_a_share_is_no_share_of_a_percent() -> None:
    data = {"answer": "45", "unit": "%", "also": ["0.45"]}
    for text, kind in (("45", "correct"), ("45 %", "correct"), ("0.45", "correct"), ("0.45 %", "incorrect")):
        assert verdict(text, **data).kind == kind
    assert verdict("0.45 %", answer="45 %", also=["0.45"]).kind == "incorrect"
    assert verdict("0.45 %", answer="0.45", percent=True).kind == "incorrect"


@pytest.mark.parametrize(
    ("text", "unit", "kind"),
    [
        ("4.5 µmol of CO2", "µmol", "correct"),
        ("4.5 µmol CO₂", "µmol", "correct"),
        ("4.5 micromoles of carbon dioxide", "µmol", "correct"),
        ("4.5 µmol", "µmol CO2", "correct"),
        ("4.5 µmol O2", "µmol CO2", "partial"),
        ("4500 nmol of CO2 per hour", "µmol/h", "correct"),
        ("4.5 µmol of CO2", "kJ", "partial"),
    ],
)
def test_what_was_measured_may_be_named(text: str, unit: str, kind: str) -> None:
    assert verdict(text, answer="4.5", unit=unit, unit_required=True).kind == kind


@pytest.mark.parametrize("text", ["4th", "the 4th", "fourth", "the fourth level", "four", "cuarto", "vierte"])
def test_a_place_is_a_number(text: str) -> None:
    assert verdict(text, answer="4", prompt="On which trophic level is it?").kind == "correct"
    found = verdict(text, answer="5", prompt="On which trophic level is it?")
    assert found.kind in ("unparsed", "incorrect")
    assert found.kind == "incorrect" or found.reading == "4"


@pytest.mark.parametrize("text", ["not four", "a third", "two thirds", "four hundred", "twenty four", "one or four"])
def test_a_word_among_others_is_not_taken_for_the_number(text: str) -> None:
    assert verdict(text, answer="4").kind != "correct"


@pytest.mark.parametrize(
    ("text", "unit", "kind"),
    [
        ("51 j", "J", "correct"),
        ("51j", "J", "correct"),
        ("51,0 j", "J", "correct"),
        ("50 j", "J", "incorrect"),
        ("51000 j", "kJ", "correct"),
        ("51 j/mol", "J/mol", "correct"),
        ("51 v", "V", "correct"),
        ("-51 j", "J", "incorrect"),
        ("51 x", "J", "incorrect"),
        ("51 j", "", "incorrect"),
        ("51 mw", "MW", "incorrect"),
    ],
)
def test_a_unit_in_the_wrong_case_is_the_unit_where_it_names_no_other(text: str, unit: str, kind: str) -> None:
    assert verdict(text, "es" if "," in text else "en", answer="51", unit=unit).kind == kind


def test_the_card_offers_units_only_where_finding_one_is_the_question() -> None:
    data = {"id": "it", "type": "numeric", "prompt": "?", "answer": "5", "unit": "kJ"}
    assert card(read_item(data, "c"), "")["unit"] == "kJ"
    asked = card(read_item({**data, "unit_required": True}, "c"), "")
    assert asked["unit"] == ""
    assert {"J", "kJ", "kcal"} <= set(asked["units"])
    assert answers(read_item(data, "c")) == ("5", "5 kJ")


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=50), st.floats(0, 5), st.floats(0, 100))
def test_a_flipped_sign_is_never_right(value: object, tolerance: float, absolute: float) -> None:
    found = verdict(f"-({value})", answer=str(value), tolerance=tolerance, absolute=absolute)
    assert (found.kind == "correct") == (str(value) == "0")


def symbolic(text: str, answer: str, language: str = "en", **data: object) -> Verdict:
    data = {"id": "it", "type": "symbolic", "prompt": "?", "answer": answer, **data}
    return grade(read_item(data, "course"), Answer(text, language=language), WordsJudge())


@pytest.mark.parametrize(
    ("text", "answer", "data", "kind", "note"),
    [
        ("x^2+3x", "x(x+3)", {}, "correct", ""),
        ("x^2+3x", "x(x+3)", {"form": "factored"}, "partial", "not_simplified"),
        ("2(4y+8)", "8(y+2)", {"form": "factored"}, "partial", "not_simplified"),
        ("(y+2)*8", "8(y+2)", {"form": "factored"}, "correct", ""),
        ("x(x+3)", "x^2+3x", {"form": "expanded"}, "partial", "not_simplified"),
        ("x^2+x+2x", "x^2+3x", {"form": "expanded"}, "partial", "not_simplified"),
        ("3x+x^2", "x^2+3x", {"form": "expanded"}, "correct", ""),
        ("2x/4", "x/2", {"form": "simplified"}, "partial", "not_simplified"),
        ("sqrt(8)", r"2\sqrt{2}", {"form": "simplified"}, "partial", "not_simplified"),
        ("2√2", r"2\sqrt{2}", {"form": "simplified"}, "correct", ""),
        ("8y+16", "8(y+2)", {"prompt": "Factor $8y+16$."}, "partial", "not_simplified"),
        ("x+3=7", "x=4", {"prompt": "Solve $x+3=7$."}, "partial", "not_solved"),
        ("x=4", "x=4", {}, "correct", ""),
        ("4", "x=4", {}, "correct", ""),
        ("X = 4", "x=4", {}, "correct", ""),
        ("y=4", "x=4", {}, "incorrect", ""),
        ("x=-4", "x=4", {}, "incorrect", "sign"),
        ("2x+2y=6", "x+y=3", {}, "correct", ""),
        ("y=3-x", "x+y=3", {}, "correct", ""),
        ("x-y=3", "x+y=3", {}, "incorrect", ""),
        ("-2x < -6", "x>3", {}, "partial", "not_solved"),
        ("[3, oo)", "x>3", {}, "incorrect", ""),
        ("1.41", r"\sqrt{2}", {}, "partial", "rounding"),
        ("2, 5", "5,2", {}, "correct", ""),
        ("2, 5", "5,2", {"prompt": "Enter the answer as length,width."}, "partial", "order"),
        ("5", "x=5, x=2", {}, "partial", "not_all"),
        ("5, 3", "x=5, x=2", {}, "incorrect", ""),
        ("keine Lösung", "no solution", {}, "correct", ""),
        ("all real numbers", r"(-\infty,\infty)", {}, "correct", ""),
        ("5 mph", "5", {}, "correct", ""),
        ("it is 5", "5", {}, "correct", ""),
        ("105a42c", "42a105c", {}, "incorrect", ""),
        ("I have no idea what", "5", {}, "unparsed", ""),
    ],
)
def test_mathematics_gets_its_verdict_and_its_note(
    text: str, answer: str, data: dict[str, object], kind: str, note: str
) -> None:
    found = symbolic(text, answer, **data)
    assert (found.kind, found.note) == (kind, note)


def test_a_reading_is_shown_where_it_decides() -> None:
    found = symbolic("1/2x", r"\frac{1}{2x}")
    assert (found.kind, found.reading) == ("unparsed", "(1/2)·x")
    assert symbolic("1/2x", "x/2").kind == "correct"
    found = symbolic("x^1/2", r"\sqrt{x}")
    assert (found.kind, found.reading) == ("unparsed", "x^1/2".replace("x^1", "(x^1)"))
    assert symbolic("3,5", "3.5", "de").kind == "correct"
    assert symbolic("(3,5)", "(3,5)", "de").kind == "correct"
    assert symbolic("(3;5)", "(3,5)", "de").kind == "correct"
    assert symbolic("(3|5)", "(3,5)", "de").kind == "correct"


def test_a_symbolic_card_names_the_variables() -> None:
    item = read_item({"id": "it", "type": "symbolic", "prompt": "?", "answer": "2ab + c^2"}, "c")
    assert card(item, "")["variables"] == ["a", "b", "c"]
