"""docs/voices.md says what is so: its examples are read aloud, its engines are those of the code."""

import re
from pathlib import Path

from media_gen.language import available, load
from media_gen.speech.engines import every
from media_gen.speech.kokoro import VOICES
from media_gen.speech.spoken import read_aloud

TEXT = (Path(__file__).parents[3] / "docs/voices.md").read_text("utf-8")


def test_its_examples_are_read_as_it_says() -> None:
    section = TEXT.partition("## How text is read")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w-]+) \| `([^`]+)` \| (.+) \|$", section, re.MULTILINE)
    assert len(rows) >= 6
    for tag, written, said in rows:
        assert read_aloud(written, load(tag)) == said


def test_its_engines_are_those_there_are(tmp_path: Path) -> None:
    named = re.findall(r"^\| `(\w+)` \| .* \| (no|\*\*yes.*\*\*) \|", TEXT, re.MULTILINE)
    assert {(name, sends != "no") for name, sends in named} == {(e.name, e.online) for e in every(tmp_path)}
    row = next(line for line in TEXT.splitlines() if line.startswith("| `kokoro`"))
    for tag in available():
        if tag.partition("-")[0] in VOICES and tag != "de":
            assert f" {tag}" in row
    assert "German" in row
