"""Whether a localised lesson is really in its language. Pure."""

from collections.abc import Mapping

from media_gen.checks.finding import Finding, Severity
from media_gen.lesson import Lesson
from media_gen.translation.segments import segments

FEW = 2  # words; so short a text may well be the same in two languages (a name, "Total", "ATP")


def translation_findings(
    lesson: Lesson, source: Lesson | None, numbers: Mapping[str, int], language: str
) -> tuple[Finding, ...]:
    """``source`` is the lesson that this one was translated from; None for an original."""
    made: list[Finding] = []
    if lesson.drafts:
        engines = ", ".join(sorted(set(lesson.drafts.values())))
        message = f"{len(lesson.drafts)} texts are a machine's translation ({engines}) that nobody has read."
        made.append(Finding("untranslated", language, "", 0, message, "warning", {"drafts": str(len(lesson.drafts))}))
    if source is None or source.language == lesson.language:
        return tuple(made)
    kept = {term.term.casefold() for term in source.glossary if term.keep}
    original = {segment.key: segment.text for segment in segments(source) if not segment.fixed}
    for segment in segments(lesson):
        if original.get(segment.key) != segment.text or segment.text.casefold() in kept:
            continue
        number = numbers.get(segment.slide, 0)
        place = f"on slide {number}" if number else "of the lesson"
        message = f'The {segment.kind} {place} is not translated: "{segment.text[:60]}"'
        severity: Severity = "warning" if len(segment.text.split()) <= FEW else "error"
        made.append(Finding("untranslated", language, segment.slide, number, message, severity, {"key": segment.key}))
    return tuple(made)
