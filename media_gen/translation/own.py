"""The trainer's own text as a translator: the same deck written in the other language, or a file of texts by key.

Its texts are a person's, so they are no drafts. What it lacks stays without a translation.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from media_gen.errors import CannotTranslate, ScriptInvalid
from media_gen.language import primary
from media_gen.lesson import Lesson
from media_gen.translation.port import Batch, pairs_sentence
from media_gen.translation.segments import segments


class OwnText:
    name = "own"
    weak = False
    person = True
    inflects = False
    largest = 10_000

    def __init__(self, texts: Mapping[str, str], *, source: str, target: str) -> None:
        """``texts`` by key of segment (``media_gen.translation.segments``)."""
        self._texts = dict(texts)
        self._pair = (source, target)

    @classmethod
    def of_lesson(cls, lesson: Lesson, *, source: Lesson) -> Self:
        """A deck that somebody has written in the other language: the slides of ``source``, each in the same shape.

        Slides belong together by their place where both decks have as many, else by their ids."""
        own = [slide.id for slide in lesson.slides]
        theirs = [slide.id for slide in source.slides]
        places = dict(zip(own, theirs, strict=True)) if len(own) == len(theirs) else {}
        texts = {}
        for segment in segments(lesson):
            head, _, rest = segment.key.partition("/")
            texts[f"{places.get(head, head)}/{rest}"] = segment.text
        return cls(texts, source=source.language, target=lesson.language)

    @classmethod
    def of_file(cls, path: Path, *, source: str, target: str) -> Self:
        """A TOML file of ``"key" = "text"``. Raises ``ScriptInvalid``."""
        try:
            texts = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ScriptInvalid(f"The texts in {path.name} can't be read: {error}.") from error
        if odd := sorted(key for key, text in texts.items() if not isinstance(text, str)):
            raise ScriptInvalid(f"The texts in {path.name} are lines of key = text; not so: {', '.join(odd)}.")
        return cls(texts, source=source, target=target)

    def refuses(self, source: str, target: str) -> str:
        asked = (primary(source), primary(target))
        if asked == (primary(self._pair[0]), primary(self._pair[1])):
            return ""
        return pairs_sentence("The text you gave", source, target, (self._pair,))

    def translate(self, batch: Batch) -> Mapping[str, str]:
        if refusal := self.refuses(batch.source, batch.target):
            raise CannotTranslate(refusal, engine=self.name, source=batch.source, target=batch.target)
        return {item.key: self._texts[item.key] for item in batch.items if item.key in self._texts}
