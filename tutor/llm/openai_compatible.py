"""A local model server reached directly: Ollama, vLLM, llama.cpp, and whatever else speaks the OpenAI API.

About 20 us of CPU a token, where LiteLLM takes over fifteen times that. No SDK, no proxy from the environment, and one
connection a reply: closing the iterator closes it, and the server stops generating.
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, Any

from tutor.domain.errors import ModelError, ModelGarbled, ModelRejected, ModelUnavailable
from tutor.domain.events import Usage
from tutor.llm.sse import CompletionReader, short_reason
from tutor.llm.streaming import Patience, Sleep, check_reply, log_usage, retried, seconds, status_error
from tutor.ports import ModelRequest

if TYPE_CHECKING:
    import ssl

    import httpx

PROVIDER = "openai_compatible"
_LARGEST_ERROR_BODY = 64_000


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

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        """See ``ChatModel.stream``. Pieces that arrive together come as one."""
        attempts = retried(lambda: self._attempt(request), sleep=self._sleep, backoff_seconds=self._backoff_seconds)
        async with aclosing(attempts):
            async for piece in attempts:
                yield piece

    async def _attempt(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        import httpx

        patience = Patience(*self._limits)
        reader = CompletionReader()
        loop = asyncio.get_running_loop()
        started, first_token = loop.time(), None
        verify = _tls() if self._url.startswith("https:") else False
        try:
            async with httpx.AsyncClient(verify=verify, trust_env=False, timeout=None) as client:  # noqa: S113
                # Silence is limited by ``patience``: httpx would count every keep-alive as a sign of life.
                response = await patience.wait(client.send(self._http_request(client, request), stream=True))
                if response.status_code != 200:
                    raise await patience.wait(_refusal(response))
                encoded = "content-encoding" in response.headers
                chunks = response.aiter_bytes() if encoded else response.aiter_raw()
                while not reader.done:
                    chunk = await patience.wait(anext(chunks, None))
                    text = reader.end() if chunk is None else reader.feed(chunk)
                    if reader.active:
                        patience.progressed()
                    if text:
                        first_token = first_token or loop.time() - started
                        yield text
                    if chunk is None:
                        break
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise ModelRejected("the address of the model server is not valid", reason=type(error).__name__) from None
        except httpx.DecodingError:
            raise ModelGarbled("the reply could not be read", reason="encoding") from None
        except httpx.HTTPError as error:
            raise ModelUnavailable("the model server cannot be reached", reason=type(error).__name__) from None
        check_reply(first_token is not None, reader.finish_reason)
        usage = self._usage(reader)
        log_usage(usage, loop.time() - started, first_token)
        yield usage

    def _http_request(self, client: "httpx.AsyncClient", request: ModelRequest) -> "httpx.Request":
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": role, "content": content} for role, content in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        headers = {"accept": "text/event-stream", "accept-encoding": "identity", "content-type": "application/json"}
        if self._api_key:
            headers["authorization"] = f"Bearer {self._api_key}"
        # Lone surrogates (a broken paste) would be refused by the encoder: send a question mark instead.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return client.build_request("POST", self._url, content=content, headers=headers)

    def _usage(self, reader: CompletionReader) -> Usage:
        return Usage(
            gen_ai_provider_name=PROVIDER,
            gen_ai_request_model=self.name,
            gen_ai_response_model=reader.model,
            gen_ai_usage_input_tokens=_count(reader.usage.get("prompt_tokens")),
            gen_ai_usage_output_tokens=_count(reader.usage.get("completion_tokens")),
            gen_ai_response_finish_reason=reader.finish_reason,
        )


async def _refusal(response: "httpx.Response") -> ModelError:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST_ERROR_BODY:
            break
    try:
        reason = short_reason(json.loads(body).get("error"))
    except (ValueError, AttributeError):
        reason = None
    return status_error(response.status_code, reason, seconds(response.headers.get("retry-after")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None


@cache
def _tls() -> "ssl.SSLContext":
    """Reading the certificates takes 20 ms: once is enough."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
