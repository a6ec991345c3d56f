"""Archives and awkward files on their way into a course: what is read, what is named, and what goes again."""

import io
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest
import typst
from PIL import Image

from retrieval.confined.process import Limits
from retrieval.lexical import LexicalIndex
from retrieval.loaders.process import ReadingProcess
from retrieval.writer_lock import WriterLock
from tutor.domain.curriculum import Course
from tutor.domain.errors import NotFound
from tutor.domain.jobs import Job
from tutor.services.indexing import Indexer, course_of
from tutor.services.ingest import IngestService
from tutor.services.notes import Notes
from tutor.services.uploads import UploadRefused
from tutor.store.memory import MemoryStore

LEAF = b"# Leaves\n\nChlorophyll in the leaf absorbs red and blue light and reflects green light.\n"
ROOT = b"# Roots\n\nRoot hairs take up water and minerals from the soil.\n"
MANIFEST = b"""
title = "Plants"
[[unit]]
id = "b"
title = "Below"
folder = "below"
[[unit]]
id = "a"
title = "Above"
folder = "above"
"""


def zipped(files: dict[str, bytes | zipfile.ZipInfo]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            if isinstance(data, zipfile.ZipInfo):
                archive.writestr(data, "/etc/passwd")
            else:
                archive.writestr(name, data)
    return out.getvalue()


def pdf(scanned: bool = False) -> bytes:
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(typst.compile(b"= Stems\nStems carry water upwards.")))
    if scanned:
        picture = io.BytesIO()
        Image.new("L", (600, 800), 230).save(picture, "PDF")
        writer.append(picture)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@dataclass
class House:
    folder: Path
    material: Path
    store: MemoryStore
    text: LexicalIndex
    reader: ReadingProcess
    service: IngestService

    def ingest(self) -> Job:
        return self.worked(self.service.enqueue(course_of(self.folder, "plants", "Plants", "en")))

    def upload(self, name: str, data: bytes) -> Job:
        return self.worked(self.service.save_upload("plants", name, io.BytesIO(data), 10_000_000))

    def remove(self, path: str) -> Job:
        return self.worked(self.service.remove("plants", path))

    def worked(self, job: Job) -> Job:
        self.service.run_pending()
        found = self.store.jobs.get(job.id)
        assert found is not None
        assert found.status == "done"
        return found

    @property
    def paths(self) -> list[str]:
        return [state.path for state in self.store.library.documents("plants")]

    def found(self, question: str) -> list[str]:
        matches = self.text.search("plants", question).matches
        held = self.text.passages("plants", [match.passage_id for match in matches])
        return [held[match.passage_id].document for match in matches]


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    (tmp_path / "course").mkdir()
    reader = ReadingProcess(getattr(request, "param", Limits()))
    store, text = MemoryStore(), LexicalIndex(tmp_path / "text.db")
    store.library.put_course(Course("plants", "Plants", "en"))
    notes = Notes(tmp_path / "notes.json")
    indexer = Indexer(store.library, text, None, "", notes, lambda text, doubt: doubt, reader=reader)
    lock = WriterLock(tmp_path / "lock")
    service = IngestService(store.library, store.jobs, indexer, lock, tmp_path / "material", lambda: "one")
    yield House(tmp_path / "course", tmp_path / "material" / "plants", store, text, reader, service)
    service.close()
    text.close()
    assert reader.pid is None


def test_the_files_of_an_archive_stand_in_the_course_in_the_archives_own_order(house: House) -> None:
    files = {"plants/course.toml": MANIFEST, "plants/above/1-leaf.md": LEAF, "plants/below/1-root.md": ROOT}
    (house.folder / "a.md").write_bytes(b"# First\n\nWhat comes first.")
    (house.folder / "book.zip").write_bytes(
        zipped({**files, "plants/above/2-stem.pdf": pdf(), "plants/logo.png": b"x"})
    )
    job = house.ingest()
    assert job.messages == ()
    assert house.paths == [
        "a.md",
        "book.zip/plants/below/1-root.md",
        "book.zip/plants/above/1-leaf.md",
        "book.zip/plants/above/2-stem.pdf",
    ]
    document = house.store.library.document("plants", "book.zip/plants/above/2-stem.pdf")
    assert document is not None
    assert document.breadcrumb == ("Plants", "Above")
    assert [anchor.page for anchor in document.anchors] == [1]
    assert house.found("What do root hairs take up?")[0] == "book.zip/plants/below/1-root.md"
    assert house.service.archives("plants") == {"book.zip": 3}


def test_an_archive_that_is_replaced_replaces_its_documents(house: House) -> None:
    house.upload("notes.zip", zipped({"leaf.md": LEAF, "root.md": ROOT}))
    assert house.paths == ["notes.zip/leaf.md", "notes.zip/root.md"]
    house.upload("notes.zip", zipped({"root.md": ROOT, "stem.pdf": pdf()}))
    assert house.paths == ["notes.zip/root.md", "notes.zip/stem.pdf"]
    assert house.found("chlorophyll green light") == []


def test_what_is_removed_from_an_archive_stays_out_until_it_is_replaced(house: House) -> None:
    whole = zipped({"leaf.md": LEAF, "root.md": ROOT})
    house.upload("notes.zip", whole)
    house.remove("notes.zip/leaf.md")
    house.upload("other.md", b"# Other\n\nSomething else.")
    assert house.paths == ["notes.zip/root.md", "other.md"]
    house.upload("notes.zip", whole)
    assert house.paths == ["notes.zip/leaf.md", "notes.zip/root.md", "other.md"]


def test_an_archive_is_removed_as_one_or_with_the_last_of_its_documents(house: House) -> None:
    whole = zipped({"leaf.md": LEAF, "root.md": ROOT})
    house.upload("notes.zip", whole)
    house.remove("notes.zip")
    assert (house.paths, list(house.material.iterdir())) == ([], [])
    house.upload("notes.zip", whole)
    house.remove("notes.zip/leaf.md")
    house.remove("notes.zip/root.md")
    assert (house.paths, list(house.material.iterdir())) == ([], [])
    with pytest.raises(NotFound):
        house.service.remove("plants", "notes.zip")


def test_bad_entries_are_named_and_the_others_are_read(house: House) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    files: dict[str, bytes | zipfile.ZipInfo] = {
        "../evil.md": LEAF,
        "/absolute.md": LEAF,
        "C:\\drive.md": LEAF,
        "link.md": link,
        "inner.zip": zipped({"a.md": LEAF}),
        "letter.docm": b"x",
        "old.doc": b"x",
        "bomb.md": b" " * 7_000_000,
        "latin.md": b"\xe9" * 50,
        "half.pdf": pdf()[:300],
        "root.md": ROOT,
    }
    messages = house.upload("mixed.zip", zipped(files)).messages
    assert house.paths == ["mixed.zip/root.md"]
    for name, word in (
        ("../evil.md", "leaves the archive"),
        ("/absolute.md", "leaves the archive"),
        ("C:\\drive.md", "leaves the archive"),
        ("link.md", "links are not followed"),
        ("inner.zip", "inside an archive"),
        ("letter.docm", "macros"),
        ("old.doc", "Save it as .docx"),
        ("bomb.md", "times its size"),
        ("latin.md", "UTF-8"),
        ("half.pdf", "damaged"),
    ):
        assert any(f"mixed.zip/{name}" in message and word in message for message in messages), name
    assert len(messages) == 10
    assert [path.name for path in house.material.iterdir()] == ["mixed.zip"]
    assert not (house.material.parent / "evil.md").exists()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04 and then nothing", "damaged"),
        (zipped({"picture.png": b"x"}), "no file in it"),
        (zipped({f"{n}.md": b"# A" for n in range(5_001)}), "more than 5,000 files"),
        (
            zipped({"a.md": LEAF}).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
            "password",
        ),
    ],
)
def test_an_archive_that_cannot_be_opened_says_why(house: House, data: bytes, word: str) -> None:
    house.upload("root.md", ROOT)
    job = house.upload("bad.zip", data)
    assert house.paths == ["root.md"]
    assert len(job.messages) == 1
    assert "bad.zip" in job.messages[0]
    assert word in job.messages[0]


def test_scanned_pages_are_told_and_the_file_is_read(house: House) -> None:
    job = house.upload("stem.pdf", pdf(scanned=True))
    assert job.messages == ("stem.pdf: page 2 is a scanned picture: no text could be read there.",)
    assert house.paths == ["stem.pdf"]
    assert house.upload("stem.pdf", pdf()).messages == ()


@pytest.mark.parametrize("house", [Limits(seconds=1)], indirect=True)
def test_a_file_that_took_all_the_time_it_may_have_is_not_tried_again(house: House) -> None:
    slow = b"\\[x" * 60_000
    message = house.upload("slow.md", slow).messages[0]
    assert "slow.md: reading it takes longer than" in message
    started = house.reader.started
    job = house.upload("root.md", ROOT)
    assert job.messages == (message,)
    assert house.paths == ["root.md"]
    assert house.reader.started == started
    assert house.upload("slow.md", b"# Short\n\nNow it is short.").messages == ()
    assert house.paths == ["root.md", "slow.md"]


def test_kinds_that_are_not_read_are_named_with_what_to_do(house: House) -> None:
    (house.folder / "root.md").write_bytes(ROOT)
    (house.folder / "talk.ppt").write_bytes(b"x")
    (house.folder / "letter.docm").write_bytes(b"x")
    messages = house.ingest().messages
    assert [message.split(":")[0] for message in messages] == ["letter.docm", "talk.ppt"]
    assert house.paths == ["root.md"]
    with pytest.raises(UploadRefused) as refused:
        house.service.save_upload("plants", "letter.docm", io.BytesIO(b"x"), 1000)
    assert refused.value.data["reason"] == "macros"
    assert "Save it without macros" in str(refused.value)
    assert {"PDF", "ZIP", "MD"} <= set(house.service.kinds())
