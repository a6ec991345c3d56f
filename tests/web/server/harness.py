"""A real server on a free port, in the test's own event loop, over the shipped fakes; and a page that talks to it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tutor.bootstrap import Overrides, System, build
from tutor.config import Settings
from tutor.domain.accounts import Account, Role, Session
from tutor.domain.curriculum import Course
from tutor.domain.events import SentenceSpoken, conversation_stream
from tutor.llm.scripted import ScriptedChatModel, Step
from tutor.ports import Store
from tutor.services.accounts import token_hash
from tutor.services.indexing import Wanted
from tutor.store.memory import MemoryStore
from web.app import create_app
from web.limits import ChatLimits
from web.messages import server_frames
from web.serve import Server, configured, listen

COURSE = "light"
MATERIAL = """# Light and leaves

## Why leaves are green

Chlorophyll absorbs red and blue light. It reflects green light, and so leaves look green to us.

## Where sugar comes from

A leaf joins carbon dioxide and water into sugar with the energy of light. Oxygen is left over.
"""
QUESTION = "Why does chlorophyll make leaves green?"
PATIENCE = 20.0
FAKE_RENDER = "tests.fakes.film:render"


class Gate:
    """The model's sleep: a script's ``Pause`` lasts until the test lets it pass."""

    def __init__(self) -> None:
        self._tickets: asyncio.Queue[None] = asyncio.Queue()
        self.waiting = asyncio.Event()

    async def __call__(self, _seconds: float) -> None:
        self.waiting.set()
        await self._tickets.get()
        self.waiting.clear()

    def let_pass(self, count: int = 1) -> None:
        for _ in range(count):
            self._tickets.put_nowait(None)


@dataclass
class Person:
    """Somebody signed in: the account, and what their browser holds."""

    account: Account
    token: str
    csrf: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"diotima_session={self.token}"}

    @property
    def headers(self) -> dict[str, str]:
        return {**self.cookie, "X-CSRF-Token": self.csrf}


class House:
    """A running server and what is inside."""

    def __init__(self, system: System, app: FastAPI, server: Server, address: str) -> None:
        self.system = system
        self.app = app
        self.server = server
        self.http = f"http://{address}"
        self.ws = f"ws://{address}/ws/chat"
        self.address = (address.rpartition(":")[0], int(address.rpartition(":")[2]))
        self._people = 0

    def person(self, role: Role = Role.STUDENT, language: str = "en") -> Person:
        """A new account with a session; no password, so no hashing."""
        self._people += 1
        name, now = f"person{self._people}", datetime.now(UTC)
        account = Account(name, name, name.title(), role, "no password", language, now)
        person = Person(account, f"token-of-{name}", f"csrf-of-{name}")
        self.system.store.accounts.add(account)
        session = Session(token_hash(person.token), name, person.csrf, now, now + timedelta(hours=1))
        self.system.store.sessions.add(session)
        return person

    async def conversation(self, person: Person) -> str:
        return await self.system.chat.start(person.account, COURSE, "en")

    def client(self, person: Person | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.http, headers=person.headers if person else {}, timeout=PATIENCE)

    @contextlib.asynccontextmanager
    async def page(
        self, person: Person | None, conversation: str = "", last_seq: int = 0, **options: Any
    ) -> AsyncIterator["Page"]:
        """A socket; with ``conversation``, after its hello and the frames up to ``ready``."""
        headers = person.cookie if person else {}
        async with connect(self.ws, additional_headers=headers, compression=None, **options) as socket:
            page = Page(socket)
            if conversation:
                await page.hello(conversation, last_seq)
            yield page


@dataclass
class Page:
    """What the browser's element does, without the pixels: it keeps every frame, and each turn's reply so far."""

    socket: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    last_seq: int = 0

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def hello(self, conversation: str, last_seq: int = 0) -> dict[str, Any]:
        await self.say(type="hello", conversation=conversation, last_seq=last_seq)
        await self.until("ready")
        return self.of("welcome")[-1]

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            text = await self.socket.recv()
        server_frames().validate_json(text)
        frame: dict[str, Any] = json.loads(text)
        self.take(frame)
        return frame

    def take(self, frame: dict[str, Any]) -> None:
        """Note a frame, checking what must always hold."""
        self.frames.append(frame)
        if "seq" in frame and frame["type"] != "ack":
            assert frame["seq"] > self.last_seq, "durable frames come once and in order"
            self.last_seq = frame["seq"]
        match frame["type"]:
            case "delta" | "sentence":
                reply = self.replies.get(frame["turn"], "")
                assert frame["offset"] <= len(reply), "no hole in the reply"
                if frame["type"] == "sentence" and reply.startswith(frame["text"], frame["offset"]):
                    return  # recorded a moment after it was heard: what was said since stands
                self.replies[frame["turn"]] = reply[: frame["offset"]] + frame["text"]
            case "finished":
                self.replies[frame["turn"]] = frame["text"]

    async def until(self, *kinds: str) -> dict[str, Any]:
        while (frame := await self.next())["type"] not in kinds:
            pass
        return frame

    async def until_reply(self, turn: str, text: str) -> None:
        while self.replies.get(turn) != text:
            await self.next()

    async def ask(self, text: str = QUESTION, client_id: str = "m1", **more: Any) -> dict[str, Any]:
        """Send a message; the ack."""
        await self.say(type="send", client_id=client_id, text=text, **more)
        return await self.until("ack")

    async def closed(self) -> int:
        """The close code, whatever comes before it."""
        with pytest.raises(ConnectionClosed) as closed:
            await self.until("nothing that is ever sent")
        assert closed.value.rcvd is not None, "closed without a close frame"
        return closed.value.rcvd.code

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] in kinds]


def settings(folder: Path, **changes: Any) -> Settings:
    values = {"host": "127.0.0.1", "port": 0, "data_dir": folder, "embedder": "none", "messages_per_minute": 1000}
    values |= {"film_workers": 0}  # a test that wants films makes them
    return Settings(_env_file=None, **{**values, **changes})  # type: ignore[call-arg]


def put_course(system: System, folder: Path) -> None:
    """The small course, searchable by text."""
    material = folder / "course"
    material.mkdir(parents=True, exist_ok=True)
    (material / "leaves.md").write_text(MATERIAL, encoding="utf-8")
    system.store.library.put_course(Course(COURSE, "Light", "en"))
    system.ingest.enqueue(Wanted(material, COURSE, "test", "Light", "en"))
    system.ingest.run_pending()


class Builder:
    """Opens houses, and closes them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate = Gate()

    @contextlib.asynccontextmanager
    async def open(
        self,
        *scripts: list[Step],
        store: Store | None = None,
        limits: ChatLimits | None = None,
        parts: Overrides | None = None,
        course: bool = True,
        **changes: Any,
    ) -> AsyncIterator[House]:
        """``parts`` replaces more of the system; without ``course`` somebody else has put it into the store."""
        model = ScriptedChatModel(*scripts, sleep=self.gate)
        given = {"store": store or MemoryStore(), "model": model, "embedder": None, "render": FAKE_RENDER}
        system = build(settings(self.folder, **changes), **{**given, **(parts or {})})  # type: ignore[typeddict-item]
        if course:
            await asyncio.to_thread(put_course, system, self.folder)
        app = create_app(system, limits)
        sock = listen(system.settings)
        host, port = sock.getsockname()
        server = Server(configured(app, system.settings), app)
        running = asyncio.create_task(server.serve(sockets=[sock]))
        try:
            while not server.started:
                if running.done():
                    running.result()
                await asyncio.sleep(0.01)
            yield House(system, app, server, f"{host}:{port}")
        finally:
            server.should_exit = True
            self.gate.let_pass(1000)
            await running
            await asyncio.to_thread(system.close)


async def spoken(store: Store, conversation: str) -> None:
    """Wait until a sentence of a reply is recorded: whoever hears it spoken is not told."""
    stream = conversation_stream(conversation)

    def recorded() -> bool:
        return any(isinstance(one.event, SentenceSpoken) for one in store.log.read(stream))

    await eventually(recorded)


async def eventually(condition: Callable[[], Awaitable[bool] | bool], patience: float = PATIENCE) -> None:
    """Wait for something that has no event of its own."""
    async with asyncio.timeout(patience):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


__all__ = ["QUESTION", "Builder", "Gate", "House", "Page", "Person", "eventually", "spoken"]
