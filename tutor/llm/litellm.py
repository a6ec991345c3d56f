"""Any provider through LiteLLM, by model string (``openai/gpt-4o``, ``anthropic/...``, ``ollama/...``).

LiteLLM takes seconds to import, so that happens in a thread at the first call. Each of its chunks costs over 300 us of
CPU and would cost more all the way to the browser: what arrives within 30 ms goes on as one piece.
"""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import cache
from typing import Any

from tutor.domain.errors import ModelError, ModelGarbled, ModelRejected, ModelTimeout, ModelUnavailable
from tutor.domain.events import Usage
from tutor.llm.streaming import Joiner, Patience, Sleep, check_reply, log_usage, retried, seconds, status_error
from tutor.ports import ModelRequest

GATHER_SECONDS = 0.03
_importing = threading.Lock()


class LiteLLMChatModel:
    """``api_base`` and ``api_key`` may be empty: then LiteLLM uses the provider's own address and variable."""

    def __init__(
        self,
        model: str,
        api_base: str = "",
        api_key: str = "",
        *,
        first_token_seconds: float = 30.0,
        stall_seconds: float = 20.0,
        sleep: Sleep = asyncio.sleep,
        backoff_seconds: float = 1.0,
    ) -> None:
        self.name = model
        self._where = {"api_base": api_base or None, "api_key": api_key or None}
        self._limits = (first_token_seconds, stall_seconds)
        self._sleep = sleep
        self._backoff_seconds = backoff_seconds

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        """See ``ChatModel.stream``."""
        await asyncio.to_thread(load)
        attempts = retried(lambda: self._attempt(request), sleep=self._sleep, backoff_seconds=self._backoff_seconds)
        async with aclosing(attempts):
            async for piece in attempts:
                yield piece

    async def _attempt(self, request: ModelRequest) -> AsyncGenerator[str | Usage, None]:
        litellm = load()
        patience = Patience(*self._limits)
        loop = asyncio.get_running_loop()
        started, first_token = loop.time(), None
        arrivals = _Arrivals()
        # A task of its own reads on while we gather; cancelling it closes LiteLLM's stream and connection.
        reading = asyncio.create_task(arrivals.read(self._chunks(litellm, request)))
        try:
            over = False
            while not over:
                await patience.wait(arrivals.news.wait())
                patience.progressed()
                # Asked before the text is taken: the last of it may come while we are away.
                over = arrivals.over
                if text := arrivals.take():
                    first_token = first_token or loop.time() - started
                    yield text
                if not over:
                    await asyncio.wait({reading}, timeout=GATHER_SECONDS)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        if arrivals.error is not None:
            raise typed(arrivals.error, litellm.exceptions) from None
        check_reply(first_token is not None, arrivals.finish_reason)
        usage = self._usage(litellm, arrivals)
        log_usage(usage, loop.time() - started, first_token)
        yield usage

    async def _chunks(self, litellm: Any, request: ModelRequest) -> AsyncGenerator[Any, None]:
        stream = await litellm.acompletion(
            model=self.name,
            messages=[{"role": role, "content": content} for role, content in request.messages],
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            stream=True,
            stream_options={"include_usage": True},
            # One retry is ours, where it is known that nothing was said yet.
            max_retries=0,
            num_retries=0,
            # Some models take no temperature: better theirs than no answer.
            drop_params=True,
            **self._where,
        )
        try:
            async for chunk in stream:
                yield chunk
        finally:
            await stream.aclose()

    def _usage(self, litellm: Any, arrivals: "_Arrivals") -> Usage:
        sent = getattr(arrivals.usage, "prompt_tokens", None)
        received = getattr(arrivals.usage, "completion_tokens", None)
        return Usage(
            gen_ai_provider_name=_provider(litellm, self.name),
            gen_ai_request_model=self.name,
            gen_ai_response_model=arrivals.model,
            gen_ai_usage_input_tokens=sent,
            gen_ai_usage_output_tokens=received,
            gen_ai_response_finish_reason=arrivals.finish_reason,
            cost_usd=_cost(litellm, self.name, arrivals.usage),
        )


class _Arrivals:
    """What has come and was not yet taken. ``news`` is set by text, by thought, and by the end."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.over = False
        self.error: Exception | None = None
        self.model: str | None = None
        self.finish_reason: str | None = None
        self.usage: Any = None
        self._texts: list[str] = []
        self._joiner = Joiner()

    async def read(self, chunks: AsyncGenerator[Any, None]) -> None:
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    self._add(chunk)
            self._texts.append(self._joiner.rest())
        except Exception as error:
            self.error = error
        finally:
            self.over = True
            self.news.set()

    def take(self) -> str:
        text = "".join(self._texts)
        self._texts.clear()
        if not self.over:
            self.news.clear()
        return text

    def _add(self, chunk: Any) -> None:
        self.model = chunk.model or self.model
        self.usage = getattr(chunk, "usage", None) or self.usage
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        if choice.delta.content:
            self._texts.append(self._joiner.add(choice.delta.content))
            self.news.set()
        elif getattr(choice.delta, "reasoning_content", None):
            self.news.set()


@cache
def _load() -> Any:
    # Read by litellm while it is imported: without it, it fetches a price list from the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    # The first call would import these two seconds' worth of modules inside the event loop.
    import openai.resources  # noqa: F401

    litellm.token_counter(model="gpt-4o", text="warm")
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.callbacks = []
    litellm.success_callback = []
    litellm.failure_callback = []
    # Its messages quote requests and keys; what an operator needs is in our own log.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    return litellm


def load() -> Any:
    """LiteLLM, imported once and made quiet. Slow the first time: call it in a thread."""
    with _importing:
        return _load()


def typed(error: Exception, kinds: Any) -> ModelError:
    """Our error for one of LiteLLM's. Its text stays out: it may quote the key. ``kinds`` is ``litellm.exceptions``."""
    if isinstance(error, ModelError):
        return error
    origin = getattr(error, "original_exception", None)
    if isinstance(error, kinds.MidStreamFallbackError) and isinstance(origin, Exception):
        return typed(origin, kinds)
    if isinstance(error, kinds.Timeout | TimeoutError):
        return ModelTimeout("the connection timed out", phase="connection")
    if _unreadable(error):
        return ModelGarbled("the reply could not be read", reason=type(error).__name__)
    if isinstance(error, kinds.APIConnectionError):
        return ModelUnavailable("the model server cannot be reached", reason=type(error).__name__)
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 600:
        headers = getattr(error, "litellm_response_headers", None) or {}
        return status_error(status, type(error).__name__, seconds(headers.get("retry-after")))
    if isinstance(error, kinds.OpenAIError):
        return ModelRejected("the model server refused the request", reason=type(error).__name__)
    return ModelUnavailable("the model server cannot be reached", reason=type(error).__name__)


def _unreadable(error: BaseException) -> bool:
    """Whether bad JSON or bad UTF-8 is at the bottom of it; LiteLLM calls that a connection error."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return False
        if isinstance(seen, UnicodeDecodeError) or type(seen).__name__ == "JSONDecodeError":
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _provider(litellm: Any, model: str) -> str:
    try:
        return str(litellm.get_llm_provider(model)[1])
    except Exception:  # the name is only for the log; LiteLLM raises various kinds here
        return model.partition("/")[0]


def _cost(litellm: Any, model: str, usage: Any) -> float | None:
    """US dollars by LiteLLM's own price list; None where it doesn't know the model."""
    if usage is None:
        return None
    try:
        response = litellm.ModelResponse(model=model, usage=usage)
        return float(litellm.completion_cost(completion_response=response, model=model))
    except Exception:  # an unknown model raises a bare Exception
        return None
