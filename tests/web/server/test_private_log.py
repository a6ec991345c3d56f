"""A whole day at the most talkative level: nothing that anybody said, is called, or signs in with is in the log."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from tests.web.server.harness import COURSE, PATIENCE, QUESTION, put_course, settings
from tutor.bootstrap import build
from tutor.domain.accounts import Role

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from tests.web.server.harness import settings
from tutor.observe import ROOMS, log_to_stderr
from web.serve import serve

log_to_stderr("debug", *ROOMS, style="json")
sys.exit(serve(settings(
    Path(sys.argv[1]), log_level="debug", log_format="json", chat_adapter="openai", chat_model="m",
    chat_api_base="http://127.0.0.1:1/v1", chat_api_key="canary-model-key", embedder="hashing",
)))
"""
USERNAME, DISPLAY, PASSWORD = "canary.mail@example.org", "Canary Displayname", "canary password 42"
CANARIES = (
    *("canary", "Displayname", "203.0.113.77", "example.org", "chlorophyll"),
    "diotima_session=",
)


def prepared(folder: Path) -> str:
    """A database with a course and a trainer; the trainer's id."""
    system = build(settings(folder), model=None)
    try:
        put_course(system, folder)
        account = asyncio.run(system.accounts.create(USERNAME, PASSWORD, DISPLAY, Role.TRAINER))
    finally:
        system.close()
    return account.id


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def day(address: str) -> None:
    """Signing in, failing to, asking, saying nonsense, uploading, searching, and taking it all away again."""
    seen = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "canary-browser", "Referer": f"{address}/?q=canary"}
    async with httpx.AsyncClient(base_url=address, headers=seen, timeout=PATIENCE) as client:
        csrf = hidden((await client.get("/sign-in?next=/canary")).text, "csrf")
        wrong = {"username": "canary nobody", "password": "canary wrong", "csrf": csrf}
        assert (await client.post("/sign-in", data=wrong)).status_code == 401
        assert (await client.post("/sign-in", data={"username": "canary"})).status_code == 403
        right = {"username": USERNAME, "password": PASSWORD, "csrf": csrf}
        assert (await client.post("/sign-in", data=right)).status_code == 303
        csrf = hidden((await client.get(f"/courses/{COURSE}/material")).text, "csrf")
        headers = {"X-CSRF-Token": csrf}
        begun = await client.post("/api/conversations", json={"course": COURSE}, headers=headers)
        conversation = begun.json()["id"]
        await talk(address, client, conversation)
        home = f"/api/conversations/{conversation}"
        await client.patch(home, json={"title": "canary title"}, headers=headers)
        await client.patch(home, json={"title": {"canary": 1}}, headers=headers)
        await client.get("/api/conversations", params={"search": "canary search"})
        await client.get("/canary/nowhere", headers={"Accept": "application/json, canary"})
        await client.post("/api/maths/preview", json={"text": "canary^2 + \\frac{"}, headers=headers)
        for content in (b"# Canary\n\nSaid the canary.", b"\xff\xfe canary \x00", b"---\ncanary: [\n---\n{canary"):
            files = {"files": ("notes.md", content)}
            await client.post(f"/courses/{COURSE}/material", files=files, headers=headers)
        script = {"title": "canary deck", "text": "# Canary\n\n<!-- canary notes -->", "language": "canary"}
        await client.post("/api/scripts", json=script, headers=headers)
        async with asyncio.timeout(PATIENCE):
            jobs = {"X-Fragment": "jobs"}
            while 'data-state="idle"' not in (await client.get(f"/courses/{COURSE}/material", headers=jobs)).text:
                await asyncio.sleep(0.05)
        await client.delete(home, headers=headers)
        await client.post("/sign-out", data={"csrf": csrf})


async def talk(address: str, client: httpx.AsyncClient, conversation: str) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    where = address.replace("http", "ws") + "/ws/chat?canary=1"
    async with connect(where, additional_headers={"Cookie": cookies}, compression=None) as socket:

        async def say(**frame: Any) -> None:
            await socket.send(json.dumps(frame))

        async def until(kind: str) -> dict[str, Any]:
            async with asyncio.timeout(PATIENCE):
                while (frame := json.loads(await socket.recv()))["type"] != kind:
                    pass
            return dict(frame)

        await say(type="hello", conversation=conversation, last_seq=0)
        await until("ready")
        await say(type="send", client_id="canary-0", text=QUESTION)
        await until("finished")
        await say(type="send", client_id="canary-1", text=f"My name is {DISPLAY}. Is it chlorophyll?")
        turn = (await until("finished"))["turn"]
        await say(type="send", client_id="canary-2", text="Show me a video about chlorophyll")
        await until("finished")
        await say(type="feedback", client_id="f1", turn=turn, rating=-1, comment="canary comment")
        await say(type="canary frame", text="canary")
        await until("error")
        await socket.send(b"\xff canary")
        await until("error")
    async with connect(where, additional_headers={"Cookie": cookies}, compression=None) as socket:
        await socket.send(b"\xff\xfe canary", text=True)
        await asyncio.wait_for(socket.wait_closed(), PATIENCE)
        assert socket.close_code == 1007


async def test_the_log_of_a_day_names_nobody_and_quotes_nothing(tmp_path: Path) -> None:
    account = await asyncio.to_thread(prepared, tmp_path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(tmp_path)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    reading = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(PATIENCE * 2):
            greeting = (await process.stdout.readuntil(b"Ctrl+C")).decode()
        await day(re.findall(r"http://\S+", greeting)[0])
    finally:
        process.terminate()
        async with asyncio.timeout(PATIENCE):
            log = (await reading).decode()
            await process.communicate()
    lines = [json.loads(line) for line in log.splitlines()]
    said = {line["event"] for line in lines}
    assert {"http.request", "model.retry"} <= said, said
    routes = {line["route"] for line in lines if line["event"] == "http.request"}
    assert "/api/conversations/{conversation}" in routes
    assert all(len(line["request"]) == 12 for line in lines if line["event"] == "http.request")
    retry, *_ = [line for line in lines if line["event"] == "model.retry"]
    assert retry["turn"], "what is logged in a turn names it"
    assert retry["request"]
    for secret in (*CANARIES, account):
        assert [line for line in log.splitlines() if secret.casefold() in line.casefold()] == [], secret
