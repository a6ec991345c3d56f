"""What every streaming adapter shares: time limits, one retry, and text that a server cut inside a character."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from tutor.domain.errors import (
    ModelError,
    ModelGarbled,
    ModelRateLimited,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from tutor.domain.events import Usage
from tutor.observe import Logger

log = Logger(__name__)

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

# Waiting longer than this for a rate limit helps nobody who sits before the screen.
LONGEST_BACKOFF_SECONDS = 5.0


class Patience:
    """How long a reply may be silent: ``first_token_seconds`` until it begins, then ``stall_seconds`` at a time.

    Silence ends with text (or thought) from the model, not with keep-alive comments. Must be made inside the loop.
    """

    def __init__(self, first_token_seconds: float, stall_seconds: float) -> None:
        self._stall_seconds = stall_seconds
        self._loop = asyncio.get_running_loop()
        self._started = False
        self._deadline = self._loop.time() + first_token_seconds

    @property
    def deadline(self) -> float:
        """When the silence will have lasted too long, by the loop's clock."""
        return self._deadline

    def ended(self) -> ModelTimeout:
        """The error of a silence that lasted until ``deadline``."""
        return ModelTimeout("the model stopped answering", phase="stall" if self._started else "first_token")

    def progressed(self) -> None:
        self._started = True
        self._deadline = self._loop.time() + self._stall_seconds

    async def wait(self, awaited: Awaitable[T]) -> T:
        """The result of ``awaited``. Raises ``ModelTimeout`` when the silence has lasted too long."""
        limit = asyncio.timeout_at(self._deadline)
        try:
            async with limit:
                return await awaited
        except TimeoutError as error:
            if not limit.expired():
                raise ModelTimeout("the connection timed out", phase="connection") from error
            raise self.ended() from error


async def retried(
    attempt: Callable[[], AsyncGenerator[str | Usage, None]], *, sleep: Sleep, backoff_seconds: float
) -> AsyncGenerator[str | Usage, None]:
    """Play ``attempt``, and once more if it fails before its first word in a way that may pass.

    Waits ``backoff_seconds`` in between, or what a rate limit asks for, where that is short enough to be waited for.
    """
    for last in (False, True):
        begun = False
        try:
            async with aclosing(attempt()) as stream:
                async for piece in stream:
                    begun = True
                    yield piece
            return
        except ModelError as error:
            pause = max(backoff_seconds, error.data.get("retry_after") or 0.0)
            if last or begun or not error.retryable or pause > max(backoff_seconds, LONGEST_BACKOFF_SECONDS):
                raise
            log.info("model.retry", code=error.code, seconds=pause)
        await sleep(pause)


class Joiner:
    """Joins surrogate pairs that a server has split over two pieces (an emoji sent as two JSON escapes)."""

    def __init__(self) -> None:
        self._high = ""

    def add(self, text: str) -> str:
        if not self._high and (text.isascii() or not _has_surrogate(text)):
            return text
        text = self._high + text
        self._high = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        whole = text[:-1] if self._high else text
        return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def rest(self) -> str:
        rest, self._high = "\ufffd" if self._high else "", ""
        return rest


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def status_error(status: int, reason: str | None = None, retry_after: float | None = None) -> ModelError:
    """The error of an HTTP status. ``reason`` is the server's short code; its message may echo the key."""
    facts: dict[str, Any] = {"status": status}
    if reason:
        facts["reason"] = reason
    if status == 429:
        return ModelRateLimited("the model server is limiting requests", retry_after=retry_after, **facts)
    if status == 408:
        return ModelTimeout("the model server timed out", phase="server", **facts)
    if status >= 500:
        return ModelUnavailable("the model server failed", **facts)
    return ModelRejected("the model server refused the request", **facts)


def seconds(value: str | None) -> float | None:
    """A ``Retry-After`` header in seconds; None where it is a date or absent."""
    try:
        found = float(value or "")
    except ValueError:
        return None
    return found if 0 <= found < 86_400 else None


def check_reply(said: bool, finish_reason: str | None) -> None:
    """Raises where a reply that came to its end holds no text."""
    if said:
        return
    if finish_reason == "content_filter":
        raise ModelRejected("the model server refused the request", reason="content_filter")
    raise ModelGarbled("the reply was empty")


def log_usage(usage: Usage, duration: float, first_token: float | None) -> None:
    """One line a call, named as OpenTelemetry's conventions for generative AI have it."""
    log.info(
        "model.usage",
        **{
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": usage.gen_ai_provider_name,
            "gen_ai.request.model": usage.gen_ai_request_model,
            "gen_ai.response.model": usage.gen_ai_response_model,
            "gen_ai.usage.input_tokens": usage.gen_ai_usage_input_tokens,
            "gen_ai.usage.output_tokens": usage.gen_ai_usage_output_tokens,
            "gen_ai.response.finish_reasons": [usage.gen_ai_response_finish_reason],
            "gen_ai.client.operation.duration": round(duration, 3),
            "gen_ai.server.time_to_first_token": None if first_token is None else round(first_token, 3),
            "cost_usd": usage.cost_usd,
        },
    )
