"""A data folder's seats: one server in each, and the kernel frees it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.seat import DataFolderInUse, take

ROOT = Path(__file__).parent.parent


def test_on_sqlite_there_is_one_seat_and_the_second_server_is_told_who_has_it(tmp_path: Path) -> None:
    first = take(tmp_path / "new", "http://127.0.0.1:8000", alone=True)
    assert first.alone
    with pytest.raises(DataFolderInUse) as refused:
        take(tmp_path / "new", "http://127.0.0.1:8001", alone=True)
    assert refused.value.data == {
        "folder": str((tmp_path / "new").resolve()), "pid": os.getpid(), "address": "http://127.0.0.1:8000",
    }  # fmt: skip
    first.leave()
    first.leave()
    take(tmp_path / "new", "", alone=True).leave()


def test_a_seat_keeps_its_name_from_server_to_server(tmp_path: Path) -> None:
    first, second = (take(tmp_path, "", alone=False) for _ in range(2))
    assert len({first.name, second.name, ""}) == 3
    first.leave()
    again = take(tmp_path, "", alone=False)
    assert again.name == first.name
    again.leave()
    second.leave()


def test_a_killed_server_leaves_its_seat_to_the_next(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys; from tutor.seat import take;"
        "seat = take(pathlib.Path(sys.argv[1]), '', alone=True); print(seat.name, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -9
    seat = take(tmp_path, "", alone=True)
    assert seat.name == done.stdout.strip()
    seat.leave()


def test_a_damaged_note_in_a_seat_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "server.lock").write_text("[1, 2")
    seat = take(tmp_path, "", alone=True)
    assert seat.name
    seat.leave()
