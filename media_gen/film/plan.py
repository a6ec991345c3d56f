"""Which coded picture stands at which film frame of a screen: pure.

A film of stills has three kinds of coded pictures. A *key* frame is a whole picture. A *still* says "as before", in
some 40 bytes for any picture, and fills the constant 30 frames a second between key frames. A *fade* frame brings the
next step of a slide a part of the way; it stands only where something changes.

Every run from key frame to key frame decodes on its own. The key frame before a fade shows the old picture, one film
frame before the change, so that the fade has a known picture to start from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from media_gen.timeline import FADE, FPS, TICK, SlideSpan, first_frame

EVERY = 2 * FPS  # film frames from key frame to key frame
SLACK = FPS // 2 - 1  # a key frame is left out when another one or the screen's end comes this soon: 2.5 s at most
FADES = FADE // TICK  # coded frames of a fade
STILLS = 16  # stills repeat after so many: H.264 counts frames modulo 16 here (log2_max_frame_num = 4)


class Coded(NamedTuple):
    """One film frame. ``key``: the whole picture of shown span ``shown``. ``fade``: frame ``place`` (from 0) of the way
    from shown span ``shown`` to the next. ``still``: as before, ``place`` frames after the last key frame."""

    kind: Literal["key", "fade", "still"]
    shown: int
    place: int


@dataclass(frozen=True)
class Frames:
    """The film frames of a screen: ``start`` is the first one's number in the film."""

    start: int
    stop: int


def frames_of(span: SlideSpan) -> Frames:
    return Frames(first_frame(span.start), first_frame(span.end))


def plan(span: SlideSpan) -> Iterator[Coded]:
    """One ``Coded`` for each film frame of the screen, in order."""
    for first, count in runs(span):
        for place in range(first.place, first.place + count):
            yield Coded(first.kind, first.shown, place)


def runs(span: SlideSpan) -> Iterator[tuple[Coded, int]]:
    """The same in runs: the first of a run, and how many follow each other in its kind, ``place`` by ``place``."""
    frames = frames_of(span)
    total = frames.stop - frames.start
    changes = _changes(span)
    # The end counts in whole film frames: whether there is one more hangs on the screen's place in the film, and what
    # is coded must not.
    ahead = [change - 1 for change in changes] + [(span.end - span.start) // TICK]
    index, key = 0, 0
    yield Coded("key", 0, 0), 1
    frame = 1
    while frame < total:
        more = index < len(changes)
        if more and frame == changes[index]:
            yield Coded("fade", index, 0), min(FADES, total - frame)
            frame += FADES
            index += 1
        elif (more and frame == ahead[index]) or (frame - key >= EVERY and ahead[index] - frame > SLACK):
            key = frame
            yield Coded("key", index, 0), 1
            frame += 1
        else:
            due = key + EVERY if frame < key + EVERY and ahead[index] - key - EVERY > SLACK else total
            stop = min(due, ahead[index] if more else total)
            yield Coded("still", index, frame - key), stop - frame
            frame = stop


def _changes(span: SlideSpan) -> Sequence[int]:
    """The film frames, from the screen's first, at which another picture begins to show."""
    return [first_frame(shown.start - span.start) for shown in span.shown[1:]]
