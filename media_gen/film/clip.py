"""A clip on a slide: trimmed, fitted into its box, faded in, its sound ducked under the narration.

Here a scene really moves, so here alone is moviepy used, and only when a lesson has a clip. What it composes is coded
like stills are (same header, a key frame every two seconds), so the film is still joined without coding anything again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np

from media_gen.errors import AssetMissing
from media_gen.film.packets import PacketCache, Packets, file_hash, name_of
from media_gen.film.pictures import SETTINGS, Encoder, Planes, planes_of
from media_gen.film.plan import EVERY, frames_of
from media_gen.film.write import Moving
from media_gen.lesson import Clip, Columns, Lesson, Slide
from media_gen.slides.pictures import find
from media_gen.slides.port import Screen, Size
from media_gen.speech.port import RATE, Samples
from media_gen.timeline import FPS, LEAD_OUT, TICK, SlideSpan, Timeline

VERSION = 2
LEAD = 6 * TICK  # the slide is seen before its clip begins
FADE_IN = 0.3  # s
ALONE, UNDER = -4.0, -20.0  # dB: the clip's sound on its own and under the narration, from the loudness of speech
RAMP = RATE // 4  # samples in which its sound goes down before a sentence, and up after it
LONGEST = 600  # s
# What a file must begin with. Playlists, which name further files to read, are never given to a decoder.
_KINDS = ((4, b"ftyp"), (0, b"\x1aE\xdf\xa3"), (0, b"GIF8"))


@dataclass(frozen=True)
class Placed:
    """A clip of a screen: ``start`` and ``end`` in seconds of the file, ``box`` in pixels: left, top, width, height."""

    path: Path
    start: float
    end: float
    box: tuple[int, int, int, int]

    @property
    def seconds(self) -> float:
        return self.end - self.start


def placed_clips(lesson: Lesson, screens: Sequence[Screen], assets: Path) -> dict[str, Placed]:
    """The clips by screen. Raises ``AssetMissing`` where a file isn't there, or is no moving picture."""
    slides = {slide.id: slide for slide in lesson.slides}
    placed: dict[str, Placed] = {}
    for screen in screens:
        clip = clip_of(slides[screen.slide])
        if screen.clip is not None and clip is not None:
            path = find(clip.asset, assets, slide=screen.slide)
            length = seconds_of(path, clip.asset, screen.slide)
            end = length if clip.end is None else min(clip.end, length)
            if end <= clip.start:
                raise AssetMissing(
                    f"The clip {clip.asset} has only {length:.1f} s.", asset=clip.asset, slide=screen.slide
                )
            placed[screen.name] = Placed(path, clip.start, min(end, clip.start + LONGEST), screen.clip)
    return placed


def clip_of(slide: Slide) -> Clip | None:
    """The first clip of a slide."""
    for block in slide.blocks:
        for piece in (*block.left, *block.right) if isinstance(block, Columns) else (block,):
            if isinstance(piece, Clip):
                return piece
    return None


def seconds_of(path: Path, name: str, slide: str) -> float:
    """Raises ``AssetMissing`` where the file is no moving picture."""
    with path.open("rb") as stream:
        head = stream.read(16)
    if not any(head[at : at + len(mark)] == mark for at, mark in _KINDS):
        raise AssetMissing(f"{name} is no MP4, MOV, WebM, Matroska or GIF file.", asset=name, slide=slide)
    try:
        with av.open(str(path)) as container:
            if container.streams.video and container.duration:
                return float(container.duration / av.time_base)
    except av.FFmpegError as error:
        raise AssetMissing(f"The clip {name} can't be read.", asset=name, slide=slide) from error
    raise AssetMissing(f"The clip {name} has no moving picture.", asset=name, slide=slide)


def least_samples(placed: Mapping[str, Placed]) -> dict[str, int]:
    """How long screens stay at least, so that their clips play to the end."""
    return {screen: LEAD + round(clip.seconds * RATE) + LEAD_OUT for screen, clip in placed.items()}


def moving_screens(
    placed: Mapping[str, Placed], timeline: Timeline, screens: Sequence[Screen], cache: Path, size: Size
) -> dict[str, Moving]:
    """The screens with clips, coded."""
    kept = PacketCache(cache)
    made: dict[str, Moving] = {}
    for span, screen in zip(timeline.spans, screens, strict=True):
        if span.screen in placed:
            made[span.screen] = _moving(kept, placed[span.screen], span, screen, size)
    return made


def _moving(kept: PacketCache, clip: Placed, span: SlideSpan, screen: Screen, size: Size) -> Moving:
    frames = frames_of(span)
    # One more than this film needs: a screen takes a film frame more or less by where in the film it stands.
    count = max(frames.stop - frames.start, -(-(span.end - span.start) // TICK) + 1)
    shown = [((part.start - span.start), file_hash(screen.pictures[part.step])) for part in span.shown]
    spoken = [(part.start - span.start, part.end - span.start) for part in span.spoken]
    about = (VERSION, file_hash(clip.path), clip.start, clip.end)
    seen_name = name_of("clip", *about, SETTINGS, size, clip.box, LEAD, FADE_IN, count, shown)
    heard_name = name_of("clip sound", *about, LEAD, ALONE, UNDER, RAMP, span.end - span.start, spoken)
    seen = kept.get(seen_name, lambda: _encode(_compose(clip, span, screen, size, count), size))
    heard = kept.get(heard_name, lambda: _sound(clip, span.end - span.start, spoken))
    under = np.frombuffer(heard.groups[0][0], "<i2").astype(np.float32) / np.float32(32768)
    return Moving(seen, frozenset(range(0, count, EVERY)), under)


def _compose(clip: Placed, span: SlideSpan, screen: Screen, size: Size, count: int) -> Iterator[Planes]:
    from moviepy import CompositeVideoClip, ImageClip, vfx

    slide = _slide(span, screen, count)
    with _opened(clip.path) as film:
        left, top, width, height = clip.box
        moving = film.subclipped(clip.start, clip.end)
        scale = min(width / moving.w, height / moving.h)
        moving = moving.resized((round(moving.w * scale), round(moving.h * scale)))
        place = (left + (width - moving.w) // 2, top + (height - moving.h) // 2)
        shown = moving.with_effects([vfx.CrossFadeIn(FADE_IN)]).with_start(LEAD / RATE).with_position(place)
        scene = CompositeVideoClip([*slide, shown], size=(size.width, size.height))
        played = min(count, int(shown.end * FPS))
        for number in range(played):
            yield _planes(scene.get_frame(number / FPS))
        # Its last picture stays. It is taken now, so that the file is read once, from its start to its end.
        last = ImageClip(moving.get_frame(max(0.0, (played - 1) / FPS - LEAD / RATE))).with_position(place)
        scene = CompositeVideoClip([*slide, last.with_duration(count / FPS + 1)], size=(size.width, size.height))
        for number in range(played, count):
            yield _planes(scene.get_frame(number / FPS))


def _slide(span: SlideSpan, screen: Screen, count: int) -> list[Any]:
    """The pictures behind the clip, one after the other."""
    from moviepy import ImageClip, vfx

    ends = [part.start for part in span.shown[1:]] + [span.start + count * TICK]
    layers: list[Any] = []
    for part, end in zip(span.shown, ends, strict=True):
        still = ImageClip(str(screen.pictures[part.step]), transparent=False)
        still = still.with_start((part.start - span.start) / RATE).with_duration((end - part.start) / RATE + 1)
        layers.append(still.with_effects([vfx.CrossFadeIn(part.fade / RATE)]) if part.fade else still)
    return layers


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """moviepy's reader, closed with the pipes that it leaves open when its ffmpeg has come to the end by itself."""
    from moviepy import VideoFileClip

    film = VideoFileClip(str(path), audio=False)
    try:
        yield film
    finally:
        process = film.reader.proc
        film.close()
        if process is not None:
            process.stdout.close()
            process.stderr.close()
            process.wait()


def _planes(picture: Any) -> Planes:
    return planes_of(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"))


def _encode(pictures: Iterator[Planes], size: Size) -> Packets:
    encoder = Encoder(size)
    packets = encoder.encode((planes, number % EVERY == 0) for number, planes in enumerate(pictures))
    return Packets(encoder.header, (tuple(packets),))


def _sound(clip: Placed, samples: int, spoken: Sequence[tuple[int, int]]) -> Packets:
    """As 16-bit samples, in one packet; silence where the clip has no sound."""
    from media_gen.speech.audio import faded, normalised

    track = np.zeros(samples, np.float32)
    sound = _decoded(clip)
    if len(sound):
        sound = faded(normalised(sound), RAMP)[: samples - LEAD]
        track[LEAD : LEAD + len(sound)] = sound
    track *= ducking(samples, spoken)
    return Packets(b"", (((track.clip(-1, 1) * 32767).astype("<i2").tobytes(),),))


def _decoded(clip: Placed) -> Samples:
    """The clip's sound between its two ends, mono; empty where it has none."""
    begin, end = round(clip.start * RATE), round(clip.end * RATE)
    whole = np.zeros(end, np.float32)
    heard = False
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(clip.path)) as container:
        if not container.streams.audio:
            return whole[:0]
        at = None
        for frame in chain(container.decode(audio=0), (None,)):
            for piece in resampler.resample(frame):
                values = piece.to_ndarray()[0]
                at = max(0, round(float((piece.pts or 0) * piece.time_base) * RATE)) if at is None else at
                room = whole[at : at + len(values)]
                room[:] = values[: len(room)]
                at += len(values)
                heard = True
    return whole[begin:] if heard else whole[:0]


def ducking(samples: int, spoken: Sequence[tuple[int, int]]) -> Samples:
    """The gain of a clip's sound at each sample, low while a sentence is spoken. Pure."""
    low, high = (np.float32(10 ** (level / 20)) for level in (UNDER, ALONE))
    covered = np.zeros(samples, np.float32)
    for start, end in spoken:
        begin, stop = max(0, start - RAMP), min(samples, end + RAMP)
        rise = np.minimum(np.arange(begin, stop) - (start - RAMP), (end + RAMP) - np.arange(begin, stop)) / RAMP
        covered[begin:stop] = np.maximum(covered[begin:stop], rise.clip(0, 1))
    gain: Samples = high * (low / high) ** covered
    return gain
