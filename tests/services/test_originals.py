"""Files are kept by their content for as long as a course has them, and only those whose pages can be shown."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.retrieval.facsimile.files import PAGES, pdf
from tests.web.server.harness import settings
from tutor.bootstrap import System, build
from tutor.services.indexing import Wanted
from tutor.services.originals import PDF, Originals


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    found = build(settings(tmp_path / "data"), model=None, embedder=None)
    yield found
    found.close()


def bring_in(system: System, folder: Path, course: str = "leaf") -> None:
    system.ingest.enqueue(Wanted(folder, course, str(folder), course.title(), "en"))
    system.ingest.run_pending()


def kept(folder: Path) -> set[str]:
    originals = folder / "data" / "originals"
    return {path.name for path in originals.iterdir()} if originals.is_dir() else set()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_pdf_is_kept_as_it_was_brought_in_and_goes_with_its_document(system: System, tmp_path: Path) -> None:
    folder = tmp_path / "material"
    folder.mkdir()
    (folder / "notes.md").write_text("# Notes\n\nA leaf is green.\n", encoding="utf-8")
    leaf = pdf(folder / "leaf.pdf", *PAGES)
    first = sha256(leaf)
    bring_in(system, folder)
    assert kept(tmp_path) == {first}
    (tmp_path / "data" / "originals" / first).unlink()
    bring_in(system, folder)
    assert kept(tmp_path) == {first}  # what was lost comes back with the material, changed or not
    bring_in(system, folder, "another")
    pdf(leaf, *reversed(PAGES))
    bring_in(system, folder)
    assert kept(tmp_path) == {first, sha256(leaf)}  # the other course still has the first
    bring_in(system, folder, "another")
    assert kept(tmp_path) == {sha256(leaf)}
    document = system.store.library.document("leaf", "leaf.pdf")
    assert document is not None
    assert [one.page for one in document.anchors] == [1, 2, 3]
    assert (document.media_type, document.sha256) == (PDF, sha256(leaf))
    leaf.unlink()
    for course in ("leaf", "another"):
        bring_in(system, folder, course)
    assert kept(tmp_path) == set()


@pytest.mark.parametrize("name", ["", "..", "../diotima.db", "0" * 63, "g" * 64, "/etc/passwd", f"{'0' * 64}/.."])
def test_only_a_content_names_a_file(tmp_path: Path, name: str) -> None:
    originals = Originals(tmp_path)
    (tmp_path / ("0" * 64)).mkdir()
    assert originals.path(name) is None
    assert originals.path("0" * 64) is None  # a folder is none


def test_other_kinds_are_not_kept(tmp_path: Path) -> None:
    Originals(tmp_path / "originals").keep("a.md", "0" * 64, b"A leaf.")
    assert not (tmp_path / "originals").exists()
