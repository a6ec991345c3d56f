"""Every language file says all that a film needs, and a further language is one more file."""

import re
import shutil
from pathlib import Path

import pytest

from media_gen import language
from media_gen.errors import LanguageUnknown
from media_gen.language import FOLDER, WORDS, available, load

TAGS = ("en", "ar", "de", "es", "fr", "hi", "it", "pt-BR", "zh")
PLACE = re.compile(r"\{(\w+)\}")


def test_the_nine_languages_are_there_english_first() -> None:
    assert available() == TAGS


@pytest.mark.parametrize("tag", TAGS)
def test_a_file_is_complete(tag: str) -> None:
    english, own = load("en"), load(tag)
    assert set(own.words) == set(WORDS)
    assert all(own.words.values())
    assert len(own.months) == 12
    assert own.voices
    assert all(engine and voice for engine, voice in own.voices)
    assert own.fonts
    assert own.mono
    assert 0 < own.rate[0] < own.rate[1]
    assert {"{day}", "{month}", "{year}"} == {"{" + place + "}" for place in PLACE.findall(own.date)}
    for table in ("units", "symbols", "phrases"):
        assert set(own.spoken[table]) == set(english.spoken[table])
    for table, rows in own.spoken.items():
        assert all(rows.values()), table
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") <= set(own.spoken["letters"])
    assert own.spoken["abbreviations"]


@pytest.mark.parametrize("tag", TAGS)
def test_wordings_have_the_places_of_english(tag: str) -> None:
    english, own = load("en"), load(tag)
    for ours, theirs in ((own.words, english.words), (own.spoken["phrases"], english.spoken["phrases"])):
        for key, wording in theirs.items():
            assert sorted(PLACE.findall(ours[key])) == sorted(PLACE.findall(wording)), key


@pytest.mark.parametrize("tag", TAGS)
def test_units_have_a_form_for_every_number(tag: str) -> None:
    forms = {1, 4} if tag == "ar" else {1, 2}
    assert {len(unit.split("|")) for unit in load(tag).spoken["units"].values()} <= forms


@pytest.mark.parametrize("tag", TAGS)
def test_what_a_language_shows_is_in_its_own_script(tag: str) -> None:
    script = {"ar": r"[\u0600-\u06ff]", "hi": r"[\u0900-\u097f]", "zh": r"[\u4e00-\u9fff]"}.get(tag, "[A-Za-z]")
    for key, wording in load(tag).words.items():
        assert re.search(script, wording) or key == "continued", key


def test_only_arabic_is_right_to_left() -> None:
    assert [tag for tag in TAGS if load(tag).direction == "rtl"] == ["ar"]


@pytest.mark.parametrize(("asked", "got"), [("es-MX", "es"), ("pt", "pt-BR"), ("PT_br", "pt-BR"), ("zh-Hans-CN", "zh")])
def test_a_region_that_is_not_there_gets_its_language(asked: str, got: str) -> None:
    assert load(asked).tag == got


def test_an_unknown_language_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(LanguageUnknown, match="known are en, ar"):
        load("tlh")


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    for file in FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    dutch = (FOLDER / "en.toml").read_text("utf-8").replace('name = "English"', 'name = "Nederlands"', 1)
    (tmp_path / "nl.toml").write_text(dutch, "utf-8")
    assert "nl" in available(tmp_path)
    assert load("nl-BE", tmp_path).name == "Nederlands"


@pytest.mark.parametrize("lost", ['decimal = "."', 'question = "Question"', "[spoken.letters]"])
def test_a_file_that_lacks_something_says_what(tmp_path: Path, lost: str) -> None:
    (tmp_path / "en.toml").write_text((FOLDER / "en.toml").read_text("utf-8").replace(lost, "", 1), "utf-8")
    with pytest.raises(LanguageUnknown, match="lacks") as refused:
        load("en", tmp_path)
    assert re.search("decimal|question|letters", str(refused.value))


def test_the_primary_language_of_a_tag() -> None:
    assert [language.primary(tag) for tag in ("pt-BR", "zh_TW", "EN")] == ["pt", "zh", "en"]
