"""The server process: where it listens, and what it says."""

import socket
from pathlib import Path

import pytest

from tests.web.server.harness import settings
from web.serve import PortInUse, address_of, greeting, listen, serve


def test_a_free_port_is_found_and_named(tmp_path: Path) -> None:
    with listen(settings(tmp_path)) as sock:
        port = sock.getsockname()[1]
        assert port > 0
        assert address_of(sock) == f"http://127.0.0.1:{port}"


def test_a_server_for_the_whole_network_is_found_here_at_home(tmp_path: Path) -> None:
    with listen(settings(tmp_path, host="0.0.0.0")) as sock:
        assert address_of(sock).startswith("http://127.0.0.1:")


def test_a_port_in_use_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUse):
            listen(settings(tmp_path, port=port))
        assert serve(settings(tmp_path, port=port)) == 1
    said = capsys.readouterr().err
    assert f"Port {port} is already in use" in said
    assert "--port" in said
    assert not (tmp_path / "diotima.db").exists(), "nothing is touched before the port is had"


def test_an_address_that_is_not_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(settings(tmp_path, host="192.0.2.1")) == 1
    assert "Can't listen on 192.0.2.1" in capsys.readouterr().err


def test_the_greeting_says_where_to_go_and_who_one_can_be(tmp_path: Path) -> None:
    plain = greeting("http://127.0.0.1:8000", settings(tmp_path))
    assert "http://127.0.0.1:8000" in plain
    assert "demo-" not in plain
    assert "quoting the course" in plain
    demo = greeting("http://127.0.0.1:8000", settings(tmp_path, demo=True, chat_model="x/y"))
    for name in ("student", "trainer", "reviewer", "admin"):
        assert f"demo-{name}" in demo
    assert "quoting the course" not in demo
