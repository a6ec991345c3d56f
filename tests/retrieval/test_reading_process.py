"""The process that reads files: what it may not do, and what becomes of files that want it to."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.confined.process import Limits
from retrieval.errors import UnreadableDocument
from retrieval.loaders import Source
from retrieval.loaders.exchange import BadAnswer, loaded_data, loaded_of
from retrieval.loaders.process import SHORT, ReadingProcess
from retrieval.loaders.text import LOADER
from retrieval.values import Anchor, Document

LONG = b"# Cells\n\n" + b"The mitochondrion makes most of the ATP of a cell. " * 200
# Brackets that never close keep the Markdown reader busy for minutes.
SLOW = b"\\[x" * 60_000


def source(path: str) -> Source:
    return Source("cells", path, 3, ("Unit", "Chapter"), language="en")


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    made = ReadingProcess()
    yield made
    made.close()


def refused(reader: ReadingProcess, data: bytes, path: str) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as caught:
        reader.read(data, source(path))
    assert path in caught.value.message
    assert caught.value.data["path"] == path
    return caught.value


def test_one_process_reads_file_after_file(reader: ReadingProcess) -> None:
    for number in range(5):
        read = reader.read(LONG, source(f"{number}.md"))
        assert (read.document.title, read.document.path) == ("Cells", f"{number}.md")
        assert (read.document.order, read.document.breadcrumb) == (3, ("Unit", "Chapter"))
    assert reader.started == 1
    assert reader.reached == []


def test_a_short_text_costs_no_process(reader: ReadingProcess) -> None:
    assert reader.read(b"# Short", source("short.md")).document.text == "# Short"
    assert len(LONG) > SHORT
    assert reader.started == 0


def test_a_refusal_of_the_loader_arrives_as_it_is(reader: ReadingProcess) -> None:
    assert refused(reader, LONG + b"\xff", "latin.md").data["reason"] == "encoding"
    assert refused(reader, b"no pdf", "no.pdf").data["reason"] == "broken"
    assert reader.started == 1


def test_a_file_that_takes_too_long_is_left_out_and_the_next_is_read() -> None:
    reader = ReadingProcess(Limits(seconds=1))
    try:
        error = refused(reader, SLOW, "slow.md")
        assert error.data["reason"] == "too_slow"
        assert "longer than 1 second" in error.message
        assert reader.read(LONG, source("next.md")).document.title == "Cells"
        assert reader.started == 2
    finally:
        reader.close()


def test_a_file_that_takes_too_much_memory_is_left_out() -> None:
    reader = ReadingProcess(Limits(memory=40_000_000))
    try:
        assert refused(reader, b"word " * 20_000_000, "large.txt").data["reason"] == "too_much_memory"
        assert reader.read(LONG, source("next.md")).document.title == "Cells"
    finally:
        reader.close()


def test_an_answer_has_a_largest_size() -> None:
    reader = ReadingProcess(Limits(output=1000))
    try:
        assert refused(reader, b"word " * 1_000_000, "large.txt").data["reason"] == "too_large"
        assert reader.read(b"# Short", source("next.md")).document.text == "# Short"
    finally:
        reader.close()


def test_a_reader_that_dies_costs_one_file(reader: ReadingProcess) -> None:
    found: list[UnreadableDocument] = []
    thread = threading.Thread(target=lambda: found.append(refused(reader, SLOW, "slow.md")))
    thread.start()
    while reader.pid is None:
        time.sleep(0.01)
    os.kill(reader.pid, signal.SIGSEGV)
    thread.join()
    assert found[0].data["reason"] == "crashed"
    assert "SIGSEGV" in found[0].message
    assert reader.read(LONG, source("next.md")).document.title == "Cells"


def test_whoever_waits_can_stop_the_reading(reader: ReadingProcess) -> None:
    class Closing(Exception):
        pass

    def closing() -> None:
        raise Closing

    with pytest.raises(Closing):
        reader.read(SLOW, source("slow.md"), closing)
    assert reader.pid is None
    assert reader.read(LONG, source("next.md")).document.title == "Cells"


def test_a_process_that_ended_between_two_files_is_replaced_unseen(reader: ReadingProcess) -> None:
    reader.read(LONG, source("one.md"))
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGKILL)
    assert reader.read(LONG, source("two.md")).document.title == "Cells"
    assert reader.started == 2


CONFINED = """
import os, socket, subprocess, sys
from retrieval.confined.confinement import Confinement
confined = Confinement(300_000_000, 3)
def refused(what):
    try:
        what()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print([refused(what) for what in (
    lambda: open("/etc/passwd"),
    lambda: open("escaped.txt", "w"),
    lambda: socket.socket(),
    lambda: subprocess.Popen(["true"]),
    lambda: os.listdir("/"),
    lambda: bytearray(2_000_000_000),
)])
print(len(confined.reached))
print([refused(what) for what in (
    os.fork,
    lambda: os.kill(os.getppid(), 0),
    lambda: os.unlink(sys.argv[1]),
    lambda: os.rename(sys.argv[1], sys.argv[1] + "2"),
    lambda: os.mkdir(sys.argv[1] + "3"),
    lambda: os.truncate(sys.argv[1], 0),
    lambda: os.execv("/bin/true", ["true"]),
)] if confined.filtered else [])
os.kill(os.getpid(), 0)
"""


def test_a_confined_process_opens_starts_and_changes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    command = [sys.executable, "-c", CONFINED, str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    outcomes, reached, calls = done.stdout.splitlines()
    assert "done" not in outcomes
    assert "done" not in calls
    assert int(reached) >= 4
    assert (kept.read_text(), list(tmp_path.iterdir())) == ("kept", [kept])
    if platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64"):
        assert calls.count("PermissionError") == 7


def test_what_comes_back_is_checked_like_any_stranger() -> None:
    loaded = LOADER.load(b"Two words", source("a.txt"))
    fine = loaded_data(loaded)
    fine["kcs"], fine["items"], fine["unread"] = [], [], []
    assert loaded_of(fine, source("a.txt"), loaded.document.sha256) == loaded
    item = ["free_response", "Why?", [], None, 0, 0, ""]
    for key, value in (
        ("text", 5),
        ("text", "\ud800"),
        ("title", None),
        ("kcs", "abc"),
        ("anchors", [[99, 1, None]]),
        ("anchors", [[4, 1, None], [2, 2, None]]),
        ("anchors", [[0, -1, None]]),
        ("anchors", [[0, True, None]]),
        ("anchors", [[0]]),
        ("items", [[*item[:4], 0, 99, ""]]),
        ("items", [["program", *item[1:]]]),
        ("items", [item[:5]]),
        ("unread", {}),
    ):
        with pytest.raises(BadAnswer):
            loaded_of({**fine, key: value}, source("a.txt"), "0" * 64)
    with pytest.raises(BadAnswer):
        loaded_of({}, source("a.txt"), "0" * 64)


def test_a_document_keeps_its_places_on_the_way() -> None:
    document = Document(
        "c", "a.txt", "T", "", "text/plain", 3, ("Unit", "Chapter"), None, "one two", anchors=(Anchor(0, 1),)
    )
    sent = loaded_data(type(LOADER.load(b"", source("a.txt")))(document))
    assert sent["anchors"] == [(0, 1, None)]
