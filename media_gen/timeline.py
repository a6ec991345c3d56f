"""Who speaks when and what is shown when: a pure function of a lesson and the lengths of its sentences.

All times are whole samples of ``media_gen.speech.port.RATE`` from the start of the film. Three grids meet here:

- a screen takes a whole number of AAC frames (1,024 samples), so that screens can be joined without decoding anything;
- inside a screen, sentences begin on the grid of film frames (800 samples), so that a screen's coded pictures are the
  same wherever in the film it stands, and a picture that comes with a sentence comes with it to the sample;
- a screen itself begins between two film frames, and its picture at the next one: 1,024 and 800 are both whole
  multiples of 32, so pictures follow their sound by 0 to 768 samples (32 ms), and never run away from it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from media_gen.lesson import Lesson, Slide
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE

FRAME = 1024  # samples of an AAC frame
FPS = 30
TICK = RATE // FPS  # samples of a film frame

# In samples, all whole film frames. Captions and slides need a moment before the voice; between sentences a speaker
# breathes; and at the end of a slide the eye wants longer than the ear.
LEAD_IN = 12 * TICK  # 0.4 s; it covers the silent AAC frame that every screen's sound begins with
GAP = 9 * TICK  # 0.3 s, at least; the next sentence begins on a film frame
LEAD_OUT = 18 * TICK  # 0.6 s
SHORTEST = 25 * TICK  # 5/6 s: no caption is shorter, so the next sentence waits for one that is
FADE = 4 * TICK  # a step appears within this time
SILENT = 4 * RATE  # a screen on which nothing is said stays so long, if the slide setter doesn't say how long


@dataclass(frozen=True)
class SpokenSpan:
    """``index`` of the sentence in its slide's narration."""

    index: int
    start: int
    end: int


@dataclass(frozen=True)
class ShownSpan:
    """From ``start`` on, picture ``step`` of the screen is shown (0: none of its steps); it takes ``fade`` samples."""

    step: int
    start: int
    fade: int = 0


@dataclass(frozen=True)
class SlideSpan:
    """One *screen* of the film: a slide, or one part of a slide that was split, or a question's answer.

    ``screen`` is the screen's name (``slide``, ``slide.2``, ``slide.answer``)."""

    screen: str
    slide: str
    start: int
    end: int
    spoken: tuple[SpokenSpan, ...]
    shown: tuple[ShownSpan, ...]
    chapter: str = ""


@dataclass(frozen=True)
class Timeline:
    spans: tuple[SlideSpan, ...]

    @property
    def samples(self) -> int:
        return self.spans[-1].end if self.spans else 0

    @property
    def seconds(self) -> float:
        return self.samples / RATE


def layout(
    lesson: Lesson,
    screens: Sequence[Screen],
    speeches: Mapping[tuple[str, int], int],
    least: Mapping[str, int] = MappingProxyType({}),
) -> Timeline:
    """Place every screen and sentence. ``speeches`` is the length in samples by (slide id, sentence index); ``least``
    how long some screens stay at least, by name (a clip plays to its end).

    ``screens`` may be some of the lesson's only (a render of some slides); they stand in the lesson's order.
    """
    slides = {slide.id: slide for slide in lesson.slides}
    spans: list[SlideSpan] = []
    clock = 0
    for screen in screens:
        slide = slides[screen.slide]
        spoken = tuple(_spoken(slide, screen, speeches, clock))
        quiet = spoken[-1].end + _pause(slide, spoken[-1].index) if spoken else clock
        still = max(LEAD_OUT, _hold(screen)) if spoken else _hold(screen) or SILENT
        readable = spoken[-1].start + SHORTEST - clock if spoken else 0
        end = clock + _up(max(quiet + still - clock, readable, least.get(screen.name, 0)), FRAME)
        first = not any(span.slide == slide.id for span in spans[-1:])
        spans.append(
            SlideSpan(
                screen=screen.name,
                slide=slide.id,
                start=clock,
                end=end,
                spoken=spoken,
                shown=tuple(_shown(slide, screen, spoken, clock)),
                chapter=slide.chapter if first else "",
            )
        )
        clock = end
    return Timeline(tuple(spans))


def first_frame(sample: int) -> int:
    """The first film frame that begins at or after a sample: the one that shows what begins there."""
    return math.ceil(sample / TICK)


def _spoken(slide: Slide, screen: Screen, speeches: Mapping[tuple[str, int], int], start: int) -> Iterator[SpokenSpan]:
    offset = LEAD_IN
    for index in range(*screen.sentences):
        length = speeches[slide.id, index]
        yield SpokenSpan(index, start + offset, start + offset + length)
        offset += _up(max(length + _pause(slide, index) + GAP, SHORTEST), TICK)


def _shown(slide: Slide, screen: Screen, spoken: Sequence[SpokenSpan], start: int) -> Iterator[ShownSpan]:
    """A slide whose narration reveals nothing is shown whole; otherwise a part begins with what is revealed so far."""
    reveals = [sentence.reveal for sentence in slide.narration]
    if all(reveal is None for reveal in reveals):
        yield ShownSpan(screen.steps, start)
        return
    before = [reveal for reveal in reveals[: screen.sentences[0]] if reveal is not None]
    step = _local(before[-1] if before else 0, screen)
    yield ShownSpan(step, start)
    for sentence in spoken:
        reveal = reveals[sentence.index]
        if reveal is not None and _local(reveal, screen) != step:
            step = _local(reveal, screen)
            yield ShownSpan(step, sentence.start, FADE)


def _local(reveal: int, screen: Screen) -> int:
    return min(max(reveal - screen.first_step, 0), screen.steps)


def _pause(slide: Slide, index: int) -> int:
    return round(slide.narration[index].pause * RATE)


def _hold(screen: Screen) -> int:
    return round(screen.hold_seconds * RATE)


def _up(samples: int, grid: int) -> int:
    return math.ceil(samples / grid) * grid
