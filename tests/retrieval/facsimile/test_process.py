"""Pages of real PDF files as pictures, made in a process of its own."""

import contextlib
import io
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from retrieval.confined.process import Limits
from retrieval.errors import UnreadableDocument
from retrieval.facsimile.pdf import HIGHEST, MARK, WIDEST
from retrieval.facsimile.process import PageProcess
from retrieval.facsimile.words import pieces
from tests.retrieval.facsimile.files import PAGES, pdf

QUOTE = "At night the quiet stomata close, and the extraordinarily photosynthesising mesophyll"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pdf(tmp_path_factory.mktemp("facsimile") / "leaf.pdf", *PAGES)


@pytest.fixture(scope="module")
def opener() -> Iterator[PageProcess]:
    made = PageProcess()
    yield made
    made.close()


def marked(png: bytes) -> tuple[int, tuple[int, int]]:
    """How many pixels have the mark's colour, and the picture's size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = {colour: count for count, colour in image.getcolors(1 << 20) or ()}
    return colours.get(MARK, 0), image.size


def test_the_words_of_every_page(opener: PageProcess, file: Path) -> None:
    words = opener.words(file)
    assert len(words) == 3
    assert "Chlorophyll absorbs red" in words[0]
    assert "Roots take water" in words[2]


def test_the_quote_is_marked_on_its_page_and_on_no_other(opener: PageProcess, file: Path) -> None:
    for number in (1, 2, 3):
        picture = opener.picture(file, number, pieces(QUOTE))
        pixels, (width, height) = marked(picture.png)
        assert (picture.width, picture.height) == (width, height)
        assert (picture.top is not None) is (number == 2)
        assert picture.top is None or 0.05 < picture.top < 0.5
        assert (pixels > 2000) is (number == 2)
        assert width <= WIDEST
        assert height <= HIGHEST


def test_without_a_quote_nothing_is_marked(opener: PageProcess, file: Path) -> None:
    picture = opener.picture(file, 2)
    assert (marked(picture.png)[0], picture.top) == (0, None)


def test_a_page_of_any_size_gives_a_picture_of_ours(opener: PageProcess, tmp_path: Path, file: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(file), pages=(0, 1))
    writer.add_blank_page(14_000, 20)
    writer.add_blank_page(20, 14_000)
    writer.pages[0].rotate(90)
    path = tmp_path / "odd.pdf"
    with path.open("wb") as out:
        writer.write(out)
    for number in (1, 2, 3):
        width, height = marked(opener.picture(path, number).png)[1]
        assert 1 <= width <= WIDEST
        assert 1 <= height <= HIGHEST
    picture = opener.picture(path, 1, pieces("It reflects green light"))
    assert picture.top is not None
    assert marked(picture.png)[0] > 500


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "broken"), (b"%PDF-1.7 nonsense", "broken"), (b"<html>", "broken"), (b"%PDF-1.7\n" * 100_000, "broken")],
)
def test_what_is_no_pdf_is_refused(opener: PageProcess, data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    for ask in (lambda: opener.words(path), lambda: opener.picture(path, 1)):
        with pytest.raises(UnreadableDocument, match=r"bad\.pdf") as refused:
            ask()
        assert refused.value.data["reason"] == reason


def test_a_page_that_is_not_there_is_refused(opener: PageProcess, file: Path) -> None:
    for number in (0, 4, 10**6):
        with pytest.raises(UnreadableDocument) as refused:
            opener.picture(file, number)
        assert refused.value.data["reason"] == "no_such_page"


def test_a_locked_file_is_refused(opener: PageProcess, tmp_path: Path, file: Path) -> None:
    writer = PdfWriter(clone_from=file)
    writer.encrypt("secret", algorithm="RC4-128")
    path = tmp_path / "locked.pdf"
    with path.open("wb") as out:
        writer.write(out)
    with pytest.raises(UnreadableDocument):
        opener.picture(path, 1)


def test_spoilt_files_end_in_a_picture_or_a_refusal(opener: PageProcess, tmp_path: Path, file: Path) -> None:
    whole, chance = file.read_bytes(), random.Random(5)
    for number in range(8):
        data = bytearray(whole if number % 2 else whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(1, 60)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(data)
        with contextlib.suppress(UnreadableDocument):
            picture = opener.picture(path, 2, pieces(QUOTE))
            assert marked(picture.png)[1] == (picture.width, picture.height)


def test_one_process_opens_file_after_file_and_reaches_nothing(file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(file.read_bytes()[:3000])
    opener = PageProcess()
    try:
        for _ in range(2):
            assert opener.picture(file, 2, pieces(QUOTE)).top is not None
            assert opener.reached == []
            with contextlib.suppress(UnreadableDocument):
                opener.words(bad)
            assert opener.reached == []
            assert len(opener.words(file)) == 3
        assert opener.started == 1
    finally:
        opener.close()


def test_what_is_too_much_for_it_costs_one_picture(file: Path) -> None:
    opener = PageProcess(Limits(memory=2_000_000))
    try:
        with pytest.raises(UnreadableDocument) as refused:
            opener.picture(file, 1)
        assert refused.value.data["reason"] == "too_much_memory"
        assert len(opener.words(file)) == 3
    finally:
        opener.close()


def test_a_process_that_dies_costs_one_picture(file: Path, tmp_path: Path) -> None:
    opener = PageProcess()
    found: list[UnreadableDocument] = []
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(b"%PDF-1.7\n" * 4_000_000)

    def ask() -> None:
        with pytest.raises(UnreadableDocument) as refused:
            opener.words(slow)
        found.append(refused.value)

    thread = threading.Thread(target=ask)
    thread.start()
    while opener.pid is None:
        time.sleep(0.001)
    os.kill(opener.pid, signal.SIGKILL)
    thread.join()
    try:
        assert found[0].data["reason"] == "crashed"
        assert len(opener.words(file)) == 3
    finally:
        opener.close()
