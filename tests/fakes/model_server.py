"""A small HTTP server on loopback that speaks the streaming chat-completions API, with faults on demand.

    async with ModelServer(reply("Hello ", "world"), Reply(status=429)) as server:
        ...  # server.base_url, server.requests

The n-th request gets the n-th reply, and every later one the last. For synchronous tests ``in_thread`` runs it aside.
"""

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

_instances = itertools.count(1)


@dataclass(frozen=True)
class Raw:
    """These bytes, as one chunk of the body."""

    data: bytes


@dataclass(frozen=True)
class Wait:
    """A silence of ``seconds``."""

    seconds: float


@dataclass(frozen=True)
class Stall:
    """Silence until the client goes away."""


@dataclass(frozen=True)
class Disconnect:
    """Cut the connection in the middle of the body."""


Step = Raw | Wait | Stall | Disconnect


@dataclass(frozen=True)
class Reply:
    """What one request gets. ``before`` is played before the status line is sent."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Sequence[Step] = ()


def event(payload: dict[str, Any] | str, end: str = "\n\n") -> bytes:
    data = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return f"data: {data}{end}".encode("utf-8", "surrogatepass")


def delta(text: str | None, finish: str | None = None, **extra: Any) -> dict[str, Any]:
    """The payload of one streamed piece."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test-model-2026",
        "choices": [{"index": 0, "delta": {"content": text} | extra, "finish_reason": finish}],
    }


USAGE = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "test-model-2026",
    "choices": [],
    "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
}


def texts(*pieces: str) -> tuple[Step, ...]:
    """One event a piece."""
    return tuple(Raw(event(delta(piece))) for piece in pieces)


ENDING: tuple[Step, ...] = (Raw(event(delta(None, "stop"))), Raw(event(USAGE)), Raw(event("[DONE]")))


def reply(*pieces: str) -> Reply:
    """A whole, faultless reply."""
    return Reply((*texts(*pieces), *ENDING))


def failure(status: int, message: str = "no", code: str | None = None, **headers: str) -> Reply:
    """An error response as such servers send it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    return Reply((Raw(body),), status, {"content-type": "application/json", **headers})


class ModelServer:
    """``requests`` holds what came in: ``path``, ``headers`` (lower case) and ``body``; ``left`` counts clients that
    went away before the end of their reply, and ``gone`` is set when one does."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies
        self.requests: list[dict[str, Any]] = []
        self.left = 0
        self.gone = asyncio.Event()
        self.base_url = ""
        self._server: asyncio.Server | None = None
        self._handlers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        # LiteLLM keeps clients by address and event loop id, and both come round again: a path of its own keeps
        # one test's server from being taken for another's.
        self.base_url = f"http://127.0.0.1:{port}/{next(_instances)}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._handlers):
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            await self._answer(reader, writer)
        except ConnectionError:
            self._count_left()
        except asyncio.CancelledError:
            pass
        finally:
            self._handlers.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        given = self.replies[min(len(self.requests), len(self.replies) - 1)]
        self.requests.append({"path": first.split(" ")[1], "headers": headers, "body": json.loads(body or b"null")})
        if not await self._play(given.before, reader, writer, framed=False):
            return
        sent = {"content-type": "text/event-stream", "connection": "close", **given.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"HTTP/1.1 {given.status} X\r\ntransfer-encoding: chunked\r\n{head}\r\n".encode())
        if await self._play(given.steps, reader, writer, framed=True):
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    async def _play(
        self, steps: Sequence[Step], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, framed: bool
    ) -> bool:
        """Whether the reply goes on."""
        for step in steps:
            match step:
                case Raw(data):
                    writer.write(b"%x\r\n%b\r\n" % (len(data), data) if framed else data)
                    await writer.drain()
                    # Let the client read: two steps are two chunks.
                    await asyncio.sleep(0)
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Stall():
                    await reader.read()
                    self._count_left()
                    return False
                case Disconnect():
                    writer.transport.abort()
                    return False
        return True

    def _count_left(self) -> None:
        self.left += 1
        self.gone.set()


@contextmanager
def in_thread(*replies: Reply) -> Iterator[ModelServer]:
    """The server in a thread with a loop of its own."""
    started = threading.Event()
    holder: list[tuple[ModelServer, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        async with ModelServer(*replies) as server:
            holder.append((server, asyncio.get_running_loop(), stop))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="model-server")
    thread.start()
    started.wait()
    server, loop, stop = holder[0]
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
