"""Checks of slides: text that does not fit or is too small, faint colours, pictures that are not there, characters that
no font has."""

from collections.abc import Iterator, Sequence

from media_gen.checks.finding import Finding
from media_gen.lesson import Lesson, Slide
from media_gen.slides import runs
from media_gen.slides import spec as specs
from media_gen.slides.fonts import FontSet
from media_gen.slides.spec import Spec
from media_gen.slides.theme import Theme, too_faint
from media_gen.slides.typesetter import Fit

SMALLEST = 22  # pixels of body text on a 720p slide (33 on 1080p): 1/33 of the height
BODY = 32  # pixels of body text at full size, as in typst/base.typ
TITLE = 44


def contrast(lesson: Lesson, theme: Theme) -> Iterator[Finding]:
    """Pairs of the theme's colours that WCAG AA refuses; they concern every slide, so the first is named."""
    for what, ground, ratio, needed in too_faint(theme.colours):
        yield Finding(
            "contrast",
            lesson.language,
            lesson.slides[0].id,
            1,
            f"The theme {theme.name}: {what} on {ground} has a contrast of {ratio:.1f}:1; it takes {needed:.1f}:1.",
            facts={"what": what, "on": ground, "ratio": f"{ratio:.2f}", "needed": f"{needed:.1f}"},
        )


def fit(lesson: Lesson, slide: Slide, number: int, spec: Spec, found: Fit) -> Iterator[Finding]:
    """Something that can't be divided is too large for a slide, so that its text became too small to read."""
    if not found.fits:
        kinds = sorted({block["kind"] for block in specs.walk(spec["blocks"])})
        size = round(BODY * found.scale, 1)
        what = f"Slide {number} ({specs.summary(spec) or slide.id})"
        facts = {
            "scale": f"{found.scale:.2f}",
            "pixels": f"{size:g}",
            "smallest": str(SMALLEST),
            "parts": ", ".join(kinds),
        }
        yield Finding(
            "overflow",
            lesson.language,
            slide.id,
            number,
            f"{what}: its {', '.join(kinds) or 'title'} is too large for a slide and can't be divided.",
            facts=facts,
        )
        if not set(kinds) <= {"picture", "clip", "chart"}:  # their labels do not shrink
            yield Finding(
                "text_size",
                lesson.language,
                slide.id,
                number,
                f"{what}: its text is {size:g} pixels high; at least {SMALLEST} (of 720) can be read.",
                facts=facts,
            )
    if not found.title_fits:
        size = round(TITLE * found.title_scale, 1)
        yield Finding(
            "overflow",
            lesson.language,
            slide.id,
            number,
            f"Slide {number}: its title is too long for a slide; shorten it.",
            facts={"scale": f"{found.title_scale:.2f}", "pixels": f"{size:g}"},
        )


def absent(lesson: Lesson, slide: Slide, number: int, screens: Sequence[Spec]) -> Iterator[Finding]:
    """Pictures and clips that are not there; a card stands in for each."""
    for name in dict.fromkeys(name for screen in screens for name in specs.absent(screen)):
        yield Finding(
            "asset",
            lesson.language,
            slide.id,
            number,
            f"Slide {number} ({specs.summary(screens[0]) or slide.id}): there is no file {name} beside the script; a "
            "card stands in its place.",
            "warning",
            facts={"asset": name},
        )


def glyphs(lesson: Lesson, slide: Slide, number: int, screens: Sequence[Spec], fonts: FontSet) -> Iterator[Finding]:
    """Characters that would be shown as empty boxes."""
    text = "".join(runs.letters(set_runs) for screen in screens for set_runs in specs.texts(screen))
    text += "".join(part for screen in screens for part in (screen["eyebrow"], screen["draft"], *screen["sources"]))
    if lacking := fonts.missing(text):
        yield Finding(
            "glyph",
            lesson.language,
            slide.id,
            number,
            f"Slide {number}: no font here has {' '.join(lacking[:12])}; `diotima models fetch fonts` brings those of "
            "all languages.",
            facts={"characters": lacking[:40], "count": str(len(lacking))},
        )
