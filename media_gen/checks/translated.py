"""Whether a localised lesson is really in its language. Pure."""

from collections.abc import Mapping

from media_gen.checks.finding import Finding, Severity
from media_gen.lesson import Lesson
from media_gen.translation.localise import review
from media_gen.translation.segments import Segment, segments

FEW = 2  # words; so short a text may well be the same in two languages (a name, "Total", "ATP")


def translation_findings(
    lesson: Lesson, source: Lesson | None, numbers: Mapping[str, int], language: str
) -> tuple[Finding, ...]:
    """``source`` is the lesson that this one was translated from; None for an original."""
    made: list[Finding] = []
    state = review(lesson)
    if state.drafts:
        engines = ", ".join(sorted({lesson.drafts[key] for key in state.drafts}))
        message = f"{len(state.drafts)} texts are a machine's translation ({engines}) that nobody has read."
        made.append(Finding("untranslated", language, "", 0, message, "warning", {"drafts": str(len(state.drafts))}))

    def found(segment: Segment, wrong: str, severity: Severity = "error") -> None:
        number = numbers.get(segment.slide, 0)
        place = f" on slide {number}" if number else ""
        message = f'The {segment.kind}{place} {wrong}: "{segment.text[:60]}"'
        made.append(Finding("untranslated", language, segment.slide, number, message, severity, {"key": segment.key}))

    kept = {term.term.casefold() for term in lesson.glossary if term.keep}
    original = {} if source is None or source.language == lesson.language else _texts(source)
    for segment in segments(lesson):
        if segment.key in state.missing:
            found(segment, "is not translated")
        elif segment.key in state.outdated:
            found(segment, "has changed since it was translated")
        elif original.get(segment.key) == segment.text and segment.text.casefold() not in kept:
            # A person may well mean it (a name, a title); of a machine it is no translation.
            short = len(segment.text.split()) <= FEW or segment.key not in state.drafts
            found(segment, "reads as in the source language", "warning" if short else "error")
    return tuple(made)


def _texts(lesson: Lesson) -> dict[str, str]:
    return {segment.key: segment.text for segment in segments(lesson) if not segment.fixed}
