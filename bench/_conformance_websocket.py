"""The Autobahn test suite's cases against an echo that is served exactly as the product is."""

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from kosoku import FailureError, run_fuzzingclient
from starlette.websockets import WebSocket, WebSocketDisconnect

from tutor.config import Settings
from web.connections import Connections
from web.serve import Server, configured, listen

#: Cases that fail, and why that is right.
TOLERATED = {
    "7.1.5": "A close frame in the middle of a fragmented message. The suite wants it answered by 1000; the websockets"
    " library answers 1002 (incomplete fragmented message), as the message can never be finished.",
}
#: Compression, which is not offered.
NEVER = ("12.*", "13.*")
#: Messages of up to 16 MiB: the product closes on more than 64 KiB, so for these the limit alone is raised.
LARGE = "9.*"
LARGEST = 16 * 1024 * 1024
#: Cases that only wait for seconds.
WAITING = ("6.4.*", "5.19", "5.20")


@dataclass(frozen=True)
class Case:
    id: str
    passed: bool
    verdict: str
    seconds: float


def echo_app() -> FastAPI:
    """Sends back what it hears at ``/``; has what ``web.serve.Server`` closes at the end."""
    app = FastAPI()
    app.state.connections = Connections()

    @app.websocket("/")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while (message := await websocket.receive())["type"] == "websocket.receive":
                await websocket.send({**message, "type": "websocket.send"})

    return app


def run(folder: Path, *, left_out: tuple[str, ...] = (), only: tuple[str, ...] = (), large: bool = False) -> list[Case]:
    """The cases that don't need compression, or ``only`` some. What fails is tried once more: some cases allow an echo
    a single second, which a busy machine may not have."""
    settings = Settings(_env_file=None, host="127.0.0.1", port=0, data_dir=folder)  # type: ignore[call-arg]
    app = echo_app()
    config = configured(app, settings)
    if large:
        config.ws_max_size = LARGEST
    sock = listen(settings)
    server = Server(config, app)
    serving = threading.Thread(target=lambda: server.run(sockets=[sock]))
    serving.start()
    try:
        while not server.started:
            time.sleep(0.01)
        url = "ws://{}:{}/".format(*sock.getsockname())
        found = {one.id: one for one in asyncio.run(_cases(url, only or None, (*NEVER, *left_out)))}
        again = tuple(one.id for one in found.values() if not one.passed)
        if again:
            found |= {one.id: one for one in asyncio.run(_cases(url, again, ()))}
    finally:
        server.should_exit = True
        serving.join()
    return list(found.values())


async def _cases(url: str, only: tuple[str, ...] | None, left_out: tuple[str, ...]) -> list[Case]:
    try:
        results: list[Any] = await run_fuzzingclient(url, only, left_out, concurrency=2)
    except FailureError as failure:
        results = failure.results
    return [
        Case(one.case_id, one.passed, f"{one.behavior.value}, {one.result_close}", one.duration / 1000)
        for one in results
    ]
