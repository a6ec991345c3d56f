"""Who speaks when and what is shown when: a pure function of a lesson and the lengths of its sentences.

All times are whole samples of ``media_gen.speech.port.RATE`` from the start of the film; a slide takes a whole number
of AAC frames (1,024 samples), so that slides can be joined without decoding anything.
"""

from dataclasses import dataclass

FRAME = 1024  # samples of an AAC frame


@dataclass(frozen=True)
class SpokenSpan:
    """``index`` of the sentence in its slide's narration."""

    index: int
    start: int
    end: int


@dataclass(frozen=True)
class ShownSpan:
    """From ``start`` on, picture ``step`` of the slide is shown (0: none of its steps); it takes ``fade`` samples."""

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
