"""``diotima doctor``: what it tries is really tried, and what it says of a failure helps."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.fakes.model_server import in_thread, reply
from tests.postgres import Cluster
from tests.web.server.harness import settings
from tutor.cli.checks import models, storage
from tutor.cli.checks.finding import tried
from tutor.cli.command import app


class Surgery:
    """The command with its folders in a scratch place; nothing else of the environment counts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._environment = monkeypatch
        self.folder = folder
        monkeypatch.chdir(folder)
        self.given(data_dir=str(folder / "data"), models_dir=str(folder / "models"), embedder="none")

    def given(self, **settings: str) -> None:
        for name, value in settings.items():
            self._environment.setenv(f"DIOTIMA_{name.upper()}", value)

    def run(self, *options: str) -> Result:
        return CliRunner().invoke(app, ["doctor", *options], catch_exceptions=False)

    def found(self, *options: str) -> dict[str, dict[str, Any]]:
        """The findings by name."""
        return {one["name"]: one for one in json.loads(self.run("--json", *options).stdout)}


@pytest.fixture
def surgery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    return Surgery(tmp_path, monkeypatch)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_part_is_tried(surgery: Surgery) -> None:
    found = surgery.found()
    assert {name for name, one in found.items() if one["state"] == "failed"} == {"courses"}
    assert "its schema is" in found["database"]["about"]
    assert "diotima ingest" in found["courses"]["do"]
    assert ".md" in found["formats"]["about"]
    assert "characters of a sample" in found["reader"]["about"]
    assert "slides can be set" in found["slides"]["about"]
    assert "libx264" in found["encoding"]["about"]
    assert "speak" in found["speech_espeak"]["about"]
    assert found["speech_kokoro"]["state"] == "note"
    assert "diotima models fetch" in found["speech_kokoro"]["about"] + found["speech_kokoro"]["do"]
    assert "not tried" in found["speech_gtts"]["about"], "nothing leaves this machine unasked"
    assert "traces go nowhere" in found["telemetry"]["about"]
    assert all(set(one) == {"area", "state", "name", "about", "do", "seconds"} for one in found.values())


def test_what_is_missing_comes_with_what_to_do(surgery: Surgery) -> None:
    port = closed_port()
    surgery.given(embedder="e5", database_url=f"postgresql://ada:secret@127.0.0.1:{port}/d", chat_adapter="openai")
    surgery.given(chat_model="m")
    result = surgery.run()
    assert result.exit_code == 1
    assert "secret" not in result.stdout
    assert "!!  model files for e5 are missing - diotima models fetch e5" in result.stdout
    assert "Is the server up" in result.stdout
    assert "DIOTIMA_CHAT_API_BASE" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_damaged_database_is_named_and_left_alone(surgery: Surgery) -> None:
    database = surgery.folder / "data" / "diotima.db"
    database.parent.mkdir()
    database.write_bytes(b"this is no database" * 100)
    found = surgery.found()
    assert found["database"]["state"] == "failed"
    assert "backup" in found["database"]["do"]
    assert database.read_bytes() == b"this is no database" * 100


def test_a_postgresql_database_is_tried_like_a_file(tmp_path: Path, cluster: Cluster, migrated_postgresql: str) -> None:
    found = {one.name: one for one in storage.findings(settings(tmp_path, database_url=migrated_postgresql))}
    assert found["database"].state == "ok", found["database"].about
    assert "can be written; its schema is" in found["database"].about
    assert found["search"].state == "ok"
    assert b"doctor" not in cluster.dump("diotima")


def test_the_model_is_asked_only_when_that_is_wanted(tmp_path: Path) -> None:
    with in_thread(reply("Yes, ", "here.")) as server:
        chosen = settings(tmp_path, chat_adapter="openai", chat_model="m", chat_api_base=server.base_url)
        (unasked,) = models.chat(chosen, online=False)
        assert "not asked" in unasked.about
        assert server.requests == []
        (asked,) = models.chat(chosen, online=True)
        assert (asked.state, asked.about) == ("ok", "chat model m answers 'Yes, here.'")


def test_a_model_that_is_away_is_told_with_what_to_check(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{closed_port()}/v1"
    chosen = settings(tmp_path, chat_adapter="openai", chat_model="m", chat_api_base=address, chat_api_key="secret")
    (found,) = models.chat(chosen, online=True)
    assert found.state == "failed"
    assert "DIOTIMA_CHAT_MODEL" in found.do
    assert "secret" not in found.about


def test_a_check_that_crashes_is_a_finding(tmp_path: Path) -> None:
    found = tried("a part", lambda: str(1 / 0), "Mend it.")
    assert (found.state, found.about, found.do) == ("failed", "a part: ZeroDivisionError: division by zero", "Mend it.")
