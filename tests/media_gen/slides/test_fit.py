"""Text is fitted or the slide is divided; nothing is cut off, lost or out of order."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from media_gen import inline
from media_gen.lesson import (
    Block,
    Chart,
    Code,
    Columns,
    Diagram,
    Layout,
    Lesson,
    Maths,
    Paragraph,
    Picture,
    Quote,
    Sentence,
    Series,
    Table,
)
from media_gen.slides.port import Screen
from media_gen.slides.setter import SlideSetter
from tests.media_gen.slides.decks import SMALL, assets, bullets, one, pixels

LIGHT = "Pigments in the thylakoid membrane absorb photons and pass their energy on to the reaction centre. "
WORD = st.text(alphabet="abcdeéßλж光合作用 ,.-/", min_size=1, max_size=60)
PROSE = st.lists(WORD, min_size=1, max_size=30).map(" ".join).filter(lambda text: bool(text.strip()))
# Without shrinking: a failing lesson is readable as it is, and every try costs a rendering.
FIT = settings(
    max_examples=6,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def setter(tmp_path: Path) -> SlideSetter:
    return SlideSetter(tmp_path / "cache", None)


def inked(screen: Screen) -> np.ndarray:
    """Where the last picture is not background, but for the mark beside the title."""
    picture = pixels(screen.pictures[-1])
    ink = np.abs(picture - picture[-1, -1]).sum(axis=2) > 40
    ink[:, :8] = ink[:, -8:] = False
    return ink


def stays_inside(screen: Screen) -> bool:
    """All of it is inside the margins, and nothing stands between body and footer."""
    ink = inked(screen)
    height, width = ink.shape
    side, top, foot = round(width * 0.06), round(height * 0.05), round(height * 0.02)
    free_line = ink[round(height * 0.897) : round(height * 0.905)]
    sides = ink[:, :side].any() or ink[:, -side:].any()
    return not (sides or ink[:top].any() or ink[-foot:].any() or free_line.any())


def test_what_leaves_the_margins_is_noticed(setter: SlideSetter, tmp_path: Path) -> None:
    (screen,) = setter.screens(one(Layout.BULLETS, bullets("a")), SMALL, tmp_path)
    assert stays_inside(screen)
    for place in ((630, 180), (12, 180), (320, 2), (320, 356), (320, 324)):
        with Image.open(screen.pictures[-1]) as image:
            spoilt = image.convert("RGB")
        spoilt.paste("#000000", (place[0], place[1], place[0] + 3, place[1] + 3))
        spoilt.save(tmp_path / "spoilt.png")
        assert not stays_inside(replace(screen, pictures=(tmp_path / "spoilt.png",)))


def faults(setter: SlideSetter, deck: Lesson, folder: Path) -> list[str]:
    """What is found, but for characters: these tests have only Typst's embedded fonts."""
    return [f.message for f in setter.findings(deck, SMALL, folder) if f.code != "glyph"]


def body(screens: tuple[Screen, ...]) -> str:
    """What stands below the titles, without white space."""
    return re.sub(r"\s", "", "".join(screen.text.partition("\n")[2] for screen in screens))


def squeezed(*texts: str) -> str:
    return re.sub(r"\s", "", "".join(inline.plain(text) for text in texts))


@FIT
@given(texts=st.lists(PROSE, min_size=1, max_size=12))
def test_any_bullets_stand_whole_on_as_many_screens_as_they_need(
    texts: list[str], setter: SlideSetter, tmp_path: Path
) -> None:
    deck = one(Layout.BULLETS, bullets(*texts))
    screens = setter.screens(deck, SMALL, tmp_path)
    assert faults(setter, deck, tmp_path) == []
    assert all(stays_inside(screen) for screen in screens)
    assert body(screens) == squeezed(*texts)


@FIT
@given(text=st.lists(PROSE, min_size=1, max_size=8).map(" ".join), layout=st.sampled_from(["paragraph", "quote"]))
def test_any_paragraph_or_quotation_stands_whole(text: str, layout: str, setter: SlideSetter, tmp_path: Path) -> None:
    block: Block = Paragraph(text=text) if layout == "paragraph" else Quote(text=text, attribution="Someone")
    deck = one(Layout.BULLETS if layout == "paragraph" else Layout.QUOTE, block)
    screens = setter.screens(deck, SMALL, tmp_path)
    assert faults(setter, deck, tmp_path) == []
    assert all(stays_inside(screen) for screen in screens)
    assert body(screens).removesuffix("Someone") == squeezed(text)


@FIT
@given(rows=st.lists(st.tuples(WORD, WORD.map(str.strip)), min_size=1, max_size=40))
def test_any_table_stands_whole_and_repeats_its_header(
    rows: list[tuple[str, str]], setter: SlideSetter, tmp_path: Path
) -> None:
    deck = one(Layout.TABLE, Table(header=("Nr", "Was"), rows=tuple(rows)))
    screens = setter.screens(deck, SMALL, tmp_path)
    assert faults(setter, deck, tmp_path) == []
    assert all(stays_inside(screen) for screen in screens)
    assert "".join(body((screen,)).removeprefix("NrWas") for screen in screens) == squeezed(
        *(cell for row in rows for cell in row)
    )


@FIT
@given(lines=st.lists(st.text(alphabet="abc (){}=#\t'\"", max_size=150), min_size=1, max_size=60))
def test_any_code_stands_whole(lines: list[str], setter: SlideSetter, tmp_path: Path) -> None:
    text = "\n".join(lines)
    deck = one(Layout.CODE, Code(text=text, language="python"))
    screens = setter.screens(deck, SMALL, tmp_path)
    assert faults(setter, deck, tmp_path) == []
    assert all(stays_inside(screen) for screen in screens)
    assert body(screens) == re.sub(r"\s", "", text)


@FIT
@given(title=st.text(alphabet="abcdefg hijk", min_size=1, max_size=160))
def test_any_title_of_two_lines_or_so_fits(title: str, setter: SlideSetter, tmp_path: Path) -> None:
    deck = one(Layout.BULLETS, bullets("a"), title=title)
    assert faults(setter, deck, tmp_path) == []
    assert all(stays_inside(screen) for screen in setter.screens(deck, SMALL, tmp_path))


def parts_of(setter: SlideSetter, folder: Path, deck: Lesson) -> tuple[Screen, ...]:
    screens = setter.screens(deck, SMALL, folder)
    assert faults(setter, deck, folder) == []
    assert all(stays_inside(screen) for screen in screens)
    return screens


def test_parts_are_numbered_in_the_title_and_in_their_names(setter: SlideSetter, tmp_path: Path) -> None:
    screens = parts_of(setter, tmp_path, one(Layout.BULLETS, bullets(*[LIGHT * 2] * 8)))
    assert [screen.name for screen in screens[:2]] == ["leaf", "leaf.2"]
    assert [screen.part for screen in screens] == list(range(1, len(screens) + 1))
    assert [screen.text.partition("\n")[0] for screen in screens] == [
        f"A leaf ({n}/{len(screens)})" for n in range(1, len(screens) + 1)
    ]


def test_narration_goes_with_the_steps_that_it_reveals(setter: SlideSetter, tmp_path: Path) -> None:
    says = tuple(Sentence(text=f"Number {n}.", reveal=n) for n in range(1, 9))
    screens = parts_of(setter, tmp_path, one(Layout.BULLETS, bullets(*[LIGHT * 2] * 8), says=says))
    assert len(screens) > 1
    for screen in screens:
        revealed = range(screen.first_step + 1, screen.first_step + screen.steps + 1)
        assert list(revealed) == [s.reveal for s in says[slice(*screen.sentences)]]


def test_narration_without_steps_is_shared_by_the_amount_of_text(setter: SlideSetter, tmp_path: Path) -> None:
    says = tuple(Sentence(text=f"Sentence number {n}.") for n in range(12))
    screens = parts_of(setter, tmp_path, one(Layout.BULLETS, Paragraph(text=LIGHT * 24), says=says))
    spans = [screen.sentences for screen in screens]
    assert spans[0][0] == 0
    assert spans[-1][1] == 12
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert max(b - a for a, b in spans) - min(b - a for a, b in spans) <= 12 // len(spans)


def test_full_columns_follow_one_another(setter: SlideSetter, tmp_path: Path) -> None:
    columns = Columns(left=(bullets(*["left " + LIGHT] * 7),), right=(Paragraph(text="right " + LIGHT * 9),))
    text = body(parts_of(setter, tmp_path, one(Layout.COLUMNS, columns)))
    assert text.rindex("left") < text.index("right")


def test_a_picture_stays_beside_all_of_a_long_text(setter: SlideSetter, tmp_path: Path) -> None:
    blocks = (Paragraph(text=LIGHT * 9), Picture(asset="leaf.svg"))
    screens = parts_of(setter, assets(tmp_path), one(Layout.PICTURE_TEXT, *blocks))
    assert len(screens) > 1
    assert all(inked(screen)[:, 420:560].any() for screen in screens)


def test_a_ring_with_too_much_text_becomes_rows(setter: SlideSetter, tmp_path: Path) -> None:
    parts_of(setter, tmp_path, one(Layout.DIAGRAM, Diagram(form="cycle", steps=(LIGHT,) * 5)))


def test_what_can_not_be_divided_is_found_and_yet_not_cut_off(setter: SlideSetter, tmp_path: Path) -> None:
    wide = Maths(latex=" + ".join(f"x_{{{n}}}^2" for n in range(60)))
    deck = one(Layout.MATHS, wide)
    findings = setter.findings(deck, SMALL, tmp_path)
    assert [finding.code for finding in findings] == ["overflow", "text_size"]
    assert findings[0].slide == "leaf"
    assert "maths" in findings[0].message
    assert all(stays_inside(screen) for screen in setter.screens(deck, SMALL, tmp_path))


def test_a_title_too_long_for_a_slide_is_found(setter: SlideSetter, tmp_path: Path) -> None:
    deck = one(Layout.BULLETS, bullets("a"), title=LIGHT * 8)
    assert "title" in setter.findings(deck, SMALL, tmp_path)[0].message
    assert all(stays_inside(screen) for screen in setter.screens(deck, SMALL, tmp_path))


def test_more_bars_than_can_be_labelled_are_found(setter: SlideSetter, tmp_path: Path) -> None:
    labels = tuple(f"The label number {n}" for n in range(40))
    chart = Chart(form="bar", labels=labels, series=(Series(values=tuple(map(float, range(40)))),))
    assert [f.code for f in setter.findings(one(Layout.CHART, chart), SMALL, tmp_path)] == ["overflow"]


@pytest.mark.parametrize("layout", [Layout.TITLE, Layout.SECTION])
def test_a_title_page_with_too_much_on_it_becomes_an_ordinary_slide(
    layout: Layout, setter: SlideSetter, tmp_path: Path
) -> None:
    screens = parts_of(setter, tmp_path, one(layout, bullets(*[LIGHT] * 12)))
    assert body(screens) == squeezed(*[LIGHT] * 12)
