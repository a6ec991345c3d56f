"""A second server on the same data folder says so and leaves the first one alone."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Backend
from tests.web.server.harness import settings
from tutor.seat import take
from web.serve import serve


@contextlib.contextmanager
def first(folder: Path, *, alone: bool) -> Iterator[None]:
    seat = take(folder, "http://127.0.0.1:8000", alone=alone)
    try:
        yield
    finally:
        seat.leave()


def test_on_sqlite_it_refuses_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with first(tmp_path, alone=True):
        assert serve(settings(tmp_path)) == 1
    said = capsys.readouterr().err
    for words in (str(tmp_path), "http://127.0.0.1:8000", "stop it first", "DIOTIMA_DATA_DIR", "docs/scaling.md"):
        assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "diotima.db").exists(), "the database wasn't even opened"


async def test_the_command_leaves_with_status_1(tmp_path: Path) -> None:
    with first(tmp_path, alone=True):
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tutor.cli", "serve", "--port", "0", "--offline", "--no-demo",
            env={"DIOTIMA_DATA_DIR": str(tmp_path), "DIOTIMA_EMBEDDER": "none", "DIOTIMA_FILM_WORKERS": "0"},
            cwd=Path(__file__).parents[4], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(100):
            out, err = await running.communicate()
    assert running.returncode == 1
    assert b"Another Diotima server runs on the data folder" in err
    assert b"ready" not in out


async def test_on_postgresql_it_is_welcome(tmp_path: Path, postgresql_backend: Backend) -> None:
    from tests.web.server.processes import server

    with first(tmp_path, alone=False):
        async with server(tmp_path, database_url=postgresql_backend.url) as second, second.client() as client:
            assert (await client.get("/sign-in")).status_code == 200
