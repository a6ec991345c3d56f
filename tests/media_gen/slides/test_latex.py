"""Formulas in LaTeX become trees that Typst sets."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.errors import SlideFailed
from media_gen.lesson import Layout, Maths
from media_gen.slides.latex import LONGEST, characters, parse
from media_gen.slides.setter import SlideSetter
from tests.media_gen.slides.decks import SMALL, one

SCHOOL = (
    r"\frac{a}{b} = \dfrac{1}{x+1} = \frac12",
    r"x_{1,2} = \frac{-b \pm \sqrt{b^2-4ac}}{2a}",
    r"\sqrt[3]{x} \cdot x^{-1/2} \le \infty",
    r"\sum_{i=1}^{n} x_i^2 \qquad \prod\limits_{k} k \qquad \int_0^\infty e^{-x^2}\,dx \qquad \oint",
    r"\lim_{x \to 0} \frac{\sin x}{x} = 1, \quad \log_2 8 = \ln e^3, \quad \max_{x \in A} f(x)",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{vmatrix} a & b \\ c & d \end{vmatrix}",
    r"|x| = \begin{cases} x & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}",
    r"\begin{aligned} a &= b + 1 \\ &= \tfrac{c}{2} \end{aligned}",
    r"\alpha + \beta \ne \Gamma \approx \varepsilon \in \mathbb{R} \subseteq \mathcal{C}, \mathbf{v} \perp \mathrm{kg}",
    r"\hat{x}, \vec{v}, \overline{AB}, \dot{x}, \tilde n, \widehat{ABC}, \underbrace{a+b}_{n}, \overbrace{c}^{m}",
    r"A \xrightarrow{\text{heat}} B \Rightarrow C \rightleftharpoons D \iff E",
    r"\left( \frac{a}{b} \right)^2 + \left. x \right|_0^1 + \bigl[ y \bigr] + \lfloor z \rfloor + \|w\|",
    r"f'(x) + f''(x), \; 12.5\,\mathrm{m/s}^2, \; 3{,}14, \; 50\%, \; 90^\circ",
    r"\binom{n}{k} \equiv 1 \pmod{p}, \quad \operatorname{rank} A, \quad \cancel{x}, \quad \boxed{E = mc^2}",
    r"\overset{!}{=} \underset{n}{\to} \stackrel{d}{=} \not= \nabla \times \partial_t",
    r"\ce{6CO2 + 6H2O ->[light] C6H12O6 + 6O2}",
    r"\ce{SO4^2- + Ca(OH)2 <=> CaSO4(s) + 2OH-}",
    r"{}^{14}_{6}\mathrm{C} \to {}^{14}_{7}\mathrm{N} + e^-",
)


@pytest.mark.parametrize("latex", SCHOOL)
def test_the_maths_of_school_and_college_is_set(latex: str, tmp_path: Path) -> None:
    (screen,) = SlideSetter(tmp_path, None).screens(one(Layout.MATHS, Maths(latex=latex)), SMALL, tmp_path)
    assert screen.pictures[0].read_bytes()[:4] == b"\x89PNG"


def test_the_parts_of_a_fraction() -> None:
    assert parse(r"\frac{a}{12}") == {"k": "frac", "a": {"k": "sym", "s": "a"}, "b": {"k": "text", "s": "12"}}


def test_an_argument_without_braces_is_one_digit() -> None:
    assert parse(r"\frac12") == {"k": "frac", "a": {"k": "text", "s": "1"}, "b": {"k": "text", "s": "2"}}


def test_both_scripts_of_a_base() -> None:
    tree = parse("x_i^2")
    assert tree["base"] == {"k": "sym", "s": "x"}
    assert (tree["b"], tree["t"]) == ({"k": "sym", "s": "i"}, {"k": "text", "s": "2"})


def test_text_keeps_its_blanks() -> None:
    assert parse(r"\text{ if }")["c"] == {"k": "text", "s": " if "}


def test_rows_and_columns_of_aligned_equations() -> None:
    rows = parse(r"\begin{aligned} a &= b \\ &= c \end{aligned}")["rows"]
    assert [[characters(cell) for cell in row] for row in rows] == [["a", "=b"], ["", "=c"]]


def test_an_index_a_charge_and_a_count_in_chemistry() -> None:
    assert characters(parse(r"\ce{2SO4^2-}")) == "2SO42−"


@pytest.mark.parametrize(
    ("latex", "named"),
    [(r"\foo{x}", r"\foo"), (r"x + \input{/etc/passwd}", r"\input"), (r"\begin{tikz}x\end{tikz}", "tikz")],
)
def test_a_command_that_is_not_known_is_named(latex: str, named: str) -> None:
    with pytest.raises(SlideFailed, match="do not know") as error:
        parse(latex)
    assert named in error.value.data["command"]


@pytest.mark.parametrize(
    "latex",
    [r"\frac{a", "}", r"\left( x", "x_1_2", "^", "{" * 100, r"\begin{matrix} a", r"\ce{@}", "x" * (LONGEST + 1)],
)
def test_what_is_not_closed_or_too_deep_is_refused(latex: str) -> None:
    with pytest.raises(SlideFailed):
        parse(latex)


def test_the_slide_of_a_wrong_formula_is_named(tmp_path: Path) -> None:
    with pytest.raises(SlideFailed) as error:
        SlideSetter(tmp_path, None).screens(one(Layout.MATHS, Maths(latex=r"\foo")), SMALL, tmp_path)
    assert error.value.data["slide"] == "leaf"


@given(st.text(alphabet=r"\{}[]^_&'abc frac left right sqrt 12()", max_size=60))
def test_any_text_is_a_formula_or_refused(latex: str) -> None:
    with contextlib.suppress(SlideFailed):
        assert isinstance(parse(latex), dict)
