"""Sound files of every format, made on the fly, for ``bench.hostile_files`` to spoil."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import cache

from retrieval.loaders import suffixes

WORDS = (
    "The mitochondrion makes most of the ATP of a cell. Its inner membrane is folded into cristae, which gives it a"
    " large surface. Glucose is split in the cytoplasm before its parts enter the mitochondrion."
)
_PAGE = f"""#set page(paper: "a6", columns: 2, header: [Biology #h(1fr) #context counter(page).display()])
#set text(size: 8pt)
= Cells
{WORDS}

{WORDS}
#table(columns: 2, [Organelle], [Makes], [Mitochondrion], [ATP])
$ x = (-b plus.minus sqrt(b^2 - 4 a c)) / (2 a) $
== Membranes
{WORDS} {WORDS}
"""


@cache
def seeds() -> dict[str, bytes]:
    """A sound file for every ending that is read here."""
    return {suffix: _MADE[suffix]() for suffix in suffixes() if suffix in _MADE}


def pdf() -> bytes:
    import typst

    return bytes(typst.compile(_PAGE.encode()))


def scan() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (200, 300), 220).save(out, "PDF")
    return out.getvalue()


def encrypted_pdf() -> bytes:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    import docx as library

    document = library.Document()
    document.add_heading("Cells", 1)
    document.add_paragraph(WORDS)
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(1, 1).text = "Organelle", "ATP"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pptx() -> bytes:
    import pptx as library

    deck = library.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Cells"
    slide.placeholders[1].text = WORDS
    slide.notes_slide.notes_text_frame.text = WORDS
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def markdown() -> bytes:
    return f"---\ntitle: Cells\n---\n\n# Cells\n\n{WORDS}\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n$x^2$\n".encode()


def html() -> bytes:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>Cells</title></head><body><nav>Menu</nav><h1>Cells</h1>"
        f"<p>{WORDS}</p><table><tr><th>a</th><td>1</td></tr></table><p>{WORDS}</p></body></html>"
    ).encode()


def epub() -> bytes:
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Cells</dc:title><dc:language>en</dc:language>'
        '<dc:identifier id="id">x</dc:identifier></metadata><manifest><item id="a" href="a.xhtml"'
        ' media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Cells</title></head><body>'
        f"<h1>Cells</h1><p>{WORDS}</p></body></html>"
    )
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "OEBPS/book.opf": package.encode(),
            "OEBPS/a.xhtml": page.encode(),
        }
    )


def subtitles() -> bytes:
    return f"WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n{WORDS}\n\n00:00:10.000 --> 00:00:19.000\n{WORDS}\n".encode()


def srt() -> bytes:
    return f"1\n00:00:01,000 --> 00:00:09,000\n{WORDS}\n\n2\n00:00:10,000 --> 00:00:19,000\n{WORDS}\n".encode()


def notebook() -> bytes:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Cells\n", WORDS]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": ["print(1)"]},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def rows() -> bytes:
    return f'organelle,makes,about\nmitochondrion,ATP,"{WORDS}"\nribosome,protein,small\n'.encode()


def archive() -> bytes:
    return zipped({"unit/a.md": markdown(), "unit/b.txt": WORDS.encode(), "c.pdf": pdf()})


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


_MADE: dict[str, Callable[[], bytes]] = {
    ".md": markdown,
    ".txt": lambda: WORDS.encode(),
    ".pdf": pdf,
    ".docx": docx,
    ".pptx": pptx,
    ".ppsx": pptx,
    ".html": html,
    ".xhtml": html,
    ".epub": epub,
    ".vtt": subtitles,
    ".srt": srt,
    ".ipynb": notebook,
    ".csv": rows,
    ".tsv": rows,
    ".zip": archive,
}
