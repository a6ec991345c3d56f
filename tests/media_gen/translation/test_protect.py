"""What must survive a translator: maths, code, links, placeholders and terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen import inline
from media_gen.lesson import Term
from media_gen.translation.protect import TAG, pieces, protect, restore, spans

TERMS = (
    Term(term="ATP", keep=True),
    Term(term="stroma", translations={"es": "estroma"}),
    Term(term="IT", keep=True),
)


def test_maths_code_links_placeholders_and_terms_become_tags() -> None:
    made = protect("Put `x` and $y$ of ATP in the **stroma**, {name}: see [the *next* page](a.md).", TERMS, "es")
    assert made.text == "Put <x1/> and <x2/> of <x3/> in the **<x4/>**, <x5/>: see <x6/>the *next* page<x7/>."
    assert [inline.render([tag.run]) for tag in made.tags[:5]] == ["`x`", "$y$", "ATP", "estroma", "{name}"]
    assert [(tag.address, tag.closed_by) for tag in made.tags[5:]] == [("a.md", 7), ("", 0)]


def test_an_answer_may_put_them_in_another_order() -> None:
    made = protect("The energy $E$ of a photon of `blue` light", (), "es")
    assert restore("De un fotón <x2/>, la energía <x1/>", made) == "De un fotón `blue`, la energía $E$"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("La energía", "<x1/>, <x2/> is lost"),
        ("<x1/> es", "<x2/> is lost"),
        ("<x1/> <x2/> <x2/>", "<x2/> stands there more often"),
        ("<x1/> <x2/> <x3/>", "<x3/> stands there more often"),
        ("<x1/> <x2/> y $z$", "do not read back"),
        ("<x1/> <x2/> y `z`", "do not read back"),
        ("<x1/> <x2/> [aquí](http://example.org)", "do not read back"),
    ],
)
def test_an_answer_that_loses_or_invents_something_is_refused(answer: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        restore(answer, protect("The energy $E$ is `E`", (), "es"))


def test_a_link_that_is_closed_before_it_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="closed before"):
        restore("Vea <x2/>la página<x1/>", protect("See [the page](a.md)", (), "es"))


def test_tags_are_found_however_an_engine_spaces_them() -> None:
    made = protect("The energy $E$", (), "es")
    assert restore("La energía < X 1 / >", made) == "La energía $E$"


def test_a_term_is_a_whole_word_in_its_own_case() -> None:
    assert protect("It is IT, not ATPase.", TERMS, "es").text == "It is <x1/>, not ATPase."


@pytest.mark.parametrize(
    ("text", "tagged"), [("هما ATP وATP", "هما <x1/> و<x2/>"), ("给ATP充能", "给<x1/>充能"), ("éATP", "éATP")]
)
def test_a_latin_term_may_touch_letters_of_other_scripts(text: str, tagged: str) -> None:
    assert protect(text, TERMS, "en").text == tagged


def test_a_chinese_term_is_found_between_other_characters() -> None:
    terms = (Term(term="叶绿体", translations={"en": "chloroplast"}),)
    assert protect("在叶绿体里", terms, "en").text == "在<x1/>里"


def test_a_term_at_the_beginning_of_a_sentence_has_a_capital() -> None:
    made = protect("Stroma is a fluid.", TERMS, "es")
    assert restore("<x1/> es un fluido.", made) == "Estroma es un fluido."


def test_a_term_without_a_translation_into_this_language_is_not_fixed() -> None:
    assert protect("The stroma", TERMS, "fr").tags == ()


def test_what_looks_like_a_tag_in_the_source_survives_too() -> None:
    made = protect("See [1] and <x9/>.", (), "es")
    assert made.text == "See <x1/> and ."  # an HTML tag is no text of a lesson
    assert inline.plain(restore(made.text.replace("See", "Vea"), made)) == "Vea [1] and ."


def test_broken_emphasis_is_dropped_and_literal_asterisks_stay() -> None:
    assert restore("La **hoja es verde", protect("The **leaf** is green", (), "es")) == "La hoja es verde"
    assert restore("5 \\* 3 es 15", protect("5 \\* 3 is 15", (), "es")).count("*") == 1


PARTS = [
    "word",
    "$a_1$",
    "`b c`",
    "**bold**",
    "[text](a.md)",
    "{n}",
    "50 %",
    "ATP",
    "<",
    "é",
    "\\$5",
    "**$m$**",
    "3 \\* 4",
]


@given(st.lists(st.sampled_from(PARTS)))
def test_text_that_is_handed_back_as_it_was_is_the_source(parts: list[str]) -> None:
    source = inline.canonical(" ".join(parts))
    made = protect(source, TERMS, "es")
    assert spans(restore(made.text, made)) == spans(source)
    assert inline.plain(restore(made.text, made)) == inline.plain(source)


def test_pieces_alternate_between_text_and_tags() -> None:
    cut = pieces(protect("See $x$ now", (), "es").text)
    assert cut == ("See ", "<x1/>", " now")
    assert all(TAG.fullmatch(piece) for piece in cut[1::2])


ANSWERS = [
    "<x1/>",
    "<x2/>",
    "<x3/>",
    "<x4/>",
    "palabra",
    "**",
    "*",
    "$",
    "`",
    "[",
    "](b.md)",
    "\\",
    "<b>",
    "$z$",
    "_",
    "{n}",
]


@given(
    st.lists(st.sampled_from([*PARTS, "[see $x$ and `y`](c.md)"]), max_size=6),
    st.lists(st.sampled_from(ANSWERS), max_size=12),
    st.sampled_from(["", " "]),
)
def test_whatever_an_engine_answers_what_is_taken_has_the_spans_of_the_source(
    parts: list[str], answer: list[str], gap: str
) -> None:
    made = protect(" ".join(parts), TERMS, "es")
    try:
        taken = restore(gap.join(answer), made)
    except ValueError:
        return
    assert spans(taken) == spans(" ".join(parts))
    assert "<x" not in taken
