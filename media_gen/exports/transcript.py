"""The transcript: what is said, slide by slide, as Markdown. Pure."""

from collections.abc import Iterator

from media_gen.captions import clock
from media_gen.language import Language
from media_gen.lesson import Lesson
from media_gen.timeline import Timeline


def transcript(lesson: Lesson, timeline: Timeline, language: Language) -> str:
    return "\n".join(_lines(lesson, timeline, language))


def _lines(lesson: Lesson, timeline: Timeline, language: Language) -> Iterator[str]:
    slides = {slide.id: slide for slide in lesson.slides}
    yield f"# {lesson.title}\n"
    if lesson.drafts:
        yield f"*{language.words['draft']}*\n"
    last = ""
    for span in timeline.spans:
        slide = slides[span.slide]
        if span.slide != last:
            if span.chapter:
                yield f"## {span.chapter}\n"
            heading = f"{slide.title} " if slide.title else ""
            yield f"### {heading}({clock(span.start).partition('.')[0]})\n"
        last = span.slide
        if span.spoken:
            yield " ".join(slide.narration[part.index].text for part in span.spoken) + "\n"
    if lesson.sources:
        yield f"## {language.words['sources']}\n"
        for source in lesson.sources:
            about = [source.title, source.detail, source.address, source.licence]
            yield "- " + ", ".join(part for part in about if part)
        yield ""
