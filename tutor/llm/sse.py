"""Reads a stream of server-sent chat-completion events, as cheaply as Python allows. Pure: bytes in, text out.

A line at a time is enough: every such server sends one JSON object in one ``data:`` line. Lines are cut before they
are decoded, so a character split over two network reads stays whole.
"""

import json
from typing import Any

from pydantic_core import from_json

from tutor.domain.errors import ModelError, ModelGarbled
from tutor.llm.streaming import Joiner, status_error

LONGEST_LINE = 1_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_FIELDS = (b":", b"event:", b"id:", b"retry:")


class CompletionReader:
    """Feed it bytes; it gives text back and keeps the rest: usage, model and finish reason.

    ``done`` is true once the server has said so, ``active`` if the last bytes fed held text or thought. ``trouble`` is
    an error that came behind text in the same bytes: it is to be raised when that text has been used.
    """

    def __init__(self) -> None:
        self.done = False
        self.active = False
        self.trouble: ModelError | None = None
        self.model: str | None = None
        self.finish_reason: str | None = None
        self.usage: dict[str, Any] = {}
        self._rest = b""
        self._joiner = Joiner()

    def feed(self, data: bytes) -> str:
        """The text in ``data``. Raises ``ModelGarbled``, or the error the server reports inside the stream, unless text
        comes before it: then see ``trouble``."""
        self.active = False
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            raise ModelGarbled("the reply could not be read", reason="line_too_long")
        return self._read(lines)

    def end(self) -> str:
        """The body is over. Raises ``ModelGarbled`` where the reply is cut short."""
        self.active = False
        rest, self._rest = self._rest, b""
        text = self._read([rest]) + self._joiner.rest()
        if not self.done and self.finish_reason is None:
            raise ModelGarbled("the reply was cut short", reason="truncated")
        return text

    def _read(self, lines: list[bytes]) -> str:
        found: list[str] = []
        try:
            self._read_into(found, lines)
        except ModelError as error:
            if not found:
                raise
            self.trouble = error
        return "".join(found)

    def _read_into(self, found: list[str], lines: list[bytes]) -> None:
        for raw in lines:
            if not raw:
                continue
            line = raw
            if not line.startswith(b"data:"):
                line = line.removeprefix(_BYTE_ORDER_MARK).strip()
            if line.startswith(b"data:"):
                payload = line[5:].strip()
                if payload == b"[DONE]":
                    self.done = True
                    found.append(self._joiner.rest())
                elif payload and not self.done and (text := self._event(payload)):
                    found.append(text)
            elif line and not line.startswith(_OTHER_FIELDS):
                # Not an event stream. It may still be an error in plain JSON, else it is nothing we can read.
                self._event(line)
                raise ModelGarbled("the reply could not be read", reason="not_an_event_stream")

    def _event(self, payload: bytes) -> str:
        try:
            event = _decoded(payload)
            if error := event.get("error"):
                raise stream_error(error)
            if model := event.get("model"):
                self.model = str(model)
            if usage := event.get("usage"):
                self.usage = dict(usage)
            choices = event.get("choices")
            if not choices:
                return ""
            choice = choices[0]
            if reason := choice.get("finish_reason"):
                self.finish_reason = str(reason)
            delta = choice.get("delta") or {}
            text = delta.get("content")
            if text:
                self.active = True
                return self._joiner.add(text)
            if delta.get("reasoning_content") or delta.get("reasoning"):
                self.active = True
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            raise ModelGarbled("the reply could not be read", reason=type(error).__name__) from None
        return ""


def _decoded(payload: bytes) -> Any:
    try:
        return from_json(payload)
    except ValueError:
        return json.loads(payload)  # knows halves of surrogate pairs, which some servers send in two events


def stream_error(error: Any) -> ModelError:
    """The typed error of an ``error`` object: a failure the server reports after it has begun to answer."""
    code = str(error.get("code") or "") if isinstance(error, dict) else ""
    kind = str(error.get("type") or "") if isinstance(error, dict) else ""
    reason = short_reason(error)
    if code.isdigit() and 400 <= int(code) < 600:
        return status_error(int(code), reason)
    words = f"{code} {kind}".lower()
    if "rate_limit" in words or "too_many" in words or "quota" in words:
        return status_error(429, reason)
    if "invalid" in words or "context_length" in words or "not_found" in words or "authentication" in words:
        return status_error(400, reason)
    return status_error(503, reason)


def short_reason(error: Any) -> str | None:
    """The server's own code for what went wrong, if it is a plain word; never its message, which may echo the key."""
    if not isinstance(error, dict):
        return None
    for value in (error.get("code"), error.get("type")):
        text = str(value or "")
        if text.replace("_", "").isalnum() and text.isascii() and len(text) <= 40 and not text.lower().startswith("sk"):
            return text
    return None
