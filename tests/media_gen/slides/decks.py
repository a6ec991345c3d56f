"""Lessons for the tests of slides: every layout once, and one slide of anything."""

from pathlib import Path

import numpy as np
from PIL import Image

from media_gen.lesson import (
    Block,
    Branch,
    Bullet,
    Bullets,
    Chart,
    Code,
    Columns,
    Diagram,
    Hotspot,
    Hotspots,
    Layout,
    Lesson,
    Maths,
    Option,
    Paragraph,
    Picture,
    Poll,
    Question,
    Quote,
    Sentence,
    Series,
    Slide,
    Table,
)
from media_gen.slides.port import Size

SMALL = Size(640, 360)


def bullets(*texts: str) -> Bullets:
    return Bullets(items=tuple(Bullet(text=text) for text in texts))


def pixels(path: Path) -> np.ndarray:
    """Rows, columns, and red, green and blue."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def lesson(*slides: Slide, **more: object) -> Lesson:
    return Lesson.model_validate({"title": "Leaves", "slides": slides, **more})


def one(layout: Layout, *blocks: Block, title: str = "A leaf", says: tuple[Sentence, ...] = ()) -> Lesson:
    return lesson(Slide(id="leaf", layout=layout, title=title, blocks=blocks, narration=says))


def assets(folder: Path) -> Path:
    """A folder with a picture of each kind that is allowed."""
    hill = Image.new("RGB", (320, 200), "#3a7")
    for ending in ("png", "jpg", "webp"):
        hill.save(folder / f"hill.{ending}")
    (folder / "leaf.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><path d="M4 25C6 6 25 2 37 4z"/></svg>'
    )
    return folder


QUESTION = Question(
    prompt="Which gas does a leaf take in?",
    options=(Option(text="Oxygen", correct=False), Option(text="Carbon dioxide", correct=True)),
    explanation="It enters through the stomata.",
    think_seconds=7,
)


def every_layout() -> Lesson:
    """One slide at least of every layout and block, but for clips."""
    months, values = ("Spring", "Summer", "Autumn"), (12.5, 40.0, -3.0)
    bodies: list[tuple[Layout, tuple[Block, ...]]] = [
        (Layout.TITLE, ()),
        (Layout.SECTION, ()),
        (Layout.BULLETS, (bullets("**Light** and `code`", "Water $x^2$", "Air, *mostly*"),)),
        (Layout.COLUMNS, (Columns(left=(bullets("a", "b"),), right=(Paragraph(text="c"),)),)),
        (Layout.COMPARISON, (Columns(left=(bullets("a"),), right=(bullets("b"),), left_title="L", right_title="R"),)),
        (Layout.PICTURE, (Picture(asset="hill.jpg", caption="A hill", credit="us", licence="CC0"),)),
        (Layout.PICTURE_TEXT, (Paragraph(text="Flat and thin."), Picture(asset="leaf.svg"))),
        (Layout.CODE, (Code(text="def f(x):\n    return x  # twice", language="python"),)),
        (Layout.MATHS, (Maths(latex=r"\sum_{k=1}^n k = \frac{n(n+1)}{2}"),)),
        (Layout.TABLE, (Table(header=("What", "How much"), rows=(("Light", "12"), ("Water", "3.5"))),)),
        (Layout.QUOTE, (Quote(text="Nothing makes sense except in the light of evolution.", attribution="T. D."),)),
        (Layout.DIAGRAM, (Diagram(steps=("Light", "Water", "Sugar")),)),
        (Layout.DIAGRAM, (Diagram(form="cycle", steps=("Sea", "Cloud", "Rain", "River")),)),
        *(
            (Layout.CHART, (Chart(form=form, labels=months, series=series, unit="ml"),))
            for form, series in (
                ("bar", (Series(name="Maize", values=values), Series(name="Wheat", values=values))),
                ("line", (Series(values=values),)),
                ("pie", (Series(values=(1.0, 2.0, 3.0)),)),
            )
        ),
        (Layout.SUMMARY, (bullets("Light becomes sugar"),)),
    ]
    slides = [
        Slide(id=f"s{n}", layout=layout, title=f"Slide {n}", subtitle="Below", blocks=blocks, chapter="One" * (n == 2))
        for n, (layout, blocks) in enumerate(bodies, 1)
    ]
    options = (Option(text="Back", goto="s1"), Option(text="On", goto="s2"))
    spot = Hotspot(x=0.1, y=0.4, width=0.2, height=0.2, label="Hill")
    asked = (QUESTION, Poll(prompt="Sure?", options=options), Branch(prompt="Where to?", options=options))
    slides += [Slide(id=f"q{n}", layout=Layout.QUESTION, interaction=one) for n, one in enumerate(asked)]
    hill = Picture(asset="hill.webp", alt="a hill")
    slides.append(Slide(id="spots", layout=Layout.PICTURE, blocks=(hill,), interaction=Hotspots(spots=(spot,))))
    return lesson(*slides)
