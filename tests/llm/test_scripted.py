import asyncio
from contextlib import aclosing

import pytest

from prompts import AnswerFromCourse, PromptPassage, render
from tutor.domain.errors import ModelTimeout
from tutor.domain.events import Usage
from tutor.llm.scripted import (
    CLOSING_QUESTION,
    NOTHING_FOUND,
    Fail,
    Hang,
    Pause,
    Say,
    ScriptedChatModel,
    first_sentence,
)
from tutor.ports import ChatModel, ModelRequest


def request_for(*passages: PromptPassage) -> ModelRequest:
    return ModelRequest(render(AnswerFromCourse("Energy", "English", "What is ATP?", passages=passages)).messages)


async def collect(model: ChatModel, request: ModelRequest) -> tuple[str, Usage]:
    got = [piece async for piece in model.stream(request)]
    usage = got.pop()
    assert isinstance(usage, Usage)
    return "".join(str(piece) for piece in got), usage


async def test_answers_from_the_passages_in_the_prompt_with_their_numbers() -> None:
    request = request_for(
        PromptPassage(3, "ATP", "ATP releases 30.5 kJ per mole. It is made again at once."),
        PromptPassage(7, "", "| a | b |\n|---|---|"),
        PromptPassage(8, "", "# Glycolysis\n\nGlycolysis yields two ATP. More follows."),
        PromptPassage(9, "", "Never reached."),
    )
    text, usage = await collect(ScriptedChatModel(), request)
    assert text == f"ATP releases 30.5 kJ per mole. [3] Glycolysis yields two ATP. [8] {CLOSING_QUESTION}"
    assert usage.gen_ai_usage_output_tokens == len(text.split())
    assert usage.cost_usd == 0.0


async def test_says_plainly_when_there_is_no_passage() -> None:
    text, _ = await collect(ScriptedChatModel(), request_for())
    assert text == NOTHING_FOUND


async def test_same_request_gives_the_same_reply() -> None:
    request = request_for(PromptPassage(1, "", "Plants make sugar. They do."))
    model = ScriptedChatModel()
    assert await collect(model, request) == await collect(model, request)
    assert model.requests == [request, request]


async def test_plays_one_script_a_call_and_sleeps_through_the_port() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    model = ScriptedChatModel([Say("Hel"), Pause(2.5), Say("lo")], [Fail(ModelTimeout())], sleep=sleep)
    assert (await collect(model, ModelRequest(())))[0] == "Hello"
    assert slept == [2.5]
    with pytest.raises(ModelTimeout):
        await collect(model, ModelRequest(()))
    assert (await collect(model, ModelRequest(())))[0] == NOTHING_FOUND
    assert model.closed == 0


async def test_reading_pace_goes_through_the_sleep_port() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    text, _ = await collect(ScriptedChatModel(seconds_per_word=0.03, sleep=sleep), request_for())
    assert slept == [0.03] * len(text.split())


async def test_hangs_until_cancelled() -> None:
    model = ScriptedChatModel([Say("a"), Hang()])
    heard = asyncio.Event()

    async def listen() -> None:
        async with aclosing(model.stream(ModelRequest(()))) as stream:
            async for _ in stream:
                heard.set()

    task = asyncio.create_task(listen())
    await heard.wait()
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("One. Two.", "One."),
        ("It takes 2.5 hours! Then it ends.", "It takes 2.5 hours!"),
        ("ما هي الطاقة؟ إنها قدرة.", "ما هي الطاقة؟"),
        ("ऊर्जा क्या है। वह शक्ति है।", "ऊर्जा क्या है।"),
        ("光合作用。然后", "光合作用。"),
        ("No end", "No end"),
        ("- a list\n- only", ""),
        ("## Heading\n\nProse here. And there.", "Prose here."),
        ("", ""),
    ],
)
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
