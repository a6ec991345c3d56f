import asyncio
import gzip
import json
import socket

import pytest
import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.model_server import ENDING, ModelServer, Raw, Reply, Wait, failure, reply, texts
from tutor.domain.errors import ModelError, ModelGarbled, ModelRejected, ModelTimeout, ModelUnavailable
from tutor.domain.events import Usage
from tutor.llm.http_stream import BEAT, next_reading
from tutor.llm.openai_compatible import OpenAICompatibleChatModel
from tutor.ports import ModelRequest

REQUEST = ModelRequest((("user", "Hi"),))


async def no_sleep(seconds: float) -> None:
    assert seconds >= 0


async def listen(base_url: str, **limits: float) -> list[str | Usage]:
    model = OpenAICompatibleChatModel("qwen", base_url, "sk-secret", sleep=no_sleep, **limits)  # type: ignore[arg-type]
    return [piece async for piece in model.stream(REQUEST)]


async def test_usage_holds_what_the_server_said() -> None:
    async with ModelServer(reply("a")) as server:
        assert await listen(server.base_url) == [
            "a", Usage("openai_compatible", "qwen", "test-model-2026", 11, 7, "stop", None),
        ]  # fmt: skip


async def test_usage_is_logged_under_the_names_of_opentelemetry_without_key_or_text() -> None:
    async with ModelServer(failure(500), reply("private words")) as server:
        with structlog.testing.capture_logs() as logs:
            await listen(server.base_url)
    assert [line["event"] for line in logs] == ["model.retry", "model.usage"]
    assert logs[1]["gen_ai.request.model"] == "qwen"
    assert logs[1]["gen_ai.usage.input_tokens"] == 11
    assert logs[1]["gen_ai.client.operation.duration"] >= logs[1]["gen_ai.server.time_to_first_token"]
    assert "sk-secret" not in str(logs)
    assert "private" not in str(logs)


@given(st.floats(0, 1e7), st.floats(0.001, 2))
def test_long_pauses_end_together(now: float, pause: float) -> None:
    at = next_reading(now, pause)
    assert now < at <= now + pause
    if pause >= BEAT:
        assert at > now + pause - BEAT - 1e-6
        assert abs(at / BEAT - round(at / BEAT)) < 1e-6


async def test_many_replies_at_once_are_each_whole() -> None:
    said = [f"word {at} " for at in range(40)]
    async with ModelServer(*[reply(*said) for _ in range(70)]) as server:
        model = OpenAICompatibleChatModel("qwen", server.base_url, "sk-secret", sleep=no_sleep)

        async def one() -> str:
            return "".join([piece async for piece in model.stream(REQUEST) if isinstance(piece, str)])

        assert await asyncio.gather(*[one() for _ in range(70)]) == ["".join(said)] * 70


async def test_connection_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nobody else can have the port
        with pytest.raises(ModelUnavailable) as caught:
            await listen(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
    assert caught.value.data == {"reason": "ConnectError"}


@pytest.mark.parametrize("address", ["nowhere", "ftp://127.0.0.1/v1", "http://[::1/v1"])
async def test_an_address_that_cannot_be_one(address: str) -> None:
    with pytest.raises(ModelRejected):
        await listen(address)


async def test_truncated_body() -> None:
    async with ModelServer(Reply(texts("a"))) as server:
        with pytest.raises(ModelGarbled) as caught:
            await listen(server.base_url)
    assert caught.value.data["reason"] == "truncated"


async def test_keep_alives_are_no_answer() -> None:
    ticking = tuple(step for _ in range(40) for step in (Raw(b": ping\n\n"), Wait(0.05)))
    async with ModelServer(Reply(ticking)) as server:
        with pytest.raises(ModelTimeout) as caught:
            await listen(server.base_url, first_token_seconds=0.3)
    assert caught.value.data["phase"] == "first_token"


async def test_a_slow_but_steady_reply_is_no_stall() -> None:
    steps = tuple(step for text in texts(*"abcdefgh") for step in (text, Wait(0.1)))
    async with ModelServer(Reply((*steps, *ENDING))) as server:
        pieces = await listen(server.base_url, first_token_seconds=0.5, stall_seconds=0.5)
    assert "".join(str(piece) for piece in pieces[:-1]) == "abcdefgh"


async def test_a_compressed_body_is_read() -> None:
    whole = b"".join(step.data for step in (*texts("zip", "ped"), *ENDING) if isinstance(step, Raw))
    compressed = Reply((Raw(gzip.compress(whole)),), headers={"content-encoding": "gzip"})
    async with ModelServer(compressed) as server:
        assert (await listen(server.base_url))[0] == "zipped"
    async with ModelServer(Reply((Raw(b"not gzip"),), headers={"content-encoding": "gzip"})) as server:
        with pytest.raises(ModelGarbled):
            await listen(server.base_url)


@pytest.mark.parametrize(
    ("given", "status", "reason"),
    [
        (failure(404, "no such model", "model_not_found"), 404, "model_not_found"),
        (Reply((Raw(b"<html>teapot</html>"),), status=418), 418, None),
        (Reply((Raw(b"[]"),), status=400), 400, None),
        (Reply(status=302, headers={"location": "http://127.0.0.1:1/"}), 302, None),
    ],
)
async def test_refusals_carry_status_and_reason(given: Reply, status: int, reason: str | None) -> None:
    async with ModelServer(given) as server:
        with pytest.raises(ModelError) as caught:
            await listen(server.base_url)
    assert type(caught.value) is ModelRejected
    assert (caught.value.data["status"], caught.value.data.get("reason")) == (status, reason)
    assert len(server.requests) == 1


async def test_lone_surrogates_and_long_messages_are_sent() -> None:
    async with ModelServer(reply("ok")) as server:
        model = OpenAICompatibleChatModel("qwen", server.base_url)
        request = ModelRequest((("user", "a\ud800b" + "é" * 50_000),))
        pieces = [piece async for piece in model.stream(request)]
        assert pieces[0] == "ok"
        assert server.requests[0]["body"]["messages"][0]["content"] == "a?b" + "é" * 50_000
        assert "authorization" not in server.requests[0]["headers"]
        assert json.dumps(server.requests[0]["body"]["stream_options"]) == '{"include_usage": true}'
