"""One streamed HTTP/1.1 reply, as cheaply as Python allows: a token costs one callback, and no timer of its own.

The parser is httptools (llhttp, which uvicorn uses too). httpx would cost some 150 us a chunk: h11, anyio and a timeout
object each time. No pool, no redirects, no proxy: a reply is one connection, and closing it is how a server hears that
nobody listens any more.
"""

import asyncio
import base64
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httptools

if TYPE_CHECKING:
    import ssl

BEAT = 0.05  # seconds
# What may wait unread before the server is asked to wait.
_HIGH_WATER = 256 * 1024
_LARGEST_HEAD = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class BadAddress(ValueError):
    """The address or a header is none."""


class ConnectError(Exception):
    """Nobody could be reached there."""


class RemoteProtocolError(Exception):
    """The connection ended early, or what came was no HTTP."""


class UnreadableEncoding(Exception):
    """The body is compressed in a way that can't be read."""


class Silence(Exception):
    """Nothing came until the deadline."""


class Reply(asyncio.Protocol):
    """The answer to one request. ``head`` once, then ``read`` until it gives ``b""``; ``close`` in any case."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._ready_at = 0.0
        self._ready: asyncio.TimerHandle | None = None
        self._begun = False
        self._over = False
        self._error: Exception | None = None
        self._head_size = 0
        self._waiting = 0
        self._paused = False
        self._body: list[bytes] = []
        self._inflate: Any = None

    async def head(self, deadline: float) -> None:
        """Wait for status and headers. Raises ``Silence`` or ``RemoteProtocolError``."""
        while not self._begun:
            if self._error is not None:
                raise self._error
            await self._wait(deadline)
        encoding = self.headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise UnreadableEncoding(encoding)
        if encoding not in ("", "identity"):
            self._inflate = zlib.decompressobj(47 if "gzip" in encoding else 15)

    async def read(self, deadline: float, pause: float = 0.0) -> bytes:
        """What has come since, at least a byte; ``b""`` at the end. ``deadline`` is by the loop's clock.

        The next reading waits until about ``pause`` seconds after this one, and so gets more at a time.

        Raises ``Silence``, ``RemoteProtocolError`` or ``UnreadableEncoding``.
        """
        while True:
            if self._body and (self._over or self._error is not None or self._loop.time() >= self._ready_at):
                data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
                self._body.clear()
                self._waiting = 0
                self._read_on(pause)
                if self._inflate is not None:
                    data = self._inflated(data)
                if data:
                    return data
            elif self._body:
                await self._wait(deadline)
            elif self._over:
                return b""
            elif self._error is not None:
                raise self._error
            else:
                await self._wait(deadline)

    def close(self) -> None:
        """Let go of the connection at once; what is still to come is not wanted."""
        for timer in (self._timer, self._ready):
            if timer is not None:
                timer.cancel()
        self._timer = self._ready = None
        if self._transport is not None:
            self._transport.abort()

    def _inflated(self, data: bytes) -> bytes:
        try:
            return bytes(self._inflate.decompress(data))
        except zlib.error:
            raise UnreadableEncoding("broken") from None

    async def _wait(self, deadline: float) -> None:
        self._deadline = deadline
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look)
        self._waiter = self._loop.create_future()
        if self._body and self._ready is None:
            self._ready = self._loop.call_at(self._ready_at, self._is_ready)
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _look(self) -> None:
        """The timer: deadlines move on with every token, so it usually finds that there is time left."""
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        else:
            self._waiter.set_exception(Silence())

    def _read_on(self, pause: float) -> None:
        """Go on reading, after ``pause`` seconds in which the kernel gathers what comes: one read for all of it."""
        if pause and not self._over and self._error is None:
            self._ready_at = next_reading(self._loop.time(), pause)
            self._set_reading(False)
            if self._ready is None:
                self._ready = self._loop.call_at(self._ready_at, self._is_ready)
        else:
            self._ready_at = 0.0
            self._set_reading(True)

    def _is_ready(self) -> None:
        self._ready = None
        self._set_reading(True)
        self._wake()

    def _set_reading(self, on: bool) -> None:
        if self._transport is None or self._transport.is_closing() or self._paused is not on:
            return
        self._paused = not on
        if on:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, why: str) -> None:
        self._error = self._error or RemoteProtocolError(why)
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio calls -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are classes of its own

    def data_received(self, data: bytes) -> None:
        if self._over or self._error is not None:
            return
        if not self._begun:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(type(error).__name__)
        if not self._begun and self._head_size > _LARGEST_HEAD:
            self._fail("the head is too long")
        if self._waiting > _HIGH_WATER:
            self._set_reading(False)
        if self._waiter is None:
            return
        if self._over or self._error is not None or not self._ready_at or self._loop.time() >= self._ready_at:
            self._wake()
        elif self._ready is None:
            self._ready = self._loop.call_at(self._ready_at, self._is_ready)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._over and self._error is None:
            # A body without a length ends with its connection.
            told = "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "").lower()
            if exc is None and self._begun and not told:
                self._over = True
            else:
                self._error = RemoteProtocolError("the connection ended early")
        self._wake()

    # -- httptools calls -----------------------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < 200:  # "100 Continue" and its like: the answer is still to come
            self.headers.clear()
        else:
            self._begun = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)
        self._waiting += len(body)

    def on_message_complete(self) -> None:
        self._over = self._begun


def next_reading(now: float, pause: float) -> float:
    """When to read on after a ``pause`` in seconds, by the loop's clock.

    From ``BEAT`` on it ends a little early, on a beat, with the pauses of other replies: their pieces are worked
    through one after the other, with code and data at hand and one round of the loop for all, at two thirds the cost.
    """
    at = now + pause
    return at - at % BEAT if pause >= BEAT else at


async def post(url: str, headers: dict[str, str], body: bytes) -> Reply:
    """Connect and send; the answer is still to be waited for. The caller limits the time, and closes the reply.

    Raises ``BadAddress`` or ``ConnectError``.
    """
    host, port, verify, head = _head(url, headers, len(body))
    loop = asyncio.get_running_loop()
    try:
        transport, reply = await loop.create_connection(Reply, host, port, ssl=_tls() if verify else None)
    except (OSError, UnicodeError) as error:
        raise ConnectError(type(error).__name__) from None
    transport.write(head + body)
    return reply


def _head(url: str, headers: dict[str, str], length: int) -> tuple[str, int, bool, bytes]:
    """Host, port, whether TLS is spoken, and the request's head."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        host = parts.hostname or ""
        named = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, KeyError) as error:
        raise BadAddress("InvalidURL") from error
    if not host:
        raise BadAddress("InvalidURL")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    authority = f"[{named}]" if ":" in named else named
    sent = {"host": authority if port == _PORTS[parts.scheme] else f"{authority}:{port}", **headers}
    if parts.username is not None and "authorization" not in sent:
        pair = f"{parts.username}:{parts.password or ''}".encode()
        sent["authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    sent |= {"content-length": str(length), "connection": "close"}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    # A line break in a key or an address would begin a header of somebody else's choosing.
    if any(not line.isprintable() for line in lines):
        raise BadAddress("LocalProtocolError")
    try:
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
    except UnicodeEncodeError as error:
        raise BadAddress("LocalProtocolError") from error
    return host, port, parts.scheme == "https", head


@cache
def _tls() -> "ssl.SSLContext":
    """Reading the certificates takes 20 ms: once is enough."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
