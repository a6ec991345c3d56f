"""Slides, voices and encoding; and what each language's films can be made of."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.cli.checks.finding import Finding, tried

if TYPE_CHECKING:
    from media_gen.speech.port import Engine
    from tutor.config import Settings
    from tutor.services.film_means import Means

FONTS = "`diotima models fetch fonts` brings them."


def findings(settings: "Settings", online: bool) -> Iterator[Finding]:
    """Sets a slide, codes with each codec, has each engine say a word, and looks through the languages."""
    from media_gen.language import available
    from media_gen.speech.engines import every
    from tutor.adapters import render_options
    from tutor.services.film_means import means
    from tutor.services.film_render import translators

    yield tried("slides", lambda: _slide(settings.models_dir / "fonts"), "Install the locked packages anew (typst).")
    yield tried("encoding", _codecs, "Install the locked packages anew (av).")
    yield tried("clips", _ffmpeg, "Films with clips need imageio-ffmpeg's program.", otherwise="note")
    engines = every(settings.models_dir)
    try:
        yield from (_spoken(engine, online) for engine in engines)
        fonts, from_english = settings.models_dir / "fonts", translators(render_options(settings))
        yield from [_language(means(tag, engines, from_english, fonts)) for tag in available()]
    finally:
        for engine in engines:
            engine.close()
    yield Finding("ok", "browser", "no browser is needed to make films")


def _slide(fonts: Path) -> str:
    from media_gen.script.deck import read_deck
    from media_gen.slides.port import HD
    from media_gen.slides.setter import SlideSetter

    lesson = read_deck("---\ntitle: Leaves\n---\n\n# Green\n\nThey reflect $\\frac{1}{2}$ of it.\n")
    with tempfile.TemporaryDirectory() as folder:
        screens = SlideSetter(Path(folder), fonts).screens(lesson, HD, Path(folder))
        drawn = sum(picture.stat().st_size for screen in screens for picture in screen.pictures)
    return f"slides can be set ({drawn // 1000} kB of a sample)"


def _codecs() -> str:
    import av

    names = ("libx264", "aac")
    for name in names:
        av.codec.Codec(name, "w")
    return f"films can be coded ({', '.join(names)} in av {av.__version__})"


def _ffmpeg() -> str:
    import imageio_ffmpeg

    return f"clips can be cut (ffmpeg {imageio_ffmpeg.get_ffmpeg_version()})"


def _spoken(engine: "Engine", online: bool) -> Finding:
    from media_gen.speech.port import RATE, Utterance

    name = f"voices of {engine.name}"
    if lacks := engine.missing():
        return Finding("note", f"speech_{engine.name}", f"{name}: {lacks}")
    if engine.online and not online:
        about = f"{name} send the text away, not tried"
        return Finding("ok", f"speech_{engine.name}", about, "`diotima doctor --online` tries them.")

    def say() -> str:
        language, voice = next(
            (tag, found) for tag in ("en", "en-GB", "es", "de") for found in (_first(engine, tag),) if found
        )
        samples = engine.speak(Utterance("Leaves.", language, voice))
        return f"{name} speak ({len(samples) / RATE:.1f} s of {voice})"

    found = tried(name, say, "`diotima models fetch` brings their files anew.", otherwise="note")
    return Finding(found.state, f"speech_{engine.name}", found.about, found.do, found.seconds)


def _first(engine: "Engine", language: str) -> str:
    voices: Sequence[str] = engine.voices(language)
    return voices[0] if voices else ""


def _language(found: "Means") -> Finding:
    can = [f"voice {found.voice.wanted_as}" if found.voice else "NO VOICE"]
    do = [found.better] if found.better else []
    if found.unset:
        can.append("letters that no font here has")
        do.append(FONTS)
    if found.language != "en":
        names = ", ".join(found.translators)
        can.append(f"from English by {names}" if names else "translations by hand")
    about = f"films in {found.name} ({found.language}): {'; '.join(can)}."
    name = f"films_{found.language}"
    return Finding("failed" if found.voice is None else "note" if do else "ok", name, about, " ".join(do))
