"""Every request gets an id, is counted and timed, and at ``debug`` is one line of the log.

What is written down is the route, never the address asked for: that names conversations and holds what was searched
for. Nor whose browser it was.
"""

import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor import measures as m
from tutor.measures import Measures
from tutor.observe import Logger, bound
from web.monitoring import ROUTES

log = Logger(__name__)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATIC = "/static/"
_PLAIN = frozenset(route.path for route in ROUTES)


class RequestMiddleware:
    """Plain ASGI, so that streams pass through untouched. The id goes back as ``X-Request-Id``."""

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self.app = app
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request = secrets.token_hex(6)
        if scope["type"] == "websocket":
            with bound(request=request):
                await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request
            await send(message)

        with bound(request=request):
            try:
                await self.app(scope, receive, noted)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.measures.add(m.REQUESTS, method, route, str(status))
        self.measures.took(m.REQUEST_SECONDS, seconds, route)
        if log.heeds_debug:
            log.debug("http.request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def route_of(scope: Scope) -> str:
    """The route's pattern (``/c/{conversation}``), never the path that was asked for."""
    if scope["path"].startswith(STATIC):
        return STATIC
    if scope["path"] in _PLAIN:
        return str(scope["path"])
    return str(getattr(scope.get("route"), "path", "none"))
