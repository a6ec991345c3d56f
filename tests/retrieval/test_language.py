"""Which language a question is in, with the course's language as the benefit of the doubt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import language as reading
from retrieval.language import detect


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is photosynthesis?"),
        ("en", "why is the sky blue"),
        ("en", "ATP"),
        ("en", "In vivo vs in vitro"),
        ("en", "What does de novo synthesis mean?"),
        ("en", "H₂O + CO₂ → ?"),
        ("en", ""),
        ("es", "¿Qué es la fotosíntesis?"),
        ("es", "que es la fotosintesis"),
        ("es", "donde ocurre la glucolisis"),
        ("fr", "Qu'est-ce que la photosynthèse ?"),
        ("fr", "quel est le rôle de l'ATP"),
        ("de", "Was ist Photosynthese?"),
        ("de", "wie machen pflanzen zucker"),
        ("it", "Dove avviene la glicolisi?"),
        ("it", "Come producono zucchero le piante?"),
        ("pt", "O que é a fotossíntese?"),
        ("pt", "Onde ocorre a glicólise?"),
        ("ar", "ما هو التمثيل الضوئي؟"),
        ("ar", "ما هو ATP؟"),
        ("hi", "प्रकाश संश्लेषण क्या है?"),
        ("zh", "什么是光合作用?"),
        ("zh", "ATP 是什么"),
        ("ja", "光合成とは何ですか"),
        ("ko", "광합성이란?"),
        ("ru", "Что такое фотосинтез?"),
        ("th", "การสังเคราะห์ด้วยแสงคืออะไร"),
    ],
)
def test_short_questions_to_an_english_course(language: str, question: str) -> None:
    assert detect(question, "en") == language


def test_a_course_in_a_language_of_the_same_script_keeps_its_questions() -> None:
    assert detect("سلول چیست؟", "fa") == "fa"
    assert detect("Что такое клетка?", "uk-UA") == "uk"
    assert detect("光合成", "ja") == "ja"
    assert detect("ATP", "es-MX") == "es"


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    assert detect(text, "en")


_PARTS = [
    "qu'il",
    "l'eau",
    "eaux",
    "nation",
    "station la",
    "dell'acqua",
    "ung",
    "zeit",
    "th",
    "the",
    "’s",
    "sing",
    "lh",
]


@given(
    st.lists(st.sampled_from([*_PARTS, "dad", "gli", "sch", "\n", "\t", "a", "les", "über", "¿qué", "-"]), max_size=12)
)
def test_spelling_is_the_same_read_piece_by_piece(parts: list[str]) -> None:
    """No sign goes over a space, but for the one that looks ahead."""
    text = " ".join(parts)
    whole = {(name, sign) for name, pattern in reading._SPELLING.items() for sign in pattern.findall(text)}
    pieces = {sign for piece in text.split() for sign in reading._piece(piece).signs}
    if reading._LOOKS_AHEAD in text:
        pieces = {sign for sign in pieces if sign[0] != "fr"} | {sign for sign in whole if sign[0] == "fr"}
    assert pieces == whole
