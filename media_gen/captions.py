"""Captions: WebVTT by sentence, cut where a reader would pause. Pure.

A sentence too long for one caption becomes several, each with its share of the time by its share of the text. A line
holds at most ``Language.captions`` characters and a caption at most two of them; a caption stays between 5/6 s and 7 s
(the usual rules of subtitling). Words and formulas are never cut.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media_gen.language import Language
from media_gen.lesson import Lesson
from media_gen.line_breaks import ISOLATE, POP, Atom, atoms, cut, lines
from media_gen.speech.port import RATE
from media_gen.timeline import SHORTEST, Timeline

LINES = 2
LONGEST = 7 * RATE
LINGER = RATE // 4  # a caption stays a moment after the voice, where nothing follows at once
RIGHT_TO_LEFT_MARK = "\u200f"
# A number with its unit is read from the left in a text that runs to the left.
MEASURE = re.compile(
    r"[-−]?\b\d[\d.,]*[ \u00a0]?(?:[°%‰](?:[CFK]\b)?|[A-Za-zµΩ]{1,4}(?:/[A-Za-zµΩ]{1,4})?(?![A-Za-z])[²³]?)"
)


@dataclass(frozen=True)
class Cue:
    """``start`` and ``end`` in samples. ``part`` counts from 1 where a sentence has several captions."""

    start: int
    end: int
    lines: tuple[str, ...]
    slide: str
    index: int
    part: int = 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def cues(lesson: Lesson, timeline: Timeline, language: Language) -> tuple[Cue, ...]:
    """The captions of a film, in order, none over another."""
    slides = {slide.id: slide for slide in lesson.slides}
    spoken = [(span.slide, part) for span in timeline.spans for part in span.spoken]
    following = [part.start for _, part in spoken[1:]] + [timeline.samples]
    made: list[Cue] = []
    for (slide, part), limit in zip(spoken, following, strict=True):
        end = min(max(part.end + LINGER, part.start + SHORTEST), limit)
        pieces = atoms(slides[slide].narration[part.index].text)
        made += _sentence(pieces, slide, part.index, part.start, end, language)
    return tuple(made)


def webvtt(captions: Sequence[Cue]) -> str:
    """The file. Each caption is named after its slide and sentence, so that a player finds both."""
    blocks = ["WEBVTT\n"]
    for cue in captions:
        name = f"{cue.slide}.{cue.index + 1}.{cue.part}"
        blocks.append(f"{name}\n{clock(cue.start)} --> {clock(cue.end)}\n{escape(cue.text)}\n")
    return "\n".join(blocks)


def clock(samples: int) -> str:
    """WebVTT's hours:minutes:seconds.thousandths."""
    minutes, thousandths = divmod(round(samples * 1000 / RATE), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sentence(
    pieces: Sequence[Atom], slide: str, index: int, start: int, end: int, language: Language
) -> Iterator[Cue]:
    time = end - start

    def share(part: float) -> float:
        if part * time > LONGEST:
            return float("inf")
        return 4.0 if part * time < SHORTEST and part < 1 else 0.0

    total = sum(atom.width for atom in pieces)
    done = 0
    for number, part in enumerate(cut(pieces, language.captions, share), 1):
        begin = start + time * done // total
        done += sum(atom.width for atom in part)
        stop = min(start + time * done // total, begin + LONGEST)
        shown = tuple(_shown(line, language) for line in lines(part, language.captions))
        yield Cue(begin, stop, shown, slide, index, number)


def _shown(line: Sequence[Atom], language: Language) -> str:
    text = "".join(" " * (atom.gap and place > 0) + atom.text for place, atom in enumerate(line))
    if language.direction == "rtl":
        text = MEASURE.sub(lambda found: ISOLATE + found[0] + POP, text)
        return RIGHT_TO_LEFT_MARK + text  # or a line that begins with a formula would be set from the left
    return text.replace(ISOLATE, "").replace(POP, "")  # of no use in left-to-right text, and in the way of a search
