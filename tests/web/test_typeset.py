"""Typed mathematics set as mathematics, as the learner's language writes it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.domain import mathematics as maths
from web.markdown import sanitised
from web.typeset import latex, preview


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("3,5/x^2", "de", r"\frac{3{,}5}{{x}^{2}}"),
        ("x=-3/4", "en", r"x=-\frac{3}{4}"),
        ("sqrt(2)x+1", "en", r"\sqrt{2}x+1"),
        ("2*3", "en", r"2\cdot 3"),
        ("2(x+1)", "en", "2(x+1)"),
        ("(x+1)^2", "en", "{(x+1)}^{2}"),
        ("[1,3)", "en", r"[1,\;3)"),
        ("x<=3 or x>7", "en", r"x\leq 3\;\lor\;x>7"),
        ("50%", "en", r"50\,\%"),
        ("uphill speed = 3", "en", r"\text{uphill speed}=3"),
        ("x_1", "en", "x_{1}"),
    ],
)
def test_what_was_read_is_what_is_shown(text: str, language: str, expected: str) -> None:
    assert latex(maths.read(text, language), language) == expected


@pytest.mark.parametrize("text", ["", "}{", "hello there", "no solution", "x" * 5000])
def test_what_is_no_mathematics_is_not_shown(text: str) -> None:
    assert preview(text, "en") == ("", "")


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="0123456789.,;xyπ+-*/^()[]{}=<>≤|√ \\<>&\"'_aé%", max_size=24))
def test_whatever_is_typed_it_is_a_formula_or_nothing(text: str) -> None:
    html, reading = preview(text, "en")
    assert bool(html) == bool(reading)
    if html:
        assert sanitised(html).startswith(("<math", "<code"))
