"""What happens to a conversation when the network, the server or the session goes away."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.rig import DESK, Rig, answered, ask, turns, words
from tutor.domain.accounts import Account
from tutor.llm.scripted import Pause, Say

WHOLE = "One two three. Four five six. Seven eight nine."
SCRIPT = [Say("One two three. "), Pause(1), Say("Four five six. "), Pause(1), Say("Seven eight nine.")]


async def messages_of(rig: Rig, page: Page, account: Account) -> list[str]:
    """What the log holds of what was sent."""
    transcript = await rig.house.system.chat.transcript(account, page.url.rpartition("/")[2])
    return [turn.message for turn in transcript.turns.values()]


async def test_a_flight_mode_minute(open_rig: Open) -> None:
    async with open_rig(SCRIPT, [Say("Yes, still here.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page, "What is ATP?")
        await expect(turns(page).locator(".reply")).to_contain_text("three.")
        await page.context.set_offline(True)
        await expect(page.get_by_text("You're offline.").first).to_be_visible()
        # The turn goes on without us, and a second message is written meanwhile.
        rig.gate.let_pass(2)
        await ask(page, "And what are enzymes?")
        await expect(page.locator(".pending")).to_contain_text("Waiting to be sent")
        await page.context.set_offline(False)
        last = await answered(page, 2)
        assert await words(turns(page).first.locator(".reply")) == WHOLE
        await expect(last).to_contain_text("Yes, still here.")
        await expect(page.locator(".pending")).to_have_count(0)
        await expect(page.locator(".line")).to_be_hidden()
        assert await messages_of(rig, page, person.account) == ["What is ATP?", "And what are enzymes?"]


async def test_what_is_written_offline_survives_closing_the_page(open_rig: Open) -> None:
    async with open_rig([Say("First.")], [Say("Second.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page, "What is ATP?")
        await answered(page)
        await page.context.set_offline(True)
        await ask(page, "And what is ADP?")
        await expect(page.locator(".pending")).to_have_count(1)
        address = page.url
        await page.close()
        await page.context.set_offline(False)
        again = await page.context.new_page()
        await again.goto(address)
        await answered(again, 2)
        await expect(turns(again).nth(1)).to_contain_text("Second.")
        assert await messages_of(rig, again, person.account) == ["What is ATP?", "And what is ADP?"]


async def test_what_was_written_offline_and_left_is_sent_all_the_same(open_rig: Open) -> None:
    async with open_rig([Say("First.")], [Say("Second.")], [Say("Third.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page, "What is ATP?")
        await answered(page)
        rail = page.get_by_role("navigation", name="Your conversations")
        await expect(rail.get_by_role("link", name="What is ATP?")).to_be_visible()
        await page.context.set_offline(True)
        await ask(page, "And what is ADP?")
        await expect(page.locator(".pending")).to_have_count(1)
        await rail.get_by_role("link", name="New conversation").click()
        await ask(page, "What do enzymes do?")
        await expect(page.locator(".pending")).to_contain_text("What do enzymes do?")
        await rail.get_by_role("link", name="New conversation").click()
        await expect(page.locator(".pending")).to_have_count(0)
        await page.context.set_offline(False)
        await expect(rail.get_by_role("link", name="What do enzymes do?")).to_be_visible()
        await rail.get_by_role("link", name="What is ATP?").click()
        await answered(page, 2)
        assert await messages_of(rig, page, person.account) == ["What is ATP?", "And what is ADP?"]
        await expect(page.locator(".pending")).to_have_count(0)


async def test_a_conversation_begun_offline(open_rig: Open) -> None:
    async with open_rig([Say("Welcome back.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await expect(page.get_by_role("heading", name="What would you like to understand?")).to_be_visible()
        await page.context.set_offline(True)
        await ask(page, "What do enzymes do?")
        await expect(page.locator(".pending")).to_contain_text("What do enzymes do?")
        await page.context.set_offline(False)
        await expect(await answered(page)).to_contain_text("Welcome back.")
        assert await messages_of(rig, page, person.account) == ["What do enzymes do?"]


async def test_the_same_over_server_sent_events(open_rig: Open) -> None:
    async with open_rig(SCRIPT, [Say("Again.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, "/chat?transport=sse")
        sockets: list[str] = []
        page.on("websocket", lambda socket: sockets.append(socket.url))
        await ask(page, "What is ATP?")
        await expect(turns(page).locator(".reply")).to_contain_text("three.")
        await page.context.set_offline(True)
        await expect(page.get_by_text("You're offline.").first).to_be_visible()
        rig.gate.let_pass(2)
        await page.context.set_offline(False)
        turn = await answered(page)
        assert await words(turn.locator(".reply")) == WHOLE
        await ask(page, "And what is ADP?")
        await answered(page, 2)
        assert sockets == []
        assert await messages_of(rig, page, person.account) == ["What is ATP?", "And what is ADP?"]


async def test_a_network_that_blocks_websockets(open_rig: Open) -> None:
    async with open_rig([Say("It works all the same.")]) as rig:
        page = await rig.signed_in(rig.house.person(), "/settings")
        await page.route_web_socket(re.compile("/ws/chat"), lambda socket: socket.close(code=1006 - 6))
        await page.goto(rig.house.http + "/chat")
        await ask(page, "What is ATP?")
        await expect(await answered(page)).to_contain_text("It works all the same.")


async def test_a_message_whose_confirmation_is_lost_is_said_once(open_rig: Open) -> None:
    async with open_rig([Say("Once.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, "/chat?transport=sse")
        lost: list[str] = []

        async def swallow(route: Route) -> None:
            if lost:
                await route.continue_()
            else:
                lost.append(route.request.url)
                await route.fetch()
                await route.abort()

        await page.route(re.compile("/frames$"), swallow)
        await ask(page, "How do enzymes work?")
        await expect(await answered(page)).to_contain_text("Once.")
        assert len(lost) == 1
        assert await messages_of(rig, page, person.account) == ["How do enzymes work?"]


async def test_a_session_that_ends_is_said_and_loses_nothing(open_rig: Open) -> None:
    async with open_rig([Say("First.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page, "What is ATP?")
        await answered(page)
        await rig.house.system.accounts.revoke_all(person.account.id)
        await expect(page.locator(".line")).to_contain_text("You have been signed out.")
        await ask(page, "And what is ADP?")
        await expect(page.locator(".pending")).to_contain_text("And what is ADP?")
        await page.get_by_role("link", name="Sign in again").click()
        await expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()


# -- a server that dies --------------------------------------------------------------------------------------------


@contextmanager
def server(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real command as a process of its own, with the shipped fake as its model, reading aloud slowly."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DIOTIMA_")},
        "DIOTIMA_DATA_DIR": str(folder),
        "DIOTIMA_EMBEDDER": "none",
        "DIOTIMA_CHAT_ADAPTER": "scripted",
        "DIOTIMA_SCRIPTED_SECONDS_PER_WORD": "0.1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "tutor.cli", "serve", "--demo", "--offline", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def address(process: subprocess.Popen[bytes]) -> str:
    """Where it listens, once it says that it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(rb"http://\S+", line):
            return found[0].decode()
    raise AssertionError("the server ended before it was ready")


async def test_a_server_killed_in_mid_answer(browser: Browser, prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    context = await browser.new_context(**DESK, locale="en-GB")
    context.set_default_timeout(30_000)
    try:
        with server(tmp_path, 0) as first:
            home = address(first)
            page = await context.new_page()
            await page.goto(home)
            await page.get_by_role("button", name="Fill in as Student").click()
            await page.keyboard.press("Enter")
            await ask(page, "What limits the rate of photosynthesis?")
            await expect(turns(page).locator(".reply")).to_contain_text(" ")
            first.send_signal(signal.SIGKILL)
            first.wait()
            await expect(page.locator(".line")).to_contain_text("Connection lost.")
        with server(tmp_path, int(home.rpartition(":")[2])) as second:
            address(second)
            turn = turns(page)
            await expect(turn).to_have_attribute("data-status", "interrupted", timeout=40_000)
            await expect(turn).to_contain_text("The server restarted while I was answering.")
            await expect(turn.locator(".reply")).to_be_hidden()
            await expect(page.locator(".message")).to_have_count(1)
            await turn.locator(".outcome").get_by_role("button", name="Try again").click()
            await expect(turns(page).locator(".branches")).to_have_text("2 / 2")
            done = await answered(page)
            await expect(done).to_have_attribute("data-status", "complete", timeout=30_000)
            await expect(done.locator("a.source").first).to_be_visible()
    finally:
        await context.close()
