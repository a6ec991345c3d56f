"""The handout: a PDF with the picture of every slide, what is said with it, the sources and the licence."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from media_gen.language import Language
from media_gen.lesson import Clip, Lesson, Picture
from media_gen.slides import fonts as fonts_of
from media_gen.slides import pictures, runs, theme
from media_gen.slides.port import HD, Screen
from media_gen.slides.spec import walk_values
from media_gen.slides.typesetter import Typesetter

LONG = 900  # characters of notes beside a picture; more may run over to the next page


def write_handout(
    lesson: Lesson, screens: Sequence[Screen], out: Path, language: Language, fonts: Path | None = None
) -> None:
    """Write the PDF to ``out``, whole or not at all. Printed on white, whatever the film's theme.

    ``fonts`` is the folder of the pinned fonts. Raises ``SlideFailed`` where a narration's formula can't be set.
    """
    setter = Typesetter(fonts_of.load(fonts), theme.LIGHT, language, None)
    shown = {screen.name: pictures.plain(screen.pictures[-1].read_bytes()) for screen in screens}
    entries = list(_entries(lesson, screens, language, {name: asset.name for name, asset in shown.items()}))
    book = {
        "title": runs.of(lesson.title),
        "description": runs.of(lesson.description),
        "author": lesson.author,
        "draft": language.words["draft"] if lesson.drafts else "",
        "footer": runs.plain(runs.of(lesson.title)),
        "words": dict(language.words),
        "entries": entries,
        "sources": [
            ", ".join(part for part in (s.title, s.detail, runs.breakable(s.address), s.licence) if part)
            for s in lesson.sources
        ],
        "closing": list(_closing(lesson)),
    }
    document = setter.document_pdf("handout.typ", {"handout": book}, {a.name: a for a in shown.values()}, HD)
    handle, name = tempfile.mkstemp(prefix=".handout-", dir=out.parent)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, 0o644)  # as every other file of a film; a temporary one is its owner's alone
        file.write(document)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(out)


def _entries(
    lesson: Lesson, screens: Sequence[Screen], language: Language, names: dict[str, str]
) -> Iterator[dict[str, Any]]:
    slides = {slide.id: slide for slide in lesson.slides}
    sources = {source.id: source.title for source in lesson.sources}
    last = ""
    for screen in screens:
        slide = slides[screen.slide]
        first = screen.slide != last
        last = screen.slide
        said = " ".join(sentence.text for sentence in slide.narration[slice(*screen.sentences)])
        cited = "; ".join(sources[source] for source in slide.sources)
        yield {
            "file": names[screen.name],
            "alt": screen.text[:500],
            "chapter": runs.of(slide.chapter) if first else [],
            "title": runs.of(slide.title) if first else [],
            "notes": [runs.of(said)] if said else [],
            "sources": f"{language.words['sources']}: {runs.breakable(cited)}" if cited and first else "",
            "long": len(said) > LONG,
        }


def _closing(lesson: Lesson) -> Iterator[str]:
    """Who made it, its licence, and whose pictures are in it."""
    if lesson.author or lesson.licence:
        yield " · ".join(part for part in (lesson.author, lesson.licence) if part)
    credits: dict[str, None] = {}
    for slide in lesson.slides:
        for block in walk_values(slide.blocks):
            if isinstance(block, Picture | Clip) and (block.credit or block.licence):
                about = " · ".join(part for part in (block.credit, block.licence) if part)
                credits[f"{runs.plain(runs.of(block.alt)) or block.asset}: {about}"] = None
    yield from credits
