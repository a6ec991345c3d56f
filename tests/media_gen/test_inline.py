"""Inline Markdown: one dialect, read and written without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen import inline
from media_gen.inline import Run

MARKED = st.text(alphabet="ab *_`$[]()<>&!\\\n.é中", max_size=40)


def test_the_marks_of_the_dialect() -> None:
    assert inline.parse("**a** *b* `c` $d^2$ [e](f.md)") == (
        Run("a", strong=True),
        Run(" "),
        Run("b", emphasis=True),
        Run(" "),
        Run("c", "code"),
        Run(" "),
        Run("d^2", "maths"),
        Run(" "),
        Run("e", address="f.md"),
    )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("It costs $5 and then $6.", "It costs $5 and then $6."),
        ("5 * 3 and snake_case", "5 * 3 and snake_case"),
        (r"a \* b", "a * b"),
        ("<b>bold</b> &amp; <script>x</script>", "bold & x"),
        ("![a picture](x.png)after", "after"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("two\nlines  \nor three", "two lines or three"),
    ],
)
def test_what_a_reader_sees(text: str, seen: str) -> None:
    assert inline.plain(text) == seen


def test_few_backslashes() -> None:
    assert inline.escape("5 * 3 = 15 & more!") == "5 * 3 = 15 & more!"
    assert inline.escape("*not* strong") == r"\*not\* strong"


@given(MARKED)
def test_canonical_text_reads_back_the_same(text: str) -> None:
    runs = inline.parse(text)
    written = inline.render(runs)
    assert inline.canonical(written) == written
    assert "".join(run.text for run in inline.parse(written)) == "".join(run.text for run in runs)


@given(MARKED)
def test_plain_text_survives_as_it_is(text: str) -> None:
    assert inline.plain(inline.escape(text)) == " ".join(text.split())
