"""Material in, changed, out again, and every way it can be interrupted. Fakes: the store and the embedder."""

import io
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import EmbedderUnavailable, IndexLocked
from retrieval.lexical import LexicalIndex
from retrieval.values import Passage
from retrieval.vectors import ExactIndex
from retrieval.writer_lock import WriterLock
from tests.conftest import StillClock
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.jobs import Job
from tutor.ports import Library
from tutor.services.course_file import BadCourseFile
from tutor.services.indexing import STRIDE, Indexer, Wanted, course_of
from tutor.services.ingest import LEASE, IngestService, UploadRefused
from tutor.services.notes import Notes
from tutor.store.memory import MemoryStore

LEAF = """# Leaves

Chlorophyll in the leaf absorbs red and blue light and reflects green light.

## Stomata

Stomata are pores through which carbon dioxide enters the leaf.
"""
ROOT = """# Roots

Root hairs take up water and minerals from the soil.
"""
COURSE = """
id = "plants"
title = "Plants"
language = "en"
licence = "CC0"
[[unit]]
id = "u1"
title = "The plant"
folder = "u1"
[[kc]]
id = "leaves"
title = "Leaves make sugar"
unit = "u1"
[[kc]]
id = "roots"
title = "Roots drink"
unit = "u1"
prerequisites = ["leaves"]
"""


class Vectors(ExactIndex):
    """An exact index that can fail, and that remembers what it embedded."""

    def __init__(self) -> None:
        super().__init__(HashingEmbedder())
        self.added: list[str] = []
        self.before_add: Callable[[], None] = lambda: None

    def add(self, course: str, passages: Sequence[Passage]) -> int:
        self.before_add()
        self.added += [passage.id for passage in passages]
        return super().add(course, passages)


@dataclass
class World:
    folder: Path
    state: Path
    clock: StillClock
    store: MemoryStore
    vectors: Vectors | None = field(default_factory=Vectors)
    embedder: str = "hashing@1"
    services: list[IngestService] = field(default_factory=list)
    texts: list[LexicalIndex] = field(default_factory=list)

    @property
    def library(self) -> Library:
        return self.store.library

    @property
    def text(self) -> LexicalIndex:
        return self.texts[-1]

    def service(self, language: str = "en") -> IngestService:
        """A process: new objects over the same store and disk."""
        self.texts.append(LexicalIndex(self.state / "text.db"))
        indexer = Indexer(
            self.library,
            self.text,
            self.vectors,
            self.embedder,
            Notes(self.state / "notes.json"),
            lambda text, in_doubt: language,
        )
        made = IngestService(
            self.library,
            self.store.jobs,
            indexer,
            WriterLock(self.state / "lock"),
            self.state / "material",
            lambda: f"{len(self.services)}",
        )
        self.services.append(made)
        return made

    def ingest(self, service: IngestService | None = None, **wanted: str) -> Job:
        service = service or self.services[-1]
        job = service.enqueue(
            course_of(self.folder, wanted.get("course", ""), wanted.get("title", ""), wanted.get("language", ""))
        )
        service.run_pending()
        return self.job(job)

    def job(self, job: Job) -> Job:
        found = self.store.jobs.get(job.id)
        assert found is not None
        return found

    def found(self, question: str, course: str = "plants") -> list[str]:
        matches = self.text.search(course, question).matches
        held = self.text.passages(course, [match.passage_id for match in matches])
        return [held[match.passage_id].document for match in matches]

    def ids(self, course: str = "plants") -> list[str]:
        return [passage.id for passage in self.library.passages(course)]

    def check(self, course: str = "plants") -> None:
        """What must hold after any job: positions run through, and both indexes have what SQL has."""
        passages = list(self.library.passages(course))
        assert [passage.position for passage in passages] == list(range(len(passages)))
        assert self.text.ids(course) == {passage.id for passage in passages}
        held = self.text.passages(course, [passage.id for passage in passages])
        assert held == {passage.id: passage for passage in passages}
        if self.vectors is not None:
            assert self.vectors.ids(course) == {passage.id for passage in passages}
            assert self.library.not_embedded(course, self.embedder, 1) == ()


@pytest.fixture
def world(tmp_path: Path, clock: StillClock) -> Iterator[World]:
    folder = tmp_path / "course folder"
    (folder / "u1").mkdir(parents=True)
    (folder / "course.toml").write_text(COURSE)
    (folder / "u1/1-leaf.md").write_text(LEAF)
    (folder / "u1/2-root.md").write_text(ROOT)
    made = World(folder, tmp_path / "state", clock, MemoryStore(clock=clock))
    made.service()
    yield made
    for service in made.services:
        service.close()
    for text in made.texts:
        text.close()


def test_a_folder_becomes_a_course_that_can_be_searched(world: World) -> None:
    job = world.ingest()
    assert (job.status, job.error, job.messages) == ("done", None, ())
    course = world.library.course("plants")
    assert course is not None
    assert (course.title, course.language, course.licence) == ("Plants", "en", "CC0")
    assert [component.prerequisites for component in course.components] == [(), ("leaves",)]
    assert world.found("where does carbon dioxide enter?") == ["u1/1-leaf.md"]
    assert [state.path for state in world.library.documents("plants")] == ["u1/1-leaf.md", "u1/2-root.md"]
    world.check()


def test_ingesting_twice_changes_nothing(world: World) -> None:
    world.ingest()
    before = (world.ids(), world.library.revision("plants"), world.library.documents("plants"))
    assert world.vectors is not None
    embedded = list(world.vectors.added)
    assert world.ingest().status == "done"
    assert (world.ids(), world.library.revision("plants"), world.library.documents("plants")) == before
    assert world.vectors.added == embedded
    # Nor without the cache of how files were read.
    (world.state / "notes.json").unlink()
    world.services[-1].close()
    assert world.ingest(world.service()).status == "done"
    assert (world.ids(), world.library.revision("plants")) == before[:2]
    assert world.vectors.added == embedded


def test_only_what_changed_is_embedded_again(world: World) -> None:
    world.ingest()
    assert world.vectors is not None
    world.vectors.added.clear()
    (world.folder / "u1/1-leaf.md").write_text(LEAF.replace("pores", "tiny pores") + "\n## Veins\n\nVeins carry sap.\n")
    world.ingest()
    assert len(world.vectors.added) == 2
    assert world.found("veins") == ["u1/1-leaf.md"]
    world.check()


def test_a_vanished_file_leaves_the_course_and_the_indexes(world: World) -> None:
    world.ingest()
    (world.folder / "u1/1-leaf.md").unlink()
    job = world.ingest()
    assert job.status == "done"
    assert world.found("stomata chlorophyll") == []
    assert [state.path for state in world.library.documents("plants")] == ["u1/2-root.md"]
    world.check()


def test_a_renamed_file_moves_in_the_course(world: World) -> None:
    world.ingest()
    (world.folder / "u1/2-root.md").rename(world.folder / "u1/0-root.md")
    world.ingest()
    assert [state.path for state in world.library.documents("plants")] == ["u1/0-root.md", "u1/1-leaf.md"]
    world.check()


def test_an_unreadable_file_is_named_and_the_rest_goes_on(world: World) -> None:
    (world.folder / "u1/0-broken.md").write_bytes(b"\xff\xfe\x00\x00\x01\x02\x00binary\x00")
    job = world.ingest()
    assert job.status == "done"
    assert len(job.messages) == 1
    assert "0-broken.md" in job.messages[0]
    assert world.found("stomata") == ["u1/1-leaf.md"]
    world.check()


def test_a_file_that_became_unreadable_is_quoted_no_longer(world: World) -> None:
    world.ingest()
    (world.folder / "u1/1-leaf.md").write_bytes(b"\x00\x01\x02" * 50)
    job = world.ingest()
    assert "1-leaf.md" in job.messages[0]
    assert world.found("stomata") == []
    world.check()


def test_text_is_found_before_its_vectors_are_there(world: World) -> None:
    assert world.vectors is not None
    seen: list[list[str]] = []
    world.vectors.before_add = lambda: seen.append(world.found("stomata"))
    world.ingest()
    assert seen[0] == ["u1/1-leaf.md"]


def test_embedding_goes_on_after_a_crash(world: World) -> None:
    text = "\n\n".join(f"## Part {n}\n\nLeaf number {n} has {n} veins and a name of its own." for n in range(60))
    (world.folder / "u1/3-long.md").write_text(f"# Long\n\n{text}\n")
    assert world.vectors is not None

    class Killed(BaseException):
        pass

    def kill() -> None:
        assert world.vectors is not None
        if len(world.vectors.added) >= 32:
            raise Killed

    world.vectors.before_add = kill
    service = world.services[-1]
    service.enqueue(course_of(world.folder, "", "", ""))
    with pytest.raises(Killed):
        service.run_pending()
    service.close()
    survived = list(world.vectors.added)
    assert len(survived) == 32

    world.vectors.before_add = lambda: None
    again = world.service()
    again.holds_lock()
    again.resume()
    world.clock.advance(LEASE + 1)  # the dead worker's lease
    again.run_pending()
    assert world.vectors.added[:32] == survived
    assert len(world.vectors.added) == len(set(world.vectors.added)) == len(world.ids())
    world.check()


def test_a_crash_between_sql_and_the_text_index_is_mended_at_the_start(world: World) -> None:
    world.ingest()
    world.text.remove("plants", world.ids()[:1])
    world.text.add("plants", [Passage("gone", "plants", "old.md", 0, (), 0, 3, "old", 99)])
    world.text.set_revision("plants", world.library.revision("plants") - 1)
    world.service().resume()
    world.check()


def test_a_deleted_index_folder_is_rebuilt_from_sql(world: World) -> None:
    world.ingest()
    world.services[-1].close()
    for text in world.texts:
        text.close()
    shutil.rmtree(world.state)
    world.vectors = Vectors()
    service = world.service()
    service.holds_lock()
    service.resume()
    service.run_pending()
    assert world.found("stomata") == ["u1/1-leaf.md"]
    world.check()


def test_reindexing_builds_both_indexes_anew(world: World) -> None:
    world.ingest()
    assert world.vectors is not None
    world.vectors.added.clear()
    world.text.remove_course("plants")
    job = world.services[-1].reindex()
    assert world.services[-1].run_pending() == 2
    assert world.job(job).status == "done"
    assert sorted(world.vectors.added) == sorted(world.ids())
    world.check()
    with pytest.raises(NotFound):
        world.services[-1].reindex("none")


def test_another_embedder_embeds_everything_again(world: World) -> None:
    world.ingest()
    world.services[-1].close()
    world.vectors, world.embedder = Vectors(), "other@1"
    service = world.service()
    service.holds_lock()
    service.resume()
    assert service.run_pending() == 1
    world.check()


def test_without_an_embedder_the_text_is_there_all_the_same(world: World) -> None:
    world.vectors = None
    service = world.service()
    assert world.ingest(service).status == "done"
    assert world.found("stomata") == ["u1/1-leaf.md"]
    service.resume()
    assert service.run_pending() == 0


def test_missing_model_files_are_said_and_leave_the_text_findable(world: World) -> None:
    assert world.vectors is not None

    def missing() -> None:
        raise EmbedderUnavailable("The embedding model is not here.")

    world.vectors.before_add = missing
    assert world.ingest().status == "done"
    assert world.found("stomata") == ["u1/1-leaf.md"]
    embedding = world.services[-1].jobs()[0]
    assert (embedding.kind, embedding.status) == ("embed", "failed")
    assert embedding.error == "The embedding model is not here."
    # A further try, after the files came.
    world.vectors.before_add = lambda: None
    world.services[-1].resume()
    assert world.services[-1].run_pending() == 1
    world.check()


def test_new_text_does_not_wait_for_a_textbook_to_be_embedded(world: World) -> None:
    text = "\n\n".join(f"## Part {n}\n\nLeaf number {n} has {n} veins." for n in range(60))
    (world.folder / "u1/3-long.md").write_text(f"# Long\n\n{text}\n")
    service = world.services[-1]
    assert world.vectors is not None
    found: list[int] = []

    def upload() -> None:
        assert world.vectors is not None
        if len(world.vectors.added) == 16:
            service.save_upload("plants", "flowers.md", io.BytesIO(b"# Flowers\n\nPetals attract bees."), 1000)
        if world.found("petals") and not found:
            found.append(len(world.vectors.added))

    world.vectors.before_add = upload
    world.ingest()
    assert found == [32]
    world.check()


def test_one_process_writes_and_the_others_hand_their_work_over(world: World) -> None:
    server, command = world.services[-1], world.service()
    assert server.holds_lock()
    job = command.enqueue(course_of(world.folder, "", "", ""))
    assert not command.holds_lock()
    with pytest.raises(IndexLocked):
        command.run_pending()
    server.run_pending()
    assert world.job(job).status == "done"
    server.close()
    assert command.holds_lock()


def test_the_worker_thread_takes_jobs_and_their_progress_can_be_followed(world: World) -> None:
    service = world.services[-1]
    service.start()
    job = service.enqueue(course_of(world.folder, "", "", ""))
    read = list(service.follow(job.id))[-1]
    assert (read.status, read.stage, read.done, read.total) == ("done", "reading", 2, 2)
    for embedding in service.embedding("plants"):
        steps = list(service.follow(embedding.id))
        assert (steps[-1].status, steps[-1].stage) == ("done", "embedding")
        assert steps[-1].done == steps[-1].total == len(world.ids())
    world.check()
    assert service.embedding() == ()
    service.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "ingest"]


def test_closing_puts_the_job_back(world: World) -> None:
    service = world.services[-1]
    assert world.vectors is not None
    world.vectors.before_add = service._closing.set
    service.enqueue(course_of(world.folder, "", "", ""))
    service.run_pending()
    (embedding,) = service.embedding("plants")
    assert embedding.status == "pending"
    world.vectors.before_add = lambda: None
    service.close()
    assert world.service().run_pending() == 1
    assert world.job(embedding).status == "done"
    world.check()


def test_a_cancelled_job_stops(world: World) -> None:
    service = world.services[-1]
    assert world.vectors is not None
    service.enqueue(course_of(world.folder, "", "", ""))
    world.vectors.before_add = lambda: world.store.jobs.cancel(service.embedding()[0].id)
    service.run_pending()
    assert [job.status for job in service.jobs("plants")] == ["cancelled", "done"]


def test_a_missing_folder_is_a_failed_job_with_a_reason(world: World) -> None:
    service = world.services[-1]
    job = service.enqueue(Wanted(world.folder / "nowhere", "plants", "folder:x"))
    service.run_pending()
    failed = world.job(job)
    assert failed.status == "failed"
    assert "nowhere" in (failed.error or "")


def test_the_person_names_the_course(world: World) -> None:
    job = world.ingest(course="Plants, 2nd edition", language="fr")
    assert job.status == "done"
    course = world.library.course("plants-2nd-edition")
    assert course is not None
    assert (course.title, course.language) == ("Plants, 2nd edition", "fr")
    assert world.text.language(course.id) == "fr"
    world.ingest(course="plants-2nd-edition", title="Botany", language="es")
    course = world.library.course("plants-2nd-edition")
    assert course is not None
    assert (course.title, course.language) == ("Botany", "es")
    assert world.text.language(course.id) == "es"


def test_a_folder_without_a_course_file_is_named_by_hand_and_its_language_guessed(world: World) -> None:
    (world.folder / "course.toml").unlink()
    with pytest.raises(InvalidInput, match="--course"):
        course_of(world.folder, "", "", "")
    world.ingest(world.service(language="es"), course="Plantas")
    course = world.library.course("plantas")
    assert course is not None
    assert (course.title, course.language) == ("Plantas", "es")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("id = ", "id ="), "not valid TOML"),
        (('prerequisites = ["leaves"]', 'prerequisites = ["stems"]'), "no kc stems"),
        (('prerequisites = ["leaves"]', 'prerequisites = ["roots"]'), "circle"),
        (('unit = "u1"\nprereq', 'unit = "u9"\nprereq'), "no unit u9"),
        (('id = "roots"', 'id = "leaves"'), "stands there twice"),
        (('title = "Plants"', "title = 3"), "title"),
    ],
)
def test_a_wrong_course_file_says_where(world: World, change: tuple[str, str], words: str) -> None:
    old, new = change
    text = COURSE.replace(old, new) if words != "not valid TOML" else COURSE + "\n[[unit]"
    (world.folder / "course.toml").write_text(text)
    with pytest.raises(BadCourseFile, match=words):
        course_of(world.folder, "", "", "")


def test_an_upload_joins_the_course_behind_its_folder(world: World) -> None:
    world.ingest()
    service = world.services[-1]
    job = service.save_upload(
        "plants", "C:\\notes\\Flowers.MD", io.BytesIO(b"# Flowers\n\nPetals attract bees."), 1000, "t"
    )
    assert job.owner == "t"
    service.run_pending()
    assert world.found("petals") == ["Flowers.md"]
    states = world.library.documents("plants")
    assert [(state.path, state.order) for state in states][-1] == ("Flowers.md", STRIDE)
    assert {state.source for state in states} == {"upload", f"folder:{world.folder}"}
    # Neither source removes the other's documents.
    world.ingest()
    assert world.found("petals") == ["Flowers.md"]
    world.check()
    assert service.jobs("plants")[0].status == "done"
    assert service.jobs("other") == ()


def test_a_removed_upload_is_deleted(world: World) -> None:
    world.ingest()
    service = world.services[-1]
    service.save_upload("plants", "flowers.md", io.BytesIO(b"# Flowers\n\nPetals attract bees."), 1000)
    service.run_pending()
    service.remove("plants", "flowers.md")
    service.run_pending()
    assert not (world.state / "material/plants/flowers.md").exists()
    assert world.found("petals") == []
    world.check()
    with pytest.raises(NotFound):
        service.remove("plants", "flowers.md")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (".hidden.md", b"x", "hidden"),
        ("..\\..", b"x", "hidden"),
        ("con.md", b"x", "name"),
        ("run.exe", b"x", "suffix"),
        ("noend", b"x", "name"),
        ("big.md", b"x" * 2000, "too_large"),
        ("empty.md", b"", "empty"),
        ("", b"x", "name"),
    ],
)
def test_unfit_uploads_are_refused_and_leave_nothing(world: World, name: str, data: bytes, reason: str) -> None:
    world.ingest()
    with pytest.raises(UploadRefused) as caught:
        world.services[-1].save_upload("plants", name, io.BytesIO(data), 1000)
    assert caught.value.data["reason"] == reason
    assert not [path for path in (world.state / "material").rglob("*") if path.is_file()]


def test_an_upload_is_material_whatever_it_is_called(world: World) -> None:
    """In a folder of course material SUMMARY.md is the order of the rest, and a README is about it."""
    world.ingest()
    service = world.services[-1]
    for name, text in [
        ("petals.md", "# Petals\n\nPetals attract bees."),
        ("SUMMARY.md", "# Summary\n\n- [Nectar](nectar.md)\n\nBees gather nectar."),
        ("nectar.md", "# Nectar\n\nNectar is sweet."),
        ("readme.md", "# Read me\n\nPollen travels by wind."),
    ]:
        service.save_upload("plants", name, io.BytesIO(text.encode()), 1000)
        service.run_pending()
    uploaded = {state.path for state in world.library.documents("plants") if state.source == "upload"}
    assert uploaded == {"petals.md", "SUMMARY.md", "nectar.md", "readme.md"}
    world.check()


@pytest.mark.parametrize("name", ["学" * 150, "हिन्दी" * 40, "a" * 300])
def test_a_long_name_is_cut_to_what_a_disk_takes(world: World, name: str) -> None:
    """Disks count bytes: three to a Chinese or Devanagari letter."""
    world.ingest()
    world.services[-1].save_upload("plants", f"{name}.md", io.BytesIO(b"# E\n\nText."), 1000)
    (kept,) = (world.state / "material/plants").iterdir()
    assert kept.suffix == ".md"
    assert name.startswith(kept.stem)
    assert 150 < len(kept.name.encode()) <= 200


def test_an_upload_can_not_leave_its_folder(world: World) -> None:
    world.ingest()
    world.services[-1].save_upload("plants", "../../../evil.md", io.BytesIO(b"# E\n\nText."), 1000)
    assert [path.name for path in (world.state / "material/plants").iterdir()] == ["evil.md"]
    assert not (world.state.parent / "evil.md").exists()
    with pytest.raises(NotFound):
        world.services[-1].save_upload("../plants", "a.md", io.BytesIO(b"# E"), 1000)
