"""PowerPoint decks as people make them: bodies, tables, notes, charts, formulas. Made with python-pptx."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import pptx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.pptx import LOADER
from retrieval.loaders.process import ReadingProcess
from tests.retrieval.packages import changed

SOURCE = Source("cells", "unit/cells.pptx", 0, language="en")
HALF = (
    '<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:f>'
    "<m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
)
PLACE = (Inches(1), Inches(1), Inches(6), Inches(2))


def read(data: bytes) -> LoadedDocument:
    return LOADER.load(data, SOURCE)


def saved(deck: Any) -> bytes:
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def slide(deck: Any, title: str, *lines: str | tuple[str, int], notes: str = "") -> Any:
    """A slide of title and body; a line may carry its level."""
    made = deck.slides.add_slide(deck.slide_layouts[1 if lines else 5])
    made.shapes.title.text = title
    for at, line in enumerate(lines):
        words, level = line if isinstance(line, tuple) else (line, 0)
        frame = made.placeholders[1].text_frame
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.text, paragraph.level = words, level
    if notes:
        made.notes_slide.notes_text_frame.text = notes
    return made


@cache
def lecture() -> bytes:
    deck = pptx.Presentation()
    deck.core_properties.title = "PowerPoint Presentation"
    slide(deck, "Cells and energy", notes="Welcome everybody.\nToday: energy.")
    slide(deck, "Organelles", "Mitochondria", ("fold their membrane", 1), "Ribosomes", notes="Draw the folds.")
    slide(deck, "Not ready", "Nobody may see this.")._element.set("show", "0")
    table = slide(deck, "Sizes").shapes.add_table(3, 2, *PLACE).table
    for row, cells in enumerate((("Organelle", "Size"), ("Mitochondrion", "1 µm"), ("", "2 µm"))):
        for column, words in enumerate(cells):
            table.cell(row, column).text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    return saved(deck)


def test_each_slide_is_a_heading_with_its_number_and_its_notes() -> None:
    document = read(lecture()).document
    assert document.text == (
        "## Cells and energy\n\nNotes: Welcome everybody.\n\nToday: energy.\n\n"
        "## Organelles\n\n- Mitochondria\n   - fold their membrane\n- Ribosomes\n\nNotes: Draw the folds.\n\n"
        "## Sizes\n\n| Organelle | Size |\n| --- | --- |\n| Mitochondrion | 1 µm |\n| Mitochondrion | 2 µm |"
    )
    assert document.title == "Cells and energy"
    assert document.media_type == LOADER.media_type
    pages = [document.anchor(document.text.index(words)) for words in ("Welcome", "Ribosomes", "2 µm")]
    assert [anchor.page if anchor else None for anchor in pages] == [1, 2, 4]
    for passage in chunk(document):
        assert document.text[passage.start : passage.end] == passage.text


def test_boxes_are_read_from_top_to_bottom_and_groups_as_one() -> None:
    deck = pptx.Presentation()
    shapes = slide(deck, "Boxes").shapes
    for words, left, top in (("fourth", 5, 4), ("third", 1, 4), ("second", 5, 2.1), ("first", 1, 2)):
        shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1)).text_frame.text = words
    group = shapes.add_group_shape()
    for words, top in (("last", 6), ("inside", 5)):
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(1), Inches(1)).text_frame.text = words
    assert read(saved(deck)).document.text == ("## Boxes\n\nfirst\n\nsecond\n\nthird\n\nfourth\n\ninside\n\nlast")
    arabic = LOADER.load(saved(deck), Source("cells", "a.pptx", 0, language="ar")).document.text
    assert arabic.startswith("## Boxes\n\nsecond\n\nfirst\n\nfourth\n\nthird")


def test_charts_become_tables_of_their_numbers() -> None:
    deck = pptx.Presentation()
    data = CategoryChartData()
    data.categories = ["Mon", "Tue"]
    data.add_series("Rain", (1.5, 12))
    bars = slide(deck, "Weather").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *PLACE, data).chart
    bars.has_title, bars.chart_title.text_frame.text = True, "Rain of a week"
    points = XyChartData()
    series = points.add_series("Height")
    for x, y in ((1, 2), (3, 4)):
        series.add_data_point(x, y)
    slide(deck, "Growth").shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *PLACE, points)
    assert read(saved(deck)).document.text == (
        "## Weather\n\nRain of a week\n\n|  | Rain |\n| --- | --- |\n| Mon | 1.5 |\n| Tue | 12 |\n\n"
        "## Growth\n\n|  | Height |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
    )


def test_pictures_are_what_somebody_wrote_of_them() -> None:
    from PIL import Image

    image = io.BytesIO()
    Image.new("RGB", (8, 8)).save(image, "PNG")
    deck = pptx.Presentation()
    shapes = slide(deck, "Pictures").shapes
    for said in ("A folded membrane", "A picture containing text\n\nDescription automatically generated", "x.png"):
        image.seek(0)
        shapes.add_picture(image, *PLACE)._element.nvPicPr.cNvPr.set("descr", said)
    text = read(saved(deck)).document.text
    assert text == "## Pictures\n\nFigure: A folded membrane\n\nFigure: A picture containing text"


def test_formulas_stay_also_where_powerpoint_wraps_their_shape() -> None:
    deck = pptx.Presentation()
    shapes = slide(deck, "Halves").shapes
    for words in ("A half is ", ""):
        box = shapes.add_textbox(*PLACE)
        box.text_frame.text = words
        maths = HALF if words else f'<m:oMathPara xmlns:m="{HALF[18:78]}">{HALF}</m:oMathPara>'
        a14 = "http://schemas.microsoft.com/office/drawing/2010/main"
        box.text_frame.paragraphs[0]._p.append(etree.fromstring(f'<a14:m xmlns:a14="{a14}">{maths}</a14:m>'))
        tree, compatible = box._element.getparent(), "http://schemas.openxmlformats.org/markup-compatibility/2006"
        wrapped = etree.SubElement(tree, f"{{{compatible}}}AlternateContent")
        etree.SubElement(wrapped, f"{{{compatible}}}Choice", Requires="a14").append(box._element)
        etree.SubElement(wrapped, f"{{{compatible}}}Fallback")
    text = read(saved(deck)).document.text
    assert text == "## Halves\n\nA half is $\\frac{1}{2}$\n\n$$\n\\frac{1}{2}\n$$"


def test_exercises_leave_the_text_and_notes_beside_them_tell_nothing() -> None:
    deck = pptx.Presentation()
    slide(deck, "Cells", "They live.", notes="Ask the class.\nAnswer: They do.")
    slide(deck, "Quiz", "What do mitochondria make?", "Which gas is left over?", ("oxygen", 1), ("helium", 1))
    slide(deck, "Check your understanding", "Why are cristae folded?", notes="They must say surface.")
    slide(deck, "Summary", "All said.")
    found = read(saved(deck))
    assert found.document.text == "## Cells\n\nThey live.\n\nNotes: Ask the class.\n\n## Summary\n\nAll said."
    assert [(item.question, item.options) for item in found.items] == [
        ("What do mitochondria make?", ()),
        ("Which gas is left over?", ("oxygen", "helium")),
        ("Why are cristae folded?", ()),
    ]
    assert all(item.answer is None for item in found.items)


def test_sections_of_a_deck_are_its_chapters() -> None:
    deck = pptx.Presentation()
    for title in ("One", "Two"):
        slide(deck, title, "Words.")
    p14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    sections = "".join(
        f'<p14:section name="{name}" id="{{0}}"><p14:sldIdLst><p14:sldId id="{one.slide_id}"/></p14:sldIdLst>'
        "</p14:section>"
        for name, one in zip(("First part", "Second part"), deck.slides, strict=True)
    )
    deck.part._element.append(etree.fromstring(f'<x xmlns:p14="{p14}">{sections}</x>'))
    assert read(saved(deck)).document.text == ("# First part\n\n## One\n\nWords.\n\n# Second part\n\n## Two\n\nWords.")


def test_a_slide_without_a_title_is_called_by_its_number() -> None:
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_textbox(*PLACE).text_frame.text = "# words"
    data = saved(deck)
    assert read(data).document.text == "## Slide 1\n\n\\# words"
    german = LOADER.load(data, Source("c", "a.pptx", 0, language="de-CH")).document
    assert german.text.startswith("## Folie 1")


def test_a_show_is_read_like_a_deck() -> None:
    show = changed(lecture(), "[Content_Types].xml", lambda xml: xml.replace("presentation.main", "slideshow.main"))
    assert read(show).document.text == read(lecture()).document.text


def test_a_damaged_slide_is_named_and_the_rest_is_read() -> None:
    deck = pptx.Presentation()
    data = CategoryChartData()
    data.categories = ["Mon"]
    data.add_series("Rain", (1.5,))
    slide(deck, "Fine", "Words.")
    slide(deck, "Weather").shapes.add_chart(XL_CHART_TYPE.PIE, *PLACE, data)
    found = read(changed(saved(deck), "ppt/slides/slide2.xml", lambda xml: xml.replace('r:id="rId2"', 'r:id="rId9"')))
    assert found.document.text == "## Fine\n\nWords."
    assert found.unread == ("unit/cells.pptx: slide 2 could not be read: damaged.",)


def test_what_cannot_be_read_says_why() -> None:
    macros = io.BytesIO(lecture())
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("ppt/vbaProject.bin", b"x")
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    for data, reason in (
        (b"", "broken"),
        (lecture()[:3000], "broken"),
        (locked, "encrypted"),
        (locked[:600], "legacy_office"),
        (macros.getvalue(), "macros"),
        (
            changed(lecture(), "ppt/slides/slide1.xml", lambda xml: f'<!DOCTYPE a [<!ENTITY b "c">]>{xml[55:]}'),
            "entities",
        ),
        (changed(lecture(), "ppt/slides/slide1.xml", lambda _: "<p:sld"), "broken"),
        (saved(pptx.Presentation()), "no_text"),
    ):
        with pytest.raises(UnreadableDocument) as refused:
            read(data)
        assert refused.value.data["reason"] == reason
        assert refused.value.message.startswith("unit/cells.pptx: ")


_TAGS = (
    "p:sp",
    "p:nvSpPr",
    "p:grpSp",
    "p:graphicFrame",
    "p:pic",
    "p:txBody",
    "a:p",
    "a:r",
    "a:t",
    "a:tbl",
    "a:tr",
    "a:tc",
)
_PIECES = st.sampled_from(
    [*(f"<{tag}>" for tag in _TAGS), *(f"</{tag}>" for tag in _TAGS), "words", '<a:pPr lvl="x"/>']
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(_PIECES, max_size=30).map("".join)))
def test_any_slide_is_read_or_refused(body: bytes | str) -> None:
    data = (
        body if isinstance(body, bytes) else changed(lecture(), "ppt/slides/slide2.xml", lambda xml: spoilt(xml, body))
    )
    try:
        found = read(data).document
    except UnreadableDocument:
        return
    starts = [anchor.start for anchor in found.anchors]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(found.text) for start in starts)


def spoilt(xml: str, body: str) -> str:
    return xml.replace("</p:spTree>", f"{body}</p:spTree>")


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    made = ReadingProcess()
    yield made
    made.close()


def test_the_confined_process_reads_it_and_opens_nothing(reader: ReadingProcess) -> None:
    bare = pptx.Presentation()
    slide(bare, "Without notes")
    assert reader.read(lecture(), SOURCE).document.text == read(lecture()).document.text
    assert reader.read(saved(bare), SOURCE).document.text == "## Without notes"
    assert reader.reached == []
