"""The film: coded pictures and sound are joined to an MP4 without coding anything again.

The same inputs give the same bytes: no dates, no encoder's whims, one thread. Memory doesn't grow with the film's
length but by the file's own table of contents: packets are read from the cache one screen at a time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from media_gen.film import pictures, sound
from media_gen.film.packets import PacketCache, Packets
from media_gen.film.plan import STILLS, frames_of, runs
from media_gen.slides.port import HD, Screen, Size
from media_gen.speech.port import RATE, Samples
from media_gen.timeline import FPS, FRAME, TICK, SlideSpan, Timeline

OPTIONS = {"movflags": "+faststart", "fflags": "+bitexact"}


@dataclass(frozen=True)
class Mark:
    """A chapter of the file: from ``start`` to ``end`` in samples."""

    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Moving:
    """A screen on which something moves: one packet for each film frame (perhaps one more), the first a key frame and
    then every ``plan.EVERY``; and its sound at ``RATE``, ducked, from the start of the screen."""

    packets: Packets
    keys: frozenset[int]
    under: Samples


@dataclass(frozen=True)
class Material:
    """What a film is made from: screens in the order of the timeline, speech as WAV by (slide id, sentence index), and
    the screens that move by name."""

    screens: Sequence[Screen]
    speech: Mapping[tuple[str, int], Path]
    moving: Mapping[str, Moving] = field(default_factory=dict)


def write_film(
    timeline: Timeline,
    material: Material,
    out: Path,
    *,
    cache: Path,
    size: Size = HD,
    chapters: Sequence[Mark] = (),
    title: str = "",
    step: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write ``out`` (H.264 and AAC in an MP4, its table of contents first). Gives the number of screens coded anew.

    ``step`` is told (done, in all) before each screen and may raise. Raises ``SlideFailed`` or ``SpeechFailed`` where a
    picture or a sound can't be read.
    """
    kept = PacketCache(cache)
    with av.open(str(out), "w", format="mp4", options=OPTIONS) as container:
        container.metadata.update({"title": title} if title else {})
        video, audio = container.add_stream("libx264", rate=FPS), container.add_stream("aac", rate=RATE)
        pictures.configure(video.codec_context, size)
        sound.configure(audio.codec_context)
        container.set_chapters([_mark(number, mark) for number, mark in enumerate(chapters)])
        container.start_encoding()
        if audio.time_base != Fraction(1, RATE) or (video.time_base * FPS).numerator != 1:
            raise AssertionError(f"clocks {audio.time_base} and {video.time_base} don't hold the film's times exactly")
        stills = pictures.still_packets(kept, size)
        for number, (span, screen) in enumerate(zip(timeline.spans, material.screens, strict=True)):
            step(number, len(timeline.spans))
            heard, seen = _coded(kept, span, screen, stills, material, size)
            for coded, stream in ((seen, video), (heard, audio)):
                if coded.header != bytes(stream.codec_context.extradata):
                    raise AssertionError(f"{stream.type} of {span.screen} was coded with other settings than the film")
            _mux(container, _pictures(span, seen, stills, material.moving.get(span.screen)), video, heard, span, audio)
        step(len(timeline.spans), len(timeline.spans))
    return kept.made


def _coded(
    kept: PacketCache, span: SlideSpan, screen: Screen, stills: Packets, material: Material, size: Size
) -> tuple[Packets, Packets]:
    moving = material.moving.get(span.screen)
    heard = sound.screen_sound(kept, span, material.speech, moving.under if moving else None)
    if moving:
        return heard, moving.packets
    shown = [screen.pictures[shown.step] for shown in span.shown]
    return heard, pictures.screen_packets(kept, shown, size)


def _pictures(span: SlideSpan, seen: Packets, stills: Packets, moving: Moving | None) -> Iterator[tuple[bytes, bool]]:
    """The packet of each film frame of the screen, and whether it is a key frame."""
    if moving:
        frames = frames_of(span)
        for place in range(frames.stop - frames.start):
            yield seen.groups[0][place], place in moving.keys
        return
    for (kind, index, place), count in runs(span):
        if kind == "still":
            for at in range(place - 1, place - 1 + count):
                yield stills.groups[0][at % STILLS], False
        else:
            first = place + (kind == "fade")
            for packet in seen.groups[index][first : first + count]:
                yield packet, kind == "key"


def _mux(
    container: Any, seen: Iterator[tuple[bytes, bool]], video: Any, heard: Packets, span: SlideSpan, audio: Any
) -> None:
    """Write both streams in the order of time, so that a player never has to look far for either."""
    mux, packet_of = container.mux_one, av.Packet  # some 3,200 packets a minute: this loop is what an edit costs
    picture_ticks = round(1 / (FPS * video.time_base))  # times are in each stream's own clock: no conversion a packet

    def write_sound(data: bytes, at: int) -> None:
        packet = packet_of(data)
        packet.pts = packet.dts = at
        packet.duration = FRAME
        packet.stream = audio
        packet.is_keyframe = True
        mux(packet)

    frame = frames_of(span).start
    begin = span.start
    waiting = iter(heard.groups[0])
    for data, key in seen:
        while begin <= frame * TICK and begin < span.end:
            write_sound(next(waiting), begin)
            begin += FRAME
        packet = packet_of(data)
        packet.pts = packet.dts = frame * picture_ticks
        packet.duration = picture_ticks
        packet.stream = video
        if key:
            packet.is_keyframe = True
        mux(packet)
        frame += 1
    for data in waiting:
        write_sound(data, begin)
        begin += FRAME


def _mark(number: int, mark: Mark) -> dict[str, Any]:
    times = {"start": mark.start, "end": mark.end, "time_base": Fraction(1, RATE)}
    return {"id": number, **times, "metadata": {"title": mark.title}}
