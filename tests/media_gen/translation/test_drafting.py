"""An engine's answer is checked before it is taken, and never shipped broken."""

import re

import pytest

from media_gen.errors import CannotTranslate
from media_gen.lesson import Lesson, Term
from media_gen.translation import FakeTranslator, Segment
from media_gen.translation.drafting import doubt, draft

FORMULA = Segment("a/title", "slide title", "The energy $E$ of a **photon** is high")
TERMS = (Term(term="photon", translations={"es": "fotón"}), Term(term="ATP", keep=True))


def test_a_good_answer_is_taken() -> None:
    made = draft(FakeTranslator(), [FORMULA], source="en", target="es")
    assert made["a/title"].text == "(es) The energy $E$ of a **photon** is high"
    assert not made["a/title"].pieced


def test_an_engine_that_loses_tags_gets_the_pieces_between_them() -> None:
    fake = FakeTranslator(answer=lambda text: re.sub(r"<x\d+/>", "", text).replace("The energy", "La energía"))
    made = draft(fake, [FORMULA], source="en", target="es")["a/title"]
    assert made.text == "La energía $E$ of a photon is high"
    assert made.pieced
    assert [item.text for item in fake.asked[1].items] == ["The energy", "of a photon is high"]


def test_an_engine_that_listens_is_told_what_was_wrong_first() -> None:
    answers = iter(["Energía alta", "La energía <x1/> de un **fotón** es alta"])
    fake = FakeTranslator(answer=lambda text: next(answers), inflects=True)
    made = draft(fake, [FORMULA], source="en", target="es")["a/title"]
    assert made.text == "La energía $E$ de un **fotón** es alta"
    assert [item.problem for batch in fake.asked for item in batch.items] == ["", "<x1/> is lost"]


def test_what_even_the_pieces_cannot_save_is_refused_with_the_reason() -> None:
    fake = FakeTranslator(answer=lambda text: "")
    made = draft(fake, [FORMULA], source="en", target="es")["a/title"]
    assert (made.text, made.problem) == ("", "there is no answer")


def test_fixed_terms_go_in_as_tags_or_into_the_glossary() -> None:
    plain, bending = FakeTranslator(), FakeTranslator(inflects=True)
    segment = Segment("a/title", "slide title", "A photon makes ATP")
    made = draft(plain, [segment], source="en", target="es", terms=TERMS)["a/title"]
    assert made.text == "(es) A fotón makes ATP"
    draft(bending, [segment], source="en", target="es", terms=TERMS)
    assert bending.asked[0].items[0].text == "A photon makes <x1/>"
    assert bending.asked[0].glossary == (("photon", "fotón"),)


def test_a_language_that_the_engine_does_not_do_is_refused_before_anything_is_asked() -> None:
    fake = FakeTranslator(pairs=(("en", "es"),))
    with pytest.raises(CannotTranslate, match="en to es, not en to hi") as refused:
        draft(fake, [FORMULA], source="en", target="hi")
    assert fake.asked == []
    assert refused.value.data == {"engine": "fake", "source": "en", "target": "hi"}
    assert not refused.value.retryable


def test_long_lessons_go_in_parts_and_report_progress() -> None:
    many = [Segment(f"a/{at}", "bullet", f"Text number {at}") for at in range(5)]
    fake, seen = FakeTranslator(largest=2), list[tuple[int, int]]()
    draft(fake, many, source="en", target="es", progress=lambda done, total: seen.append((done, total)))
    assert [len(batch.items) for batch in fake.asked] == [2, 2, 1]
    assert seen == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("source", "answer", "target", "why"),
    [
        ("A leaf is green", "", "es", "no answer"),
        ("A leaf is green", "Una hoja " * 40, "es", "far longer"),
        ("A leaf is green", "Una hoja\n\nes verde", "es", "far longer"),
        ("Plants make sugar out of light and air", "Plants make sugar out of light and air", "es", "source language"),
        ("A leaf is really green", "A folha é verde", "hi", "script of hi"),
        ("A leaf is green", "Una hoja es verde", "es", ""),
        ("ATP", "ATP", "zh", ""),
        ("Adenosine", "腺苷", "zh-CN", ""),
    ],
)
def test_answers_in_doubt(source: str, answer: str, target: str, why: str) -> None:
    assert re.search(why, doubt(source, answer, target)) if why else doubt(source, answer, target) == ""


def test_every_text_of_a_lesson_survives_an_engine_that_drops_every_tag(lesson: Lesson) -> None:
    from media_gen.translation import segments
    from media_gen.translation.protect import spans

    careless = FakeTranslator(answer=lambda text: re.sub(r"<x\d+/>", "", text) or "nada")
    wanted = [segment for segment in segments(lesson) if not segment.fixed]
    made = draft(careless, wanted, source="en", target="es", terms=lesson.glossary)
    assert all(spans(made[s.key].text) == spans(s.text) for s in wanted if made[s.key].text)
    assert all(made[s.key].text or made[s.key].problem for s in wanted)
