"""Formulas as one line of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.linear import linear


@pytest.mark.parametrize(
    ("latex", "line"),
    [
        ("E=mc^2", "E = mc²"),
        (r"x^2 + \frac{1}{2}x - 3 = 0", "x² + ½x − 3 = 0"),
        (r"\frac{-b \pm \sqrt{b^2-4ac}}{2a}", "(−b ± √(b² − 4ac))/2a"),
        (r"6CO_2 + 6H_2O \rightarrow C_6H_{12}O_6 + 6O_2", "6CO₂ + 6H₂O → C₆H₁₂O₆ + 6O₂"),
        (r"e^{i\pi}+1=0", "e^(iπ) + 1 = 0"),
        (r"-3 \le x < 5", "−3 ≤ x < 5"),
        (r"\sin 2\alpha", "sin 2α"),
        (r"90^\circ", "90°"),
        (r"\text{average speed} = \frac{s}{t}", "average speed = s/t"),
        (r"\left( x-1 \right)", "(x − 1)"),
        (r"\sqrt[3]{8}", "³√8"),
    ],
)
def test_a_formula_reads_as_one_would_write_it_in_a_line(latex: str, line: str) -> None:
    assert linear(latex) == line


@given(st.text(r"\{}^_$ab12+=frac sqrt", max_size=60))
def test_nothing_fails(latex: str) -> None:
    assert "\n" not in linear(latex)
