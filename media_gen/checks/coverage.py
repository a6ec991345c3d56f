"""Whether the narration speaks of what stands on a slide, and shows all of it. Pure; warnings only."""

from collections.abc import Iterator, Mapping, Sequence

from media_gen.checks.finding import Finding
from media_gen.inline import plain
from media_gen.lesson import Layout, Lesson
from media_gen.reveal import stems
from media_gen.slides.port import Screen
from media_gen.timeline import Timeline

SHARE = 0.35  # of a slide's words that its narration also has; less, and the two speak of different things
FEWEST = 6  # words; fewer say nothing
SHORT = 3  # letters; shorter words are mostly grammar
# Title slides greet, sections and pictures stand for themselves, formulas, tables and code are read by the eye.
UNSPOKEN = frozenset(
    {Layout.TITLE, Layout.SECTION, Layout.PICTURE, Layout.CODE, Layout.MATHS, Layout.TABLE, Layout.CHART}
)


def coverage_findings(
    lesson: Lesson, screens: Sequence[Screen], timeline: Timeline, numbers: Mapping[str, int], language: str
) -> tuple[Finding, ...]:
    return (
        *_uncovered(lesson, screens, numbers, language),
        *_hidden(screens, timeline, numbers, language),
    )


def _uncovered(
    lesson: Lesson, screens: Sequence[Screen], numbers: Mapping[str, int], language: str
) -> Iterator[Finding]:
    written: dict[str, str] = {}
    for screen in screens:
        written[screen.slide] = f"{written.get(screen.slide, '')} {screen.text}"
    for slide in lesson.slides:
        if slide.id not in written or slide.layout in UNSPOKEN or slide.interaction is not None:
            continue
        shown = _words(plain(written[slide.id]))
        said = _words(" ".join(f"{plain(sentence.text)} {sentence.say}" for sentence in slide.narration))
        if len(shown) < FEWEST or len(shown & said) / len(shown) >= SHARE:
            continue
        share = len(shown & said) / len(shown)
        message = f"The narration of slide {numbers[slide.id]} has {share:.0%} of the words that stand on the slide."
        facts = {"share": f"{share:.2f}"}
        yield Finding("coverage", language, slide.id, numbers[slide.id], message, "warning", facts)


def _hidden(
    screens: Sequence[Screen], timeline: Timeline, numbers: Mapping[str, int], language: str
) -> Iterator[Finding]:
    steps = {screen.name: screen.steps for screen in screens}
    for span in timeline.spans:
        shown = max(part.step for part in span.shown)
        if shown < steps[span.screen]:
            number = numbers[span.slide]
            message = f"Slide {number} has {steps[span.screen]} steps, but its narration shows only {shown} of them."
            yield Finding("coverage", language, span.slide, number, message, "warning", {"shown": str(shown)})


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in stems(text) if len(word) > SHORT or not word.isascii())
