"""The handout: slides, narration, sources and licences as a PDF."""

from pathlib import Path

import pytest

from media_gen.errors import SlideFailed
from media_gen.lesson import Layout, Lesson, Picture, Sentence, Slide, Source
from media_gen.slides.setter import SlideSetter
from tests.media_gen.slides.decks import SMALL, assets, lesson


def deck(says: str, language: str = "en") -> Lesson:
    hill = Picture(asset="hill.png", alt="A hill", credit="Us", licence="CC0")
    narration = (Sentence(text=says),) * 3
    slides = [
        Slide(id=f"s{n}", layout=Layout.PICTURE, title="Hill", blocks=(hill,), narration=narration, sources=("a",))
        for n in range(4)
    ]
    return lesson(*slides, language=language, licence="CC BY 4.0", sources=(Source(id="a", title="A book"),))


@pytest.mark.parametrize(("says", "language"), [("A **hill** of $x^2$ and `y`.", "en"), ("تلة `y` و $x^2$.", "ar")])
def test_a_handout_is_the_same_bytes_each_time(tmp_path: Path, says: str, language: str) -> None:
    book = deck(says, language)
    setter = SlideSetter(tmp_path / "cache", None)
    screens = setter.screens(book, SMALL, assets(tmp_path))
    made = []
    for name in ("one.pdf", "other.pdf"):
        setter.handout(book, screens, tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0][:5] == b"%PDF-"
    assert made[0] == made[1]
    assert b"/Lang" in made[0]


def test_a_handout_that_fails_leaves_nothing(tmp_path: Path) -> None:
    good, bad = deck("x"), deck(r"$\foo$")
    setter = SlideSetter(tmp_path / "cache", None)
    screens = setter.screens(good, SMALL, assets(tmp_path))
    with pytest.raises(SlideFailed):
        setter.handout(bad, screens, tmp_path / "book.pdf")
    assert not list(tmp_path.glob("*.pdf"))
    assert not list(tmp_path.glob(".handout*"))
