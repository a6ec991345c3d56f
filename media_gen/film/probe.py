"""What a finished film holds, read from its packets: nothing is decoded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from media_gen.speech.port import RATE


@dataclass(frozen=True)
class FilmPackets:
    """Times in samples of ``RATE``. ``pictures`` and ``keys`` are when film frames and key frames are shown, ``sounds``
    when AAC frames are heard; the two ends are of each stream."""

    pictures: tuple[int, ...]
    keys: tuple[int, ...]
    sounds: tuple[int, ...]
    picture_end: int
    sound_end: int
    index_first: bool


def probe(film: Path) -> FilmPackets:
    with av.open(str(film)) as container:
        video: Any = container.streams.video[0]
        audio: Any = container.streams.audio[0]
        pictures: list[tuple[int, int, bool]] = []
        sounds: list[tuple[int, int, bool]] = []
        for packet in container.demux(video, audio):
            if packet.pts is not None:
                at, length = (round(ticks * packet.time_base * RATE) for ticks in (packet.pts, packet.duration))
                kind = pictures if packet.stream.type == "video" else sounds
                kind.append((at, at + length, packet.is_keyframe))
    with film.open("rb") as stream:
        head = stream.read(4096)
    return FilmPackets(
        pictures=tuple(at for at, _, _ in pictures),
        keys=tuple(at for at, _, key in pictures if key),
        sounds=tuple(at for at, _, _ in sounds),
        picture_end=pictures[-1][1],
        sound_end=sounds[-1][1],
        index_first=b"moov" in head and (b"mdat" not in head or head.index(b"moov") < head.index(b"mdat")),
    )
