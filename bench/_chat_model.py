"""A model server of the chat bench: OpenAI's streaming API on loopback, many replies at once, each at its own pace.

python -m bench._chat_model PORT TOKENS TOKENS_PER_SECOND
"""

import asyncio
import json
import re
import sys
from time import monotonic
from typing import Any

from bench._chat_child import answering, run
from bench._chat_reply import Spoken, mark_of, tokens

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"


def chunk(payload: dict[str, Any] | str) -> bytes:
    """One event, as a chunk of its own."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    data = f"data: {text}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(text: str | None, finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-8f14e45fceea167a",
        "object": "chat.completion.chunk",
        "created": 1893456000,
        "model": "bench-model",
        "choices": [{"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": finish}],
    }


class Model(asyncio.Protocol):
    """One connection is one reply, as the server under test asks for it. The last mark in the request names it."""

    def __init__(self, spoken: Spoken, end: bytes, pace: float) -> None:
        self._spoken = spoken
        self._end = end
        self._pieces: list[str] = []
        self._pace = pace
        self._request = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0
        self._times: list[float] = []
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop has classes of its own

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._request += data
        head, found, body = self._request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if not found or (length and len(body) < int(length[1])):
            return
        mark = mark_of(body)
        self._request = b""
        assert self._transport is not None
        self._transport.write(_HEAD)
        if mark is None:  # the wording of a move, say: nothing that is measured
            self._transport.write(chunk(event("Here is something to try.")) + self._end)
            self._transport.close()
            return
        self._pieces = tokens(len(self._spoken.pieces), mark)
        self._times = self._spoken.left.setdefault(mark, [])
        self._begun = monotonic()
        self._say()

    def _say(self) -> None:
        assert self._transport is not None
        if self._transport.is_closing():
            return
        self._transport.write(chunk(event(self._pieces[self._next])))
        self._times.append(monotonic())
        self._next += 1
        if self._next == len(self._pieces):
            self._transport.write(self._end)
            self._transport.close()
            return
        loop = asyncio.get_running_loop()
        due = self._begun + self._next / self._pace
        self._timer = loop.call_later(max(0.0, due - monotonic()), self._say)


async def serve(port: int, count: int, pace: float) -> None:
    spoken = Spoken(tokens(count))
    usage = {"prompt_tokens": 700, "completion_tokens": count, "total_tokens": 700 + count}
    end = chunk(event(None, "stop")) + chunk({**event(None), "choices": [], "usage": usage}) + chunk("[DONE]")
    end += b"0\r\n\r\n"
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Model(spoken, end, pace), "127.0.0.1", port, backlog=2048)

    async def answer(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "sent":
            return {"sent": spoken.sent}
        return {"left": spoken.left}

    async with server:
        found = server.sockets[0].getsockname()[1]
        await answering({"port": found}, answer)


if __name__ == "__main__":
    run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
