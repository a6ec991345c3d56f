"""A folder with one file of every format becomes a course, and a question finds each at its page or second.

Real files, the real reading process, SQLite and the text index.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import docx
import pptx
import pytest
import typst

from retrieval.lexical import LexicalIndex
from retrieval.loaders.formats import FORMATS
from retrieval.quotes import cite
from retrieval.writer_lock import WriterLock
from tests.conftest import Backend
from tutor.services.indexing import Indexer, course_of
from tutor.services.ingest import IngestService
from tutor.services.notes import Notes


@dataclass(frozen=True)
class Sample:
    """A file, a question that only it answers, the sentence that answers, and where that stands."""

    name: str
    make: Callable[[], bytes]
    question: str
    quote: str
    page: int | None = None
    second: float | None = None


def _docx() -> bytes:
    made = docx.Document()
    made.add_heading("Stomata", 1)
    made.add_paragraph("Stomata are pores through which carbon dioxide enters.")
    made.add_heading("Exercises", 1)
    made.add_paragraph("1. What enters through the BAIT pores?")
    return _saved(made)


def _pptx() -> bytes:
    made = pptx.Presentation()
    for title, text in (("Roots", "Root hairs take up water."), ("Xylem", "Vessels lift the water to every leaf.")):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    return _saved(made)


def _saved(made: object) -> bytes:
    file = io.BytesIO()
    made.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def _pdf() -> bytes:
    page = "#set page(paper: 'a5'); = Phloem \n Something. #pagebreak() = Sieve tubes \n Sap carries sugar downwards."
    return bytes(typst.compile(page.replace("'", '"').encode()))


def _html() -> bytes:
    return (
        b"<html lang='en'><head><title>Seeds</title></head><body><nav>BAIT menu</nav><main><h1>Seeds</h1>"
        b"<p>Dormant seeds wait for moisture.</p></main><footer>BAIT footer</footer></body></html>"
    )


def _epub() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Flowers</dc:title>'
            '<dc:language>en</dc:language><dc:identifier id="id">x</dc:identifier></metadata>'
            '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>',
        )
        book.writestr(
            "c.xhtml",
            '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Pollen</title></head><body><h1>Pollen</h1>'
            "<p>Bees carry pollen from flower to flower.</p></body></html>",
        )
    return file.getvalue()


def _notebook() -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Growth\n", "Auxin bends shoots to the light."]}]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


VTT = b"""WEBVTT

00:00:01.000 --> 00:00:04.000
Welcome to this lecture.

00:01:05.500 --> 00:01:09.000
Mycorrhiza feeds the tree with phosphate.
"""
SAMPLES = {
    "markdown": Sample(
        "a.md", lambda: b"# Leaves\n\nLeaves are green.", "what colour are leaves?", "Leaves are green."
    ),
    "text": Sample(
        "b.txt", lambda: b"Bark protects the trunk.", "what protects the trunk?", "Bark protects the trunk."
    ),
    "pdf": Sample("c.pdf", _pdf, "what carries sugar downwards?", "Sap carries sugar downwards.", page=2),
    "docx": Sample("d.docx", _docx, "where does carbon dioxide enter?", "pores through which carbon dioxide enters."),
    "pptx": Sample("e.pptx", _pptx, "what do vessels lift?", "Vessels lift the water to every leaf.", page=2),
    "html": Sample("f.html", _html, "what do dormant seeds wait for?", "Dormant seeds wait for moisture."),
    "epub": Sample("g.epub", _epub, "who carries pollen?", "Bees carry pollen from flower to flower."),
    "subtitles": Sample(
        "h.vtt", lambda: VTT, "who feeds the tree with phosphate?", "Mycorrhiza feeds the tree", second=65.5
    ),
    "notebook": Sample("i.ipynb", _notebook, "what does auxin bend?", "Auxin bends shoots to the light."),
    "glossary": Sample(
        "j.csv",
        lambda: b"Term,Definition\nTurgor,The pressure of water in a cell.\n",
        "turgor",
        "The pressure of water",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "everything"
    made.mkdir()
    for known in FORMATS:
        sample = SAMPLES[known.module]  # a format without a sample is not tested: write one
        (made / sample.name).write_bytes(sample.make())
    (made / "z-broken.pdf").write_bytes(b"%PDF-1.7 no more than that")
    return made


def test_a_question_finds_its_answer_in_every_format(folder: Path, tmp_path: Path, sqlite_backend: Backend) -> None:
    store = sqlite_backend.open()
    text = LexicalIndex(tmp_path / "text.db")
    indexer = Indexer(store.library, text, None, "", Notes(tmp_path / "notes.json"), lambda _, in_doubt: "en")
    service = IngestService(
        store.library, store.jobs, indexer, WriterLock(tmp_path / "lock"), tmp_path / "uploads", lambda: "one"
    )
    try:
        job = service.enqueue(course_of(folder, "plants", "Plants", "en"))
        service.run_pending(embed=False)
        done = store.jobs.get(job.id)
        assert done is not None
        assert (done.status, len(done.messages)) == ("done", 1)
        assert "z-broken.pdf" in done.messages[0]
        for known in FORMATS:
            sample = SAMPLES[known.module]
            best = text.search("plants", sample.question).matches[0]
            passage = text.passages("plants", [best.passage_id])[best.passage_id]
            assert passage.document == sample.name
            citation = cite(sample.quote, passage)
            assert citation is not None, (sample.quote, passage.text)
            document = store.library.document("plants", sample.name)
            assert document is not None
            assert document.text[citation.start : citation.end] == citation.quote
            assert "BAIT" not in document.text
            place = document.anchor(citation.start)
            assert (place.page if place else None, place.second if place else None) == (sample.page, sample.second)
    finally:
        service.close()
        text.close()
        indexer.close()
