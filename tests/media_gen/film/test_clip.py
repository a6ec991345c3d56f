"""A clip on a slide: it moves in its box from its start to its end, and is quiet while somebody speaks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest

from media_gen.errors import AssetMissing
from media_gen.film.clip import ALONE, UNDER, ducking, least_samples, moving_screens, placed_clips
from media_gen.film.probe import probe
from media_gen.film.write import Material, write_film
from media_gen.lesson import Clip, Layout, Lesson, Sentence, Slide
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import Timeline, layout
from tests.media_gen.film.material import SMALL, lengths, paint, tone

BOX = (80, 40, 160, 120)
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]  # one second each


def moving_picture(path: Path, sounds: bool = True) -> Path:
    """Four seconds, each of one colour, with a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=20)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        audio = container.add_stream("aac", rate=44100) if sounds else None
        for number in range(80):
            picture = np.full((120, 160, 3), COLOURS[number // 20], np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            wave = 0.2 * np.sin(2 * np.pi * 300 * np.arange(4 * 44100) / 44100)
            frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
            frame.sample_rate, frame.pts = 44100, 0
            container.mux([*audio.encode(frame), *audio.encode(None)])
    return path


@dataclass(frozen=True)
class Film:
    timeline: Timeline
    path: Path

    def colour(self, seconds: float, x: int = 160, y: int = 100) -> tuple[int, ...]:
        with av.open(str(self.path)) as container:
            frames = container.decode(video=0)
            shown = next(frame for number, frame in enumerate(frames) if number == round(seconds * 30))
            return tuple(int(part) for part in shown.to_ndarray(format="rgb24")[y, x])

    def level(self, begin: float, end: float) -> float:
        """Of the sound between two seconds, in dB."""
        with av.open(str(self.path)) as container:
            sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        return float(20 * np.log10(np.sqrt(np.mean(sound[round(begin * RATE) : round(end * RATE)] ** 2)) + 1e-9))


Make = Callable[..., Film]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def film(clip: Clip, said: float, sounds: bool = True) -> Film:
        moving_picture(tmp_path / "clip.mp4", sounds)
        slide = Slide(id="a", layout=Layout.CLIP, blocks=(clip,), narration=(Sentence(text="x"),) * bool(said))
        lesson = Lesson(title="T", slides=(slide,))
        still = paint(tmp_path / "a.png", SMALL, "#604020", 0)
        screens = [Screen("a", "a", (still,), (0, len(slide.narration)), clip=BOX)]
        # Spoken "words" that can be told from the clip's tone by being silence: only the ducking is heard.
        speech = {("a", 0): tone(tmp_path / "a.wav", said, level=0.0)} if said else {}
        placed = placed_clips(lesson, screens, tmp_path)
        timeline = layout(lesson, screens, lengths(speech), least_samples(placed))
        moving = moving_screens(placed, timeline, screens, tmp_path / "cache", SMALL)
        out = tmp_path / "film.mp4"
        write_film(timeline, Material(screens, speech, moving), out, cache=tmp_path / "cache", size=SMALL)
        return Film(timeline, out)

    return film


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 30


def test_it_plays_trimmed_in_its_box_and_its_last_picture_stays(make: Make) -> None:
    film = make(Clip(asset="clip.mp4", start=1, end=3), said=4.5)
    assert near(film.colour(0.1), (0x60, 0x40, 0x20)), "the slide is seen first"
    assert near(film.colour(0.7), COLOURS[1])
    assert near(film.colour(1.7), COLOURS[2])
    assert near(film.colour(film.timeline.seconds - 0.2), COLOURS[2])
    assert near(film.colour(1.7, x=20), (0x60, 0x40, 0x20)), "around its box there is the slide"
    assert near(film.colour(1.7, x=160, y=170), (0x60, 0x40, 0x20))


def test_it_fades_in(make: Make) -> None:
    film = make(Clip(asset="clip.mp4", start=3), said=0)
    halfway = film.colour(0.2 + 0.15)
    assert 0x60 + 20 < halfway[0] < 235


def test_the_slide_stays_until_it_has_played(make: Make) -> None:
    film = make(Clip(asset="clip.mp4"), said=1.0)
    assert film.timeline.seconds >= 0.2 + 4.0
    assert near(film.colour(4.0), COLOURS[3])


def test_its_sound_is_low_while_somebody_speaks(make: Make) -> None:
    film = make(Clip(asset="clip.mp4"), said=1.5)
    spoken = film.timeline.spans[0].spoken[0]
    under = film.level(spoken.start / RATE + 0.1, spoken.end / RATE - 0.1)
    alone = film.level(spoken.end / RATE + 0.4, 3.8)
    assert alone - under == pytest.approx(ALONE - UNDER, abs=1.5)


def test_a_clip_without_sound_is_silent(make: Make) -> None:
    film = make(Clip(asset="clip.mp4"), said=0, sounds=False)
    assert film.level(0, 4) < -80


def test_a_moving_screen_can_be_seeked_and_has_every_frame(make: Make) -> None:
    packets = probe(make(Clip(asset="clip.mp4"), said=6.0).path)
    assert {after - before for before, after in zip(packets.keys, packets.keys[1:], strict=False)} == {2 * RATE}
    assert abs(packets.picture_end - packets.sound_end) <= 0.033 * RATE


def test_the_same_clip_is_coded_once(make: Make, tmp_path: Path) -> None:
    first = make(Clip(asset="clip.mp4"), said=1.0).path.read_bytes()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert make(Clip(asset="clip.mp4"), said=1.0).path.read_bytes() == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*") if path.is_file()} == kept


@pytest.mark.parametrize(
    "data", [b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n", b""]
)
def test_only_files_of_moving_pictures_are_opened(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)
    lesson = Lesson(title="T", slides=(Slide(id="a", layout=Layout.CLIP, blocks=(Clip(asset="clip.mp4"),)),))
    screens = [Screen("a", "a", (tmp_path / "a.png",), (0, 0), clip=BOX)]
    with pytest.raises(AssetMissing, match=r"clip\.mp4 is no MP4"):
        placed_clips(lesson, screens, tmp_path)


def test_a_clip_that_is_shorter_than_its_trimming_is_refused(tmp_path: Path) -> None:
    moving_picture(tmp_path / "clip.mp4", sounds=False)
    slide = Slide(id="a", layout=Layout.CLIP, blocks=(Clip(asset="clip.mp4", start=9),))
    screens = [Screen("a", "a", (tmp_path / "a.png",), (0, 0), clip=BOX)]
    with pytest.raises(AssetMissing, match=r"only 4\.0 s"):
        placed_clips(Lesson(title="T", slides=(slide,)), screens, tmp_path)
    assert placed_clips(Lesson(title="T", slides=(slide,)), [replace(screens[0], clip=None)], tmp_path) == {}


def test_the_gain_goes_down_before_a_sentence_and_up_after_it() -> None:
    gain = 20 * np.log10(ducking(4 * RATE, [(RATE, 2 * RATE)]))
    assert gain[0] == gain[-1] == pytest.approx(ALONE)
    assert gain[RATE : 2 * RATE] == pytest.approx(UNDER, abs=0.01)
    assert np.abs(np.diff(gain)).max() < 0.01, "without a step"
