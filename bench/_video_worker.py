"""One variant of ``bench.video``, in a process of its own.

    python -m bench._video_worker ours|moviepy JOB OUT CACHE

``JOB`` is what ``bench.video`` wrote: lesson, screens and speech, ready; for moviepy the same as pictures and sounds
with their times. Ours then lays the film out, makes captions and chapters and writes it; moviepy does what its
documentation shows: a clip for each picture, the sentences as audio clips, one concatenation, ``write_videofile``.
Says its largest memory in MiB.
"""

import json
import sys
from pathlib import Path
from typing import Any

FPS = 30


def ours(job: dict[str, Any], out: Path, cache: Path) -> None:
    from media_gen import captions, chapters
    from media_gen.film.write import Mark, Material, write_film
    from media_gen.language import load
    from media_gen.lesson import Lesson
    from media_gen.slides.port import Screen, Size
    from media_gen.timeline import layout

    lesson = Lesson.model_validate(job["lesson"])
    screens = [
        Screen(s["name"], s["slide"], tuple(map(Path, s["pictures"])), (s["sentences"][0], s["sentences"][1]))
        for s in job["screens"]
    ]
    speech = {(slide, index): Path(path) for slide, index, path, _ in job["speech"]}
    timeline = layout(lesson, screens, {(slide, index): samples for slide, index, _, samples in job["speech"]})
    marks = chapters.chapters(lesson, timeline)
    out.with_suffix(".vtt").write_text(captions.webvtt(captions.cues(lesson, timeline, load(lesson.language))))
    write_film(
        timeline,
        Material(screens, speech),
        out,
        cache=cache,
        size=Size(*job["size"]),
        chapters=[Mark(mark.title, mark.start, mark.end) for mark in marks],
    )


def moviepy(job: dict[str, Any], out: Path) -> None:
    from moviepy import AudioFileClip, CompositeAudioClip, ImageClip, concatenate_videoclips

    pictures = [ImageClip(path).with_duration(seconds) for path, seconds in job["shown"]]
    voices = [AudioFileClip(path).with_start(start) for path, start in job["heard"]]
    film = concatenate_videoclips(pictures).with_audio(CompositeAudioClip(voices))
    film.write_videofile(str(out), fps=FPS, codec="libx264", audio_codec="aac", logger=None)


if __name__ == "__main__":
    variant, job_file, out_file, cache_folder = sys.argv[1:]
    read = json.loads(Path(job_file).read_text())
    if variant == "ours":
        ours(read, Path(out_file), Path(cache_folder))
    else:
        moviepy(read, Path(out_file))
    # Of this process's own memory: getrusage would count its parent's before it started.
    print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024)
