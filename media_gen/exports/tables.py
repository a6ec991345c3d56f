"""``timeline.json`` for players and ``manifest.json`` for people who must account for a film. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from media_gen.chapters import Chapter, line
from media_gen.checks.finding import Finding
from media_gen.lesson import Clip, Columns, Lesson, Picture
from media_gen.slides.port import Screen, Size
from media_gen.speech.port import RATE, Speech
from media_gen.timeline import SlideSpan, Timeline


def timeline_table(lesson: Lesson, timeline: Timeline, screens: Sequence[Screen], marks: Sequence[Chapter]) -> str:
    """Times in seconds. A screen's ``steps`` are [step, when]; ``sentences`` are what is said, as plain text."""
    slides = {slide.id: slide for slide in lesson.slides}
    places = {slide.id: number for number, slide in enumerate(lesson.slides, 1)}

    def about(number: int, span: SlideSpan, screen: Screen) -> dict[str, Any]:
        slide = slides[span.slide]
        return {
            "screen": span.screen,
            "slide": span.slide,
            "number": places[span.slide],
            "title": line(slide.title),
            "start": _seconds(span.start),
            "end": _seconds(span.end),
            "hold": screen.hold_seconds,
            "interaction": slide.interaction.kind if slide.interaction else None,
            "thumbnail": f"thumbnails/{number:03}.jpg",
            "steps": [[shown.step, _seconds(shown.start)] for shown in span.shown],
            "sentences": [
                {
                    "index": part.index,
                    "start": _seconds(part.start),
                    "end": _seconds(part.end),
                    "text": line(slide.narration[part.index].text),
                }
                for part in span.spoken
            ],
        }

    table = {
        "format": 1,
        "title": line(lesson.title),
        "language": lesson.language,
        "seconds": _seconds(timeline.samples),
        "chapters": [{"title": m.title, "start": _seconds(m.start), "end": _seconds(m.end)} for m in marks],
        "screens": [
            about(number, span, screen)
            for number, (span, screen) in enumerate(zip(timeline.spans, screens, strict=True), 1)
        ],
    }
    return dumps(table)


def manifest_table(
    lesson: Lesson,
    timeline: Timeline,
    speech: Mapping[tuple[str, int], Speech],
    findings: Sequence[Finding],
    size: Size,
    hashes: Mapping[str, str],
) -> str:
    """What the film was made from: sources, licences, the voice of every sentence, drafts, findings, files by hash."""
    table = {
        "format": 1,
        "title": line(lesson.title),
        "language": lesson.language,
        "author": lesson.author,
        "licence": lesson.licence,
        "size": size.name,
        "seconds": _seconds(timeline.samples),
        "sources": [source.model_dump(exclude_defaults=True) for source in lesson.sources],
        "pictures": list(_pictures(lesson)),
        "voices": [
            {"slide": slide, "sentence": index, "engine": said.engine, "voice": said.voice}
            for (slide, index), said in speech.items()
        ],
        "drafts": lesson.drafts,
        "findings": [asdict(finding) for finding in findings],
        "files": dict(sorted(hashes.items())),
    }
    return dumps(table)


def dumps(table: Any) -> str:
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


def _pictures(lesson: Lesson) -> Iterator[dict[str, str]]:
    for slide in lesson.slides:
        for block in slide.blocks:
            for piece in (*block.left, *block.right) if isinstance(block, Columns) else (block,):
                if isinstance(piece, Picture | Clip):
                    about = {"slide": slide.id, "asset": piece.asset, "credit": piece.credit}
                    yield {**about, "licence": piece.licence}


def _seconds(samples: int) -> float:
    return round(samples / RATE, 3)
