"""One lesson in one language becomes a folder of artefacts. (The contract; the code follows.)"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media_gen.checks.finding import Finding

Stage = str  # "slides" | "speech" | "film" | "exports" | "checks"
Progress = Callable[[Stage, int, int], None]  # stage, steps done, steps in all; may raise RenderCancelled


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
