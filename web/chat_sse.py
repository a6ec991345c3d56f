"""The wire protocol where websockets are blocked: server-sent events one way, POSTs the other."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from tutor.domain.accounts import Account
from tutor.domain.errors import InvalidInput, NotFound, RateLimited
from web import messages as m
from web.commands import Commands
from web.connections import Connection
from web.feed import Feed, PreviewText
from web.grade_words import ComponentTitles
from web.limits import ChatLimits
from web.security import SignedIn, SignInNeeded, session_token, signed, signed_in
from web.views import locale_of
from web.wire import error_frame

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/conversations/{conversation}")
RECONNECT_MS = 2000


class EventStream:
    """One open stream. Ends, so that the browser connects again, when the session or the server does."""

    def __init__(self, request: Request, who: SignedIn, feed: Feed) -> None:
        self._request = request
        self._who = who
        self._feed = feed
        self._limits: ChatLimits = request.app.state.chat_limits
        self._accounts = request.app.state.system.accounts
        # Bounded: a client that doesn't read holds up its own feed and nothing else.
        self._queue: asyncio.Queue[m.Frame | None] = asyncio.Queue(maxsize=64)
        self._ended = asyncio.Event()

    def end(self, code: int, reason: str) -> None:
        self._ended.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> None:
        try:
            async with contextlib.aclosing(self._feed.frames()) as frames:
                async for frame in frames:
                    await self._queue.put(frame)
            await self._queue.put(None)
        except NotFound as error:
            await self._queue.put(error_frame(error, self._feed.locale))
            await self._queue.put(None)
        except Exception:
            log.exception("event stream crashed")
            self._ended.set()

    async def events(self) -> AsyncGenerator[ServerSentEvent, None]:
        yield ServerSentEvent(retry=RECONNECT_MS, comment="open")
        ended = asyncio.create_task(self._ended.wait())
        waiting: asyncio.Task[m.Frame | None] | None = None
        try:
            while not ended.done():
                waiting = asyncio.create_task(self._queue.get())
                done, _ = await asyncio.wait(
                    [waiting, ended], timeout=self._limits.heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
                if waiting not in done:
                    waiting.cancel()
                    if not ended.done():
                        if await self._accounts.resolve(session_token(self._request) or "") is None:
                            break
                        yield ServerSentEvent(comment="still here")
                    continue
                frame = waiting.result()
                if frame is None:
                    return
                seq = str(frame.seq) if isinstance(frame, m.Durable) else None
                yield ServerSentEvent(raw_data=frame.wire(), id=seq)
        finally:
            for task in (ended, waiting):
                if task is not None:
                    task.cancel()
        if await self._accounts.resolve(session_token(self._request) or "") is None:
            yield ServerSentEvent(raw_data=error_frame(SignInNeeded(), self._feed.locale).wire())


def seq_of(text: str | None) -> int | None:
    """A ``Last-Event-ID`` as a number; None for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None


async def open_stream(
    request: Request,
    conversation: str,
    account: Annotated[Account, Depends(signed_in())],
    last_seq: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[EventStream]:
    """Refuses before the stream begins; registers it, and lets go of it afterwards."""
    state = request.app.state
    who = signed(request)
    if who is None:
        raise SignInNeeded
    if state.connections.count(account.id) >= state.chat_limits.connections:
        raise RateLimited(retry_after=60)
    await state.system.chat.transcript(account, conversation, write=True)
    # The header counts first: the browser repeats the address of the first connection with every later one.
    known = seq_of(last_event_id)
    feed = Feed(
        state.system.chat,
        account,
        conversation,
        last_seq if known is None else known,
        locale_of(request),
        PreviewText(state.chat_limits.preview, time.monotonic),
        partial(ComponentTitles, state.system.store.library),
    )
    stream = EventStream(request, who, feed)
    connection = Connection(who, stream.end)
    state.connections.add(connection)
    try:
        async with stream.running():
            yield stream
    finally:
        state.connections.remove(connection)


@router.get("/events", response_class=EventSourceResponse)
async def events(stream: Annotated[EventStream, Depends(open_stream)]) -> AsyncIterator[ServerSentEvent]:
    async with contextlib.aclosing(stream.events()) as found:
        async for event in found:
            yield event


@router.post("/frames", status_code=202)
async def take_frame(
    request: Request, conversation: str, account: Annotated[Account, Depends(signed_in())]
) -> Response:
    """One frame of the client as the body; the answer is its ``ack``, or ``{}`` where it has none."""
    try:
        frame = m.decode(await request.body())
    except ValidationError:
        raise InvalidInput("not a frame of the protocol") from None
    if isinstance(frame, m.Hello | m.Ping):
        raise InvalidInput("this frame belongs on a socket")
    ack = await Commands.of(request).run(account, conversation, frame)
    return Response(ack.wire(), 202, media_type="application/json") if ack else JSONResponse({}, 202)
