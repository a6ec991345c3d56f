"""The translatable texts of a lesson, each with a key that stays.

Which fields are translated is said once, by ``Translatable`` in ``media_gen.lesson``; this walks whatever is marked so,
so a new field of a lesson needs nothing here.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from media_gen import inline
from media_gen.lesson import Lesson, Translatable

LESSON = "_lesson"  # stands in keys where a slide's id would; no slide's id begins so
SAY = "say"  # kind of the text that only the voice gets: its author's in every language, never a machine's

Change = Callable[[str, str, str], str]


@dataclass(frozen=True)
class Segment:
    """``key`` is ``slide-id/path`` (``_lesson/title``, ``leaf/blocks/0/items/1/text``). ``kind`` says what it is for a
    reader ("slide title", "bullet", "narration"). ``fixed``: there are no words in it, only numbers, signs, maths or
    code, and it needs no translator."""

    key: str
    kind: str
    text: str
    fixed: bool = False

    @property
    def slide(self) -> str:
        """The slide's id; empty for the lesson's own title and description."""
        return slide_of(self.key)

    @property
    def hash(self) -> str:
        return source_hash(self.text)


def slide_of(key: str) -> str:
    head = key.partition("/")[0]
    return "" if head == LESSON else head


def source_hash(text: str) -> str:
    """What names a source text in a translation file: 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def segments(lesson: Lesson) -> tuple[Segment, ...]:
    """Every translatable text of the lesson that isn't empty, in reading order."""
    found: list[Segment] = []

    def keep(key: str, kind: str, text: str) -> str:
        if text.strip():
            found.append(Segment(key, kind, text, fixed=not has_words(text)))
        return text

    with_prose(lesson, keep)
    return tuple(found)


def with_prose(lesson: Lesson, change: Change) -> Lesson:
    """The lesson with ``change(key, kind, text)`` in place of every translatable text, also of the empty ones."""
    own = {
        name: _value(value, _hint(Lesson, name), (LESSON, name), f"lesson {name}", change)
        for name, value in lesson
        if name != "slides"
    }
    slides = tuple(_model(slide, (slide.id,), change) for slide in lesson.slides)
    return lesson.model_copy(update={**own, "slides": slides})


def has_words(text: str) -> bool:
    """Whether there is anything to translate outside of maths and code."""
    return any(run.kind == "text" and any(char.isalpha() for char in run.text) for run in inline.parse(text))


def _model(model: BaseModel, path: tuple[str, ...], change: Change) -> Any:
    kind = _KINDS.get(type(model).__name__, type(model).__name__.lower())
    update = {
        name: _value(
            value, _hint(type(model), name), (*path, name), kind if name == "text" else f"{kind} {name}", change
        )
        for name, value in model
    }
    return model.model_copy(update=update)


_KINDS = {"Sentence": "narration"}


def _hint(model: type[BaseModel], name: str) -> Any:
    field = model.model_fields[name]
    hint: Any = field.annotation
    for mark in field.metadata:
        hint = Annotated[hint, mark]
    return hint


def _value(value: Any, hint: Any, path: tuple[str, ...], kind: str, change: Change) -> Any:
    if isinstance(value, BaseModel):
        return _model(value, path, change)
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        if any(isinstance(mark, Translatable) for mark in marks):
            return change("/".join(path), SAY if kind == "narration say" else kind, value)
        return _value(value, inner, path, kind, change)
    if isinstance(value, tuple):
        item = next(iter(get_args(hint)), Any)
        return tuple(_value(part, item, (*path, str(at)), kind, change) for at, part in enumerate(value))
    return value
