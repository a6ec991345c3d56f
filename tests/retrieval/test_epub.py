"""Books as publishers make them: chapters in reading order, titles from the contents, pages of the printed book."""

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.chunking import chunk
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source, load
from retrieval.loaders.process import ReadingProcess

CONTAINER = """<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="{}" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Cells &amp; energy</dc:title>
<dc:language>en-GB</dc:language>
<dc:creator>Ada Example</dc:creator></metadata>
<manifest>{items}</manifest><spine toc="ncx">{spine}</spine>{guide}</package>"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head>
<body epub:type="bodymatter">{}</body></html>"""
NAV = """<nav epub:type="toc"><h1>Contents</h1><ol><li><a href="text/one%20a.xhtml">The cell</a></li>
<li><span>Part two</span><ol><li>
<a href="text/two.xhtml">Energy</a><ol><li><a href="text/two.xhtml#atp">ATP</a></li></ol>
</li></ol></li><li><a href="text/keys.xhtml">Answer key</a></li></ol></nav>
<nav epub:type="page-list"><ol><li><a href="text/two.xhtml">9</a></li></ol></nav>"""
NCX = """<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN"
"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint id="a"><navLabel><text>The cell</text></navLabel><content src="text/one%20a.xhtml"/>
<navPoint id="b"><navLabel><text>Energy</text></navLabel><content src="text/two.xhtml#x"/></navPoint></navPoint>
</navMap></ncx>"""

ONE = """<header><h1><span epub:type="pagebreak" id="page_7" title="7"/>Chapter 1. The <i>cell</i></h1></header>
<p>A cell is small&nbsp;and <math xmlns="http://www.w3.org/1998/Math/MathML"><msup><mi>x</mi><mn>2</mn></msup></math>.</p>
<p>It ends on one page <span epub:type="pagebreak" aria-label=" 8. "/> and goes on over the next.</p>
<hr role="doc-pagebreak" id="p9"/><h2>Parts</h2><p>It has parts.<a id="note"/></p>
<aside epub:type="footnote"><p>A small note.</p></aside>
<section epub:type="assessments"><h2>Review questions</h2><ol><li>What is a cell?</li></ol></section>"""
TWO = '<h1 id="atp">What ATP is</h1><p>ATP carries energy.</p><img src="../a.png" alt="A molecule of ATP"/>'
MORE = "<h2>More of it</h2><p>This file has no title of its own.</p>"


def book(
    chapters: dict[str, str],
    *,
    contents: str = NAV,
    extra: dict[str, str | bytes] | None = None,
    guide: str = "",
    root: str = "OEBPS/b.opf",
) -> bytes:
    """A book of ``chapters``: bodies by file name, in reading order."""
    items = ["<item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/>" if contents == NCX else ""]
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER.format(root),
    }
    if contents == NCX:
        files["OEBPS/toc.ncx"] = NCX
    elif contents:
        items.append("<item id='nav' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/>")
        files["OEBPS/nav.xhtml"] = PAGE.format(contents)
    for at, (name, body) in enumerate(chapters.items()):
        href = name.replace(" ", "%20")
        items.append(f"<item id='c{at}' href='text/{href}' media-type='application/xhtml+xml'/>")
        if body:
            files[f"OEBPS/text/{name}"] = PAGE.format(body)
    spine = "<itemref idref='nav'/>" + "".join(f"<itemref idref='c{at}'/>" for at in range(len(chapters)))
    files["OEBPS/b.opf"] = PACKAGE.format(items="".join(items), spine=spine, guide=guide)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in (files | (extra or {})).items():
            made.writestr(name, text)
    return out.getvalue()


WHOLE = {"cover.xhtml": '<img src="c.jpg" alt=""/>', "one a.xhtml": ONE, "two.xhtml": TWO, "more.xhtml": MORE}
EXPECTED = """# Chapter 1. The *cell*

A cell is small and $x^{2}$.

It ends on one page and goes on over the next.

## Parts

It has parts.

A small note.

## Energy

### What ATP is

ATP carries energy.

Figure: A molecule of ATP

#### More of it

This file has no title of its own."""


def read(data: bytes) -> LoadedDocument:
    return load(data, Source("cells", "books/cells.epub", 0))


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        read(data)
    assert "books/cells.epub" in caught.value.message
    return str(caught.value.data["reason"])


def test_a_book_is_read_chapter_by_chapter_under_the_titles_of_its_contents() -> None:
    loaded = read(book(WHOLE))
    assert loaded.document.text == EXPECTED
    assert (loaded.document.title, loaded.document.language) == ("Cells & energy", "en-GB")
    assert [item.question for item in loaded.items] == ["What is a cell?"]
    assert loaded.unread == ()
    last = chunk(loaded.document)[-1]
    assert last.heading_path == ("Cells & energy", "Chapter 1. The cell", "Energy", "What ATP is", "More of it")


def test_a_citation_knows_the_page_of_the_printed_book() -> None:
    document = read(book(WHOLE)).document
    pages = {anchor.page: document.text[anchor.start :][:12] for anchor in document.anchors}
    assert pages == {7: "# Chapter 1.", 8: "and goes on ", 9: "## Parts\n\nIt"}
    assert [passage.page for passage in chunk(document)][:2] == [7, 9]


def test_a_book_of_the_second_version_has_its_titles_in_an_ncx() -> None:
    loaded = read(book({"one a.xhtml": "<p>small</p>", "two.xhtml": "<h1>Energy</h1><p>flows</p>"}, contents=NCX))
    assert loaded.document.text == "# The cell\n\nsmall\n\n## Energy\n\nflows"


def test_a_book_without_contents_keeps_its_own_headings() -> None:
    chapters = {"a.xhtml": "<h1>One</h1><p>x</p>", "b.xhtml": "<h2>Two</h2><p>y</p>"}
    assert read(book(chapters, contents="")).document.text == "# One\n\nx\n\n## Two\n\ny"


def test_answers_at_the_end_of_a_book_stay_out_of_its_text() -> None:
    chapters = WHOLE | {"keys.xhtml": "<h1>Answer key</h1><p>1. The smallest living thing.</p>"}
    loaded = read(book(chapters))
    assert "smallest" not in loaded.document.text
    assert loaded.document.text == EXPECTED


def test_the_same_book_is_read_in_the_process_that_may_open_nothing() -> None:
    reader = ReadingProcess()
    try:
        data = book(WHOLE)
        assert reader.read(data, Source("cells", "books/cells.epub", 0)) == read(data)
        assert reader.reached == []
    finally:
        reader.close()


ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#">
<enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="OEBPS/x"/>
</enc:CipherData></enc:EncryptedData></encryption>"""


def test_a_protected_book_is_named_and_one_with_scrambled_fonts_is_read() -> None:
    def locked(algorithm: str) -> bytes:
        return book(WHOLE, extra={"META-INF/encryption.xml": ENCRYPTION.format(algorithm)})

    assert refusal(locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc")) == "protected"
    assert refusal(book(WHOLE, extra={"META-INF/sinf.xml": "<fairplay/>"})) == "protected"
    assert read(locked("http://www.idpf.org/2008/embedding")).document.text == EXPECTED


def test_chapters_that_cannot_be_read_are_named_and_the_others_are_read() -> None:
    chapters = {"gone.xhtml": "", "latin.xhtml": "x", "../../../etc/passwd": "", "ok.xhtml": "<p>said</p>"}
    loaded = read(
        book(
            chapters,
            extra={"OEBPS/text/latin.xhtml": "<p>für</p>".encode("latin-1"), "OEBPS/text/one.html": "<p>not named</p>"},
        )
    )
    assert loaded.document.text == "said"
    assert loaded.unread == (
        "books/cells.epub/OEBPS/text/gone.xhtml: this chapter is missing in the book.",
        "books/cells.epub/OEBPS/text/latin.xhtml: not valid UTF-8 at byte 4. Save the file as UTF-8.",
        "books/cells.epub/../etc/passwd: this chapter is missing in the book.",
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no zip", "broken"),
        (book(WHOLE)[:900], "broken"),
        (book(WHOLE, root="OEBPS/other.opf"), "broken"),
        (book(WHOLE, extra={"OEBPS/b.opf": "<package"}), "broken"),
        (book({"a.xhtml": "<img src='a.png'/>"}), "no_text"),
        (book({}), "no_text"),
        (book(WHOLE, extra={"OEBPS/text/two.xhtml": '<!DOCTYPE a [<!ENTITY e "eeee">]><a>&e;</a>'}), "entities"),
        (book(WHOLE, extra={"OEBPS/bomb.xhtml": "0" * 20_000_000}), "bomb"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_reason(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_a_spoilt_book_is_read_or_refused(at: int, spoilt: bytes) -> None:
    whole = book({"one a.xhtml": ONE, "two.xhtml": TWO})
    try:
        loaded = read(whole[:at] + spoilt + whole[at + len(spoilt) :])
    except UnreadableDocument:
        return
    assert not re.search("[\ue000-\uf8ff]", loaded.document.text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([ONE, TWO, MORE, "<h1/>", "<p>&lt;", '<i epub:type="pagebreak" title="3"/>', "", "x"]),
        max_size=5,
    )
)
def test_anchors_lie_within_the_text_and_ascend(bodies: list[str]) -> None:
    try:
        document = read(book({f"{at}.xhtml": body for at, body in enumerate(bodies)})).document
    except UnreadableDocument:
        return
    starts = [anchor.start for anchor in document.anchors]
    assert starts == sorted(starts)
    assert all(0 <= start <= len(document.text) for start in starts)
