"""The web application: every router, every layer in front of them, and what lives as long as the server."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor import measures
from tutor.domain.errors import DiotimaError, StoreError, StoreFull
from tutor.services.rate_limit import RateLimit
from tutor.services.uploads import NO_ROOM
from web import monitoring, views
from web.connections import GOING_AWAY, Connections
from web.limits import ChatLimits
from web.pages import sign_in
from web.request_log import RequestMiddleware
from web.rest import Rest
from web.security import (
    BodyLimitMiddleware,
    HeadersMiddleware,
    OriginMiddleware,
    SessionMiddleware,
    csrf_protected,
    security_headers,
)

if TYPE_CHECKING:
    from tutor.bootstrap import System

log = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
SCRIPT_BYTES = 16 * MEGABYTE  # of a script with its translations
IDLE_SECONDS = 20.0
SETTLE_SECONDS = 1.5
"""Heavy packages are loaded once the first page is out, or after this long without a visitor."""
AGAIN_SECONDS = 2.0  # between tries while the database is away


class CachedStatic(StaticFiles):
    """Static files. An address that carries the content's hash never changes its content; others are checked again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


class FirstPageMiddleware:
    """Sets ``served`` when the first answer is out."""

    def __init__(self, app: ASGIApp, *, served: asyncio.Event) -> None:
        self.app = app
        self.served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.served.is_set():
            await self.app(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self.served.set()

        await self.app(scope, receive, watched)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    system: System = app.state.system
    await asyncio.to_thread(system.presence.join)
    rest: Rest = app.state.rest

    async def reap() -> None:
        if rest.ready:
            await system.chat.reap(system.presence.alive)

    watching = asyncio.create_task(system.presence.watch(reap), name="presence")
    warming = asyncio.create_task(_warm_up(system, rest, app.state.first_page), name="warm-up")
    try:
        yield
    finally:
        app.state.stopping = True
        warming.cancel()
        app.state.connections.close_all(GOING_AWAY, "server going away")
        await rest.close()
        if rest.ready:
            await system.chat.close()
            await system.drafting.close()
            await asyncio.to_thread(system.film_workers.close)
        system.presence.stop()
        await watching
        await asyncio.to_thread(system.presence.leave)
        if rest.ready:
            await system.crossing.close()
        with contextlib.suppress(asyncio.CancelledError):
            await warming


async def _warm_up(system: "System", rest: Rest, first_page: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(first_page.wait(), IDLE_SECONDS)
        # Its style sheet and scripts come next.
        await asyncio.sleep(SETTLE_SECONDS)
    try:
        while not rest.ready:
            try:
                await rest.load()
            except StoreError as error:  # a request that comes meanwhile is told, and tries as well
                log.warning("the database is away (%s); trying again", error.code)
                await asyncio.sleep(AGAIN_SECONDS)
        # The worker looks for unfinished work at once, which may load the vector index.
        system.ingest.start()
        system.drafting.wake()
        if system.settings.demo:
            await asyncio.to_thread(_demo_films, system)
        system.film_workers.start(system.settings.films_at_once)
        await asyncio.to_thread(system.warm_up)
    except Exception:
        # What fails here fails again, and is answered, where it is needed.
        log.exception("warm-up failed")


def _demo_films(system: "System") -> None:
    from tutor.services import demo_films

    trainer = system.store.accounts.by_username("trainer")
    demo_films.load(system.store.scripts, system.films, trainer.id if trainer else "", system.clock)


def create_app(system: "System", limits: ChatLimits | None = None) -> FastAPI:
    """The application over ``system``, which stays the caller's to close. Quick, and opens nothing."""
    settings = system.settings
    app = FastAPI(
        title="Diotima",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(csrf_protected)],
        redirect_slashes=False,
        # FastAPI's own would hold addresses and exceptions' messages; ours are tutor.measures and tutor.spans.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.system = system
    app.state.connections = Connections()
    app.state.chat_limits = limits or ChatLimits.of(settings)
    app.state.message_limit = RateLimit("messages", settings.messages_per_minute)
    app.state.command_limit = RateLimit("commands", 6 * settings.messages_per_minute)
    # A preview comes with every pause in typing.
    app.state.preview_limit = RateLimit("previews", 20 * settings.messages_per_minute)
    app.state.first_page = asyncio.Event()
    app.state.stopping = False
    app.state.looking = {}
    system.accounts.on_revoked(app.state.connections.revoked)

    # The last added is the outermost.
    app.add_middleware(SessionMiddleware, accounts=system.accounts, secure=settings.cookie_secure)
    app.add_middleware(OriginMiddleware, allowed=settings.allowed_origins)
    app.add_middleware(
        BodyLimitMiddleware,
        default=MEGABYTE,
        limits=(
            ("/courses", "/material", settings.max_upload_mb * MEGABYTE + MEGABYTE),
            ("/api/conversations/", "/frames", app.state.chat_limits.max_frame_bytes),
            ("/api/scripts", "/assets", settings.max_upload_mb * MEGABYTE + MEGABYTE),
            ("/api/scripts", "", SCRIPT_BYTES),
            ("/studio", "", settings.max_upload_mb * MEGABYTE + MEGABYTE),
        ),
    )
    app.add_middleware(HeadersMiddleware, https_only=settings.cookie_secure)
    app.add_middleware(FirstPageMiddleware, served=app.state.first_page)
    app.add_middleware(RequestMiddleware, measures=system.measures)

    app.add_exception_handler(DiotimaError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_status)
    app.add_exception_handler(OSError, _on_system_error)
    app.add_exception_handler(ClientDisconnect, _on_hang_up)
    app.add_exception_handler(Exception, _on_crash)

    app.router.routes.extend(monitoring.ROUTES)
    app.include_router(sign_in.first)
    app.mount("/static", CachedStatic(directory=views.STATIC, check_dir=False), name="static")
    app.state.rest = Rest(app)
    app.router.routes.append(app.state.rest)
    return app


async def _on_error(request: Request, error: Any) -> Response:
    request.app.state.system.measures.add(measures.ERRORS, "http", error.code)
    return views.error_response(request, error)


async def _on_system_error(request: Request, error: Any) -> Response:
    """A body that has no room on the disk is no defect of ours."""
    if error.errno not in NO_ROOM:
        raise error
    return await _on_error(request, StoreFull())


async def _on_hang_up(request: Request, error: Any) -> Response:
    """Nobody is there to read it; what they began to send is dropped."""
    return PlainTextResponse("", status_code=400)


async def _on_invalid(request: Request, error: Any) -> Response:
    return views.status_response(request, 422)


async def _on_status(request: Request, error: Any) -> Response:
    return views.status_response(request, error.status_code, dict(error.headers or {}))


async def _on_crash(request: Request, error: Exception) -> Response:
    """Starlette answers this outside every layer of ours, so the headers are added here; the server logs the rest."""
    system = request.app.state.system
    system.measures.add(measures.ERRORS, "http", "internal")
    headers = security_headers(https_only=system.settings.cookie_secure)
    try:
        response = views.status_response(request, 500)
    except Exception:
        log.exception("the error page failed")
        response = PlainTextResponse("Internal server error", status_code=500)
    response.headers.update(headers | {"cache-control": "no-store"})
    return response
