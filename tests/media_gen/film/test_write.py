"""The film: what a decoder and a player get is what was set and spoken, when the timeline says."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media_gen.errors import RenderCancelled, SlideFailed, SpeechFailed
from media_gen.film.pictures import blend, read_picture
from media_gen.film.probe import probe
from media_gen.film.write import Mark, Material, write_film
from media_gen.lesson import Lesson
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import FADE, FRAME, TICK, Timeline, first_frame, layout
from tests.media_gen.film.material import SMALL, Painter, bullets, lengths, lesson_of, paint, tone

NEAR = 3.0  # mean difference of 255: what coding takes away


@dataclass(frozen=True)
class Made:
    timeline: Timeline
    material: Material
    film: Path
    cache: Path

    def again(self, name: str, **changed: Any) -> Path:
        out = self.film.with_name(name)
        write_film(changed.get("timeline", self.timeline), self.material, out, cache=self.cache, size=SMALL)
        return out


def material(folder: Path, lesson: Lesson) -> Material:
    screens = Painter(folder / "slides").screens(lesson, SMALL, folder)
    speech = {
        (slide.id, n): tone(folder / f"{slide.id}-{n}.wav", 0.7 + 0.31 * n, 300.0 + 100 * n)
        for slide in lesson.slides
        for n in range(len(slide.narration))
    }
    return Material(screens, speech)


def make(folder: Path, lesson: Lesson) -> Made:
    made = material(folder, lesson)
    timeline = layout(lesson, made.screens, lengths(made.speech))
    write_film(timeline, made, folder / "film.mp4", cache=folder / "cache", size=SMALL)
    return Made(timeline, made, folder / "film.mp4", folder / "cache")


LESSON = lesson_of(
    bullets("one", "First.", "Second.", "Third.", steps=2),
    bullets("two", *["A sentence."] * 4),
    bullets("three", "So.", "Last.", steps=1),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("film"), LESSON)


def pictures(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray().astype(np.int16) for frame in container.decode(video=0)]


def sound(film: Path) -> np.ndarray:
    with av.open(str(film)) as container:
        assert container.streams.audio[0].start_time == 0
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def test_a_player_is_told_what_it_is(made: Made) -> None:
    with av.open(str(made.film)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height, video.pix_fmt) == ("h264", 320, 180, "yuv420p")
        assert video.average_rate == video.base_rate == video.guessed_rate == 30
        assert (audio.codec_context.name, audio.rate, audio.channels) == ("aac", RATE, 1)
        assert container.start_time == 0
        assert float(container.duration / av.time_base) == pytest.approx(made.timeline.seconds, abs=1 / 30)
    assert probe(made.film).index_first


def test_every_film_frame_shows_the_picture_of_its_time(made: Made) -> None:
    frames = pictures(made.film)
    assert len(frames) == first_frame(made.timeline.samples)
    for span, screen in zip(made.timeline.spans, made.material.screens, strict=True):
        begin = first_frame(span.start)
        ends = [first_frame(part.start - span.start) for part in span.shown[1:]]
        for part, end in zip(span.shown, [*ends, first_frame(span.end) - begin], strict=True):
            wanted = read_picture(screen.pictures[part.step], SMALL).astype(np.int16)
            still = first_frame(part.start - span.start) + part.fade // TICK
            for at in range(begin + still, begin + end):
                assert np.abs(frames[at] - wanted).mean() < NEAR, (span.screen, part.step, at)


def test_a_step_fades_in_from_its_sentence_on(made: Made) -> None:
    frames = pictures(made.film)
    for span, screen in zip(made.timeline.spans, made.material.screens, strict=True):
        for before, part in zip(span.shown, span.shown[1:], strict=False):
            old, new = (read_picture(screen.pictures[p.step], SMALL) for p in (before, part))
            at = first_frame(span.start) + (part.start - span.start) // TICK
            for place in range(-1, FADE // TICK):
                wanted = blend(old, new, (place + 1) / (FADE // TICK))
                assert np.abs(frames[at + place] - wanted).mean() < NEAR


def test_each_sentence_is_heard_when_the_timeline_says_and_between_them_is_silence(made: Made) -> None:
    heard = sound(made.film)
    assert len(heard) == made.timeline.samples
    quiet = np.ones(len(heard), bool)
    for span in made.timeline.spans:
        for part in span.spoken:
            with wave.open(str(made.material.speech[span.slide, part.index])) as stream:
                words = np.frombuffer(stream.readframes(RATE), "<i2") / 32768
            begin = part.start - 200
            match = np.correlate(heard[begin : begin + len(words) + 400], words, "valid")
            assert abs(int(np.argmax(match)) - 200) <= 2, "samples"
            quiet[part.start - FRAME : part.end + FRAME] = False
    assert np.abs(heard[quiet]).max() < 1e-3, "joins don't click"


def test_the_same_inputs_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    assert made.again("again.mp4").read_bytes() == made.film.read_bytes()
    elsewhere = make(tmp_path, LESSON)
    assert elsewhere.film.read_bytes() == made.film.read_bytes()


def test_an_edit_codes_its_slide_only_and_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    before = make(tmp_path, LESSON)
    edited = lesson_of(LESSON.slides[0], bullets("two", "Quite another one."), LESSON.slides[2])
    changed = material(tmp_path, edited)
    changed = replace(changed, speech={**changed.speech, ("two", 0): tone(tmp_path / "new.wav", 3.3)})
    timeline = layout(edited, changed.screens, lengths(changed.speech))
    coded = write_film(timeline, changed, tmp_path / "edited.mp4", cache=before.cache, size=SMALL)
    assert coded == 1, "its sound; its picture is the same"
    for slide in (0, 2):
        old, new = (
            packets(f, t, slide) for f, t in ((before.film, before.timeline), (tmp_path / "edited.mp4", timeline))
        )
        assert old == new


def packets(film: Path, timeline: Timeline, number: int) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Coded pictures and sounds of a screen, less the last film frame: whether there is one hangs on the place."""
    span = timeline.spans[number]
    kinds: dict[str, list[bytes]] = {"video": [], "audio": []}
    with av.open(str(film)) as container:
        for packet in container.demux(container.streams.video[0], container.streams.audio[0]):
            if packet.pts is not None and span.start - 2 <= round(packet.pts * packet.time_base * RATE) < span.end - 2:
                kinds[packet.stream.type].append(bytes(packet))
    return kinds["video"][: (span.end - span.start) // TICK], kinds["audio"]


def test_chapters_and_title_are_in_the_file(made: Made, tmp_path: Path) -> None:
    marks = [Mark("Light", 0, RATE), Mark("Wasser & ماء", RATE, 2 * RATE)]
    write_film(
        made.timeline, made.material, tmp_path / "f.mp4", cache=made.cache, size=SMALL, chapters=marks, title="Leaves"
    )
    with av.open(str(tmp_path / "f.mp4")) as container:
        assert container.metadata["title"] == "Leaves"
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["Light", "Wasser & ماء"]


def test_any_place_can_be_seeked(made: Made) -> None:
    frames = pictures(made.film)
    with av.open(str(made.film)) as container:
        video = container.streams.video[0]
        for wanted in range(0, len(frames), 37):
            container.seek(round(wanted / 30 / video.time_base), stream=video, backward=True)
            first = next(container.decode(video))
            at = round(first.time * 30)
            assert wanted - 75 <= at <= wanted
            assert np.array_equal(first.to_ndarray(), frames[at])


def test_a_damaged_cache_is_mended(made: Made, tmp_path: Path) -> None:
    mended = make(tmp_path, LESSON)
    for kept in (p for p in mended.cache.rglob("*") if p.is_file()):
        kept.write_bytes(kept.read_bytes()[:-7])
    assert mended.again("mended.mp4").read_bytes() == made.film.read_bytes()


def test_a_callback_can_stop_it(made: Made, tmp_path: Path) -> None:
    def step(done: int, total: int) -> None:
        if done == 1:
            raise RenderCancelled

    with pytest.raises(RenderCancelled):
        write_film(made.timeline, made.material, tmp_path / "f.mp4", cache=made.cache, size=SMALL, step=step)


def test_a_picture_that_is_none_is_named(made: Made, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    small = paint(tmp_path / "small.png", replace(SMALL, width=160), "red", 0)
    for bad, words in ((tmp_path / "bad.png", "can't be read"), (small, "160 by 180")):
        screens = [Screen(s.name, s.slide, (bad,) * len(s.pictures), s.sentences) for s in made.material.screens]
        broken = replace(made.material, screens=screens)
        with pytest.raises(SlideFailed, match=words):
            write_film(made.timeline, broken, tmp_path / "f.mp4", cache=tmp_path / "cache", size=SMALL)


def test_a_sound_that_is_none_is_named(made: Made, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    broken = replace(made.material, speech=dict.fromkeys(made.material.speech, tmp_path / "bad.wav"))
    with pytest.raises(SpeechFailed, match=r"bad\.wav"):
        write_film(made.timeline, broken, tmp_path / "f.mp4", cache=tmp_path / "cache", size=SMALL)
