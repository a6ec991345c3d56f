"""Quantities: numbers in the notation of several languages, units and their conversion, significant figures."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.numerals import tidy
from tutor.domain.quantities import (
    convert,
    figures_allowed,
    find_quantities,
    kin,
    read_number,
    read_quantity,
    read_unit,
    round_to_figures,
)


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("1234", "en", ["1234"]),
        ("1,234", "en", ["1234", "1.234"]),
        ("1,234", "de", ["1.234", "1234"]),
        ("1.234", "de", ["1234", "1.234"]),
        ("1.234", "en", ["1.234"]),
        ("1.234", "es-MX", ["1.234"]),
        ("1,234.5", "de", ["1234.5"]),
        ("1.234,5", "en", ["1234.5"]),
        ("1 234,5", "fr", ["1234.5"]),
        ("1\u202f234,5", "fr", ["1234.5"]),
        ("1'234.5", "de-CH", ["1234.5"]),
        ("12,34,567", "hi", ["1234567"]),
        ("१२,३४,५६७", "hi", ["1234567"]),
        ("٣٫٥", "ar", ["3.5"]),
        ("١٬٢٣٤٫٥", "ar", ["1234.5"]),
        ("0,5", "de", ["0.5"]),
        ("0.5", "de", ["0.5"]),
        ("0,125", "en", ["0.125"]),
        ("12.25", "es", ["12.25"]),
        ("−3", "en", ["-3"]),
        (".5", "en", ["0.5"]),
        (",5", "de", ["0.5"]),
        ("1.5e-3", "en", ["0.0015"]),
        ("3", "en", ["3"]),
        ("x", "en", []),
        ("", "en", []),
        ("1,2,3", "en", []),
        ("--3", "en", []),
        ("9" * 100, "en", []),
    ],
)
def test_a_number_is_read_as_its_language_writes_it(text: str, language: str, values: list[str]) -> None:
    assert [one.value for one in read_number(text, language)] == [Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("text", "figures", "decimals"),
    [("1500", 2, 0), ("1500.0", 5, 1), ("0.0030", 2, 4), ("3", 1, 0), ("3.14", 3, 2), ("1.50e3", 3, 2), ("0", 1, 0)],
)
def test_significant_figures(text: str, figures: int, decimals: int) -> None:
    written = read_number(text)[0]
    assert (written.figures, written.decimals) == (figures, decimals)


@pytest.mark.parametrize(
    ("text", "language", "value", "unit", "in_unit"),
    [
        ("5 kJ", "en", "5000", "J", "5000"),
        ("1,5 kg", "de", "1500", "g", "1500"),
        ("2 1/2 hours", "en", "150", "min", "150"),
        ("90 Minuten", "de", "1.5", "h", "1.5"),
        ("3 horas", "es", "180", "min", "180"),
        ("5 كيلوغرام", "ar", "5000", "g", "5000"),
        ("५ मिनट", "hi", "300", "s", "300"),
        ("25 °C", "en", "298.15", "K", "298.15"),
        ("0 K", "en", "-273.15", "°C", "-273.15"),
        ("212 °F", "en", "100", "°C", "100"),
        ("−40 °C", "en", "-40", "°F", "-40"),
        ("25 degrees Celsius", "en", "25", "°C", "25"),
        ("25 grados Celsius", "es", "25", "°C", "25"),
        ("36 km/h", "en", "10", "m/s", "10"),
        ("10 m s^-1", "en", "36", "km/h", "36"),
        ("10 m·s⁻¹", "en", "10", "m/s", "10"),
        ("60 mL per minute", "en", "1", "cm^3/s", "1"),
        ("0,06 l pro Minute", "de", "60", "mL/min", "60"),
        ("400 µmol m⁻² s⁻¹", "en", "0.4", "mmol/(m^2 s)", "0.4"),
        ("400 umol/m2/s", "en", "400", "µmol m^-2 s^-1", "400"),
        ("4.18 J/(g K)", "en", "4.18", "J g^-1 K^-1", "4.18"),
        ("9.8 m/s²", "en", "9.8", "m s-2", "9.8"),
        ("3 square meters", "en", "30000", "cm²", "30000"),
        ("2 metros cúbicos", "es", "2000", "L", "2000"),
        ("1.5 x 10^23 molecules", "en", "1.5e23", "molecule", "1.5e23"),
        ("5 KG", "en", "5", "kg", "5"),
        ("5 ml", "en", "5", "mL", "5"),
        ("0.84 kilowatt-hours", "en", "0.84", "kWh", "0.84"),
        (".84 kilowatt hours", "en", "0.84", "kWh", "0.84"),
        ("3 Kilowattstunden", "de", "3", "kWh", "3"),
        ("12 kilowatt-hours per day", "en", "12", "kWh/d", "12"),
        ("4.5 micromoles", "en", "4.5", "µmol", "4.5"),
        ("2 megajoules", "en", "2", "MJ", "2"),
    ],
)
def test_a_quantity_is_read_and_converted(text: str, language: str, value: str, unit: str, in_unit: str) -> None:
    found = read_quantity(text, language)
    wanted = read_unit(unit)
    assert found
    assert found[0].unit is not None
    assert wanted is not None
    assert convert(found[0].value, found[0].unit, wanted) == Fraction(in_unit) == Fraction(value)


def test_kilocalories_are_the_thermochemical_ones() -> None:
    kcal, kilojoule = read_unit("kcal"), read_unit("kJ")
    assert kcal is not None
    assert kilojoule is not None
    assert convert(Fraction(1), kcal, kilojoule) == Fraction("4.184")


def test_what_measures_different_things_is_not_converted() -> None:
    for one, other in (("m", "s"), ("J", "W"), ("mol", "g"), ("ATP", "glucose"), ("m/s", "s/m"), ("°", "°C")):
        first, second = read_unit(one), read_unit(other)
        assert first is not None
        assert second is not None
        assert convert(Fraction(1), first, second) is None


@pytest.mark.parametrize("text", ["", "3", "???", "x", "m^99", "a/b/c/d" * 20, "(((", "µ", "^2", "/"])
def test_what_is_no_unit_is_none(text: str) -> None:
    assert read_unit(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cat",
        "5 and 6",
        "5 or 6 apples",
        "5 not 6",
        "5 plus 6",
        "3x + 2",
        "x",
        "5 + y",
        "1/0",
        "9**9**9",
        "1" * 300,
        "kg",
        "= =",
    ],
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert read_quantity(text) == ()


def test_quantities_are_found_in_a_text() -> None:
    text = "A man of 70 kg burns 2,000 kcal a day, that is 8.4 MJ, at 37 °C; 5 of 10 men sleep 8 hours, 50 % more."
    found = [(float(one.value), one.unit.text if one.unit else "") for one in find_quantities(text)]
    expected = [(70, "kg"), (2000, "kcal a day"), (8.4, "MJ"), (37, "°C"), (5, ""), (10, ""), (8, "hours"), (50, "%")]
    assert found == expected
    assert [str(one.value) for one in find_quantities("Es sind 1.234,5 g.", "de")] == ["2469/2"]
    assert find_quantities("") == ()


@pytest.mark.parametrize(
    ("value", "figures", "rounded"),
    [
        ("12345", 3, "12300"),
        ("0.012345", 2, "0.012"),
        ("9.99", 2, "10"),
        ("0", 3, "0"),
        ("-1.25", 2, "-1.3"),
        ("1", 5, "1"),
    ],
)
def test_rounding_to_significant_figures(value: str, figures: int, rounded: str) -> None:
    assert round_to_figures(Fraction(value), figures) == Fraction(rounded)


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**9), st.integers(1, 8))
def test_rounding_stays_within_half_a_step_and_settles(value: Fraction, figures: int) -> None:
    rounded = round_to_figures(value, figures)
    assert abs(rounded - value) <= value * Fraction(10, 2 * 10**figures)
    assert round_to_figures(rounded, figures) == rounded
    assert round_to_figures(-value, figures) == -rounded


def test_a_number_may_leave_open_how_exact_it_is() -> None:
    for text, fits in (("1500", {2, 3, 4}), ("1500.", {2, 3, 4}), ("1.50×10^3", {3}), ("0.050", {2}), ("7", {1})):
        quantity = read_quantity(text)[0]
        assert {figures for figures in range(1, 9) if figures_allowed(quantity, figures)} == fits, text


@pytest.mark.parametrize("unit", ["kJ", "mL", "°C", "min", "g", "ATP", "µmol m^-2 s^-1"])
def test_a_unit_has_kin_that_measure_the_same(unit: str) -> None:
    own = read_unit(unit)
    assert own is not None
    assert unit in kin(unit)
    for other in map(read_unit, kin(unit)):
        assert other is not None
        assert other.dimensions == own.dimensions


@given(st.text(max_size=60) | st.text(alphabet="0123456789.,- /×^eEkgmJsµ°C%()", max_size=30))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    for language in ("en", "de", "ar", ""):
        read_quantity(text, language)
        find_quantities(text, language)
    read_unit(text)
    assert isinstance(tidy(text), str)


@given(
    st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=999),
    st.sampled_from(
        [("J", "kJ"), ("g", "kg"), ("min", "s"), ("°C", "K"), ("°F", "°C"), ("mL/min", "L/h"), ("cal", "J")]
    ),
)
def test_converting_there_and_back_changes_nothing(value: Fraction, units: tuple[str, str]) -> None:
    one, other = map(read_unit, units)
    assert one is not None
    assert other is not None
    there = convert(value, one, other)
    assert there is not None
    assert convert(there, other, one) == value
