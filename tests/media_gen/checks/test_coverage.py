"""A narration that speaks of something else than its slide, or leaves steps hidden, is pointed out."""

from pathlib import Path

from media_gen.checks.coverage import coverage_findings
from media_gen.checks.finding import Finding
from media_gen.lesson import Bullet, Bullets, Layout, Lesson, Sentence, Slide
from media_gen.slides.port import Screen
from media_gen.speech.port import RATE
from media_gen.timeline import layout

TEXT = "Chlorophyll absorbs light; water splits; oxygen escapes; sugar feeds everything"


def findings(text: str, *said: Sentence, kind: Layout = Layout.BULLETS, steps: int = 0) -> tuple[Finding, ...]:
    blocks = (Bullets(items=tuple(Bullet(text="x") for _ in range(steps))),) if steps else ()
    slide = Slide(id="a", layout=kind, narration=said, blocks=blocks)
    lesson = Lesson(title="T", slides=(slide,))
    screens = [Screen("a", "a", (Path("x.png"),) * (steps + 1), (0, len(said)), text=text)]
    timeline = layout(lesson, screens, {("a", n): RATE for n in range(len(said))})
    return coverage_findings(lesson, screens, timeline, {"a": 4}, "en")


def test_a_narration_of_its_slide_is_none() -> None:
    assert findings(TEXT, Sentence(text="Light is absorbed by chlorophyll, and water is split into oxygen.")) == ()


def test_a_narration_of_something_else_is_a_warning() -> None:
    (finding,) = findings(TEXT, Sentence(text="Welcome back, my friends, to another lovely afternoon."))
    assert (finding.code, finding.severity, finding.number) == ("coverage", "warning", 4)
    assert "slide 4" in finding.message


def test_slides_that_are_looked_at_need_no_words() -> None:
    assert findings(TEXT, Sentence(text="Here it is."), kind=Layout.CODE) == ()


def test_a_few_words_say_nothing() -> None:
    assert findings("Chlorophyll and light", Sentence(text="Welcome.")) == ()


def test_steps_that_are_never_shown_are_a_warning() -> None:
    (finding,) = findings("", Sentence(text="One.", reveal=1), steps=3)
    assert "shows only 1 of them" in finding.message
    assert findings("", Sentence(text="All.", reveal=3), steps=3) == ()
