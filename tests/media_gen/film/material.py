"""What films are made from in these tests: painted slides, and the shipped silent voice."""

import wave
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from media_gen.checks.finding import Finding
from media_gen.film.packets import name_of
from media_gen.lesson import Bullet, Bullets, Layout, Lesson, Question, Sentence, Slide
from media_gen.slides.port import Screen, Size
from media_gen.speech.narrator import ChainNarrator
from media_gen.speech.port import RATE
from media_gen.speech.silent import SilentEngine

SMALL = Size(320, 180)


def paint(path: Path, size: Size, colour: str, bars: int) -> Path:
    """A slide: a colour, and one white bar for each step that is shown."""
    image = Image.new("RGB", (size.width, size.height), colour)
    draw = ImageDraw.Draw(image)
    for bar in range(bars):
        top = size.height * (bar + 1) // 8
        draw.rectangle((size.width // 10, top, size.width * 9 // 10, top + size.height // 16), "white")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path


@dataclass
class Painter:
    """A slide setter that paints: the shape of each slide is its number of steps, its colour its title."""

    folder: Path
    faults: tuple[Finding, ...] = ()
    set_slides: list[str] = field(default_factory=list)

    def screens(
        self, lesson: Lesson, size: Size, assets: Path, only: frozenset[str] | None = None
    ) -> tuple[Screen, ...]:
        return tuple(
            screen
            for slide in lesson.slides
            if only is None or slide.id in only
            for screen in self._screens(slide, size)
        )

    def findings(self, lesson: Lesson, size: Size, assets: Path) -> tuple[Finding, ...]:
        return self.faults

    def _screens(self, slide: Slide, size: Size) -> list[Screen]:
        self.set_slides.append(slide.id)
        colour = "#" + name_of(slide.title)[:6]
        pictures = tuple(
            paint(self.folder / f"{colour[1:]}-{size.name}-{step}.png", size, colour, step)
            for step in range(slide.steps + 1)
        )
        said = len(slide.narration)
        if isinstance(slide.interaction, Question):
            answer = paint(self.folder / f"{colour[1:]}-{size.name}-answer.png", size, colour, 7)
            asked = Screen(slide.id, slide.id, pictures, (0, said), hold_seconds=slide.interaction.think_seconds)
            return [asked, Screen(f"{slide.id}.answer", slide.id, (answer,), (said, said))]
        return [Screen(slide.id, slide.id, pictures, (0, said), text=slide.title)]


def lesson_of(*slides: Slide, title: str = "Leaves", language: str = "en") -> Lesson:
    return Lesson(title=title, language=language, slides=slides)


def bullets(name: str, *said: str, steps: int = 0) -> Slide:
    """A slide whose sentences reveal its steps one by one, beginning with the second sentence."""
    items = tuple(Bullet(text=f"Point {n + 1}") for n in range(steps))
    narration = tuple(
        Sentence(text=text, reveal=n if steps and 0 < n <= steps else None) for n, text in enumerate(said)
    )
    blocks = (Bullets(items=items),) if items else ()
    return Slide(id=name, layout=Layout.BULLETS, title=f"Title of {name}", blocks=blocks, narration=narration)


def silent_narrator(cache: Path) -> ChainNarrator:
    return ChainNarrator(cache, [SilentEngine()])


def tone(path: Path, seconds: float, pitch: float = 440.0, level: float = 0.3) -> Path:
    """A WAV as narration is: it begins and ends at once, so that a measure finds its edges."""
    time = np.arange(round(seconds * RATE)) / RATE
    rising = pitch * time * (1 + time / seconds)  # no two moments of it are alike, so its place can be measured
    sound = (level * np.sin(2 * np.pi * rising) * 32767).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(RATE)
        stream.writeframes(sound.tobytes())
    return path


def lengths(speech: Mapping[tuple[str, int], Path]) -> dict[tuple[str, int], int]:
    """Samples of each WAV."""

    def samples(path: Path) -> int:
        with wave.open(str(path)) as stream:
            return stream.getnframes()

    return {key: samples(path) for key, path in speech.items()}
