"""A lesson in another language: the same slides with the texts of its translation."""

from dataclasses import dataclass

from media_gen import language as languages
from media_gen.lesson import Lesson
from media_gen.translation.artefact import State, Translation
from media_gen.translation.numbers import rewrite_number
from media_gen.translation.segments import SAY, has_words, source_hash, with_prose

MISSING = "missing"  # in ``Lesson.drafts``: not translated, the source text stands there
OUTDATED = "outdated"  # in ``Lesson.drafts``: the translation is of an earlier source text


def localise(lesson: Lesson, translation: Translation) -> Lesson:
    """The lesson in ``translation.language``.

    Its ``drafts`` name the engine of every text that nobody has reviewed; a text without a translation stays in the
    source language and is named ``MISSING``, one whose source changed since is ``OUTDATED``. A sentence's ``say`` is
    the source language's pronunciation and falls away unless the file has one. A text of numbers only is written as
    the language writes numbers. Pronunciations without a language belong to the source's.
    """
    target, source = languages.load(translation.language), languages.load(lesson.language)
    entries = {entry.key: entry for entry in translation.entries}
    drafts: dict[str, str] = {}

    def change(key: str, kind: str, text: str) -> str:
        entry = entries.get(key)
        translated = entry.translation if entry else ""
        if not text.strip() and kind != SAY:
            return text
        if kind == SAY:
            return translated if entry and entry.hash == source_hash(text) else ""
        if entry and translated:
            if entry.hash != source_hash(text):
                drafts[key] = OUTDATED
            elif entry.state is State.DRAFT:
                drafts[key] = entry.engine or "unknown"
            return translated
        if has_words(text):
            drafts[key] = MISSING
            return text
        return rewrite_number(text, source, target)

    made = with_prose(lesson, change)
    return made.model_copy(
        update={
            "language": target.tag,
            "drafts": drafts,
            "pronunciations": tuple(
                p if p.language else p.model_copy(update={"language": lesson.language}) for p in lesson.pronunciations
            ),
        }
    )


@dataclass(frozen=True)
class Review:
    """How far the texts of a localised lesson have been reviewed. Keys of segments."""

    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    drafts: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every text is in the lesson's language, reviewed or not."""
        return not self.missing and not self.outdated


def review(lesson: Lesson) -> Review:
    drafts = lesson.drafts.items()
    return Review(
        missing=tuple(key for key, engine in drafts if engine == MISSING),
        outdated=tuple(key for key, engine in drafts if engine == OUTDATED),
        drafts=tuple(key for key, engine in drafts if engine not in (MISSING, OUTDATED)),
    )
