"""The demo course ships one deck with translations of our own, approved, in four languages."""

from pathlib import Path

import pytest

from media_gen.language import load
from media_gen.lesson import Lesson
from media_gen.script import read as read_script
from media_gen.translation import State, beside, localise, plan, read, review, segments
from media_gen.translation.drafting import doubt
from media_gen.translation.protect import spans

DECK = Path(__file__).parents[3] / "tutor/demo/energy-for-life/decks/photosynthesis.md"
LANGUAGES = ("es", "hi", "ar", "zh")


@pytest.fixture(scope="module")
def deck() -> Lesson:
    return read_script(DECK)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_is_translated_and_approved(deck: Lesson, tag: str) -> None:
    made = localise(deck, read(beside(DECK, tag)))
    assert made.drafts == {}
    assert review(made).complete
    assert made.language == tag
    entries = read(beside(DECK, tag)).entries
    assert [entry.key for entry in entries] == [s.key for s in segments(deck) if not s.fixed]
    assert {entry.state for entry in entries} == {State.APPROVED}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_files_are_up_to_date_with_the_deck(deck: Lesson, tag: str) -> None:
    due = plan(deck, read(beside(DECK, tag)))
    assert (due.new, due.changed, due.moved, due.retired) == ((), (), (), ())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_maths_code_and_links_are_those_of_the_source(deck: Lesson, tag: str) -> None:
    made = localise(deck, read(beside(DECK, tag)))
    source, target = {s.key: s.text for s in segments(deck)}, {s.key: s.text for s in segments(made)}
    assert source.keys() == target.keys()
    assert [key for key in source if spans(source[key]) != spans(target[key])] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_could_be_its_translation(deck: Lesson, tag: str) -> None:
    made = localise(deck, read(beside(DECK, tag)))
    texts = zip(segments(deck), segments(made), strict=True)
    assert [(a.key, why) for a, b in texts if (why := doubt(a.text, b.text, tag))] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_kept_terms_stay_and_fixed_terms_are_used(deck: Lesson, tag: str) -> None:
    made = {s.key: s.text for s in segments(localise(deck, read(beside(DECK, tag))))}
    for term in deck.glossary:
        wanted = term.term if term.keep else term.translations[tag]
        for segment in segments(deck):
            if term.term.lower() in segment.text.lower():
                assert wanted.lower() in made[segment.key].lower(), segment.key


@pytest.mark.parametrize("tag", LANGUAGES)
def test_steps_and_pauses_are_those_of_the_source(deck: Lesson, tag: str) -> None:
    made = localise(deck, read(beside(DECK, tag)))
    for before, after in zip(deck.slides, made.slides, strict=True):
        assert [(s.reveal, s.pause) for s in before.narration] == [(s.reveal, s.pause) for s in after.narration]
    assert load(tag).tag == made.language
