"""What ``bench.video`` reads from finished films: drift by decoding both streams, and packets slide by slide."""

import wave
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from media_gen.film.probe import probe
from media_gen.speech.port import RATE
from media_gen.timeline import TICK, Timeline

SMALL = (320, 180)
WINDOW = RATE // 2


def drifts(film: Path, timeline: Timeline, speech: dict[tuple[str, int], Path]) -> list[float]:
    """Milliseconds from each sentence's onset to the first film frame that differs, for sentences that reveal a step.

    Both are found in what a decoder gives: the onset by correlation with the sentence's own samples, the picture by
    the first frame that isn't the one before it. Nothing of the layout but where to look is used.
    """
    changes = _changes(film)
    sound = _sound(film)
    found = []
    for span in timeline.spans:
        for shown in span.shown[1:]:
            part = next(part for part in span.spoken if part.start == shown.start)
            onset = _onset(sound, speech[span.slide, part.index], part.start)
            place = bisect_left(changes, part.start - 2 * TICK)
            found.append((changes[place] - onset) * 1000 / RATE)
    return found


def _changes(film: Path) -> list[int]:
    """When the picture becomes another one, in samples. A key frame of the same picture differs by less than noise."""
    times: list[int] = []
    with av.open(str(film)) as container:
        before: NDArray[np.int16] | None = None
        for frame in container.decode(video=0):
            now = frame.reformat(*SMALL, format="gray").to_ndarray().astype(np.int16)
            if before is not None and np.abs(now - before).max() > 12:
                times.append(round(float(frame.pts * frame.time_base) * RATE))
            before = now
    return times


def _sound(film: Path) -> NDArray[np.float32]:
    """As a player plays it: from the first sound's own time on."""
    parts: list[NDArray[np.float32]] = []
    with av.open(str(film)) as container:
        for frame in container.decode(audio=0):
            if not parts:
                parts.append(np.zeros(max(0, round(float(frame.pts * frame.time_base) * RATE)), np.float32))
            parts.append(frame.to_ndarray().astype(np.float32).mean(axis=0))
    return np.concatenate(parts)


def _onset(sound: NDArray[np.float32], path: Path, expected: int) -> int:
    with wave.open(str(path)) as stream:
        words = np.frombuffer(stream.readframes(RATE), "<i2").astype(np.float32)
    begin = max(0, expected - WINDOW)
    heard = sound[begin : expected + len(words) + WINDOW]
    size = 1 << int(np.ceil(np.log2(len(heard) + len(words))))
    match = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(words, size)), size)
    return begin + int(np.argmax(match[: len(heard)]))


def gap_seconds(film: Path) -> float:
    packets = probe(film)
    times = (*packets.keys, packets.picture_end)
    return max(after - before for before, after in pairwise(times)) / RATE


def segments(film: Path, timeline: Timeline) -> list[tuple[tuple[bytes, ...], tuple[bytes, ...]]]:
    """The coded pictures and sounds of each screen. A screen takes a film frame more or less by where in the film it
    stands: the "as before" at its end that may be missing is left out on both sides."""
    starts = [span.start for span in timeline.spans]
    pictures: list[list[bytes]] = [[] for _ in starts]
    sounds: list[list[bytes]] = [[] for _ in starts]
    with av.open(str(film)) as container:
        streams: Sequence[Any] = (container.streams.video[0], container.streams.audio[0])
        for packet in container.demux(*streams):
            if packet.pts is None:
                continue
            at = round(Fraction(packet.pts) * packet.time_base * RATE)
            place = bisect_left(starts, at + 2) - 1
            (pictures if packet.stream.type == "video" else sounds)[place].append(bytes(packet))
    fewest = [(span.end - span.start) // TICK for span in timeline.spans]
    return [(tuple(p[:n]), tuple(s)) for p, s, n in zip(pictures, sounds, fewest, strict=True)]
