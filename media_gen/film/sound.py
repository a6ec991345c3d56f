"""The sound of a screen becomes AAC packets, on its own: screens are then joined without decoding anything.

An AAC packet overlaps with the one before it. Each screen's encoder starts from silence and ends in silence, so at a
join silence overlaps with silence, and nothing clicks; it costs one silent AAC frame at the start of each screen,
which the timeline's lead-in covers.
"""

import wave
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from media_gen.errors import SpeechFailed
from media_gen.film.packets import PacketCache, Packets, file_hash, name_of
from media_gen.film.pictures import GLOBAL_HEADER
from media_gen.speech.port import RATE, Samples
from media_gen.timeline import FRAME, SlideSpan

VERSION = 1
BITS = 64_000  # a second
SETTINGS = {"aac_coder": "fast"}


def configure(context: Any) -> None:
    """Set an AAC encoder up; the film's stream is set up the same way."""
    context.sample_rate = RATE
    context.layout = "mono"
    context.format = "fltp"
    context.bit_rate = BITS
    context.time_base = Fraction(1, RATE)
    context.options = dict(SETTINGS)


def screen_sound(
    cache: PacketCache, span: SlideSpan, speech: Mapping[tuple[str, int], Path], under: Samples | None = None
) -> Packets:
    """The packets of a screen in one group, one for each AAC frame that it takes.

    ``speech`` is a WAV file by (slide id, sentence index); ``under`` is sound of a clip, as long as the screen or
    shorter, already ducked. Raises ``SpeechFailed`` where a file can't be read.
    """
    pieces = [(spoken.start - span.start, speech[span.slide, spoken.index]) for spoken in span.spoken]
    frames = (span.end - span.start) // FRAME
    # The encoder flushes one packet more than it takes frames; the first packet of a run decodes to silence.
    samples = (frames - 1) * FRAME
    named = [(offset, file_hash(path)) for offset, path in pieces]
    name = name_of("sound", VERSION, SETTINGS, BITS, RATE, samples, named, b"" if under is None else under.tobytes())

    def make() -> Packets:
        sound: Samples = np.zeros(samples + FRAME, np.float32)
        if under is not None:
            sound[: len(under)] += under[: len(sound)]
        for offset, path in pieces:
            words = read_wav(path)[: len(sound) - offset]
            sound[offset : offset + len(words)] += words
        return _encode(sound[FRAME:].clip(-1, 1), frames)

    return cache.get(name, make)


def read_wav(path: Path) -> Samples:
    """Mono, 16 bit, at ``RATE``. Raises ``SpeechFailed`` for anything else."""
    try:
        with wave.open(str(path)) as stream:
            kind = stream.getnchannels(), stream.getsampwidth(), stream.getframerate()
            data = stream.readframes(stream.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise SpeechFailed(f"The speech {path.name} can't be read.") from error
    if kind != (1, 2, RATE):
        raise SpeechFailed(f"The speech {path.name} is not mono, 16 bit, {RATE} Hz.")
    return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


def _encode(sound: Samples, frames: int) -> Packets:
    context: Any = av.CodecContext.create("aac", "w")
    configure(context)
    context.flags |= GLOBAL_HEADER
    context.open()
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="fltp", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    frame.time_base = Fraction(1, RATE)
    packets = [bytes(packet) for packet in (*context.encode(frame), *context.encode(None))]
    assert len(packets) == frames, f"{len(packets)} packets for {frames} AAC frames"
    return Packets(bytes(context.extradata), (tuple(packets),))
