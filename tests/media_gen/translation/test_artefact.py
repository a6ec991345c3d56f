"""The file that a trainer reads, corrects and approves."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.errors import ScriptInvalid
from media_gen.lesson import Lesson, Term
from media_gen.translation import (
    FakeTranslator,
    State,
    Translation,
    approve,
    beside,
    edit,
    read,
    started,
    update,
    write,
)
from media_gen.translation.artefact import Entry, dump, parse, text_hash


def test_source_and_translation_stand_side_by_side(lesson: Lesson) -> None:
    text = dump(update(lesson, Translation("en", "es"), FakeTranslator()))
    assert (
        '[[segment]]\nkey = "leaf/title"\nkind = "slide title"\nsource = "What a leaf takes in"\n'
        f'hash = "{text_hash("What a leaf takes in")}"\ntranslation = "(es) What a leaf takes in"\n'
        'state = "draft"\nengine = "fake"\nweak = true\n'
    ) in text
    assert "source = 'The energy $E = hc/\\lambda$ of light'" in text


def test_the_file_reads_back_as_it_was(lesson: Lesson) -> None:
    made = update(lesson, Translation("en", "es"), FakeTranslator())
    assert parse(dump(made)) == made
    assert parse(dump(started(lesson, "ar"))) == started(lesson, "ar")


ANY = st.text(max_size=40)
KNOWN = set(Entry.__dataclass_fields__)
OTHER = ANY.filter(lambda name: name not in KNOWN)


@given(source=ANY, translation=ANY, was=ANY, note=ANY, extra=st.dictionaries(OTHER, ANY | st.integers()))
def test_any_text_survives_the_file(
    source: str, translation: str, was: str, note: str, extra: dict[str, object]
) -> None:
    state = State.APPROVED if translation.strip() else State.MISSING
    entry = Entry("a/title", "slide title", source, "00", translation, state, was=was, note=note, extra=extra)
    whole = Translation("en", "es", title=source, entries=(entry,))
    assert parse(dump(whole)) == whole


def test_a_draft_that_a_person_changed_in_the_file_is_edited(lesson: Lesson) -> None:
    text = dump(update(lesson, Translation("en", "es"), FakeTranslator()))
    changed = parse(text.replace('"(es) What a leaf takes in"', '"Lo que toma una hoja"'))
    title = changed.entry("leaf/title")
    assert title is not None
    assert (title.translation, title.state) == ("Lo que toma una hoja", State.EDITED)
    assert changed.counts()[State.EDITED] == 1


def test_a_missing_text_that_a_person_filled_in_is_edited_and_an_emptied_one_missing(lesson: Lesson) -> None:
    text = dump(started(lesson, "es")).replace('translation = ""', 'translation = "Azúcar del aire"', 1)
    assert [entry.state for entry in parse(text).entries[:2]] == [State.EDITED, State.MISSING]
    emptied = dump(approve(parse(text))).replace("Azúcar del aire", "")
    assert parse(emptied).entries[0].state is State.MISSING


def test_unknown_fields_and_retired_entries_are_written_back() -> None:
    text = (
        'format = 1\nsource_language = "en"\nlanguage = "es"\ntitle = ""\nreviewer = "Ana"\n\n'
        '[[segment]]\nkey = "a/title"\nkind = "slide title"\nsource = "Leaf"\nhash = "00"\ntranslation = "Hoja"\n'
        'state = "approved"\ndeadline = 2026-12-01\n"odd key" = [1, { b = true }]\n\n'
        '[[retired]]\nkey = "b/title"\nkind = "slide title"\nsource = "Root"\nhash = "01"\ntranslation = "Raíz"\n'
        'state = "edited"\n'
    )
    again = dump(parse(text))
    assert again.partition("format = 1")[2] == text.partition("format = 1")[2]


def test_the_glossary_of_the_file(lesson: Lesson) -> None:
    terms = (Term(term="ATP", keep=True), Term(term="stroma", translations={"es": "estroma"}))
    made = replace(started(lesson, "es"), terms=terms)
    assert parse(dump(made)).terms == terms


def test_editing_and_approving(lesson: Lesson) -> None:
    made = edit(started(lesson, "es"), "leaf/title", "Lo que toma una hoja")
    assert made.counts()[State.EDITED] == 1
    assert approve(made).counts()[State.APPROVED] == 1
    assert approve(made, "leaf/title").counts()[State.APPROVED] == 1
    assert edit(made, "leaf/title", "").counts()[State.EDITED] == 0
    with pytest.raises(KeyError):
        approve(made, "table/blocks/0/header/1")
    with pytest.raises(KeyError):
        edit(made, "nowhere/title", "x")


def test_a_file_is_replaced_whole(lesson: Lesson, tmp_path: Path) -> None:
    path = beside(tmp_path / "deck.md", "pt-BR")
    write(path, started(lesson, "pt-BR"))
    assert path.name == "deck.pt-BR.toml"
    assert read(path) == started(lesson, "pt-BR")
    assert [file.name for file in tmp_path.iterdir()] == ["deck.pt-BR.toml"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("format = ", "no valid TOML"),
        ("format = 2", "format is not 1"),
        ('format = 1\nlanguage = "es"', "source_language"),
        ('format = 1\nsource_language = "en"\nlanguage = "es"\n[[segment]]\nkey = "a"', "lacks something"),
        (
            'format = 1\nsource_language = "en"\nlanguage = "es"\n'
            + '[[segment]]\nkey = "a"\nkind = "x"\nsource = ""\nhash = ""\n' * 2,
            "more than once: a",
        ),
        (
            'format = 1\nsource_language = "en"\nlanguage = "es"\n'
            '[[segment]]\nkey = "a"\nkind = "x"\nsource = ""\nhash = ""\nstate = "done"\ntranslation = "b"',
            "'done' is not a valid State",
        ),
    ],
)
def test_a_file_that_cannot_be_understood_says_why(text: str, why: str) -> None:
    with pytest.raises(ScriptInvalid, match=why):
        parse(text)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScriptInvalid, match=r"deck\.es\.toml can't be read"):
        read(tmp_path / "deck.es.toml")
