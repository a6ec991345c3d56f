"""Chapters of a film and the moments that stand for its slides: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_gen.captions import clock, escape
from media_gen.lesson import Layout, Lesson
from media_gen.line_breaks import ISOLATE, POP, atoms
from media_gen.timeline import TICK, Timeline


@dataclass(frozen=True)
class Chapter:
    """``title`` is plain text; ``start`` and ``end`` in samples."""

    title: str
    start: int
    end: int


def chapters(lesson: Lesson, timeline: Timeline) -> tuple[Chapter, ...]:
    """The chapters that the script names; without any its sections, and without those its titled slides.

    They cover the whole film: what comes before the first one bears the lesson's title.
    """
    slides = {slide.id: slide for slide in lesson.slides}
    begins: dict[str, int] = {}
    for span in timeline.spans:
        begins.setdefault(span.slide, span.start)
    shown = [(slides[name], start) for name, start in begins.items()]
    named = (
        [(slide.chapter, start) for slide, start in shown if slide.chapter]
        or [(slide.title, start) for slide, start in shown if slide.layout is Layout.SECTION and slide.title]
        or [(slide.title, start) for slide, start in shown if slide.title]
    )
    if timeline.spans and (not named or named[0][1] > 0):
        named.insert(0, (lesson.title, 0))
    ends = [start for _, start in named[1:]] + [timeline.samples]
    return tuple(Chapter(line(title), start, end) for (title, start), end in zip(named, ends, strict=True))


def webvtt(marks: Sequence[Chapter]) -> str:
    """A WebVTT file of chapters, as ``<track kind=chapters>`` reads it."""
    blocks = [f"{clock(mark.start)} --> {clock(mark.end)}\n{escape(mark.title)}\n" for mark in marks]
    return "\n".join(["WEBVTT\n", *blocks])


def line(text: str) -> str:
    """Inline Markdown as one line of plain text."""
    joined = "".join(" " * (atom.gap and place > 0) + atom.text for place, atom in enumerate(atoms(text)))
    return joined.replace(ISOLATE, "").replace(POP, "")


def moments(timeline: Timeline) -> tuple[tuple[str, int], ...]:
    """The screen and the sample of the film's frame that shows each screen complete: its last one."""
    return tuple((span.screen, max(span.start, span.end - TICK)) for span in timeline.spans)
