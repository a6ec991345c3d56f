"""What the browser tests share: a house with the demo course, and a browser that is watched while it is used."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.web.server.harness import Gate, House, Person, settings
from tutor.bootstrap import System, build
from tutor.llm.scripted import ScriptedChatModel, Step
from tutor.services import demo
from tutor.services.indexing import Wanted
from web.app import create_app
from web.serve import Server, configured, listen

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
QUESTION = "What is ATP and what does the cell pay for with it?"


def chromium() -> str:
    """The browser on this machine. Raises ``RuntimeError`` where there is none."""
    for name in CHROMIUM:
        if (found := shutil.which(name)) is not None:
            return found
    raise RuntimeError("the browser tests need Chromium (Debian: sudo apt-get install chromium)")


def prepare(folder: Path) -> None:
    """A data folder with the demo course in it, searchable by text."""
    system = build(settings(folder), model=None, embedder=None)
    try:
        system.ingest.enqueue(Wanted(demo.FOLDER, demo.COURSE, demo.SOURCE))
        system.ingest.run_pending()
    finally:
        system.close()


@contextlib.asynccontextmanager
async def running(system: System) -> AsyncIterator[House]:
    """A server over ``system``, in this event loop."""
    app = create_app(system)
    sock = listen(system.settings)
    host, port = sock.getsockname()
    server = Server(configured(app, system.settings), app)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        yield House(system, app, server, f"{host}:{port}")
    finally:
        server.should_exit = True
        await task


@dataclass
class Rig:
    """One house, any number of watched pages."""

    house: House
    gate: Gate
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def visitor(self, **options: Any) -> Page:
        """A page of nobody's."""
        context = await self.browser.new_context(**{**DESK, "locale": "en-GB", **options})
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        return page

    async def signed_in(self, person: Person, path: str = "/chat", **options: Any) -> Page:
        page = await self.visitor(**options)
        await page.context.add_cookies([{"name": "diotima_session", "value": person.token, "url": self.house.http}])
        await page.goto(self.house.http + path)
        return page

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != urlsplit(self.house.http).netloc:
            self.complaints.append(f"remote request: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()


@contextlib.asynccontextmanager
async def rig(
    browser: Browser, prepared: Path, folder: Path, *scripts: list[Step], **changes: Any
) -> AsyncIterator[Rig]:
    """A rig over a copy of the prepared data. ``scripts`` are what the model says, call by call; a model without
    scripts answers from the passages. ``with_model=False`` among ``changes`` leaves the model out, and ``seat`` changes
    the built system (``PlantedTutor.seated``). ``render`` is the function that makes films."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    gate = Gate()
    model = ScriptedChatModel(*scripts, sleep=gate) if changes.pop("with_model", True) else None
    seat = changes.pop("seat", lambda system: system)
    overrides = {"render": changes.pop("render")} if "render" in changes else {}
    system = seat(build(settings(folder, **changes), model=model, embedder=None, **overrides))
    try:
        async with running(system) as house:
            found = Rig(house, gate, browser)
            try:
                yield found
            finally:
                gate.let_pass(1000)
                await found.close()
    finally:
        await asyncio.to_thread(system.close)
    assert found.complaints == []


# -- what a person does --------------------------------------------------------------------------------------------


async def ask(page: Page, text: str = QUESTION) -> None:
    await page.get_by_role("textbox", name="Your message").fill(text)
    await page.keyboard.press("Enter")


def turns(page: Page) -> Locator:
    return page.locator("article.turn:not(.pending)")


async def answered(page: Page, count: int = 1) -> Locator:
    """Wait until ``count`` turns are shown and the last is over; the last."""
    await expect(turns(page)).to_have_count(count)
    last = turns(page).nth(count - 1)
    await expect(last).not_to_have_attribute("data-status", "open")
    return last


async def words(locator: Locator) -> str:
    """The visible text, white space made one."""
    return " ".join((await locator.inner_text()).split())
