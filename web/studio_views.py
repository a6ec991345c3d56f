"""What the studio's pages show, as plain values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.domain.films import Script, film_state
from tutor.domain.jobs import Job
from tutor.locales import Locale

if TYPE_CHECKING:
    from tutor.services.studio import StudioService

SIZES = ("720p", "1080p")


@dataclass(frozen=True)
class SlideRow:
    """A slide's picture with what is said and what the checks find. ``number`` counts screens from 1."""

    number: int
    title: str
    part: str
    said: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class SegmentRow:
    """A text of the script with its translation. ``slide`` is set where a slide begins; ``lines`` to write on."""

    key: str
    kind: str
    slide: str
    source: str
    translation: str
    state: str
    engine: str
    was: str
    problem: str
    lines: int


def slide_rows(studio: "StudioService", script: Script, language: str) -> tuple[SlideRow, ...]:
    """Raises ``ScriptRefused`` for a slide that can't be set."""
    lesson = studio.lesson(script, language)
    screens = studio.screens(script, language)
    findings = studio.findings(script, language)
    slides = {slide.id: slide for slide in lesson.slides}
    rows = []
    for number, screen in enumerate(screens, start=1):
        slide = slides[screen.slide]
        first, stop = screen.sentences
        rows.append(
            SlideRow(
                number,
                slide.title or slide.id,
                f"{screen.part}/{screen.parts}" if screen.parts > 1 else "",
                tuple(sentence.text for sentence in slide.narration[first:stop]),
                tuple(f.message for f in findings if f.slide == screen.slide) if screen.part == 1 else (),
            )
        )
    return tuple(rows)


def segment_rows(studio: "StudioService", script: Script, language: str) -> tuple[SegmentRow, ...]:
    from media_gen.translation.segments import slide_of

    found = studio.translation(script, language)
    titles = {slide.id: slide.title or slide.id for slide in studio.lesson(script).slides}
    rows: list[SegmentRow] = []
    last: str | None = None
    for entry in found.entries:
        slide = slide_of(entry.key)
        rows.append(
            SegmentRow(
                entry.key,
                entry.kind,
                titles.get(slide, "") if slide != last else "",
                entry.source,
                entry.translation,
                str(entry.state),
                entry.engine,
                entry.was,
                entry.problem,
                min(8, 1 + max(len(entry.source), len(entry.translation)) // 48),
            )
        )
        last = slide
    return tuple(rows)


def language_names(locale: Locale) -> dict[str, str]:
    """What the reader calls each language of films."""
    from media_gen.language import available, load

    return {
        tag: locale.t(f"film.language.{tag}") if locale.has(f"film.language.{tag}") else load(tag).name
        for tag in available()
    }


def voices_of(system: Any, tags: list[str]) -> dict[str, tuple[str, ...]]:
    """The voices that each language can have here, as ``engine:voice``, its usual ones first."""
    from media_gen.language import load

    engines = system.voices()
    found: dict[str, tuple[str, ...]] = {}
    for tag in tags:
        usual = [f"{engine}:{voice}" for engine, voice in load(tag).voices]
        more = [f"{one.name}:{voice}" for one in engines if not one.missing() for voice in one.voices(tag)[:12]]
        found[tag] = tuple(dict.fromkeys([*usual, *more]))
    return found


def film_row(job: Job) -> dict[str, Any]:
    """A film as the card takes it."""
    state = film_state(job)
    return {
        "film": state.job,
        "title": state.title,
        "language": state.language,
        "form": "script",
        "draft": bool(job.arguments.get("translator")),
    }
