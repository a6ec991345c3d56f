"""Only what is new or has changed is translated, and nothing that a person wrote is ever lost."""

from dataclasses import replace
from typing import Any

from media_gen.lesson import Bullet, Bullets, Lesson, Sentence
from media_gen.translation import (
    Entry,
    FakeTranslator,
    State,
    Translation,
    approve,
    edit,
    plan,
    segments,
    started,
    update,
)
from media_gen.translation.own import OwnText


def _approved(lesson: Lesson) -> Translation:
    return approve(update(lesson, Translation("en", "es"), FakeTranslator()))


def _slide(lesson: Lesson, at: int, **change: Any) -> Lesson:
    slides = list(lesson.slides)
    slides[at] = slides[at].model_copy(update=change)
    return lesson.model_copy(update={"slides": tuple(slides)})


def _entry(translation: Translation, key: str) -> Entry:
    found = translation.entry(key)
    assert found is not None
    return found


def test_a_first_translation_asks_for_every_text_with_words(lesson: Lesson) -> None:
    fake = FakeTranslator()
    made = update(lesson, Translation("en", "es"), fake)
    asked = [item.key for batch in fake.asked for item in batch.items]
    assert asked == [s.key for s in segments(lesson) if not s.fixed and s.kind != "say"]
    assert {entry.state for entry in made.entries if entry.kind != "say"} == {State.DRAFT}
    assert [entry.key for entry in made.entries] == [s.key for s in segments(lesson) if not s.fixed]


def test_an_unchanged_lesson_asks_for_nothing(lesson: Lesson) -> None:
    fake, made = FakeTranslator(), _approved(lesson)
    assert update(lesson, made, fake) == made
    assert fake.asked == []


def test_only_the_changed_sentence_is_translated_anew_and_its_approved_text_stays_beside(lesson: Lesson) -> None:
    made = edit(_approved(lesson), "leaf/narration/0/text", "Una hoja necesita dos cosas.")
    made = approve(made)
    changed = _slide(lesson, 0, narration=(Sentence(text="A leaf needs three things."), lesson.slides[0].narration[1]))
    fake = FakeTranslator()
    after = update(changed, made, fake)
    assert [item.text for batch in fake.asked for item in batch.items] == ["A leaf needs three things."]
    entry = _entry(after, "leaf/narration/0/text")
    assert (entry.translation, entry.state) == ("(es) A leaf needs three things.", State.DRAFT)
    assert (entry.was, entry.was_source) == ("Una hoja necesita dos cosas.", "A leaf needs two things.")
    assert after.counts()[State.APPROVED] == made.counts()[State.APPROVED] - 1
    assert _entry(approve(after), "leaf/narration/0/text").was == ""


def test_without_an_engine_a_changed_text_waits_and_its_old_wording_is_kept(lesson: Lesson) -> None:
    changed = _slide(lesson, 0, title="What a leaf needs")
    entry = _entry(update(changed, _approved(lesson)), "leaf/title")
    assert (entry.translation, entry.state, entry.was) == ("", State.MISSING, "(es) What a leaf takes in")
    once_more = _slide(lesson, 0, title="A leaf's needs")
    again = _entry(update(once_more, update(changed, _approved(lesson))), "leaf/title")
    assert (again.was, again.was_source) == ("(es) What a leaf takes in", "What a leaf takes in")


def test_a_bullet_put_in_front_moves_the_others_with_their_approval(lesson: Lesson) -> None:
    bullets = lesson.slides[0].blocks[0]
    assert isinstance(bullets, Bullets)
    blocks = (Bullets(items=(Bullet(text="Air"), *bullets.items)), lesson.slides[0].blocks[1])
    fake = FakeTranslator()
    after = update(_slide(lesson, 0, blocks=blocks), _approved(lesson), fake)
    assert [item.text for batch in fake.asked for item in batch.items] == ["Air"]
    states = [_entry(after, f"leaf/blocks/0/items/{at}/text").state for at in range(3)]
    assert states == [State.DRAFT, State.APPROVED, State.APPROVED]
    assert _entry(after, "leaf/blocks/0/items/0/text").was == ""
    assert after.retired == ()


def test_the_same_text_in_a_second_place_is_taken_over_but_not_approved_there(lesson: Lesson) -> None:
    after = update(_slide(lesson, 1, title="Water"), _approved(lesson), FakeTranslator())
    assert _entry(after, "table/title").state is State.EDITED
    assert _entry(after, "table/title").translation == "(es) Water"
    assert _entry(after, "leaf/blocks/0/items/0/text").state is State.APPROVED


def test_what_the_lesson_has_no_more_is_retired_and_comes_back_with_its_text(lesson: Lesson) -> None:
    shorter = lesson.model_copy(update={"slides": (lesson.slides[0], lesson.slides[1])})
    after = update(shorter, _approved(lesson), FakeTranslator())
    assert {entry.key for entry in after.retired} == {
        entry.key for entry in _approved(lesson).entries if entry.key.startswith("think/")
    }
    fake = FakeTranslator()
    assert update(lesson, after, fake) == _approved(lesson)
    assert fake.asked == []


def test_retired_entries_stay_retired(lesson: Lesson) -> None:
    shorter = lesson.model_copy(update={"slides": (lesson.slides[0],)})
    after = update(shorter, _approved(lesson))
    assert update(shorter, after) == after
    assert len(after.entries) + len(after.retired) == len(_approved(lesson).entries)


def test_a_plan_says_what_is_due_without_doing_it(lesson: Lesson) -> None:
    due = plan(_slide(lesson, 0, title="New title", subtitle="Subtitle"), _approved(lesson))
    assert [segment.key for segment, _ in due.changed] == ["leaf/title"]
    assert [segment.key for segment in due.new] == ["leaf/subtitle"]
    assert due.retired == ()
    assert len(due.unchanged) == len(_approved(lesson).entries) - 2  # the title, and the sentence's `say`


def test_a_trainer_pronounces_in_their_own_language_and_no_engine_does(lesson: Lesson) -> None:
    made = edit(_approved(lesson), "leaf/narration/1/say", "Rubepé espera.")
    key = "leaf/narration/1/say"
    assert _entry(update(lesson, made, FakeTranslator()), key).translation == "Rubepé espera."
    sentence = lesson.slides[0].narration[1].model_copy(update={"say": "Roo bee pee waits."})
    other = _slide(lesson, 0, narration=(lesson.slides[0].narration[0], sentence))
    entry = _entry(update(other, made, FakeTranslator()), key)
    assert (entry.translation, entry.was) == ("", "Rubepé espera.")


def test_a_persons_text_is_no_draft(lesson: Lesson) -> None:
    own = OwnText({"leaf/title": "Lo que toma una hoja"}, source="en", target="es")
    made = update(lesson, Translation("en", "es"), own)
    assert _entry(made, "leaf/title").state is State.EDITED
    assert not _entry(made, "leaf/title").weak
    assert _entry(made, "_lesson/title").state is State.MISSING


def test_a_note_stays_when_the_text_changes(lesson: Lesson) -> None:
    made = _approved(lesson)
    noted = replace(made, entries=tuple(replace(entry, note="ask Ana") for entry in made.entries))
    assert _entry(update(_slide(lesson, 0, title="New"), noted, FakeTranslator()), "leaf/title").note == "ask Ana"


def test_a_refused_answer_leaves_the_segment_untranslated_and_says_why(lesson: Lesson) -> None:
    made = update(lesson, Translation("en", "es"), FakeTranslator(answer=lambda text: ""))
    entry = _entry(made, "leaf/title")
    assert (entry.state, entry.translation, entry.problem) == (State.MISSING, "", "there is no answer")


def test_an_empty_translation_has_every_segment(lesson: Lesson) -> None:
    made = started(lesson, "ar")
    assert made.counts()[State.MISSING] == len(made.entries) == sum(not s.fixed for s in segments(lesson))
