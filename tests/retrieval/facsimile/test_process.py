"""Pages of real PDF files as pictures, made in a process of its own."""

import contextlib
import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from retrieval.errors import UnreadableDocument
from retrieval.facsimile.pdf import HIGHEST, MARK, WIDEST
from retrieval.facsimile.process import page_picture, page_words
from retrieval.facsimile.words import pieces
from tests.retrieval.facsimile.files import PAGES, pdf

ROOT = Path(__file__).parents[3]
QUOTE = "At night the quiet stomata close, and the extraordinarily photosynthesising mesophyll"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pdf(tmp_path_factory.mktemp("facsimile") / "leaf.pdf", *PAGES)


def marked(png: bytes) -> tuple[int, tuple[int, int]]:
    """How many pixels have the mark's colour, and the picture's size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = {colour: count for count, colour in image.getcolors(1 << 20) or ()}
    return colours.get(MARK, 0), image.size


def test_the_words_of_every_page(file: Path) -> None:
    words = page_words(file)
    assert len(words) == 3
    assert "Chlorophyll absorbs red" in words[0]
    assert "Roots take water" in words[2]


def test_the_quote_is_marked_on_its_page_and_on_no_other(file: Path) -> None:
    for number in (1, 2, 3):
        picture = page_picture(file, number, pieces(QUOTE))
        pixels, (width, height) = marked(picture.png)
        assert (picture.width, picture.height) == (width, height)
        assert (picture.top is not None) is (number == 2)
        assert picture.top is None or 0.05 < picture.top < 0.5
        assert (pixels > 2000) is (number == 2)
        assert width <= WIDEST
        assert height <= HIGHEST


def test_without_a_quote_nothing_is_marked(file: Path) -> None:
    picture = page_picture(file, 2)
    assert (marked(picture.png)[0], picture.top) == (0, None)


def test_a_page_of_any_size_gives_a_picture_of_ours(tmp_path: Path, file: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(file), pages=(0, 1))
    writer.add_blank_page(14_000, 20)
    writer.add_blank_page(20, 14_000)
    writer.pages[0].rotate(90)
    path = tmp_path / "odd.pdf"
    with path.open("wb") as out:
        writer.write(out)
    for number in (1, 2, 3):
        width, height = marked(page_picture(path, number).png)[1]
        assert 1 <= width <= WIDEST
        assert 1 <= height <= HIGHEST
    picture = page_picture(path, 1, pieces("It reflects green light"))
    assert picture.top is not None
    assert marked(picture.png)[0] > 500


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "broken"), (b"%PDF-1.7 nonsense", "broken"), (b"<html>", "broken"), (b"%PDF-1.7\n" * 100_000, "broken")],
)
def test_what_is_no_pdf_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    for ask in (lambda: page_words(path), lambda: page_picture(path, 1)):
        with pytest.raises(UnreadableDocument, match=r"bad\.pdf") as refused:
            ask()
        assert refused.value.data["reason"] == reason


def test_a_page_that_is_not_there_is_refused(file: Path) -> None:
    for number in (0, 4, 10**6):
        with pytest.raises(UnreadableDocument) as refused:
            page_picture(file, number)
        assert refused.value.data["reason"] == "no_such_page"


def test_a_locked_file_is_refused(tmp_path: Path, file: Path) -> None:
    writer = PdfWriter(clone_from=file)
    writer.encrypt("secret", algorithm="RC4-128")
    path = tmp_path / "locked.pdf"
    with path.open("wb") as out:
        writer.write(out)
    with pytest.raises(UnreadableDocument):
        page_picture(path, 1)


def test_spoilt_files_end_in_a_picture_or_a_refusal(tmp_path: Path, file: Path) -> None:
    whole, chance = file.read_bytes(), random.Random(5)
    for number in range(8):
        data = bytearray(whole if number % 2 else whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(1, 60)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        with contextlib.suppress(UnreadableDocument):
            picture = page_picture(path, 2, pieces(QUOTE))
            assert marked(picture.png)[1] == (picture.width, picture.height)


@pytest.mark.parametrize(
    "tried",
    [
        "open('/etc/hostname')",
        "open('new', 'w')",
        "import socket; socket.socket()",
        "import os; os.pipe()",
        "bytearray(3_000_000_000)",
    ],
)
def test_the_process_reaches_nothing(tried: str) -> None:
    program = f"import socket, os; from retrieval.facsimile.process import confine; confine(); {tried}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert "Too many open files" in done.stderr or "MemoryError" in done.stderr
