"""Formulas of Word and PowerPoint to LaTeX, as Word writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from retrieval.loaders.mathml import is_whole
from retrieval.loaders.omml import to_latex

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def latex(inner: str) -> str:
    return to_latex(etree.fromstring(f'<m:oMath xmlns:m="{M}">{inner}</m:oMath>'))


def r(text: str, look: str = "") -> str:
    return f"<m:r><m:rPr>{look}</m:rPr><m:t>{text}</m:t></m:r>"


def part(name: str, inner: str) -> str:
    return f"<m:{name}>{inner}</m:{name}>"


def with_(name: str, settings: str, *parts: tuple[str, str]) -> str:
    return part(name, part(f"{name}Pr", settings) + "".join(part(*each) for each in parts))


def setting(name: str, value: str) -> str:
    return f'<m:{name} m:val="{value}"/>'


PLAIN = setting("sty", "p")
SQUARE = with_("sSup", "", ("e", r("b")), ("sup", r("2")))
ROOT = with_("rad", setting("degHide", "1"), ("deg", ""), ("e", SQUARE + r("−4ac")))
SUM = with_("nary", setting("chr", "∑"), ("sub", r("i=1")), ("sup", r("n")), ("e", r("i")))
LIMIT = with_("limLow", "", ("e", r("lim", PLAIN)), ("lim", r("x→0")))
MATRIX = with_("m", "", ("mr", part("e", r("a")) + part("e", r("b"))), ("mr", part("e", r("c")) + part("e", r("d"))))
LINES = with_("eqArr", "", ("e", r("x&amp;=1")), ("e", r("y&amp;=2")))
KINDS = with_("eqArr", "", ("e", r("1")), ("e", r("0")))

CASES = with_("d", setting("begChr", "{") + setting("endChr", ""), ("e", KINDS))


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (r("E=m") + with_("sSup", "", ("e", r("c")), ("sup", r("2"))), "E=mc^{2}"),
        (r("x=") + with_("f", "", ("num", r("−b±") + ROOT), ("den", r("2a"))), r"x=\frac{-b\pm\sqrt{b^{2}-4ac}}{2a}"),
        (with_("rad", "", ("deg", r("3")), ("e", r("x"))), r"\sqrt[3]{x}"),
        (with_("f", setting("type", "lin"), ("num", r("a")), ("den", r("b+c"))), "a/{b+c}"),
        (SUM, r"\sum_{i=1}^{n} i"),
        (with_("nary", "", ("sub", r("0")), ("sup", r("∞")), ("e", r("f"))), r"\int_{0}^{\infty} f"),
        (with_("func", "", ("fName", r("sin", PLAIN)), ("e", r("θ"))), r"\sin\theta"),
        (with_("func", "", ("fName", LIMIT), ("e", r("f"))), r"\lim_{x\rightarrow0} f"),
        (with_("d", "", ("e", r("x+1"))), r"\left( x+1 \right)"),
        (with_("d", setting("begChr", "[") + setting("endChr", "")), r"\left[ \right."),
        (CASES, r"\left\{ \begin{matrix}1 \\ 0\end{matrix} \right."),
        (MATRIX, r"\begin{matrix}a & b \\ c & d\end{matrix}"),
        (LINES, r"\begin{aligned}x&=1 \\ y&=2\end{aligned}"),
        (with_("acc", setting("chr", "\u20d7"), ("e", r("v"))), r"\vec{v}"),
        (with_("acc", "", ("e", r("x"))), r"\hat{x}"),
        (with_("bar", setting("pos", "top"), ("e", r("x"))), r"\overline{x}"),
        (with_("groupChr", setting("chr", "⏞") + setting("pos", "top"), ("e", r("ab"))), r"\overbrace{ab}"),
        (with_("sPre", "", ("sub", r("6")), ("sup", r("14")), ("e", r("C", PLAIN))), "{}_{6}^{14}C"),
        (with_("sSub", "", ("e", r("H", PLAIN)), ("sub", r("2"))) + r("O", PLAIN), "H_{2}O"),
        (r("F", setting("sty", "b")) + r("=m") + r("a", setting("sty", "bi")), r"\mathbf{F}=m\boldsymbol{a}"),
        (r("R", setting("scr", "double-struck")), r"\mathbb{R}"),
        (r("50% of ", "<m:nor/>") + r("x"), r"\text{50\% of }x"),
        (r("αβ≤γ"), r"\alpha\beta\le\gamma"),
        (r("a_b{c}$"), r"a\_b\{c\}\$"),
        (r("𝑥"), "x"),
        (with_("borderBox", "", ("e", r("x"))), r"\boxed{x}"),
        (r("x") + with_("phant", setting("show", "0"), ("e", r("y"))), "x"),
    ],
)  # fmt: skip
def test_formulas_are_written_as_latex(inner: str, expected: str) -> None:
    assert latex(inner) == expected


_NAMES = st.sampled_from(
    (
        "f",
        "num",
        "den",
        "sSup",
        "e",
        "sup",
        "sub",
        "nary",
        "d",
        "m",
        "mr",
        "func",
        "fName",
        "acc",
        "rad",
        "deg",
        "eqArr",
    )
)
_TREES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=6).map(
        lambda text: r(text.replace("&", "&amp;").replace("<", "&lt;"))
    ),
    lambda inner: st.tuples(_NAMES, st.lists(inner, max_size=4)).map(lambda made: part(made[0], "".join(made[1]))),
    max_leaves=12,
)


@given(_TREES)
def test_any_formula_fits_between_dollar_signs(tree: str) -> None:
    found = latex(tree)
    assert not found or is_whole(found)


def test_a_formula_deeper_than_anybody_writes_is_its_words() -> None:
    depth = 120
    inner = "<m:f><m:num>" * depth + r("x") + "</m:num></m:f>" * depth
    assert r"\text{x}" in latex(inner)
