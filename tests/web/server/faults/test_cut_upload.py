"""An upload that breaks off half-way leaves nothing behind, and the same file comes in afterwards."""

import asyncio
import logging
from pathlib import Path

import pytest

from tests.web.server.harness import COURSE, MATERIAL, Builder, House, Person, eventually
from tests.web.server.processes import uploaded
from tutor.domain.accounts import Role

BOUNDARY = "-----------------------------1234567890"


def request(house: House, person: Person, body: bytes, length: int) -> bytes:
    lines = [
        f"POST /courses/{COURSE}/material HTTP/1.1",
        f"Host: {house.address[0]}:{house.address[1]}",
        f"Cookie: {person.cookie['Cookie']}",
        f"X-CSRF-Token: {person.csrf}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY[2:]}",
        f"Content-Length: {length}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


@pytest.mark.parametrize("megabytes", [0, 3])  # one that is kept in memory, and one that has gone to a file
async def test_a_cut_upload_leaves_nothing_behind(
    builder: Builder, tmp_path: Path, megabytes: int, caplog: pytest.LogCaptureFixture
) -> None:
    head = (
        f'{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="moss.md"\r\n'
        "Content-Type: text/markdown\r\n\r\n# Moss\n\nMoss has no roots.\n"
    ).encode()
    body = head + b"Moss grows. " * (megabytes * 90_000)
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        jobs = len(house.system.ingest.jobs())
        reader, writer = await asyncio.open_connection(*house.address)
        writer.write(request(house, trainer, body, len(body) + 100_000))
        await writer.drain()
        await eventually(lambda: bool(house.server.server_state.tasks))
        writer.transport.abort()  # the train enters the tunnel
        del reader
        await eventually(lambda: not house.server.server_state.tasks)
        assert len(house.system.ingest.jobs()) == jobs
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR], "no defect of ours"
        material = tmp_path / "material"
        assert not material.exists() or not list(material.rglob("*.*"))
        # Again, and whole.
        assert await uploaded(house, trainer, "moss.md", "# Moss\n\nMoss has no roots.\n" + MATERIAL) == 303
        await asyncio.to_thread(house.system.ingest.run_pending)
        assert "moss.md" in [state.path for state in house.system.store.library.documents(COURSE)]
        assert [path.name for path in material.rglob("*.*")] == ["moss.md"]
