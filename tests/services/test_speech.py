import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.services.speech import SentenceSplitter

MARKS = "[ ] ( ) ]( ` ``` ~~~ $ $$ \\ \\( \\[ - 1. > | # . ! ? 。 ؟ । ... A b 3.14 e.g. [1] é😀"
SPACED = (" ", "\n", "\n\n", "\n```\n", "~~~\n", "- ", "1. ", "> ", "# ", ". ", "! ", "؟ ", "। ")
SYNTAX = st.sampled_from((*MARKS.split(), *SPACED))
MARKDOWN = st.lists(SYNTAX | st.text(max_size=5), max_size=40).map("".join)


def split(text: str, *cuts: int) -> list[str]:
    splitter = SentenceSplitter()
    pieces: list[str] = []
    start = 0
    for cut in sorted(cuts):
        pieces += splitter.push(text[start:cut])
        start = cut
    return pieces + splitter.push(text[start:]) + splitter.flush()


@given(MARKDOWN, st.lists(st.integers(0, 200)))
def test_pieces_joined_are_the_input_exactly(text: str, cuts: list[int]) -> None:
    assert "".join(split(text, *cuts)) == text


@given(MARKDOWN, st.lists(st.integers(0, 200)))
def test_pieces_do_not_depend_on_how_the_stream_was_cut(text: str, cuts: list[int]) -> None:
    assert split(text, *cuts) == split(text) == split(text, *range(len(text)))


@given(MARKDOWN)
def test_pending_and_pieces_are_all_there_is(text: str) -> None:
    splitter = SentenceSplitter()
    given_out = "".join(piece for char in text for piece in splitter.push(char))
    assert given_out + splitter.pending == text
    assert "".join(splitter.flush()) == text[len(given_out) :]
    assert splitter.pending == ""


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three? Four", ["One. ", "Two! ", "Three? ", "Four"]),
        ("Wait... what? Yes… Now.", ["Wait... what? ", "Yes… ", "Now."]),
        ("Use a base, e.g. NaOH, i.e. A strong one.", ["Use a base, e.g. NaOH, i.e. A strong one."]),
        ("See Fig. 3 and Eq. 2. Then go.", ["See Fig. 3 and Eq. 2. ", "Then go."]),
        ("Is it? No. Then what?", ["Is it? ", "No. ", "Then what?"]),
        ("Look at no. 5 on p. 12. End.", ["Look at no. 5 on p. 12. ", "End."]),
        ("Fats, etc. are fuel. Sugars, etc. Then", ["Fats, etc. are fuel. ", "Sugars, etc. ", "Then"]),
        ("Dr. J. Watson wrote it. E. coli did not.", ["Dr. J. Watson wrote it. ", "E. coli did not."]),
        ("It is 3.14 or 1,000.5 kJ. Good.", ["It is 3.14 or 1,000.5 kJ. ", "Good."]),
        ('He said "no." Then "why?" and left.', ['He said "no." ', 'Then "why?" and left.']),
        ("It is **so.** Next.", ["It is **so.** ", "Next."]),
        ("It (the cell) ends (see above.) Next.", ["It (the cell) ends (see above.) ", "Next."]),
    ],
)
def test_latin_sentences(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


def test_a_citation_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    text = "Plants make it. [1] Then use it [2]. Good.[1][3] Sugar. [1, 2] Used. [3–5] End"
    pieces = ["Plants make it. [1] ", "Then use it [2]. ", "Good.[1][3] ", "Sugar. [1, 2] ", "Used. [3–5] ", "End"]
    assert split(text) == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ما هي الطاقة؟ إنها قدرة. ثم", ["ما هي الطاقة؟ ", "إنها قدرة. ", "ثم"]),
        ("ऊर्जा क्या है। वह शक्ति है॥ और", ["ऊर्जा क्या है। ", "वह शक्ति है॥ ", "और"]),
        ("光合作用。然后！「好。」他说？是", ["光合作用。", "然后！", "「好。」", "他说？", "是"]),
        ("¿Qué es? ¡Energía! El Sr. Ruiz lo sabe.", ["¿Qué es? ", "¡Energía! ", "El Sr. Ruiz lo sabe."]),
    ],
)
def test_other_scripts(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(
    "whole",
    [
        "The sum $a. B$ holds",
        "The sum $$a. B! C$$ holds",
        "The sum \\(a. B\\) holds",
        "The code `a. B` runs",
        "The code ``a ` . B`` runs",
        "See [this. It is](http://x.y/a. b) there",
        "```py\nx = 1. \n\ny = 'A. B'\n```\n",
        "~~~\na. B\n\n```\n\nc. D\n~~~\n",
        "$$\nx. Y\n$$\n",
        "| a. B | c! D |\n",
        "1. First",
    ],
)
def test_never_cut_inside(whole: str) -> None:
    assert split(whole) == [whole]


def test_lists_headings_and_paragraphs_end_at_their_line() -> None:
    text = "Intro:\n- one\n- two, three\n\n1. First\n2. Second\n\n# Head\nSoft\nwrap. End\n\nNext\n```\ncode\n```\nLast"
    assert split(text) == [
        "Intro:\n", "- one\n", "- two, three\n\n", "1. First\n", "2. Second\n\n", "# Head\n", "Soft\nwrap. ",
        "End\n\n", "Next\n", "```\ncode\n```\n", "Last",
    ]  # fmt: skip


def test_a_price_is_not_a_formula() -> None:
    assert split("It costs $5. Then $6. So $x. Y$ is") == ["It costs $5. ", "Then $6. ", "So $x. Y$ is"]


def test_an_unclosed_mark_delays_only_its_paragraph() -> None:
    assert split("A [b. C. D\n\nEnd. F")[1:] == ["End. ", "F"]
    assert split("A `b. C. D\n\nEnd. F")[1:] == ["End. ", "F"]
    assert split("A $b. C. D\n\nEnd. F")[1:] == ["End. ", "F"]


def test_a_sentence_is_given_out_as_soon_as_the_next_one_begins() -> None:
    splitter = SentenceSplitter()
    assert splitter.push("One. ") == []
    assert splitter.push("T") == ["One. "]
    assert splitter.pending == "T"
