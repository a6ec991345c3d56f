"""PDF files as people make them: columns, running heads, tables, formulas, scans. Real ones, set by Typst."""

import io
from functools import cache

import pypdf
import pytest
import typst
from PIL import Image

from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source, load
from retrieval.values import ItemKind

ARTICLE = """
#set document(title: "Cells and energy")
#set page(paper: "a5", columns: 2, margin: (x: 1.5cm, y: 2cm), footer: [© Example School],
  header: context [Biology 101 #h(1fr) #counter(page).display()])
#set text(size: 9pt, lang: "en")
#set par(justify: true)
#place(top + center, scope: "parent", float: true, text(20pt, weight: "bold")[Cells and energy])
= Mitochondria
#for n in range(22) [Sentence number #n of the first section speaks of photophosphorylation in chloroplasts. ]
The energy is $E = m c^2$ and water is $H_2 O$.

#table(columns: 3, [Organelle], [Makes], [Size], [Mitochondrion], [ATP], [1 µm], [Ribosome], [Protein], [25 nm])
== Inner membrane
#for n in range(40) [Sentence number #n of the second section is about folds. ]
$ x = (-b plus.minus sqrt(b^2 - 4 a c)) / (2 a) $
#figure(image(alt: "A folded membrane", bytes("<svg xmlns='http://www.w3.org/2000/svg' width='80' height='40'>
  <rect width='80' height='40' fill='red'/></svg>")), caption: [The membrane])
- first point
- second point
= Review questions
1. What do mitochondria make?
2. Why are cristae folded?
= Afterwards
#for n in range(40) [Sentence number #n of the last section ends it. ]
"""
REPORT = """
#set page(paper: "a4", header: context { if counter(page).get().first() > 1 [
  Part #counter(page).display("i"): Something #h(1fr) #counter(page).display("1 / 1", both: true)] })
#set text(size: 11pt, lang: "en")
#set par(justify: true, first-line-indent: 1.2em)
#set heading(numbering: "1.1")
= Introduction
#for n in range(8) [The well-known fact number #n stands here. ]

A second paragraph, indented and not set apart, tells more about it in a line or two, and then it is over.
#table(columns: 3, stroke: none, table.hline(), [*Name*], [*Mass*], [*Charge*], table.hline(),
  [Electron], [9.11e-31 kg], [-1], [Proton], [1.67e-27 kg], [+1], table.hline())
#table(columns: 4, stroke: none, [Day], [Rain], [Sun], [Wind], [Mon], [1 mm], [3 h], [12], [Tue], [0 mm], [8 h], [4],
  [Wed], [12 mm], [0 h], [40])
*A bold line*

Text under it.
#pagebreak()
#columns(2)[#for n in range(16) [Left number #n says this and that. ] #colbreak()
  #for n in range(14) [Right number #n goes on. ]]
$ integral_0^1 x^2 dif x = 1/3 quad sum_(i=1)^n i = (n(n+1))/2 $
= Next
#for n in range(90) [Wide sentence number #n fills the page. ]
"""
ARABIC = """
#set page(paper: "a6", columns: 2)
#set text(lang: "ar", font: "Noto Naskh Arabic", size: 10pt)
= الخلية
#for n in range(14) [الجملة رقم #n من الفصل الأول تتحدث عن الطاقة. ]
"""


@cache
def made(text: str) -> bytes:
    return bytes(typst.compile(text.encode(), font_paths=["/usr/share/fonts"]))


@cache
def article() -> LoadedDocument:
    return read(made(ARTICLE))


@cache
def report() -> LoadedDocument:
    return read(made(REPORT))


def read(data: bytes) -> LoadedDocument:
    return load(data, Source("cells", "unit/cells.pdf", 0, language="en"))


def pages(*each: bytes) -> bytes:
    """One PDF of the pages of several."""
    writer = pypdf.PdfWriter()
    for data in each:
        writer.append(io.BytesIO(data))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scan() -> bytes:
    out = io.BytesIO()
    Image.new("L", (850, 1100), 230).save(out, "PDF")
    return out.getvalue()


def sentences(start: str, end: str, count: int) -> str:
    return " ".join(f"{start} {number} {end}" for number in range(count))


def test_columns_are_read_one_after_the_other_over_the_pages() -> None:
    text = article().document.text
    for start, end, count in (
        ("Sentence number", "of the first section speaks of photophosphorylation in chloroplasts.", 22),
        ("Sentence number", "of the second section is about folds.", 40),
        ("Sentence number", "of the last section ends it.", 40),
    ):
        assert sentences(start, end, count) in text


def test_headings_follow_their_size_and_the_title_comes_first() -> None:
    document = article().document
    headings = [line for line in document.text.split("\n") if line.startswith("#")]
    assert headings == ["# Cells and energy", "## Mitochondria", "### Inner membrane", "## Afterwards"]
    assert document.title == "Cells and energy"
    assert document.media_type == "application/pdf"


def test_running_heads_and_page_numbers_go() -> None:
    for text in (article().document.text, report().document.text):
        for running in ("Biology 101", "Example School", "Something", "/ 2", "/ 3"):
            assert running not in text


def test_every_offset_knows_its_page() -> None:
    document = article().document
    assert [anchor.page for anchor in document.anchors] == list(range(1, len(document.anchors) + 1))
    assert len(document.anchors) >= 2
    truth = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made(ARTICLE))).pages]
    for number in range(40):
        sentence = f"Sentence number {number} of the last"
        anchor = document.anchor(document.text.index(sentence))
        assert anchor is not None
        assert anchor.page is not None
        page = " ".join(truth[anchor.page - 1].replace("-\n", "").split())
        assert " ".join(sentence.split()[:3]) in page
    for passage in chunk(document):
        assert document.text[passage.start : passage.end] == passage.text


def test_tables_become_pipe_tables_ruled_or_not() -> None:
    assert (
        "| Organelle | Makes | Size |\n| --- | --- | --- |\n| Mitochondrion | ATP | 1 µm |\n" in article().document.text
    )
    text = report().document.text
    assert "| Name | Mass | Charge |\n| --- | --- | --- |\n| Electron | 9.11e-31 kg | −1 |\n" in text
    assert "| Mon | 1 mm | 3 h | 12 |\n| Tue | 0 mm | 8 h | 4 |\n" in text


def test_formulas_are_written_in_a_line() -> None:
    text = article().document.text
    assert "The energy is E = mc² and water is H₂O." in text
    assert "x = (−b ± √(b² − 4ac))/(2a)" in text
    assert "∫₀¹ x² dx = 1/3 ∑ᵢ₌₁ⁿ i = (n(n + 1))/2" in report().document.text


def test_what_pictures_show_and_lists_survive() -> None:
    assert (
        "Figure: A folded membrane\n\nFigure 1: The membrane\n\n- first point\n- second point"
        in article().document.text
    )


def test_exercises_leave_the_text_and_keep_their_place() -> None:
    found = article()
    assert "Review questions" not in found.document.text
    assert [item.question for item in found.items] == ["What do mitochondria make?", "Why are cristae folded?"]
    assert all(item.kind is ItemKind.FREE_RESPONSE for item in found.items)
    assert found.document.text[found.items[0].start :].strip().startswith("## Afterwards")


def test_paragraphs_part_at_an_indent_and_hyphens_of_words_stay() -> None:
    text = report().document.text
    assert sentences("The well-known fact number", "stands here.", 8) + "\n\nA second paragraph, indented" in text
    assert "\n\n## A bold line\n\nText under it.\n" in text


def test_columns_between_wide_paragraphs() -> None:
    text = report().document.text
    left, right = sentences("Left number", "says this and that.", 16), sentences("Right number", "goes on.", 14)
    assert text.index(left) < text.index(right) < text.index("∫") < text.index("# 2 Next")
    assert sentences("Wide sentence number", "fills the page.", 90) in text


def test_a_script_that_runs_from_right_to_left() -> None:
    text = read(made(ARABIC)).document.text
    assert text.startswith("# الخلية\n\n")
    assert sentences("الجملة رقم", "من الفصل الأول تتحدث عن الطاقة.", 14) in text


def test_accents_printed_by_themselves_join_their_letters() -> None:
    text = read(made('#set text(lang: "de")\nUniversit#box(width: 0pt)[¨]at zu K#box(width: 0pt)[¨]oln')).document.text
    assert text == "Universität zu Köln"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_pages_are_read_upright(degrees: int) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made('#set page(paper: "a6", columns: 2)\n= One\n#lorem(90)')))
    for page in writer.pages:
        page.rotate(degrees)
        page.transfer_rotation_to_content()
    out = io.BytesIO()
    writer.write(out)
    upright = read(made('#set page(paper: "a6", columns: 2)\n= One\n#lorem(90)')).document.text
    assert read(out.getvalue()).document.text == upright


def test_scanned_pages_are_named_and_the_rest_is_read() -> None:
    page = made("= One\nSome words that can be read.")
    found = read(pages(page, scan(), scan(), page, scan()))
    assert found.document.text.count("Some words that can be read.") == 2
    assert [anchor.page for anchor in found.document.anchors] == [1, 4]
    assert found.unread == ("unit/cells.pdf: pages 2-3, 5 are scanned pictures: no text could be read there.",)


def locked() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made("= One")))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_what_cannot_be_read_says_why() -> None:
    whole = made("= One")
    for data, reason, word in (
        (scan(), "scanned", "OCR"),
        (locked(), "encrypted", "password"),
        (whole[: len(whole) // 2], "broken", "save it again"),
        (b"", "broken", "save it again"),
        (b"%PDF-1.7\n%%EOF", "broken", "save it again"),
        (made("#rect()"), "no_text", "no text"),
    ):
        with pytest.raises(UnreadableDocument) as refused:
            read(data)
        assert refused.value.data["reason"] == reason
        assert refused.value.message.startswith("unit/cells.pdf: ")
        assert word in refused.value.message


def test_a_file_that_only_forbids_printing_is_read() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made("= One\nWords.")))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert read(out.getvalue()).document.text == "# One\n\nWords."
