"""A model's script is used when it fits the schema and rests on the passages, and never otherwise."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from media_gen.lesson import Layout, Lesson
from tests.services.explain.material import COURSE, TITLES, hits
from tutor.domain.errors import ModelTimeout
from tutor.llm.scripted import Fail, Say, ScriptedChatModel, Step
from tutor.services.explain.compose import ScriptRefused, from_model, read_reply

SLIDE: dict[str, Any] = {
    "title": "Pores in the leaf",
    "form": "bullets",
    "points": ["Stomata are pores", "Guard cells open them"],
    "narration": [
        {"text": "A leaf has small pores.", "reveal": 1},
        {"text": "Two guard cells open them.", "reveal": 1},
    ],
    "sources": [1],
}
RING: dict[str, Any] = {
    "title": "From gas to sugar",
    "form": "process",
    "points": ["Carbon dioxide comes in", "Sugar is built"],
    "narration": [{"text": "Carbon dioxide and water become sugar."}],
    "sources": [2],
}
GOOD = {"title": "How a leaf breathes", "slides": [SLIDE, RING]}


def say(script: Any) -> list[Step]:
    return [Say(json.dumps(script))]


async def written(*scripts: Sequence[Step], **more: Any) -> tuple[Lesson, ScriptedChatModel]:
    model = ScriptedChatModel(*scripts)
    return await from_model(model, "stomata", COURSE, hits(), TITLES, language="en", **more), model


async def test_a_good_script_becomes_a_lesson_with_its_sources() -> None:
    lesson, model = await written(say(GOOD))
    assert len(model.requests) == 1
    assert [slide.layout for slide in lesson.slides] == [Layout.TITLE, Layout.BULLETS, Layout.DIAGRAM]
    assert [slide.sources for slide in lesson.slides[1:]] == [("s1",), ("s2",)]
    assert lesson.slides[1].narration[-1].reveal == 2  # everything is shown in the end
    assert all(source.quote for source in lesson.sources)


async def test_what_is_wrong_goes_back_once() -> None:
    wrong = {"title": "x", "slides": [{**SLIDE, "sources": [7]}]}
    lesson, model = await written(say(wrong), say(GOOD))
    assert lesson.title == "How a leaf breathes"
    assert "there is no passage 7" in model.requests[1].messages[-1][1]


async def test_two_useless_replies_are_refused() -> None:
    with pytest.raises(ScriptRefused):
        await written([Say("Sure! Here is a film.")], [Say("{}")])


async def test_a_model_that_fails_says_so() -> None:
    with pytest.raises(ModelTimeout):
        await written([Fail(ModelTimeout())])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"narration": [{"text": "A leaf has 4,000 pores."}]}, "4,000 does not stand"),
        ({"sources": []}, "sources"),
        ({"form": "formula"}, "one point"),
        ({"narration": [{"text": "a", "reveal": 2}, {"text": "b", "reveal": 1}]}, "never goes down"),
        ({"html": "<script>"}, "html"),
    ],
)
def test_problems_are_named(change: dict[str, Any], problem: str) -> None:
    _, problems = read_reply(json.dumps({"title": "x", "slides": [{**SLIDE, **change}]}), hits())
    assert problem in " ".join(problems)


def test_a_script_that_gives_an_open_question_away_is_refused() -> None:
    def harmless(texts: Sequence[str]) -> tuple[bool, ...]:
        return tuple("Guard" not in text for text in texts)

    _, problems = read_reply(json.dumps(GOOD), hits(), harmless)
    assert problems == ("slide 1: it gives away the answer to a question that is open",)


def test_numbers_of_the_passages_may_be_said() -> None:
    slide = {**SLIDE, "sources": [2], "narration": [{"text": "Six molecules, $6\\,\\mathrm{CO_2}$, are used."}]}
    draft, problems = read_reply(json.dumps({"title": "x", "slides": [slide]}), hits())
    assert draft is not None
    assert problems == ()
