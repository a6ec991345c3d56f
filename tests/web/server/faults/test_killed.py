"""kill -9 in the middle of a turn: at the next start the turn is closed, and nothing said is lost."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.web.server.harness import COURSE, PATIENCE, QUESTION, House, Person, settings
from tutor.bootstrap import build
from tutor.domain.accounts import Account, Role, Session
from tutor.domain.curriculum import Course
from tutor.services.accounts import token_hash
from tutor.services.indexing import Wanted

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
from pathlib import Path
from tests.web.server.harness import settings
from web.serve import serve

sys.exit(serve(settings(Path(sys.argv[1]), port=int(sys.argv[2]), chat_adapter="scripted",
                        scripted_seconds_per_word=float(sys.argv[3]))))
"""
MATERIAL = "# Leaves\n\n## Green\n\n" + " ".join(
    f"Chlorophyll in leaf number {n} absorbs red and blue light and so it looks green" for n in range(60)
)


def prepared(folder: Path) -> Person:
    """A database with a course and somebody signed in."""
    material = folder / "course"
    material.mkdir()
    (material / "leaves.md").write_text(MATERIAL + ".\n", encoding="utf-8")
    system = build(settings(folder), model=None)
    try:
        system.store.library.put_course(Course(COURSE, "Light", "en"))
        system.ingest.enqueue(Wanted(material, COURSE, "test", "Light", "en"))
        system.ingest.run_pending()
        now = datetime.now(UTC)
        account = Account("ada", "ada", "Ada", Role.STUDENT, "no password", "en", now)
        person = Person(account, "token-of-ada", "csrf-of-ada")
        system.store.accounts.add(account)
        system.store.sessions.add(Session(token_hash(person.token), "ada", person.csrf, now, now + timedelta(hours=1)))
    finally:
        system.close()
    return person


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running(folder: Path, port: int, seconds_per_word: float) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(folder), str(port), str(seconds_per_word),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE * 2):
            await process.stdout.readuntil(b"Ctrl+C")
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            await process.communicate()


async def test_a_killed_server_loses_no_message(tmp_path: Path) -> None:
    person = await asyncio.to_thread(prepared, tmp_path)
    port = free_port()
    address = f"127.0.0.1:{port}"
    async with running(tmp_path, port, 0.05) as process:
        house = House(None, None, None, address)  # type: ignore[arg-type]
        async with house.client(person) as client:
            begun = await client.post("/api/conversations", json={"course": COURSE})
        conversation = begun.json()["id"]
        async with house.page(person) as page:
            await page.hello(conversation)
            turn = (await page.ask())["turn"]
            await page.until("delta")
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
    async with running(tmp_path, port, 0.0) as process:
        async with house.page(person) as back:
            back.last_seq = page.last_seq
            welcome = await back.hello(conversation, page.last_seq)
            assert welcome["open_turn"] is None
            (interrupted,) = back.of("interrupted")
            assert interrupted["turn"] == turn
            assert interrupted["reason"] == "server_restarted"
            assert interrupted["retryable"] is True
            await back.say(type="send", client_id="m1", text=QUESTION)
            assert (await back.until("ack")) == {
                "type": "ack", "client_id": "m1", "turn": turn, "seq": page.of("ack")[0]["seq"], "duplicate": True,
            }  # fmt: skip
            await back.say(type="retry", client_id="m2", turn=turn)
            assert (await back.until("finished"))["outcome"] == "complete"
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() in (0, -signal.SIGTERM)
