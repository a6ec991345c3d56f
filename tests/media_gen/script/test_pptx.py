"""A presentation with notes becomes a lesson. The presentations are made here."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from media_gen.errors import ScriptInvalid
from media_gen.lesson import Bullets, Chart, Columns, Layout, Lesson, Paragraph, Picture, Slide, Table
from media_gen.script import read
from media_gen.script.deck import read_deck
from media_gen.script.write import write_deck


def saved(presentation: Presentation, folder: Path) -> Path:
    path = folder / "talk.pptx"
    presentation.save(str(path))
    return path


def picture(form: str = "PNG") -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (8, 6), "green").save(made, form)
    made.seek(0)
    return made


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    """Title with notes, bullets, a hidden slide, a table, a picture, a chart, two columns."""
    deck = Presentation()
    deck.core_properties.author = "Ada"
    layouts = deck.slide_layouts
    title = deck.slides.add_slide(layouts[0])
    title.shapes.title.text = "Leaves & light"
    title.placeholders[1].text = "A *short* talk"
    title.notes_slide.notes_text_frame.text = "Welcome. This is [CO₂](say: see oh two). [pause 2]\nDr. Green speaks"

    bullets = deck.slides.add_slide(layouts[1])
    bullets.shapes.title.text = "Needs"
    frame = bullets.placeholders[1].text_frame
    frame.text = "Light"
    for text, level in (("red", 1), ("deep", 3), ("Water", 0)):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
    frame.paragraphs[0].runs[0].font.bold = True
    bullets.notes_slide.notes_text_frame.text = "It needs light. It needs water."

    hidden = deck.slides.add_slide(layouts[5])
    hidden.shapes.title.text = "Hidden"
    hidden._element.set("show", "0")

    table = deck.slides.add_slide(layouts[5])
    table.shapes.title.text = "Table"
    cells = table.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for at, text in enumerate(("a", "b", "one", "2 | 3")):
        cells.cell(at // 2, at % 2).text = text

    pictured = deck.slides.add_slide(layouts[5])
    pictured.shapes.title.text = "Picture"
    group = pictured.shapes.add_group_shape()
    group.shapes.add_picture(picture(), 0, 0)._element.nvPicPr.cNvPr.set("descr", "A green leaf")
    pictured.shapes.add_picture(picture("BMP"), 0, 0)

    charted = deck.slides.add_slide(layouts[5])
    charted.shapes.title.text = "Chart"
    data = CategoryChartData()
    data.categories = ["Blue", "Red"]
    data.add_series("kJ", (266, 176.5))
    size = (Inches(1), Inches(2), Inches(4), Inches(3))
    charted.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *size, data)
    gaps = CategoryChartData()
    gaps.categories = ["Blue", "Red"]
    gaps.add_series("kJ", (266, None))
    charted.shapes.add_chart(XL_CHART_TYPE.LINE, *size, gaps)

    two = deck.slides.add_slide(layouts[3])
    two.shapes.title.text = "Two"
    for at, side in ((1, "left"), (2, "right")):
        two.placeholders[at].text_frame.text = f"{side} one"
        two.placeholders[at].text_frame.add_paragraph().text = f"{side} two"
    return read(saved(deck, tmp_path))


def by_title(lesson: Lesson, title: str) -> Slide:
    return next(slide for slide in lesson.slides if slide.title == title)


def test_titles_in_order_without_the_hidden_slide(lesson: Lesson) -> None:
    assert [slide.title for slide in lesson.slides] == ["Leaves & light", "Needs", "Table", "Picture", "Chart", "Two"]
    assert (lesson.title, lesson.author, lesson.language) == ("Leaves & light", "Ada", "en")
    assert lesson.slides[0].layout is Layout.TITLE
    assert lesson.slides[0].subtitle == r"A \*short\* talk"


def test_notes_become_narration(lesson: Lesson) -> None:
    narration = [(s.text, s.say, s.pause) for s in lesson.slides[0].narration]
    assert narration == [
        ("Welcome.", "", 0),
        ("This is CO₂.", "This is see oh two.", 2),
        ("Dr. Green speaks", "", 0),
    ]
    assert by_title(lesson, "Table").unscripted


def test_bullets_with_their_levels_revealed_as_they_are_spoken(lesson: Lesson) -> None:
    (bullets,) = by_title(lesson, "Needs").blocks
    assert isinstance(bullets, Bullets)
    assert [(item.text, item.level) for item in bullets.items] == [
        ("**Light**", 0),
        ("red", 1),
        ("deep", 2),
        ("Water", 0),
    ]
    assert [sentence.reveal for sentence in by_title(lesson, "Needs").narration] == [1, 2]


def test_tables_charts_and_columns(lesson: Lesson) -> None:
    assert by_title(lesson, "Table").blocks == (Table(header=("a", "b"), rows=(("one", "2 | 3"),)),)
    chart, table = by_title(lesson, "Chart").blocks
    assert isinstance(chart, Chart)
    assert (chart.form, chart.labels, chart.series[0].values) == ("bar", ("Blue", "Red"), (266, 176.5))
    assert table == Table(header=("", "kJ"), rows=(("Blue", "266"), ("Red", "")))
    (columns,) = by_title(lesson, "Two").blocks
    assert isinstance(columns, Columns)
    assert [type(piece) for piece in (*columns.left, *columns.right)] == [Bullets, Bullets]


def test_pictures_are_kept_by_their_content(lesson: Lesson, tmp_path: Path) -> None:
    first, second = by_title(lesson, "Picture").blocks
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert first.alt == "A green leaf"
    for kept in (first, second):
        assert re.fullmatch(r"talk\.pictures/[0-9a-f]{64}\.png", kept.asset)
        with Image.open(tmp_path / kept.asset) as image:
            assert image.format == "PNG"
    assert not list((tmp_path / "talk.pictures").glob(".*"))


def test_a_presentation_can_be_edited_as_a_deck(lesson: Lesson) -> None:
    written = write_deck(lesson)
    assert "```slide" not in written
    assert read_deck(written) == lesson


def test_text_boxes_are_paragraphs(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    frame = slide.shapes.add_textbox(0, 0, Inches(3), Inches(1)).text_frame
    frame.text = "one\vline"
    run = frame.add_paragraph().add_run()
    run.text, run.hyperlink.address = "a link", "https://example.org/"
    bad = frame.add_paragraph().add_run()
    bad.text, bad.hyperlink.address = "not", "javascript:alert(1)"
    (made,) = read(saved(deck, tmp_path)).slides
    assert made.blocks == (
        Paragraph(text="one line"),
        Paragraph(text="[a link](https://example.org/)"),
        Paragraph(text="not"),
    )


# -- files that are not what they should be ------------------------------------------------------------------------


def rewritten(path: Path, **parts: bytes) -> None:
    """The archive with the slide replaced."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in kept.items():
            archive.writestr(name, parts.get(name.rpartition("/")[2].replace(".xml", ""), data))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    deck = Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "A"
    return saved(deck, tmp_path)


def test_entities_are_not_expanded(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden words")
    with zipfile.ZipFile(plain) as archive:
        xml = archive.read("ppt/slides/slide1.xml").decode()
    declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}"><!ENTITY f "boom">]>'
    head, _, rest = xml.partition("?>")
    rewritten(plain, slide1=f"{head}?>{declared}{rest.replace('>A<', '>A&e;&f;<')}".encode())
    try:
        lesson = read(plain)
    except ScriptInvalid:
        return
    assert "hidden" not in lesson.model_dump_json()
    assert "boom" not in lesson.model_dump_json()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", b"\x00" * 1000])
def test_what_is_no_presentation_is_refused(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.pptx"
    path.write_bytes(damage)
    with pytest.raises(ScriptInvalid, match="not a presentation"):
        read(path)


def test_a_zip_bomb_is_refused_unopened(plain: Path) -> None:
    rewritten(plain, slide1=b" " * 25_000_000)
    with pytest.raises(ScriptInvalid, match="more than 20 MB"):
        read(plain)


def test_damaged_parts_are_refused(plain: Path) -> None:
    rewritten(plain, slide1=b"<p:sld")
    with pytest.raises(ScriptInvalid, match="damaged"):
        read(plain)


def test_another_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pptx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(ScriptInvalid):
        read(path)


def test_no_slides_to_show(tmp_path: Path) -> None:
    with pytest.raises(ScriptInvalid, match="no slides"):
        read(saved(Presentation(), tmp_path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ScriptInvalid, match="can't be read"):
        read(tmp_path / "none.pptx")
