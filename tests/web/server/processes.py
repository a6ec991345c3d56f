"""Servers in processes of their own, to be killed, starved and stopped."""

import asyncio
import contextlib
import json
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.web.server.harness import COURSE, MATERIAL, PATIENCE, House, Person, eventually
from tutor.domain.accounts import Account, Role, Session
from tutor.domain.curriculum import Course
from tutor.ports import Store
from tutor.services.accounts import token_hash
from tutor.store.sql import SqlStore

ROOT = Path(__file__).parents[3]
#: As ``web.serve.serve`` does it, with a look at the other servers every moment.
PROGRAM = """
import json, sys
from pathlib import Path
from tests.web.server.harness import settings
from tutor.bootstrap import build
from tutor.seat import take
from web.serve import address_of, listen, server_for

given = settings(Path(sys.argv[1]), **json.loads(sys.argv[2]))
sock = listen(given)
seat = take(given.data_dir, address_of(sock), alone=not given.several_servers)
system = build(given, seat=seat, look_seconds=0.2)
server = server_for(system)
print("listening", flush=True)
try:
    server.run(sockets=[sock])
finally:
    system.close()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def process(*command: str, until: bytes = b"", quiet: bool = True) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program; ended with the block, if it hasn't ended before."""
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL if quiet else None,
    )
    try:
        if until:
            assert running.stdout is not None
            async with asyncio.timeout(3 * PATIENCE):
                await running.stdout.readuntil(until)
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await running.communicate()
        except TimeoutError:
            running.kill()
            await running.communicate()


class Remote(House):
    """A server in a process of its own, over ``store`` (another handle on its database)."""

    def __init__(self, address: str, running: asyncio.subprocess.Process) -> None:
        super().__init__(None, None, None, address)  # type: ignore[arg-type]
        self.process = running


@contextlib.asynccontextmanager
async def server(folder: Path, **changes: Any) -> AsyncIterator[Remote]:
    port = free_port()
    values = json.dumps({"port": port, "chat_adapter": "scripted", **changes})
    async with process(sys.executable, "-c", PROGRAM, str(folder), values, until=b"listening") as running:
        yield Remote(f"127.0.0.1:{port}", running)


@contextlib.asynccontextmanager
async def chroma(folder: Path) -> AsyncIterator[str]:
    """``chroma run``; its address."""
    port = free_port()
    command = str(Path(sys.executable).parent / "chroma")
    where = ("--path", str(folder), "--host", "127.0.0.1", "--port", str(port))
    async with process(command, "run", *where):
        url = f"http://127.0.0.1:{port}"

        async def up() -> bool:
            return await asyncio.to_thread(_answers, f"{url}/api/v2/heartbeat")

        await eventually(up)
        yield url


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def opened(url: str) -> Any:
    store = SqlStore(url)
    try:
        yield store
    finally:
        store.close()


def signed_in(store: Store, name: str = "ada", role: Role = Role.STUDENT) -> Person:
    """Somebody with a session."""
    now = datetime.now(UTC)
    account = Account(name, name, name.title(), role, "no password", "en", now)
    person = Person(account, f"token-of-{name}", f"csrf-of-{name}")
    store.accounts.add(account)
    store.sessions.add(Session(token_hash(person.token), name, person.csrf, now, now + timedelta(hours=1)))
    return person


def with_course(store: Store) -> None:
    """The course, still without a page."""
    store.library.put_course(Course(COURSE, "Light", "en"))


async def uploaded(house: House, trainer: Person, name: str = "leaves.md", text: str = MATERIAL) -> int:
    """Bring a file into the course as a trainer does; the status."""
    async with house.client(trainer) as client:
        answer = await client.post(f"/courses/{COURSE}/material", files={"files": (name, text.encode())})
    return answer.status_code


async def begun(house: House, person: Person) -> str:
    """A new conversation about the course."""
    async with house.client(person) as client:
        answer = await client.post("/api/conversations", json={"course": COURSE})
    return str(answer.json()["id"])
