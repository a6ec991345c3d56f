"""Everything but the sign-in page: loaded once that page is out, or when somebody asks for anything else.

Starting is quick that way, and the address answers at once. Until the rest is there a request for it waits; it never
meets a server that doesn't know its address yet.
"""

import asyncio
import importlib
import pkgutil
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from web import pages

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from tutor.bootstrap import System

APIS = ("api", "maths_api", "films_api", "scripts_api", "chat_sse", "chat_socket", "description")


def routers() -> "list[APIRouter]":
    """The ``router`` of every module in ``web.pages``, and of every API. Imports them all."""
    names = [f"web.pages.{found.name}" for found in pkgutil.iter_modules(pages.__path__) if found.name[0] != "_"]
    names += [f"web.{name}" for name in APIS]
    return [importlib.import_module(name).router for name in names]


class Rest(BaseRoute):
    """Stands for all routes that are not loaded yet, as the last of the application's."""

    def __init__(self, app: "FastAPI") -> None:
        self._app = app
        self._loading: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        return self not in self._app.router.routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] in ("http", "websocket") else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.load()
        await self._app.router(scope, receive, send)

    async def load(self) -> None:
        """Returns when the rest is there. Raises what stands in the way (a locked database); the next call tries
        again."""
        if self.ready:
            return
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._load(), name="rest")
        await asyncio.shield(self._loading)

    async def _load(self) -> None:
        system: System = self._app.state.system
        found = await asyncio.to_thread(routers)
        await asyncio.to_thread(system.prepare)
        # Its modules import each other in circles: two threads that load it at once can each meet one that is half
        # made, and fail. Nobody else needs it before this is done.
        await asyncio.to_thread(importlib.import_module, "numpy")
        await system.chat.recover(system.presence.alive)
        system.accounts.on_revoked(system.crossing.revoked)
        system.crossing.on_revoked(self._app.state.connections.revoked)
        system.crossing.start()
        self.serve(found)

    def serve(self, found: "list[APIRouter]") -> None:
        """Put the routes in this one's place."""
        self._app.router.routes.remove(self)
        for router in found:
            self._app.include_router(router)

    async def close(self) -> None:
        """Let a loading that has begun come to its end."""
        if self._loading is not None:
            await asyncio.wait([self._loading])
