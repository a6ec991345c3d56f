"""Word files as people make them: styles, lists, tables, formulas, notes, tracked changes. Made with python-docx."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import docx
import pytest
from docx.document import Document as Made
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from pptx.chart.data import CategoryChartData
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.enum.chart import XL_CHART_TYPE

from retrieval.blocks import blocks
from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source
from retrieval.loaders.docx import LOADER
from retrieval.loaders.process import ReadingProcess
from retrieval.values import ItemKind
from tests.retrieval.packages import changed

SOURCE = Source("cells", "unit/cells.docx", 0, language="en")
NAMES = (
    " ".join(
        f'xmlns:{prefix}="http://schemas.openxmlformats.org/{name}"'
        for prefix, name in (
            ("w", "wordprocessingml/2006/main"),
            ("m", "officeDocument/2006/math"),
            ("wp", "drawingml/2006/wordprocessingDrawing"),
            ("a", "drawingml/2006/main"),
        )
    )
    + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def paragraph(inner: str, style: str = "") -> str:
    settings = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{settings}{inner}</w:p>"


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def add(document: Made, *each: str) -> None:
    """Put raw XML at the end of the body, before the section's settings."""
    for xml in each:
        node = parse_xml(xml.replace(">", f" {NAMES}>", 1) if "/>" not in xml[: xml.index(">") + 1] else xml)
        document.element.body.insert(len(document.element.body) - 1, node)


def saved(document: Made) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def text_of(*each: str) -> str:
    document = docx.Document()
    add(document, *each)
    return read(saved(document)).document.text


def read(data: bytes) -> LoadedDocument:
    return LOADER.load(data, SOURCE)


@cache
def lesson() -> bytes:
    document = docx.Document()
    document.core_properties.title = "What cells do"
    document.add_heading("Cells", 1)
    said = document.add_paragraph("A cell makes ")
    said.add_run("ATP").bold = True
    said.add_run(" from H")
    low = said.add_run("2")
    low.font.subscript = True
    said.add_run("O and more.")
    document.add_heading("Organelles", 2)
    for words, style in (("membrane", "List Bullet"), ("folded", "List Bullet 2"), ("nucleus", "List Bullet")):
        document.add_paragraph(words, style=style)
    for words in ("first", "second"):
        document.add_paragraph(words, style="List Number")
    table = document.add_table(rows=3, cols=3)
    rows = (("Organelle", "Makes", "Size"), ("Mitochondrion", "ATP", "1 µm"), ("", "heat", "|"))
    for row, cells in enumerate(rows):
        for column, word in enumerate(cells):
            table.cell(row, column).text = word
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_heading("Review questions", 1)
    document.add_paragraph("What do mitochondria make?", style="List Number 2")
    document.add_paragraph("Why are cristae folded?", style="List Number 2")
    document.add_heading("Afterwards", 1)
    document.add_paragraph("The end.")
    return saved(document)


def test_headings_lists_and_tables_become_canonical_text() -> None:
    document = read(lesson()).document
    assert document.text == (
        "# Cells\n\nA cell makes **ATP** from H₂O and more.\n\n## Organelles\n\n"
        "- membrane\n   - folded\n- nucleus\n1. first\n2. second\n\n"
        "| Organelle | Makes | Size |\n| --- | --- | --- |\n| Mitochondrion | ATP | 1 µm |\n"
        "| Mitochondrion | heat | \\| |\n\n# Afterwards\n\nThe end."
    )
    assert document.title == "What cells do"
    assert document.media_type == LOADER.media_type
    for passage in chunk(document):
        assert document.text[passage.start : passage.end] == passage.text


def test_exercises_leave_the_text_and_keep_their_place() -> None:
    found = read(lesson())
    assert [item.question for item in found.items] == ["What do mitochondria make?", "Why are cristae folded?"]
    assert all(item.kind is ItemKind.FREE_RESPONSE for item in found.items)
    assert found.document.text[found.items[0].start :].strip().startswith("# Afterwards")


NUMBERING = f"""<w:numbering {NAMES}><w:abstractNum w:abstractNumId="7">
  <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/></w:lvl>
  <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>
  <w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num></w:numbering>"""


def listed(text: str, level: int) -> str:
    look = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="9"/></w:numPr></w:pPr>'
    return f"<w:p>{look}{run(text)}</w:p>"


def test_lettered_options_and_their_key_become_a_multiple_choice() -> None:
    document = docx.Document()
    add(
        document,
        *(paragraph(run("Quiz"), "Heading1"), listed("Which gas is left over?", 0), listed("carbon dioxide", 1)),
        *(listed("oxygen", 1), listed("Why?", 0), paragraph(run("Answers"), "Heading1"), paragraph(run("1. b"))),
    )
    data = changed(saved(document), "word/numbering.xml", lambda _: NUMBERING)
    first, second = read(data).items
    assert (first.question, first.options, first.answer) == (
        "Which gas is left over?",
        ("carbon dioxide", "oxygen"),
        "oxygen",
    )
    assert second.question == "Why?"


def test_lists_keep_their_numbers_letters_and_depth() -> None:
    document = docx.Document()
    add(document, listed("deep", 1), listed("one", 0), listed("x", 1), listed("y", 1), paragraph(run("Between.")))
    add(document, listed("two", 0))
    data = changed(saved(document), "word/numbering.xml", lambda _: NUMBERING)
    assert read(data).document.text == "- a) deep\n1. one\n   - a) x\n   - b) y\n\nBetween.\n\n2. two"


def test_headings_are_known_by_outline_level_whatever_the_style_is_called() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:pPr><w:outlineLvl w:val="1"/>'
        "</w:pPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="Unter"><w:name w:val="Unter"/><w:basedOn w:val="Kapitel"/>'
        "</w:style></w:styles>"
    )
    document = docx.Document()
    add(document, paragraph(run("Eins"), "berschrift1"), paragraph(run("Zwei"), "Kapitel"))
    add(document, paragraph(run("Drei"), "Unter"))
    add(document, f'<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr>{run("Vier")}</w:p>')
    data = changed(saved(document), "word/styles.xml", lambda xml: xml.replace("</w:styles>", styles))
    assert read(data).document.text == "# Eins\n\n## Zwei\n\n## Drei\n\n### Vier"


def test_formulas_become_latex_in_the_line_or_alone() -> None:
    half = "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    assert (
        text_of(
            paragraph(f"{run('A half is ')}<m:oMath>{half}</m:oMath>{run(' of it.')}"),
            paragraph(f"<m:oMathPara><m:oMath>{half}</m:oMath></m:oMathPara>"),
        )
        == "A half is $\\frac{1}{2}$ of it.\n\n$$\n\\frac{1}{2}\n$$"
    )


def test_tracked_deletions_comments_and_hidden_text_stay_out_and_insertions_stay() -> None:
    text = text_of(
        paragraph(
            f"{run('Cells ')}<w:del><w:r><w:delText>never </w:delText></w:r></w:del><w:ins>{run('always ')}</w:ins>"
            f"<w:moveFrom>{run('moved ')}</w:moveFrom>{run('secret ', '<w:vanish/>')}{run('divide.')}"
            '<w:r><w:commentReference w:id="0"/></w:r>'
        )
    )
    assert text == "Cells always divide."


def test_footnotes_follow_the_paragraph_that_they_belong_to() -> None:
    document = docx.Document()
    add(document, paragraph(f'{run("Cells divide")}<w:r><w:footnoteReference w:id="4"/></w:r>{run(".")}'))
    add(document, paragraph(run("And so on.")))
    notes = f'<w:footnotes {NAMES}><w:footnote w:id="4">{paragraph(run("Mostly."))}</w:footnote></w:footnotes>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    assert read(saved(document)).document.text == "Cells divide¹.\n\n¹ Mostly.\n\nAnd so on."


def drawing(inner: str) -> str:
    return f"<w:r><w:drawing><wp:inline>{inner}</wp:inline></w:drawing></w:r>"


def test_pictures_are_what_somebody_wrote_of_them() -> None:
    assert (
        text_of(
            paragraph(run("See it.") + drawing('<wp:docPr id="1" name="Picture 1" descr="A folded membrane"/>')),
            paragraph(drawing('<wp:docPr id="2" name="Picture 2" descr="Picture 2"/>')),
            paragraph(drawing('<wp:docPr id="3" name="x" descr="photo.jpg"/>')),
        )
        == "See it.\n\nFigure: A folded membrane"
    )


def test_text_boxes_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph(run('In a box.'))}</w:txbxContent>"
    assert (
        text_of(
            paragraph(
                f"{run('Before.')}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{box}</w:drawing>"
                f"</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            )
        )
        == "Before.\n\nIn a box."
    )


def test_tables_of_contents_go_and_tables_within_tables_are_told_in_a_line() -> None:
    inner = (
        "<w:tbl>"
        + "".join(
            f"<w:tr><w:tc>{paragraph(run(a))}</w:tc><w:tc>{paragraph(run(b))}</w:tc></w:tr>" for a, b in ("ab", "cd")
        )
        + "</w:tbl>"
    )
    assert (
        text_of(
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent>{paragraph(run('Cells 1'))}</w:sdtContent></w:sdt>",
            f"<w:tbl><w:tr><w:tc>{paragraph(run('outer'))}</w:tc><w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>",
        )
        == "| outer | a, b; c, d |\n| --- | --- |"
    )


def test_code_keeps_its_blanks() -> None:
    document = docx.Document()
    document.styles.add_style("Source Code", 1)
    for line in ("def f(x):", "    return `x`"):
        document.add_paragraph(line, style="Source Code")
    assert read(saved(document)).document.text == "```\ndef f(x):\n    return `x`\n```"


def test_pages_are_those_that_word_counted() -> None:
    document = docx.Document()
    add(
        document,
        paragraph(run("First page.")),
        paragraph(f"<w:r><w:lastRenderedPageBreak/></w:r>{run('Second page.')}"),
    )
    add(
        document, paragraph(f"{run('Begins on the second,')}<w:r><w:lastRenderedPageBreak/></w:r>{run(' ends later.')}")
    )
    add(document, paragraph(run("Third page.")))
    found = read(saved(document)).document
    pages = {words: found.anchor(found.text.index(words)) for words in ("First", "Second", "Begins", "Third")}
    assert [anchor.page if anchor else None for anchor in pages.values()] == [1, 2, 2, 3]
    assert read(lesson()).document.anchors == ()


@pytest.mark.parametrize(
    "words",
    ["# no heading", "> no quote", "| no | table", "*no* emphasis", "a_b_c", "`no code`", "$5 and $6", "<b>no</b>"],
)
def test_words_are_not_taken_for_markup(words: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    text = text_of(paragraph(run(escaped)), paragraph(run("After.")))
    assert [block.kind for block in blocks(text)] == ["paragraph", "paragraph"]
    assert text.replace("\\", "").startswith(words)


def test_a_large_first_letter_belongs_to_its_word() -> None:
    initial = f'<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr>{run("C")}</w:p>'
    assert text_of(initial, paragraph(run("ells divide."))) == "Cells divide."


def test_the_words_of_a_diagram_become_a_list() -> None:
    a, dgm = (f"http://schemas.openxmlformats.org/drawingml/2006/{name}" for name in ("main", "diagram"))
    points = "".join(
        f"<d:pt><d:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></d:t></d:pt>" for words in ("Light", "Sugar")
    )
    document = docx.Document()
    model = f'<d:dataModel xmlns:d="{dgm}" xmlns:a="{a}"><d:ptLst>{points}</d:ptLst></d:dataModel>'.encode()
    part = Part(PackURI("/word/diagrams/data1.xml"), "application/xml", model, document.part.package)
    name = document.part.relate_to(
        part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData"
    )
    shown = f'<d:relIds xmlns:d="{dgm}" xmlns:r="urn:r" r:dm="{name}"/>'
    add(document, paragraph(drawing(f"<a:graphic><a:graphicData>{shown}</a:graphicData></a:graphic>")))
    assert read(saved(document)).document.text == "- Light\n- Sugar"


def with_chart(xml: bytes) -> bytes:
    document = docx.Document()
    part = Part(PackURI("/word/charts/chart1.xml"), "application/xml", xml, document.part.package)
    name = document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart")
    shown = f'<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="urn:r" r:id="{name}"/>'
    graphic = f"<a:graphic><a:graphicData>{shown}</a:graphicData></a:graphic>"
    add(document, paragraph(run("Rain of a week") + drawing(graphic)))
    return saved(document)


def rain() -> bytes:
    data = CategoryChartData()
    data.categories = ["Mon", "Tue"]
    data.add_series("Rain", (1.5, 12))
    return ChartXmlWriter(XL_CHART_TYPE.COLUMN_CLUSTERED, data).xml.encode()


def test_charts_become_tables_of_their_numbers() -> None:
    table = "|  | Rain |\n| --- | --- |\n| Mon | 1.5 |\n| Tue | 12 |"
    assert read(with_chart(rain())).document.text == f"Rain of a week\n\n{table}"


@pytest.mark.parametrize("part", [b"<x/>", rain().replace(b"barChart", b"surfaceChart")])
def test_a_chart_that_nobody_can_read_costs_no_more_than_itself(part: bytes) -> None:
    assert read(with_chart(part)).document.text == "Rain of a week"


@pytest.mark.parametrize(("part", "reason"), [(b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "entities"), (b"<x", "broken")])
def test_a_chart_can_hold_no_more_harm_than_the_rest(part: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as refused:
        read(with_chart(part))
    assert refused.value.data["reason"] == reason


def test_no_program_gives_a_document_its_title_nor_does_code() -> None:
    document = docx.Document()
    document.styles.add_style("Source Code", 1)
    document.add_paragraph("# a comment", style="Source Code")
    document.add_heading("Loops", 2)
    document.core_properties.title = "Word Document"
    assert read(saved(document)).document.title == "Loops"


def test_an_embedded_file_is_named() -> None:
    document = docx.Document()
    document.add_paragraph("Words.")
    add(document, '<w:altChunk w:id="rId1"></w:altChunk>')
    (said,) = read(saved(document)).unread
    assert said.startswith("unit/cells.docx: another file is embedded in it")


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")


def with_part(name: str, part: bytes) -> bytes:
    out = io.BytesIO(lesson())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_what_cannot_be_read_says_why() -> None:
    entity = changed(
        lesson(),
        "word/document.xml",
        lambda xml: xml.replace("<w:document", '<!DOCTYPE x [<!ENTITY a "b">]><w:document', 1),
    )
    for data, reason in (
        (b"", "broken"),
        (lesson()[:3000], "broken"),
        (locked(), "encrypted"),
        (locked()[:600], "legacy_office"),
        (with_part("word/vbaProject.bin", b"x"), "macros"),
        (with_part("word/media/x.bin", b"\0" * 20_000_000), "bomb"),
        (entity, "entities"),
        (changed(lesson(), "word/document.xml", lambda _: "<w:document"), "broken"),
        (changed(lesson(), "_rels/.rels", lambda xml: xml.replace("<R", "<!--purl.oclc.org/ooxml--><R", 1)), "strict"),
        (saved(docx.Document()), "no_text"),
    ):
        with pytest.raises(UnreadableDocument) as refused:
            read(data)
        assert refused.value.data["reason"] == reason
        assert refused.value.message.startswith("unit/cells.docx: ")


_TAGS = ("w:p", "w:tbl", "w:tr", "w:tc", "w:r", "w:t", "w:sdt", "w:ins", "w:hyperlink", "m:oMath")
_PIECES = st.sampled_from(
    [
        *(f"<{tag}>" for tag in _TAGS),
        *(f"</{tag}>" for tag in _TAGS),
        *("<w:t>x</w:t>", "<w:lastRenderedPageBreak/>", '<w:footnoteReference w:id="1"/>'),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(_PIECES, max_size=30).map("".join)))
def test_any_body_is_read_or_refused(body: bytes | str) -> None:
    data = body if isinstance(body, bytes) else changed(lesson(), "word/document.xml", lambda xml: spoilt(xml, body))
    try:
        found = read(data).document
    except UnreadableDocument:
        return
    assert all(0 <= anchor.start <= len(found.text) for anchor in found.anchors)


def spoilt(xml: str, body: str) -> str:
    head, tail = xml.index("<w:body>") + 8, xml.index("</w:body>")
    return f"{xml[:head]}{body}{xml[tail:]}"


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    made = ReadingProcess()
    yield made
    made.close()


def test_the_confined_process_reads_it_and_opens_nothing(reader: ReadingProcess) -> None:
    plain: Any = docx.Document()
    plain.add_paragraph("Without a title.")
    assert reader.read(lesson(), SOURCE).document.text == read(lesson()).document.text
    assert reader.read(saved(plain), SOURCE).document.text == "Without a title."
    assert reader.reached == []
