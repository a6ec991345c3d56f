"""A render that makes no film: the artefacts of one, quickly and the same every time, step by step through a cache.

``options`` of the order say what happens: ``pause`` seconds a step; ``crash``, ``fail``, ``break``, ``hang`` or
``refuse`` at the step of this number.
"""

import hashlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from media_gen.checks.finding import Finding
from media_gen.errors import ChecksFailed, ScriptInvalid, VoiceBusy
from media_gen.lesson import Lesson
from tutor.domain.films import ARTEFACTS
from tutor.services.film_files import publish_first, write_whole
from tutor.services.film_process import Order, Report

SIZE = 300_000  # bytes of the film


def render(order: Order, report: Report) -> None:
    sys.stdout.write("a library that prints what it likes\n")
    options = order.options
    lesson = Lesson.model_validate_json(order.lesson.read_bytes())
    slides = [slide for slide in lesson.slides if not order.request.only or slide.id in order.request.only]
    step = 0
    made = b""
    for stage in ("slides", "speech"):
        for done, slide in enumerate(slides, 1):
            step += 1
            _happen(options, step)
            made += _cached(order, f"{stage} {slide.model_dump_json()}", float(options.get("pause", 0)))
            report(stage, done, len(slides))
            if stage == "speech" and done == 1:
                _first(order, made)
    for name in (*ARTEFACTS, "thumbnails/001.jpg"):
        path = order.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_content(made + name.encode(), SIZE if name == "film.mp4" else 500))
    report("film", 1, 1)
    report("exports", 1, 1)
    report("checks", 1, 1)


def _first(order: Order, made: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "captions.vtt").write_bytes(made)
        (Path(folder) / "film.mp4").write_bytes(_content(made, SIZE // 3))
        publish_first(order.first, Path(folder) / "film.mp4")


def _cached(order: Order, what: str, pause: float) -> bytes:
    digest = hashlib.sha256(f"{order.request.language} {order.request.size} {what}".encode()).hexdigest()
    path = order.cache / "fake" / digest
    if not path.exists():
        time.sleep(pause)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, digest.encode())
    return path.read_bytes()


def _content(seed: bytes, size: int) -> bytes:
    block = hashlib.sha512(seed).digest()
    return (block * (size // len(block) + 1))[:size]


def _happen(options: dict[str, object], step: int) -> None:
    if options.get("crash") == step:
        os.kill(os.getpid(), signal.SIGSEGV)
    if options.get("fail") == step:
        raise VoiceBusy("The voice is busy.")
    if options.get("break") == step:
        raise ZeroDivisionError("by zero")
    if options.get("hang") == step:
        time.sleep(1000)
    if options.get("refuse") == step:
        found = Finding("overflow", "en", "one", 1, "Slide 1 is too full.", facts={"lines": "12"})
        raise ChecksFailed("The film is not fit to publish.", findings=(found,))
    if options.get("refuse_script") == step:
        raise ScriptInvalid("Line 3 is wrong.", line=3)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
