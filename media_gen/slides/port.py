"""What the slide setter gives to the film and to the checks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from media_gen.checks.finding import Finding
from media_gen.lesson import Lesson


@dataclass(frozen=True)
class Screen:
    """A picture of a film and its steps.

    A slide gives one screen; one that is too full is split into several (``part`` of ``parts``), each with its share of
    the narration; a question gives two, the second with the answer. ``pictures[n]`` is a PNG with ``n`` steps shown,
    so there are ``steps + 1`` of them. ``sentences`` is the (start, stop) of its share of the slide's narration;
    ``first_step`` is how many of the slide's steps earlier parts have shown. ``hold_seconds`` is the shortest time it
    stays (a question's time to think). ``text`` is what stands on it, for coverage checks and the transcript.
    ``clip`` is where its clip plays, over what the picture shows there, in pixels: left, top, width, height (the same
    in all steps); None where it has no clip.
    """

    name: str
    slide: str
    pictures: tuple[Path, ...]
    sentences: tuple[int, int]
    first_step: int = 0
    part: int = 1
    parts: int = 1
    hold_seconds: float = 0.0
    text: str = ""
    clip: tuple[int, int, int, int] | None = None

    @property
    def steps(self) -> int:
        return len(self.pictures) - 1


@dataclass(frozen=True)
class Size:
    """Pixels."""

    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{self.height}p"


HD = Size(1280, 720)
FULL_HD = Size(1920, 1080)
SIZES = {size.name: size for size in (HD, FULL_HD)}


class Setter(Protocol):
    """Sets a lesson's slides (``media_gen.slides.setter``)."""

    def screens(
        self, lesson: Lesson, size: Size, assets: Path, only: frozenset[str] | None = None
    ) -> tuple[Screen, ...]:
        """The screens in the order of the lesson, or those of the slides named in ``only``.

        Raises ``SlideFailed`` or ``AssetMissing``."""
        ...

    def findings(self, lesson: Lesson, size: Size, assets: Path) -> tuple[Finding, ...]:
        """What is wrong with the pictures: overflow, contrast, text size, missing glyphs."""
        ...
