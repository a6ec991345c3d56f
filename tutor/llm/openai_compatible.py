"""A local model server reached directly: Ollama, vLLM, llama.cpp, and whatever else speaks the OpenAI API.

No SDK, no proxy from the environment, and one connection a reply: closing the iterator closes it, and the server stops
generating. With many replies at once each comes in larger pieces: a token stays cheap (``python -m bench.chat``).
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from tutor.domain.errors import ModelError, ModelGarbled, ModelRejected, ModelUnavailable
from tutor.domain.events import Usage
from tutor.llm.sse import CompletionReader, short_reason
from tutor.llm.streaming import Patience, Sleep, check_reply, log_usage, retried, seconds, status_error
from tutor.ports import ModelRequest

if TYPE_CHECKING:
    from tutor.llm.http_stream import Reply

PROVIDER = "openai_compatible"
_LARGEST_ERROR_BODY = 64_000
# With many replies at once each comes in larger pieces: so many seconds between two for every reply that runs, and at
# most so many. A piece costs five times what a token in it does. Alone, a reply comes as its server sends it.
_PAUSE_EACH, _LONGEST_PAUSE = 0.0015, 0.5


class OpenAICompatibleChatModel:
    """``base_url`` is the server's root up to and with ``/v1``. ``sleep`` is what the one retry waits with."""

    def __init__(
        self,
        model: str,
        base_url: str,
        api_key: str = "",
        *,
        first_token_seconds: float = 30.0,
        stall_seconds: float = 20.0,
        sleep: Sleep = asyncio.sleep,
        backoff_seconds: float = 1.0,
    ) -> None:
        self.name = model
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._api_key = api_key
        self._limits = (first_token_seconds, stall_seconds)
        self._sleep = sleep
        self._backoff_seconds = backoff_seconds
        self._running = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        """See ``ChatModel.stream``. Pieces that arrive together come as one."""
        attempts = retried(lambda: self._attempt(request), sleep=self._sleep, backoff_seconds=self._backoff_seconds)
        async with aclosing(attempts):
            async for piece in attempts:
                yield piece

    async def _attempt(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        from tutor.llm import http_stream as http

        patience = Patience(*self._limits)
        reader = CompletionReader()
        loop = asyncio.get_running_loop()
        started, first_token = loop.time(), None
        reply: Reply | None = None
        self._running += 1
        try:
            reply = await patience.wait(http.post(self._url, self._headers(), self._body(request)))
            await reply.head(patience.deadline)
            if reply.status != 200:
                raise await _refusal(reply, patience.deadline)
            while not reader.done:
                # Silence is limited by ``patience``, which keep-alives don't impress.
                chunk = await reply.read(patience.deadline, self._pause)
                text = reader.feed(chunk) if chunk else reader.end()
                if reader.active:
                    patience.progressed()
                if text:
                    first_token = first_token or loop.time() - started
                    yield text
                if reader.trouble is not None:
                    raise reader.trouble
                if not chunk:
                    break
        except http.Silence:
            raise patience.ended() from None
        except http.BadAddress as error:
            raise ModelRejected("the address of the model server is not valid", reason=str(error)) from None
        except http.UnreadableEncoding:
            raise ModelGarbled("the reply could not be read", reason="encoding") from None
        except (http.ConnectError, http.RemoteProtocolError) as error:
            raise ModelUnavailable("the model server cannot be reached", reason=type(error).__name__) from None
        finally:
            self._running -= 1
            if reply is not None:
                reply.close()
        check_reply(first_token is not None, reader.finish_reason)
        usage = self._usage(reader)
        log_usage(usage, loop.time() - started, first_token)
        yield usage

    @property
    def _pause(self) -> float:
        return min(_LONGEST_PAUSE, (self._running - 1) * _PAUSE_EACH)

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "text/event-stream", "accept-encoding": "identity", "content-type": "application/json"}
        if self._api_key:
            headers["authorization"] = f"Bearer {self._api_key}"
        return headers

    def _body(self, request: ModelRequest) -> bytes:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": role, "content": content} for role, content in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        # Lone surrogates (a broken paste) would be refused by the encoder: send a question mark instead.
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")

    def _usage(self, reader: CompletionReader) -> Usage:
        return Usage(
            gen_ai_provider_name=PROVIDER,
            gen_ai_request_model=self.name,
            gen_ai_response_model=reader.model,
            gen_ai_usage_input_tokens=_count(reader.usage.get("prompt_tokens")),
            gen_ai_usage_output_tokens=_count(reader.usage.get("completion_tokens")),
            gen_ai_response_finish_reason=reader.finish_reason,
        )


async def _refusal(reply: "Reply", deadline: float) -> ModelError:
    body = b""
    while chunk := await reply.read(deadline):
        body += chunk
        if len(body) > _LARGEST_ERROR_BODY:
            break
    try:
        reason = short_reason(json.loads(body).get("error"))
    except (ValueError, AttributeError):
        reason = None
    return status_error(reply.status, reason, seconds(reply.headers.get("retry-after")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None
