"""The server process: uvicorn set up for the chat, a clear word on where to go, and an orderly end."""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.seat import DataFolderInUse, Seat, take
from web.app import create_app
from web.connections import GOING_AWAY

if TYPE_CHECKING:
    from fastapi import FastAPI
    from websockets.http11 import Request

log = logging.getLogger(__name__)
MAX_FRAME = 64 * 1024
SHUTDOWN_SECONDS = 10
GOODBYE_SECONDS = 2.0
TOGETHER = 16 * 1024  # bytes of frames that may wait for each other; it is only until the event loop's next round
# How long a client that doesn't read has to take in what is buffered, before the connection is cut.
LINGER_SECONDS = 5.0


class Incoming:
    """What an ``asyncio.Queue`` is to the protocol, in a tenth of its memory: one reader, and seldom more than one
    message."""

    __slots__ = ("_reader", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._waiting.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        while not self._waiting:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._waiting.pop(0)

    def empty(self) -> bool:
        return not self._waiting


class ChatProtocol(WebSocketsSansIOProtocol):
    """uvicorn's sans-I/O protocol, able to close on a client that has stopped reading, to send without detours, and to
    serve a connection when the application's layers have let it through and are gone.

    The ASGI ``send`` waits for room in the buffer, even to say goodbye, and closing a transport waits until the buffer
    is empty: neither ever comes to an end with such a client.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = Incoming()  # type: ignore[assignment]
        self._layers = self.app
        self._kept: Callable[[], Awaitable[None]] | None = None
        self._together = 0  # bytes of the frames that will leave together
        self.app = self._through_layers

    async def _through_layers(self, scope: Any, receive: Any, send: Any) -> None:
        await self._layers(scope, receive, send)
        if self._kept is not None:
            kept, self._kept = self._kept, None
            for name in [name for name in scope if name.startswith("fastapi_")]:
                del scope[name]  # exit stacks that have been left
            # The handshake is over, and its headers are in the scope.
            self.request = self.response = None  # type: ignore[assignment]
            await kept()

    def keep(self, work: Callable[[], Awaitable[None]]) -> None:
        """Serve the connection by ``work`` as soon as the application has returned. A stack of twenty waiting
        coroutines takes more memory than everything else of an open connection."""
        self._kept = work

    def handle_connect(self, event: "Request") -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions["diotima.close_at_once"] = {"close": self.close_at_once}
            extensions["diotima.keep"] = {"keep": self.keep}
            extensions["diotima.send_at_once"] = {"send": self.send_at_once}

    def send_at_once(self, text: str) -> bool:
        """Send a text frame if there is room for it, past every layer in between, which costs as much as the frame
        itself. False, and nothing is sent, where the client doesn't keep up or is gone: ASGI's ``send`` then waits, or
        says so. Frames that follow each other without a pause leave together."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        frame = text.encode()
        try:
            self.conn.send_text(frame)
        except InvalidState:
            return False
        # Whatever else is sent takes along what waits here, so nothing is overtaken.
        if not self._together:
            self.loop.call_soon(self._send_together)
        self._together += len(frame)
        if self._together > TOGETHER:
            self._send_together()
        return True

    def _send_together(self) -> None:
        self._together = 0
        if not self.transport.is_closing() and (data := b"".join(self.conn.data_to_send())):
            self.transport.write(data)

    def send_receive_event_to_app(self) -> None:
        """uvicorn's own, but what is no UTF-8 closes the connection without a traceback in the log: anybody may send
        it, as often as they like."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            self.frames = [b"".join(self.frames)]
            try:
                str(self.frames[0], "utf-8")
            except UnicodeDecodeError:
                self.frames = []
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def close_at_once(self, code: int, reason: str) -> None:
        """Put the close frame behind what is buffered, and cut the connection soon after. Returns at once."""
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # run_asgi leaves the transport alone while a close timer runs.
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)


def _unexpected(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio says of a task that nobody waited for. Its own wording quotes the exception's message."""
    error = context.get("exception")
    log.error(context["message"], exc_info=(type(error), error, error.__traceback__) if error else None)


class Server(uvicorn.Server):
    """Tells the chat connections before uvicorn cuts them, so that pages know to come back."""

    def __init__(self, config: uvicorn.Config, app: "FastAPI") -> None:
        super().__init__(config)
        self._app = app

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_unexpected)
        await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        connections = self._app.state.connections
        connections.close_all(GOING_AWAY, "server going away")
        # uvicorn would cut those that have not said goodbye yet with a code of its own.
        await connections.all_closed(GOODBYE_SECONDS)
        await super().shutdown(sockets)


def configured(app: "FastAPI", settings: Settings) -> uvicorn.Config:
    """uvicorn as the chat needs it."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws=ChatProtocol,
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.heartbeat_seconds,
        ws_ping_timeout=settings.heartbeat_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        # Its access log has addresses, its debug log every frame; ours is web.request_log.
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
    )


def server_for(system: System) -> Server:
    """A server over ``system``; the caller runs it."""
    app = create_app(system)
    return Server(configured(app, system.settings), app)


class PortInUse(OSError):
    """Somebody else listens where we were told to."""


def listen(settings: Settings) -> socket.socket:
    """The listening socket. Raises ``PortInUse``, or ``OSError`` for an address that isn't ours."""
    import errno

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((settings.host, settings.port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(error.errno, f"port {settings.port} on {settings.host} is in use") from error
        raise
    sock.listen(2048)
    sock.set_inheritable(False)
    return sock


def address_of(sock: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    host, port = sock.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}"


def greeting(address: str, settings: Settings) -> str:
    """What is printed when the server is up."""
    lines = [f"Diotima is ready: {address}"]
    if settings.demo:
        from tutor.services import demo

        lines += ["", "Sign in with one of the demo accounts:"]
        lines += [f"  {person.username:<9} {person.password}" for person in demo.PEOPLE]
    if not settings.chat_model and settings.chat_adapter != "scripted":
        lines += ["", "No model is set: the tutor answers by quoting the course."]
    return "\n".join(lines).rstrip() + "\n\nStop with Ctrl+C.\n"


def _load_demo(system: System) -> None:
    """People must be able to sign in as soon as they are told where to go, and soon after find the course."""
    from tutor.services import demo

    language = system.settings.language
    if asyncio.run(demo.load(system.accounts, system.store.library, system.ingest, language=language)) is not None:
        system.ingest.start()


def serve(settings: Settings) -> int:
    """Run until stopped; returns the exit status (1 when the address or the data folder can't be had)."""
    try:
        sock = listen(settings)
    except PortInUse:
        sys.stderr.write(
            f"Port {settings.port} is already in use. Is Diotima running already?\n"
            "Choose another one with --port, or DIOTIMA_PORT; 0 picks a free one.\n"
        )
        return 1
    except OSError as error:
        sys.stderr.write(f"Can't listen on {settings.host}:{settings.port}: {error.strerror}.\n")
        return 1
    try:
        seat = take(settings.data_dir, address_of(sock), alone=not settings.several_servers)
    except DataFolderInUse as error:
        sock.close()
        sys.stderr.write(in_use(error))
        return 1
    try:
        _serve_from(seat, sock, settings)
    finally:
        seat.leave()
    return 0


def _serve_from(seat: Seat, sock: socket.socket, settings: Settings) -> None:
    system = build(settings, seat=seat)
    try:
        if settings.demo:
            _load_demo(system)
        server = server_for(system)
        sys.stdout.write(greeting(address_of(sock), settings))
        sys.stdout.flush()
        server.run(sockets=[sock])
    except KeyboardInterrupt:
        # uvicorn raises the signal again once everything is closed; that is the expected end.
        pass
    finally:
        system.close()


def in_use(error: DataFolderInUse) -> str:
    """What to do about another server on our data folder."""
    folder, address, pid = (error.data.get(key) for key in ("folder", "address", "pid"))
    who = f"It is at {address} (process {pid}).\n" if address else ""
    return (
        f"Another Diotima server runs on the data folder {folder}, and SQLite serves one at a time.\n{who}"
        "Use that one, stop it first, or give this one a folder of its own with DIOTIMA_DATA_DIR.\n"
        "Several servers share their data through PostgreSQL: docs/scaling.md says how.\n"
    )
