"""One suite for every ``ChatModel``: the shipped fake and the adapters, these against a server on loopback."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.fakes.model_server import (
    ENDING,
    Disconnect,
    ModelServer,
    Raw,
    Reply,
    Stall,
    delta,
    event,
    failure,
    reply,
    texts,
)
from tutor.domain.errors import (
    ModelError,
    ModelGarbled,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from tutor.domain.events import Usage
from tutor.llm.litellm import LiteLLMChatModel, load
from tutor.llm.openai_compatible import OpenAICompatibleChatModel
from tutor.llm.scripted import Fail, Hang, Say, ScriptedChatModel, Step
from tutor.ports import ChatModel, ModelRequest

# LiteLLM reads every attribute of pydantic models, deprecated ones included; as an error that would end its stream.
pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning")

KEY = "sk-very-secret"
REQUEST = ModelRequest((("system", "Be brief."), ("user", "Hello 😀 مرحبا")), max_tokens=50, temperature=0.1)
MULTILINGUAL = "Sugar 🍬👩‍🔬, مرحبا بك, नमस्ते दुनिया, 光合作用, $E = mc^2$ [1]."

# What each fault is, for the scripted model (steps of one call) and for a server (one reply).
FAULTS: dict[str, tuple[tuple[Step, ...], Reply]] = {
    "rate_limited": ((Fail(ModelRateLimited(retry_after=3.0)),), failure(429, KEY, **{"retry-after": "3"})),
    "server_error": ((Fail(ModelUnavailable()),), failure(500, KEY)),
    "rejected": ((Fail(ModelRejected()),), failure(401, f"Incorrect API key provided: {KEY}", "invalid_api_key")),
    "no_first_token": ((Fail(ModelTimeout()),), Reply((Stall(),))),
    "no_response": ((Fail(ModelTimeout()),), Reply(before=(Stall(),))),
    "stall": ((Say("Begun "), Fail(ModelTimeout())), Reply((*texts("Begun "), Stall()))),
    "hang": ((Say("Begun "), Hang()), Reply((*texts("Begun "), Stall()))),
    "garbage": ((Fail(ModelGarbled()),), Reply((Raw(b"data: \xff\xfe\x00{]\n\n"),))),
    "disconnect": ((Say("Begun "), Fail(ModelUnavailable())), Reply((*texts("Begun "), Disconnect()))),
    "no_answer": ((Fail(ModelUnavailable()),), Reply(before=(Disconnect(),))),
    "error_inside": (
        (Say("Begun "), Fail(ModelUnavailable())),
        Reply((*texts("Begun "), Raw(event({"error": {"message": f"out of memory {KEY}", "type": "server_error"}})))),
    ),
    "empty": ((Fail(ModelGarbled()),), Reply(ENDING)),
}


@dataclass
class Subject:
    """A model, and what the far side saw. ``calls`` counts requests, ``left`` the clients that went away."""

    model: ChatModel
    calls: Callable[[], int]
    left: Callable[[], int]
    gone: Callable[[], Awaitable[object]]
    retries: bool
    slept: list[float] = field(default_factory=list)


Make = Callable[..., Any]


@pytest.fixture(params=["scripted", "openai_compatible", "litellm"])
def make(request: pytest.FixtureRequest) -> Make:
    """``async with make(*faults or replies) as subject``; a fault is named, a good reply is a tuple of pieces."""

    @asynccontextmanager
    async def made(*plays: str | tuple[str, ...], seconds: float = 10.0) -> AsyncIterator[Subject]:
        slept: list[float] = []

        async def sleep(for_seconds: float) -> None:
            slept.append(for_seconds)

        if request.param == "scripted":
            steps = [FAULTS[p][0] if isinstance(p, str) else tuple(Say(text) for text in p) for p in plays]
            model = ScriptedChatModel(*steps)
            gone = asyncio.Event()
            gone.set()  # nobody far away to wait for
            yield Subject(model, lambda: len(model.requests), lambda: model.closed, gone.wait, False, slept)
            return
        limits: dict[str, Any] = {"first_token_seconds": seconds, "stall_seconds": seconds, "sleep": sleep}
        replies = [FAULTS[p][1] if isinstance(p, str) else reply(*p) for p in plays]
        async with ModelServer(*replies) as server:
            adapter: ChatModel
            if request.param == "litellm":
                await asyncio.to_thread(load)
                adapter = LiteLLMChatModel("openai/gpt-4o-mini", server.base_url, KEY, backoff_seconds=1.0, **limits)
            else:
                adapter = OpenAICompatibleChatModel("gpt-4o-mini", server.base_url, KEY, backoff_seconds=1.0, **limits)
            yield Subject(adapter, lambda: len(server.requests), lambda: server.left, server.gone.wait, True, slept)

    return made


async def listen(model: ChatModel) -> tuple[str, list[Usage], ModelError | None]:
    said, usages = "", []
    try:
        async for piece in model.stream(REQUEST):
            if isinstance(piece, Usage):
                usages.append(piece)
            else:
                assert not usages, "text after the usage"
                assert piece
                said += piece
    except ModelError as error:
        return said, usages, error
    return said, usages, None


async def test_text_then_exactly_one_usage_last(make: Make) -> None:
    async with make(("Hel", "lo ", "world.")) as subject:
        said, usages, error = await listen(subject.model)
        assert (said, error) == ("Hello world.", None)
        assert len(usages) == 1
        assert usages[0].gen_ai_request_model == subject.model.name
        assert usages[0].gen_ai_response_finish_reason == "stop"
        assert usages[0].gen_ai_usage_input_tokens is not None
        assert usages[0].gen_ai_usage_output_tokens is not None
        assert subject.calls() == 1


async def test_unicode_arrives_intact(make: Make) -> None:
    async with make(tuple(MULTILINGUAL)) as subject:
        assert (await listen(subject.model))[0] == MULTILINGUAL


async def test_streams_can_run_side_by_side(make: Make) -> None:
    async with make(("one",), ("two",), ("three",)) as subject:
        results = await asyncio.gather(*(listen(subject.model) for _ in range(3)))
        assert sorted(said for said, _, _ in results) == ["one", "three", "two"]


async def test_closing_the_iterator_ends_the_call(make: Make) -> None:
    async with make("hang") as subject:
        async with aclosing(subject.model.stream(REQUEST)) as stream:
            assert await anext(stream) == "Begun "
        await subject.gone()
        assert subject.left() == 1


async def test_cancelling_the_listener_ends_the_call(make: Make) -> None:
    async with make("hang") as subject:
        begun = asyncio.Event()

        async def hear() -> None:
            async with aclosing(subject.model.stream(REQUEST)) as stream:
                async for _ in stream:
                    begun.set()

        task = asyncio.create_task(hear())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await subject.gone()
        assert subject.left() == 1


async def fault(make: Make, name: str, kind: type[ModelError], seconds: float = 10.0) -> tuple[ModelError, Subject]:
    async with make(name, name, seconds=seconds) as subject:
        said, usages, error = await listen(subject.model)
        assert type(error) is kind
        assert usages == []
        assert KEY not in f"{error!r} {error} {error.data} {error.__cause__!r}"
        begun = name in ("stall", "disconnect", "error_inside")
        assert said == ("Begun " if begun else "")
        if subject.retries:
            assert subject.calls() == (2 if kind.retryable and not begun else 1)
        return error, subject


async def test_429(make: Make) -> None:
    error, subject = await fault(make, "rate_limited", ModelRateLimited)
    assert error.data["retry_after"] == 3.0
    assert subject.slept == ([3.0] if subject.retries else [])


async def test_500(make: Make) -> None:
    _, subject = await fault(make, "server_error", ModelUnavailable)
    assert subject.slept == ([1.0] if subject.retries else [])


async def test_401_is_not_tried_again(make: Make) -> None:
    _, subject = await fault(make, "rejected", ModelRejected)
    assert subject.slept == []


async def test_no_first_token(make: Make) -> None:
    await fault(make, "no_first_token", ModelTimeout, seconds=0.3)


async def test_no_response_at_all(make: Make) -> None:
    await fault(make, "no_response", ModelTimeout, seconds=0.3)


async def test_stall_keeps_what_was_said(make: Make) -> None:
    await fault(make, "stall", ModelTimeout, seconds=0.3)


async def test_garbage_bytes(make: Make) -> None:
    await fault(make, "garbage", ModelGarbled)


async def test_disconnect_in_the_middle_keeps_what_was_said(make: Make) -> None:
    await fault(make, "disconnect", ModelUnavailable)


async def test_connection_closed_without_an_answer(make: Make) -> None:
    await fault(make, "no_answer", ModelUnavailable)


async def test_error_object_inside_the_stream(make: Make) -> None:
    await fault(make, "error_inside", ModelUnavailable)


async def test_empty_reply(make: Make) -> None:
    await fault(make, "empty", ModelGarbled)


async def test_second_try_succeeds_and_nothing_is_doubled(make: Make) -> None:
    async with make("server_error", ("All ", "well.")) as subject:
        if not subject.retries:
            assert (await listen(subject.model))[2] is not None
        said, usages, error = await listen(subject.model)
        assert (said, len(usages), error) == ("All well.", 1, None)
        assert subject.calls() == 2


async def test_a_long_rate_limit_is_not_waited_for() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with ModelServer(failure(429, **{"retry-after": "60"})) as server:
        _, _, error = await listen(OpenAICompatibleChatModel("m", server.base_url, sleep=sleep))
        assert isinstance(error, ModelRateLimited)
        assert error.data["retry_after"] == 60.0
        assert (slept, len(server.requests)) == ([], 1)


async def test_request_as_the_server_sees_it(make: Make) -> None:
    async with ModelServer(reply("ok")) as server:
        for model in (
            OpenAICompatibleChatModel("gpt-4o-mini", server.base_url + "/", KEY),
            LiteLLMChatModel("openai/gpt-4o-mini", server.base_url, KEY),
        ):
            assert (await listen(model))[0] == "ok"
        for seen in server.requests:
            assert re.fullmatch(r"/\d+/v1/chat/completions", seen["path"])
            assert seen["headers"]["authorization"] == f"Bearer {KEY}"
            assert seen["body"]["model"] == "gpt-4o-mini"
            assert [(m["role"], m["content"]) for m in seen["body"]["messages"]] == list(REQUEST.messages)
            assert (seen["body"]["max_tokens"], seen["body"]["temperature"]) == (50, 0.1)
            assert seen["body"]["stream"] is True
            assert seen["body"]["stream_options"] == {"include_usage": True}


def test_faults_are_what_they_say() -> None:
    # The key is in what the servers send, so its absence from the errors proves something.
    assert KEY in json.dumps([str(FAULTS[name][1]) for name in ("rate_limited", "server_error", "rejected")])
    assert delta("x")["choices"][0]["delta"] == {"content": "x"}
