"""Every text that a lesson marks as translatable is a segment, under a key that stays."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from media_gen.lesson import Bullet, Bullets, Lesson, Translatable
from media_gen.translation.segments import segments, slide_of, with_prose


def test_keys_name_the_slide_and_the_place(lesson: Lesson) -> None:
    found = {segment.key: (segment.kind, segment.text) for segment in segments(lesson)}
    assert found["_lesson/title"] == ("lesson title", "Sugar from air")
    assert found["leaf/title"] == ("slide title", "What a leaf takes in")
    assert found["leaf/blocks/0/items/1/text"] == ("bullet", "The energy $E = hc/\\lambda$ of light")
    assert found["leaf/narration/1/text"] == ("narration", "RuBP waits for **carbon dioxide**.")
    assert found["leaf/narration/1/say"] == ("say", "Roo B P waits.")
    assert found["table/blocks/0/rows/0/0"] == ("table rows", "Blue")
    assert found["table/blocks/2/steps/1"] == ("diagram steps", "Make sugar")
    assert found["think/interaction/options/0/feedback"] == ("option feedback", "Yes.")


def test_empty_texts_formulas_and_code_blocks_are_no_segments(lesson: Lesson) -> None:
    texts = [segment.text for segment in segments(lesson)]
    assert "" not in texts
    assert "6\\,\\mathrm{CO_2}" not in texts


def test_a_text_without_words_needs_no_translator(lesson: Lesson) -> None:
    fixed = {segment.key: segment.text for segment in segments(lesson) if segment.fixed}
    assert fixed == {"table/blocks/0/rows/1/1": "176.25"}


def test_keys_stay_when_texts_and_other_slides_change(lesson: Lesson) -> None:
    first = lesson.slides[0].model_copy(update={"title": "Something else"})
    changed = lesson.model_copy(update={"slides": (lesson.slides[2], first)})
    assert {s.key for s in segments(changed) if s.slide == "leaf"} == {
        s.key for s in segments(lesson) if s.slide == "leaf"
    }


def test_nothing_but_the_marked_fields_changes(lesson: Lesson) -> None:
    shouted = with_prose(lesson, lambda key, kind, text: text.upper())
    assert shouted.slides[0].blocks[0] == Bullets(
        items=(Bullet(text="WATER"), Bullet(text="THE ENERGY $E = HC/\\LAMBDA$ OF LIGHT"))
    )
    assert shouted.slides[0].id == "leaf"
    assert shouted.slides[0].blocks[1] == lesson.slides[0].blocks[1]
    assert shouted.glossary == lesson.glossary
    assert with_prose(lesson, lambda key, kind, text: text) == lesson


def test_every_marked_field_of_every_model_is_reached() -> None:
    """Fill each marked field of each model of a lesson, and look for it among the segments."""
    marked = {f"{model.__name__}.{name}" for model in _models(Lesson, set()) for name in _marked(model)}
    assert {"Slide.title", "Sentence.say", "Table.rows", "Diagram.steps", "Hotspot.label", "Chart.unit"} <= marked
    assert not marked & {"Code.text", "Maths.latex", "Source.title", "Term.term"}


def _marked(model: type[BaseModel]) -> list[str]:
    return [n for n, f in model.model_fields.items() if "Translatable" in repr(f) or _has(f.annotation)]


def _has(hint: Any) -> bool:
    return any(isinstance(part, Translatable) or _has(part) for part in get_args(hint))


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    seen.add(model)
    waiting = [field.annotation for field in model.model_fields.values()]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and issubclass(hint, BaseModel) and hint not in seen:
            _models(hint, seen)
        waiting += get_args(hint)
    return seen


@pytest.mark.parametrize(("key", "slide"), [("leaf/title", "leaf"), ("_lesson/title", "")])
def test_the_slide_of_a_key(key: str, slide: str) -> None:
    assert slide_of(key) == slide
