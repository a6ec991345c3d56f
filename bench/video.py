"""What a film costs, beside an idiomatic moviepy render of the same slides and speech, in the same run.

    python -m bench.video [--minutes N] [--runs N] [--long-moviepy] [--json]

Each variant runs in a process of its own that starts from ready slides (PNG) and ready speech (WAV): CPU seconds are
user and system time of that process and of those it starts (ffmpeg, for moviepy), imports included; memory is the
largest that the Python process had (ffmpeg's comes on top, for moviepy). Most of the slides are revealed step by step;
ours fades the steps in, moviepy's cuts. What slides and speech cost is shown too, but is part of neither side. The last
line has the figures that are promised:

cpu_ratio             ours by moviepy's CPU, ten slides at 720p, nothing cached            promised <= 0.067 (1/15)
edit_ratio            one slide of the long film changed, by a full rebuild                promised <= 0.05 (1/20)
drift_ms              least and most, from a step's sentence to its picture                promised 0 to 33
keyframe_gap_s        longest                                                              promised <= 2.5
cpu_per_minute_ratio  CPU a minute of the long film by that of a one-minute film           promised <= 1.1
identical_segments    untouched screens whose packets are byte for byte the same           promised all
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import _video_lesson, _video_measure
from media_gen.lesson import Lesson
from media_gen.narration import sentences
from media_gen.slides.port import FULL_HD, HD, Screen, Size
from media_gen.slides.setter import SlideSetter
from media_gen.speech.engines import installed
from media_gen.speech.narrator import ChainNarrator
from media_gen.speech.port import RATE, Speech
from media_gen.timeline import Timeline, layout

ROOT = Path(__file__).resolve().parent.parent
VOICE = "espeak:"  # quick, and installed everywhere; what the voice costs is not what is measured
SECONDS_OF_A_ROUND = 84  # of the long film; its later rounds have more words than the short film


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and the largest memory of its Python process in MiB."""

    cpu: float
    memory: float


@dataclass(frozen=True)
class Job:
    file: Path
    lesson: Lesson
    timeline: Timeline
    speech: dict[tuple[str, int], Path]
    slides_cpu: float
    speech_cpu: float

    @property
    def minutes(self) -> float:
        return self.timeline.seconds / 60


class Bench:
    def __init__(self, work: Path) -> None:
        self.work = work
        self.setter = SlideSetter(work / "slides", None)
        engines = [engine for engine in installed(work / "no-models") if engine.name == "espeak"]
        self.narrator = ChainNarrator(work / "speech", engines)

    def job(self, name: str, lesson: Lesson, size: Size = HD) -> Job:
        """Slides and speech of a lesson, made beforehand."""
        begin = _cpu()
        screens = self.setter.screens(lesson, size, self.work)
        between = _cpu()
        speech = self._speech(lesson, screens)
        slides_cpu, speech_cpu = between - begin, _cpu() - between
        timeline = layout(lesson, screens, {key: said.samples for key, said in speech.items()})
        pictures = {screen.name: screen.pictures for screen in screens}
        shown, heard = [], []
        for span in timeline.spans:
            ends = [part.start for part in span.shown[1:]] + [span.end]
            for part, end in zip(span.shown, ends, strict=True):
                shown.append([str(pictures[span.screen][part.step]), (end - part.start) / RATE])
            heard += [[str(speech[span.slide, part.index].path), part.start / RATE] for part in span.spoken]
        table: dict[str, Any] = {
            "lesson": lesson.model_dump(),
            "size": [size.width, size.height],
            "screens": [
                {"name": s.name, "slide": s.slide, "pictures": [*map(str, s.pictures)], "sentences": s.sentences}
                for s in screens
            ],
            "speech": [[*key, str(said.path), said.samples] for key, said in speech.items()],
        }
        file = self.work / f"{name}.json"
        file.write_text(json.dumps(table))
        (self.work / f"{name}.moviepy.json").write_text(json.dumps({"shown": shown, "heard": heard}))
        paths = {key: said.path for key, said in speech.items()}
        return Job(file, lesson, timeline, paths, slides_cpu, speech_cpu)

    def _speech(self, lesson: Lesson, screens: tuple[Screen, ...]) -> dict[tuple[str, int], Speech]:
        slides = {slide.id: slide for slide in lesson.slides}
        return {
            (slide, index): self.narrator.narrate(slides[slide].narration[index].text, lesson.language, voice=VOICE)
            for slide, index in sentences(screens)
        }

    def run(self, variant: str, job: Job, out: str, cache: str) -> Cost:
        file = job.file if variant == "ours" else job.file.with_suffix(".moviepy.json")
        command = [sys.executable, "-m", "bench._video_worker", variant, str(file)]
        command += [str(self.work / f"{out}.mp4"), str(self.work / cache)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        memory = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{variant} failed on {job.file.name}")
        return Cost(used.ru_utime + used.ru_stime, float(memory.split()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0, help="length of the long film")
    parser.add_argument("--runs", type=int, default=3, help="1 to 5; of our short films and edits, medians are shown")
    parser.add_argument("--long-moviepy", action="store_true", help="render the long film with moviepy too")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-video-") as folder:
        bench = Bench(Path(folder))
        try:
            rows, figures = measure(bench, options.minutes, options.runs, options.long_moviepy)
        finally:
            bench.narrator.close()
    if not options.json:
        for name, text in rows:
            print(f"{name:<54}{text}")
    print(json.dumps(figures))


def measure(
    bench: Bench, minutes: float, runs: int, long_moviepy: bool
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    rows: list[tuple[str, str]] = []

    def row(name: str, cost: Cost, more: str = "") -> None:
        rows.append((name, f"{cost.cpu:8.2f} CPU s {cost.memory:7.0f} MiB  {more}"))

    short = bench.job("short", _video_lesson.lesson())
    moviepy = bench.run("moviepy", short, "moviepy", "none")
    ours = _median([bench.run("ours", short, "ours", f"cache-{n}") for n in range(runs)])
    again = _median([bench.run("ours", short, "again", "cache-0") for _ in range(runs)])
    same = (bench.work / "ours.mp4").read_bytes() == (bench.work / "again.mp4").read_bytes()
    rows.append(("film", f"{len(short.timeline.spans)} slides, {short.timeline.seconds:.0f} s, 720p"))
    rows.append(
        ("its slides and its speech, on neither side", f"{short.slides_cpu:.2f} and {short.speech_cpu:.2f} CPU s")
    )
    row("moviepy", moviepy)
    row("ours, nothing cached", ours, f"1/{moviepy.cpu / ours.cpu:.1f} of moviepy's")
    row("ours, all cached", again, "the same bytes" if same else "OTHER BYTES")

    full = bench.job("full", _video_lesson.lesson(), FULL_HD)
    row("ours, 1080p", (hd := bench.run("ours", full, "full", "cache-full")), f"{hd.cpu / ours.cpu:.2f} times 720p")
    spanish = bench.job("spanish", _video_lesson.lesson("es"))
    second = bench.run("ours", spanish, "spanish", "cache-0")
    language = f"a second language ({spanish.slides_cpu:.2f} for its slides, {spanish.speech_cpu:.2f} for its speech)"
    row(language, second)

    rounds = max(2, round(minutes * 60 / SECONDS_OF_A_ROUND))
    minute = bench.job("minute", _video_lesson.many(1))
    long = bench.job("long", _video_lesson.many(rounds))
    places = [rounds // 2 * 10 + n for n in (4, 1, 5, 3, 9)[:runs]]
    edits = [bench.job(f"edited-{n}", _video_lesson.many(rounds, edited=n)) for n in places]
    edited = edits[0]
    one = _median([bench.run("ours", minute, "minute", f"cache-minute-{n}") for n in range(runs)])
    whole = bench.run("ours", long, "long", "cache-long")
    edit = _median([bench.run("ours", job, job.file.stem, "cache-long") for job in edits])
    row(f"ours, {long.minutes:.1f} minutes, nothing cached", whole, f"{whole.cpu / long.minutes:.2f} a minute")
    row("one slide of it changed", edit, f"1/{whole.cpu / edit.cpu:.1f} of it")
    if long_moviepy:
        row(f"moviepy, {long.minutes:.1f} minutes", bench.run("moviepy", long, "long-moviepy", "none"))

    drifts = _video_measure.drifts(bench.work / "ours.mp4", short.timeline, short.speech)
    before = _video_measure.segments(bench.work / "long.mp4", long.timeline)
    after = _video_measure.segments(bench.work / f"{edited.file.stem}.mp4", edited.timeline)
    untouched = [n for n, slide in enumerate(long.lesson.slides) if slide == edited.lesson.slides[n]]
    identical = sum(before[n] == after[n] for n in untouched)
    gap = max(_video_measure.gap_seconds(bench.work / f"{name}.mp4") for name in ("ours", "long", edited.file.stem))
    figures = {
        "cpu_ratio": round(ours.cpu / moviepy.cpu, 4),
        "edit_ratio": round(edit.cpu / whole.cpu, 4),
        "drift_ms": [round(min(drifts), 1), round(max(drifts), 1)],
        "keyframe_gap_s": round(gap, 2),
        "cpu_per_minute_ratio": round(whole.cpu / long.minutes / (one.cpu / minute.minutes), 3),
        "identical_segments": f"{identical}/{len(untouched)}",
    }
    return rows, figures


def _median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(c.cpu for c in costs), statistics.median(c.memory for c in costs))


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
