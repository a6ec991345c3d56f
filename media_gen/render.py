"""One lesson in one language becomes a folder of artefacts.

Slides, speech, film, exports and checks follow each other; whatever was made before is taken from the caches, so a
render that broke off goes on where it was, and a render of an edited lesson makes only what changed. Everything is
written to a folder beside ``out`` that takes its name at the end: nobody ever sees a part of a film under ``out``.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from media_gen import captions as captioning
from media_gen import chapters as chaptering
from media_gen.checks.captions import caption_findings
from media_gen.checks.coverage import coverage_findings
from media_gen.checks.film import film_findings
from media_gen.checks.finding import Finding
from media_gen.checks.narration import narration_findings
from media_gen.checks.translated import translation_findings
from media_gen.errors import ChecksFailed, SlideFailed
from media_gen.exports import tables
from media_gen.exports.handout import write_handout
from media_gen.exports.stills import write_stills
from media_gen.exports.transcript import transcript
from media_gen.film.clip import Placed, least_samples, moving_screens, placed_clips
from media_gen.film.packets import file_hash
from media_gen.film.probe import probe
from media_gen.film.write import Mark, Material, write_film
from media_gen.language import Language, load
from media_gen.lesson import Lesson
from media_gen.narration import Spoken, sentences, speak
from media_gen.slides.port import HD, Screen, Setter, Size
from media_gen.speech.port import Narrator
from media_gen.timeline import Timeline, layout

Stage = str  # "slides" | "speech" | "film" | "exports" | "checks"
Progress = Callable[[Stage, int, int], None]  # stage, steps done, steps in all; may raise RenderCancelled

FIRST = 1.0  # seconds: the first beginning is the least number of slides that play so long
GROWTH = 1.8  # and each one after it plays so many times as long as the one before


@dataclass(frozen=True)
class Artefacts:
    """What a render leaves in ``folder``; file names are fixed, so that a page or a player can link them.

    ``film.mp4``, ``captions.vtt``, ``chapters.vtt``, ``poster.jpg``, ``thumbnails/NNN.jpg``, ``handout.pdf``,
    ``transcript.md``, ``timeline.json``, ``lesson.json``, ``manifest.json`` (sources, licences, voices by sentence,
    findings, hashes).
    """

    folder: Path
    seconds: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Workplace:
    """What one render works with."""

    lesson: Lesson
    language: Language
    setter: Setter
    narrator: Narrator
    assets: Path
    cache: Path
    size: Size
    progress: Progress


@dataclass(frozen=True)
class Scene:
    """Some slides, set, spoken and laid out."""

    screens: Sequence[Screen]
    speech: Spoken
    clips: Mapping[str, Placed]
    timeline: Timeline


def render(
    lesson: Lesson,
    out: Path,
    *,
    assets: Path,
    setter: Setter,
    narrator: Narrator,
    cache: Path,
    size: Size = HD,
    only: frozenset[str] | None = None,
    progress: Progress = lambda stage, done, total: None,
    check: bool = True,
    on_first: Callable[[Path], None] | None = None,
    source: Lesson | None = None,
    fonts: Path | None = None,
) -> Artefacts:
    """Render ``lesson`` in its language to the folder ``out``, replacing what is there.

    ``only``: ids of the slides to render. ``source``: the lesson that this one was translated from, for the check of
    what was left untranslated. ``fonts``: the folder of the pinned fonts, for the handout. ``on_first`` gets the path
    of a film of the first slides, with ``captions.vtt`` beside it, before the others are made, and then of longer and
    longer ones; all are gone when it returns, so it copies or moves them.

    Raises what setter and narrator raise, ``RenderCancelled`` from ``progress``, and with ``check`` ``ChecksFailed``
    where a finding is an error: then nothing is published, and the findings lie beside ``out``, in
    ``<name>.findings.json``. The same inputs give the same bytes.
    """
    language = load(lesson.language)
    if only is not None and not any(slide.id in only for slide in lesson.slides):
        raise SlideFailed(f"There is no slide {', '.join(sorted(only))} in this lesson.", slide=min(only, default=""))
    place = Workplace(lesson, language, setter, narrator, assets, cache, size, progress)
    with _fresh(out) as folder:
        progress("slides", 0, 1)
        if on_first is not None:
            _publish_beginnings(place, only, folder.parent, on_first)
        screens = setter.screens(lesson, size, assets, only)
        progress("slides", 1, 1)
        scene = _scene(place, screens, lambda done, total: progress("speech", done, total))
        speech, timeline = scene.speech, scene.timeline
        marks = chaptering.chapters(lesson, timeline)
        captions = captioning.cues(lesson, timeline, language)
        _film(place, scene, folder / "film.mp4", marks, lambda done, total: progress("film", done, total))
        _exports(place, scene, folder, captions, marks)
        write_handout(lesson, screens, folder / "handout.pdf", language, fonts)
        progress("exports", 3, 3)
        progress("checks", 0, 1)
        numbers = {slide.id: number for number, slide in enumerate(lesson.slides, 1)}
        shown = {screen.slide for screen in screens}
        findings = (
            *(found for found in setter.findings(lesson, size, assets) if not found.slide or found.slide in shown),
            *narration_findings(lesson.slides, speech, numbers, language),
            *caption_findings(captions, numbers, language),
            *film_findings(timeline, probe(folder / "film.mp4"), numbers, language.tag),
            *coverage_findings(lesson, screens, timeline, numbers, language.tag),
            *translation_findings(lesson, source, numbers, language.tag),
        )
        _refuse(findings, out, language, check)
        hashes = {str(path.relative_to(folder)): file_hash(path).hex() for path in sorted(folder.rglob("*.*"))}
        manifest = tables.manifest_table(lesson, timeline, speech, findings, size, hashes)
        (folder / "manifest.json").write_text(manifest, "utf-8")
        progress("checks", 1, 1)
    return Artefacts(out, timeline.seconds, findings)


def _scene(place: Workplace, screens: Sequence[Screen], step: Callable[[int, int], None]) -> Scene:
    clips = placed_clips(place.lesson, screens, place.assets)
    speech = dict(speak(place.lesson, sentences(screens), place.narrator, step))
    lengths = {key: said.samples for key, said in speech.items()}
    return Scene(screens, speech, clips, layout(place.lesson, screens, lengths, least_samples(clips)))


def _publish_beginnings(
    place: Workplace, only: frozenset[str] | None, folder: Path, publish: Callable[[Path], None]
) -> None:
    """Films of the first slides, longer and longer, while the others are spoken. Nothing of it is lost: it fills the
    caches. The whole is not among them, unless it is so short that it is its own first beginning."""
    wanted = [slide for slide in place.lesson.slides if only is None or slide.id in only]
    said, every = 0, sum(len(slide.narration) for slide in wanted)
    due = FIRST
    for count, slide in enumerate(wanted, 1):
        screens = place.setter.screens(place.lesson, place.size, place.assets, frozenset(s.id for s in wanted[:count]))
        place.progress("speech", said, every)
        scene = _scene(place, screens, lambda done, total: place.progress("speech", min(done, every), every))
        said += len(slide.narration)
        last = count == len(wanted)
        if scene.timeline.seconds < due and not (last and due == FIRST):
            continue
        if last and due > FIRST:
            return
        due = GROWTH * scene.timeline.seconds
        _publish(place, scene, folder, publish)


def _publish(place: Workplace, scene: Scene, folder: Path, publish: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".first-") as temporary:
        captions = captioning.cues(place.lesson, scene.timeline, place.language)
        (Path(temporary) / "captions.vtt").write_text(captioning.webvtt(captions), "utf-8")
        _film(place, scene, Path(temporary) / "film.mp4", (), lambda done, total: place.progress("slides", 0, 1))
        publish(Path(temporary) / "film.mp4")


def _film(
    place: Workplace, scene: Scene, film: Path, marks: Sequence[chaptering.Chapter], step: Callable[[int, int], None]
) -> None:
    cache = place.cache / "packets"
    moving = moving_screens(scene.clips, scene.timeline, scene.screens, cache, place.size)
    write_film(
        scene.timeline,
        Material(scene.screens, {key: said.path for key, said in scene.speech.items()}, moving),
        film,
        cache=cache,
        size=place.size,
        chapters=[Mark(mark.title, mark.start, mark.end) for mark in marks],
        title=chaptering.line(place.lesson.title),
        step=step,
    )


def _exports(
    place: Workplace,
    scene: Scene,
    folder: Path,
    captions: Sequence[captioning.Cue],
    marks: Sequence[chaptering.Chapter],
) -> None:
    texts = {
        "captions.vtt": captioning.webvtt(captions),
        "chapters.vtt": chaptering.webvtt(marks),
        "transcript.md": transcript(place.lesson, scene.timeline, place.language),
        "timeline.json": tables.timeline_table(place.lesson, scene.timeline, scene.screens, marks),
        "lesson.json": place.lesson.model_dump_json(indent=1) + "\n",
    }
    place.progress("exports", 0, 3)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    place.progress("exports", 1, 3)
    write_stills(scene.timeline, scene.screens, folder)
    place.progress("exports", 2, 3)


def _refuse(findings: Sequence[Finding], out: Path, language: Language, check: bool) -> None:
    report = out.with_name(f"{out.name}.findings.json")
    report.unlink(missing_ok=True)
    errors = [finding for finding in findings if finding.severity == "error"]
    if check and errors:
        report.write_text(tables.dumps([asdict(finding) for finding in findings]), "utf-8")
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        message = f"The film in {language.english} is not fit to be published: {errors[0].message}{more}"
        raise ChecksFailed(message, findings=tuple(findings))


@contextmanager
def _fresh(out: Path) -> Iterator[Path]:
    """A new folder that takes the name ``out`` when all went well, and is gone when it didn't."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    folder.chmod(0o755)
    try:
        yield folder
        for path in folder.rglob("*.*"):
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        if out.exists():
            old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-old-"))
            out.replace(old)  # a folder may take the name of an empty one
            folder.replace(out)
            shutil.rmtree(old)
        else:
            folder.replace(out)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
