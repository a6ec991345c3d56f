"""``diotima render`` and ``contact-sheet``: films on this machine, without a server or a database."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tutor.cli.opening import settings_given
from tutor.domain.errors import DiotimaError, InvalidInput
from tutor.domain.films import WHOLE, done_so_far

if TYPE_CHECKING:
    from media_gen.lesson import Lesson
    from media_gen.render import Artefacts
    from media_gen.speech.port import Engine, Narrator
    from tutor.config import Settings

LOOK = 0.5  # seconds between two looks at the files
# Files that films are made from. Others may change without end, such as a log of this command.
SCRIPTS, PICTURES = (".md", ".markdown", ".pptx", ".toml"), (".png", ".jpg", ".jpeg", ".webp", ".svg", ".gif")
MATERIAL = frozenset((*SCRIPTS, *PICTURES, ".mp4", ".webm", ".mov", ".m4v", ".mkv", ".ttf", ".otf"))
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Wish:
    """What the command line asks for. ``voices`` by language; the one of the empty tag is for all."""

    script: Path
    languages: tuple[str, ...]
    out: Path
    size: str
    only: tuple[str, ...]
    voices: dict[str, str]
    translations: Path
    check: bool
    silent: bool


def render(
    script: Annotated[Path, typer.Argument(help="A Markdown deck or a PPTX.", exists=True, dir_okay=False)],
    lang: Annotated[
        list[str] | None,
        typer.Option(help="A language, such as es; may be given several times. The script's own otherwise."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder; each language gets one in it. <script>-films otherwise.")
    ] = None,
    size: Annotated[str, typer.Option(help="720p or 1080p.")] = "720p",
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this slide, by number or id (3, or 3,5); not checked. May be given several times."),
    ] = None,
    voice: Annotated[
        list[str] | None,
        typer.Option(
            help="engine:voice, or language=engine:voice. `diotima voices` lists them. May be given several times."
        ),
    ] = None,
    translations: Annotated[
        Path | None,
        typer.Option(help="Folder of the translations (<script>.<lang>.toml); beside the script otherwise."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Refuse a film with an error in it, or make it all the same.")
    ] = True,
    silent: Annotated[
        bool, typer.Option("--silent", help="A faint tone in place of voices: quick, to look the slides over.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and render again whenever a file changes.")] = False,
) -> None:
    """Make a narrated film of a script in each language: <out>/<lang>/film.mp4 with captions, handout and more."""
    wish = Wish(
        script=script,
        languages=tuple(lang or ()),
        out=out or script.with_name(f"{script.stem}-films"),
        size=_size(size),
        only=tuple(only or ()),
        voices=_voices(voice or []),
        translations=translations or script.parent,
        check=check,
        silent=silent,
    )
    settings = settings_given()
    if not watch:
        if not _render(wish, settings):
            raise typer.Exit(1)
        return
    while True:
        seen = _stamps(wish)
        try:
            _render(wish, settings)
        except Exception as error:
            _told(error)
        print(f"Watching {script} and what it needs. Stop with Ctrl+C.", flush=True)
        while _stamps(wish) == seen:
            time.sleep(LOOK)


def contact_sheet(
    film: Annotated[Path, typer.Argument(help="An MP4, or the folder of a render.", exists=True)],
    out: Annotated[Path, typer.Option("--out", "-o", help="The PNG to write.")] = Path("contact-sheet.png"),
    columns: Annotated[int, typer.Option(min=1, max=12)] = 4,
    width: Annotated[int, typer.Option(min=80, max=1920, help="Width of a frame in pixels.")] = 320,
) -> None:
    """Write every new frame of a film into one picture, to look it over."""
    from media_gen.contact_sheet import write_contact_sheet

    print(f"{write_contact_sheet(film, out, columns=columns, width=width)} frames in {out}")


# -- what was asked ----------------------------------------------------------------------------------------------------


def _size(size: str) -> str:
    from media_gen.slides.port import SIZES

    if size not in SIZES:
        raise InvalidInput(f"There is no size {size}; known are {', '.join(SIZES)}.")
    return size


def _voices(given: Sequence[str]) -> dict[str, str]:
    from media_gen.language import load
    from media_gen.speech.engines import every

    engines = [engine.name for engine in every(Path())]
    found = {}
    for entry in given:
        tag, _, voice = entry.rpartition("=")
        if voice.partition(":")[0] not in engines:
            raise InvalidInput(
                f"{entry} is no voice; one is written engine:voice with one of {', '.join(engines)}, and "
                "`diotima voices` lists them."
            )
        found[load(tag).tag if tag else ""] = voice
    return found


def _slides(lesson: "Lesson", only: Sequence[str]) -> frozenset[str] | None:
    ids = [slide.id for slide in lesson.slides]
    found = set()
    for wanted in (part.strip() for entry in only for part in entry.split(",")):
        if wanted.isdecimal() and 1 <= int(wanted) <= len(ids):
            found.add(ids[int(wanted) - 1])
        elif wanted in ids:
            found.add(wanted)
        else:
            raise InvalidInput(f"There is no slide {wanted}; there are 1 to {len(ids)}: {', '.join(ids)}.")
    return frozenset(found) or None


def _in_language(lesson: "Lesson", tag: str, wish: Wish, settings: "Settings") -> "Lesson":
    """The lesson in a language: by its file, and what that lacks by a translator. Raises ``InvalidInput``."""
    from media_gen.language import load
    from media_gen.translation import Translation, beside, localise, plan, read, update
    from tutor.adapters import render_options
    from tutor.services.film_render import translators

    if tag == load(lesson.language).tag:
        return lesson
    path = wish.translations / beside(wish.script, tag).name
    translation = read(path) if path.exists() else Translation(lesson.language, tag)
    if plan(lesson, translation).wanted:
        every = translators(render_options(settings))
        able = next((one for one in every if not one.refuses(lesson.language, tag)), None)
        if able is None and not path.exists():
            raise InvalidInput(
                f"There is no translation into {load(tag).english}: {path} is not there, and no translator here."
                f" `diotima translate {wish.script} --lang {tag}` writes the file, to be filled in."
            )
        translation = update(lesson, translation, able)
    return localise(lesson, translation)


# -- rendering ---------------------------------------------------------------------------------------------------------


def _render(wish: Wish, settings: "Settings") -> bool:
    """Whether every film was made. What is wrong with one language keeps no other from being made."""
    from media_gen.errors import MediaError
    from media_gen.language import load
    from media_gen.script import read

    lesson = read(wish.script)
    tags = tuple(dict.fromkeys(load(tag).tag for tag in wish.languages or (lesson.language,)))
    only = _slides(lesson, wish.only)
    good = True
    with _narrator(wish, settings) as narrator, _bars(tags) as reports:
        for tag in tags:
            begun = time.monotonic()
            try:
                made = _film(wish, settings, lesson, tag, only, narrator, reports[tag])
            except (DiotimaError, MediaError) as error:
                _told(error, f"{tag}: ")
                good = False
                continue
            for finding in made.findings:
                print(f"{tag}: {finding.severity}: {finding.message}", file=sys.stderr)
            print(f"{tag}: {made.folder / 'film.mp4'}, {made.seconds:.0f} s, made in {time.monotonic() - begun:.0f} s")
    return good


def _film(
    wish: Wish,
    settings: "Settings",
    source: "Lesson",
    tag: str,
    only: frozenset[str] | None,
    narrator: "Narrator",
    report: Report,
) -> "Artefacts":
    from media_gen.render import render as film
    from media_gen.slides.port import SIZES
    from media_gen.slides.setter import SlideSetter

    lesson = _in_language(source, tag, wish, settings)
    if voice := wish.voices.get(tag) or wish.voices.get(""):
        lesson = lesson.model_copy(update={"voices": {**lesson.voices, lesson.language: voice}})
    cache = settings.data_dir.resolve() / "cache"
    return film(
        lesson,
        wish.out / tag,
        assets=wish.script.parent.resolve(),
        setter=SlideSetter(cache / "slides", settings.models_dir.resolve() / "fonts"),
        narrator=narrator,
        cache=cache,
        size=SIZES[wish.size],
        only=only,
        progress=report,
        check=wish.check and only is None,
        source=None if lesson.language == source.language else source,
    )


@contextlib.contextmanager
def _narrator(wish: Wish, settings: "Settings") -> Iterator["Narrator"]:
    from media_gen.speech.narrator import ChainNarrator

    narrator = ChainNarrator(settings.data_dir.resolve() / "cache" / "speech", _engines(wish, settings))
    try:
        yield narrator
    finally:
        narrator.close()


def _engines(wish: Wish, settings: "Settings") -> "tuple[Engine, ...]":
    from media_gen.speech.engines import installed
    from media_gen.speech.silent import SilentEngine

    return (SilentEngine(),) if wish.silent else installed(settings.models_dir.resolve())


@contextlib.contextmanager
def _bars(tags: Sequence[str]) -> Iterator[dict[str, Report]]:
    """A progress bar for each language, and what moves it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.fields[tag]:<6}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:

        def bar(tag: str) -> Report:
            task = progress.add_task("waiting", total=WHOLE, tag=tag, start=False)
            stages: dict[str, tuple[int, int]] = {}

            def report(stage: str, done: int, total: int) -> None:
                if not stages:
                    progress.start_task(task)
                stages[stage] = (done, total)
                progress.update(task, completed=done_so_far(stages), description=f"{stage} {done}/{total}")

            return report

        yield {tag: bar(tag) for tag in tags}


def _told(error: Exception, where: str = "") -> None:
    """The error in a line, and the findings of the checks in one each."""
    for finding in getattr(error, "data", {}).get("findings", ()):
        print(f"{where}{finding.severity}: {finding.message}", file=sys.stderr)
    print(f"{where}{error}", file=sys.stderr)


def _stamps(wish: Wish) -> dict[Path, Any]:
    """What the films of the script may be made from, with the time of its last change."""
    found = {}
    for folder in {wish.script.parent, wish.translations}:
        for path in folder.rglob("*"):
            inside = path.is_relative_to(wish.out) or any(part.startswith(".") for part in path.parts)
            with contextlib.suppress(OSError):
                wanted = path == wish.script or path.suffix.lower() in MATERIAL
                if wanted and not inside and path.is_file():
                    found[path] = path.stat().st_mtime_ns
    return found
