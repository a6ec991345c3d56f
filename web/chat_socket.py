"""``/ws/chat``: the wire protocol over a websocket."""

import asyncio
import contextlib
import contextvars
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

from tutor import measures
from tutor.domain.errors import DiotimaError, InvalidInput, NotFound, RateLimited, StoreBusy
from web import connections as codes
from web import messages as m
from web.commands import Commands
from web.connections import Connection, Connections
from web.feed import Feed, PreviewText
from web.grade_words import ComponentTitles
from web.limits import ChatLimits
from web.security import SignedIn, session_token, signed
from web.views import locale_of
from web.wire import error_frame

log = logging.getLogger(__name__)
router = APIRouter()
# Typesetting a reply while it is being written is a nicety: with hundreds of readers it comes less often.
_PREVIEW_EACH = 0.005


class Closing(Exception):
    """Ends the connection with ``code``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@router.websocket("/ws/chat")
async def chat_socket(websocket: WebSocket) -> None:
    await websocket.accept()
    who = signed(websocket)
    if who is None:
        await websocket.close(codes.SIGNED_OUT, "not signed in")
        return
    socket = ChatSocket(websocket, who)
    keeper = websocket.scope.get("extensions", {}).get("diotima.keep")
    if keeper is not None:
        keeper["keep"](socket.serve)
    else:
        await socket.serve()


class ChatSocket:
    """One open socket: a task that reads, one that follows the conversation, and now and then one that checks the
    session."""

    def __init__(self, websocket: WebSocket, who: SignedIn) -> None:
        state = websocket.app.state
        self._websocket = websocket
        self._who = who
        self._system = state.system
        self._limits: ChatLimits = state.chat_limits
        self._connections: Connections = state.connections
        self._commands = Commands.of(websocket)
        self._locale = locale_of(websocket)
        self._conversation = ""
        self._following: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        direct = websocket.scope.get("extensions", {}).get("diotima.send_at_once")
        self._at_once: Callable[[str], bool] = direct["send"] if direct is not None else lambda text: False
        # How to close; None when the client has gone already.
        self._ending: asyncio.Future[tuple[int, str] | None] = asyncio.get_running_loop().create_future()
        self._looking: asyncio.Task[None] | None = None
        # What is logged here carries the request's id, although the layer that gave it is gone.
        self._context = contextvars.copy_context()
        self._malformed = 0
        self._refused = 0

    async def serve(self) -> None:
        """Until either side ends it. Turns go on whatever happens here."""
        connection = Connection(self._who, self._end)
        if self._connections.count(self._who.account.id) >= self._limits.connections:
            await self._close(codes.RATE_LIMITED, "too many connections")
            return
        self._connections.add(connection)
        try:
            closing = await self._ended()
            if closing is not None:
                await self._close(*closing)
        finally:
            self._connections.remove(connection)

    async def _ended(self) -> tuple[int, str] | None:
        reading = self._task(self._read)
        self._beat = asyncio.get_running_loop().call_later(self._limits.heartbeat, self._look)
        try:
            return await self._ending
        finally:
            self._beat.cancel()
            tasks = [task for task in (reading, self._following, self._looking) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _task(self, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        return asyncio.create_task(self._guarded(work), context=self._context)

    def _end(self, code: int, reason: str) -> None:
        if not self._ending.done():
            self._ending.set_result((code, reason))

    def _left(self) -> None:
        if not self._ending.done():
            self._ending.set_result(None)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Closing as closing:
            self._end(closing.code, closing.reason)
        except (WebSocketDisconnect, WebSocketDisconnected):
            self._left()
        except StoreBusy:
            self._end(codes.TRY_AGAIN_LATER, "the database is away")
        except Exception:
            log.exception("chat socket crashed")
            self._end(1011, "internal error")

    async def _close(self, code: int, reason: str) -> None:
        if self._websocket.client_state is not WebSocketState.CONNECTED:
            return
        # A client that doesn't read can't be waited for: where the server offers it, the close frame goes to the end
        # of what is buffered and the connection is cut soon after.
        at_once = self._websocket.scope.get("extensions", {}).get("diotima.close_at_once")
        if at_once is not None:
            at_once["close"](code, reason)
            return
        with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            await asyncio.wait_for(self._websocket.close(code, reason), self._limits.send)

    # -- from the client -------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._limits.hello):
                while not self._conversation:
                    await self._take(await self._receive())
        except TimeoutError:
            raise Closing(codes.HELLO_TIMEOUT, "no hello") from None
        while True:
            await self._take(await self._receive())

    async def _receive(self) -> str | bytes:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        text: str | None = message.get("text")
        return text if text is not None else b""

    async def _take(self, data: str | bytes) -> None:
        client_id: str | None = None
        try:
            frame = m.decode(data)
            client_id = getattr(frame, "client_id", None)
            match frame:
                case m.Ping():
                    await self._send(m.Pong(nonce=frame.nonce))
                case m.Hello():
                    await self._hello(frame)
                case _ if not self._conversation:
                    raise InvalidInput("The first frame is hello.")
                case _:
                    ack = await self._commands.run(self._who.account, self._conversation, frame)
                    if ack is not None:
                        await self._send(ack)
        except ValidationError:
            self._malformed += 1
            await self._refuse(InvalidInput(), None)
            if self._malformed >= self._limits.malformed:
                raise Closing(codes.POLICY, "too many malformed frames") from None
        except RateLimited as error:
            self._refused += 1
            await self._refuse(error, client_id)
            if self._refused >= self._limits.refused:
                raise Closing(codes.RATE_LIMITED, "rate limited") from None
        except DiotimaError as error:
            await self._refuse(error, client_id)

    async def _refuse(self, error: DiotimaError, client_id: str | None) -> None:
        self._system.measures.add(measures.ERRORS, "socket", error.code)
        await self._send(error_frame(error, self._locale, client_id))

    async def _hello(self, frame: m.Hello) -> None:
        self._commands.admit(self._who.account)
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        self._conversation = frame.conversation
        feed = Feed(
            self._system.chat,
            self._who.account,
            frame.conversation,
            frame.last_seq,
            self._locale,
            PreviewText(max(self._limits.preview, _PREVIEW_EACH * len(self._connections)), time.monotonic),
            partial(ComponentTitles, self._system.store.library),
        )
        self._following = self._task(lambda: self._follow(feed))

    # -- to the client ---------------------------------------------------------------------------------------------

    async def _follow(self, feed: Feed) -> None:
        try:
            async with contextlib.aclosing(feed.frames()) as frames:
                async for frame in frames:
                    await self._send(frame)
        except (NotFound, InvalidInput):  # the second for an id that no database can hold
            raise Closing(codes.NO_SUCH_CONVERSATION, "no such conversation") from None

    async def _send(self, frame: m.Frame) -> None:
        text = frame.wire()
        if not self._sending.locked() and self._at_once(text):
            return
        try:
            async with asyncio.timeout(self._limits.send), self._sending:
                await self._websocket.send_text(text)
        except TimeoutError:
            raise Closing(codes.TOO_SLOW, "client doesn't read") from None

    def _look(self) -> None:
        self._looking = self._task(self._watch_session)

    async def _watch_session(self) -> None:
        """Another process may end the session, and time does: looked up again at every heartbeat."""
        try:
            found = await self._system.accounts.resolve(session_token(self._websocket) or "")
            if found is None:
                raise Closing(codes.SIGNED_OUT, "signed out")
            self._who = SignedIn(*found)
        except StoreBusy:
            pass  # nobody is signed out because the database is away
        self._beat = asyncio.get_running_loop().call_later(self._limits.heartbeat, self._look)
