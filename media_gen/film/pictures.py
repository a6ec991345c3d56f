"""Pictures of a screen become coded frames: each picture once, and the few frames of each fade.

All settings that a decoder must know are fixed (``stitchable``: x264 then doesn't fit its headers to the content), so
that frames coded in different years and processes can stand in one stream.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from media_gen.errors import SlideFailed
from media_gen.film.packets import PacketCache, Packets, file_hash, name_of
from media_gen.film.plan import FADES, STILLS
from media_gen.slides.port import Size
from media_gen.timeline import FPS

VERSION = 2  # of this code, in the names of what is cached
GLOBAL_HEADER = 0x400000  # AV_CODEC_FLAG_GLOBAL_HEADER: the headers stand once, in the file's head
# Constant quality. Every frame's kind is set by hand, so x264 neither looks ahead nor places key frames; one reference
# and no B-frames, so that "as before" means the frame before.
SETTINGS = {
    "preset": "veryfast",
    "tune": "stillimage",
    "crf": "21",
    "x264-params": ":".join(
        (
            *("stitchable=1", "keyint=infinite", "scenecut=0", "rc-lookahead=0", "mbtree=0", "bframes=0", "ref=1"),
            *("weightp=0", "subme=1", "level=4.0", "force-cfr=1"),
            *("colorprim=bt709", "transfer=bt709", "colormatrix=bt709", "range=tv"),
        )
    ),
}
Planes = NDArray[np.uint8]  # YUV 4:2:0, planes one below the other: (height * 3 / 2, width)


def configure(context: Any, size: Size) -> None:
    """Set an H.264 encoder up; the film's stream is set up the same way, so that it has the same header."""
    context.width, context.height = size.width, size.height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, FPS)
    context.framerate = Fraction(FPS, 1)
    context.thread_count = 1  # one thread: the same bytes each time
    context.options = dict(SETTINGS)


class Encoder:
    """x264, one picture in and one packet out."""

    def __init__(self, size: Size) -> None:
        self.context: Any = av.CodecContext.create("libx264", "w")
        configure(self.context, size)
        self.context.flags |= GLOBAL_HEADER
        self.context.open()
        self.count = 0

    @property
    def header(self) -> bytes:
        return bytes(self.context.extradata)

    def encode(self, frames: Iterator[tuple[Planes, bool]]) -> list[bytes]:
        """``frames`` are pictures and whether each is a key frame."""
        packets: list[bytes] = []
        for planes, key in frames:
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = self.count
            frame.pict_type = PictureType.I if key else PictureType.P
            self.count += 1
            packets += [bytes(packet) for packet in self.context.encode(frame)]
        packets += [bytes(packet) for packet in self.context.encode(None)]
        return packets


def screen_packets(cache: PacketCache, pictures: Sequence[Path], size: Size) -> Packets:
    """The coded pictures of a screen in the order in which they are shown.

    Group ``k`` is picture ``k`` as a key frame, then the fade from it to picture ``k + 1``. Raises ``SlideFailed``.
    """
    name = name_of("pictures", VERSION, SETTINGS, size, FADES, [file_hash(picture) for picture in pictures])
    return cache.get(name, lambda: _encode(pictures, size))


def still_packets(cache: PacketCache, size: Size) -> Packets:
    """One group: packet ``n`` says "as before" as the frame ``n + 1`` after a key frame, modulo ``STILLS``.

    Skipped macroblocks hold no content, so what is coded after one picture serves after every picture.
    """

    def make() -> Packets:
        encoder = Encoder(size)
        grey = np.full((size.height * 3 // 2, size.width), 128, np.uint8)
        packets = encoder.encode((grey, n == 0) for n in range(STILLS + 1))
        return Packets(encoder.header, (tuple(packets[1:]),))

    return cache.get(name_of("stills", VERSION, SETTINGS, size, STILLS), make)


def _encode(pictures: Sequence[Path], size: Size) -> Packets:
    encoder = Encoder(size)
    packets = encoder.encode(_chain(pictures, size))
    run = FADES + 1
    return Packets(encoder.header, tuple(tuple(packets[at : at + run]) for at in range(0, len(packets), run)))


def _chain(pictures: Sequence[Path], size: Size) -> Iterator[tuple[Planes, bool]]:
    shown = read_picture(pictures[0], size)
    yield shown, True
    for path in pictures[1:]:
        coming = read_picture(path, size)
        yield from ((blend(shown, coming, n / FADES), False) for n in range(1, FADES + 1))
        yield coming, True
        shown = coming


def read_picture(path: Path, size: Size) -> Planes:
    """A PNG as YUV in the colours of BT.709, which is what players take HD video for. Raises ``SlideFailed``."""
    decoder: Any = av.CodecContext.create("png", "r")
    decoder.thread_count = 1
    try:
        frame = decoder.decode(av.Packet(path.read_bytes()))[0]
    except (av.FFmpegError, IndexError, OSError) as error:
        raise SlideFailed(f"The picture {path.name} of a slide can't be read.", slide=path.name) from error
    if (frame.width, frame.height) != (size.width, size.height):
        raise SlideFailed(
            f"The picture {path.name} is {frame.width} by {frame.height}, not {size.width} by {size.height} pixels.",
            slide=path.name,
        )
    return planes_of(frame)


def planes_of(frame: Any) -> Planes:
    """Any frame in the colours and the range that the film's header names: BT.709, 16 to 235."""
    planes: Planes = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG").to_ndarray()
    return planes


def blend(old: Planes, new: Planes, share: float) -> Planes:
    """``share`` 0 is the old picture, 1 the new one. Only the rows that change are worked on."""
    if share >= 1:
        return new
    rows = np.flatnonzero((old != new).any(axis=1))
    mixed = old.copy()
    if rows.size:
        place = slice(rows[0], rows[-1] + 1)
        weight = round(256 * share)
        mixed[place] = (
            old[place].astype(np.uint16) * (256 - weight) + new[place].astype(np.uint16) * weight + 128
        ) >> 8
    return mixed
