"""The demo can be loaded any number of times, and never touches what people changed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.language import detect
from retrieval.lexical import LexicalIndex
from retrieval.writer_lock import WriterLock
from tests.conftest import StillClock
from tutor.domain.errors import SignInFailed
from tutor.services import demo
from tutor.services.accounts import AccountService
from tutor.services.indexing import Indexer
from tutor.services.ingest import IngestService
from tutor.services.notes import Notes
from tutor.store.memory import MemoryStore


class PlainHasher:
    """No hash at all: quick."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def verify(self, password: str, encoded: str) -> bool:
        return encoded == f"plain:{password}"


class Demo:
    def __init__(self, folder: Path, clock: StillClock) -> None:
        self.store = MemoryStore(clock=clock)
        self.text = LexicalIndex(folder / "text.db")
        indexer = Indexer(self.store.library, self.text, None, "", Notes(folder / "notes.json"), detect)
        self.ingest = IngestService(
            self.store.library, self.store.jobs, indexer, WriterLock(folder / "lock"), folder / "material", lambda: "w"
        )
        numbers = iter(range(1000))
        self.accounts = AccountService(
            self.store.accounts, self.store.sessions, clock, lambda: f"id-{next(numbers)}", hasher=PlainHasher()
        )

    async def load(self, course: Path = demo.FOLDER) -> int:
        """How many jobs it took."""
        await demo.load(self.accounts, self.store.library, self.ingest, course=course)
        return self.ingest.run_pending()


@pytest.fixture
def world(tmp_path: Path, clock: StillClock) -> Iterator[Demo]:
    made = Demo(tmp_path, clock)
    yield made
    made.ingest.close()
    made.text.close()


async def test_four_people_can_sign_in_and_the_course_can_be_searched(world: Demo) -> None:
    assert await world.load() == 1
    for person in demo.PEOPLE:
        _, _, account = await world.accounts.sign_in(person.username, f"demo-{person.username}", "here")
        assert account.role is person.role
    course = world.store.library.course(demo.COURSE)
    assert course is not None
    assert (course.title, len(course.components) >= 12) == ("Energy for life", True)
    assert world.text.search(demo.COURSE, "chlorophyll").matches
    assert all(not job.messages for job in world.ingest.jobs())


async def test_loading_again_does_nothing(world: Demo) -> None:
    await world.load()
    before = (world.store.accounts.listed(), world.store.library.revision(demo.COURSE))
    assert await world.load() == 0
    assert (world.store.accounts.listed(), world.store.library.revision(demo.COURSE)) == before


async def test_a_changed_password_stays(world: Demo) -> None:
    await world.load()
    student = await world.accounts.by_username("student")
    assert student is not None
    await world.accounts.set_password(student.id, "something else")
    await world.load()
    with pytest.raises(SignInFailed):
        await world.accounts.sign_in("student", "demo-student", "here")


async def test_a_newer_course_is_brought_in(world: Demo, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(demo.FOLDER, course)
    await world.load(course)
    page = next(course.rglob("*.md"))
    page.write_text(page.read_text(encoding="utf-8") + "\nThe xylophone is not an organ.\n", encoding="utf-8")
    assert await world.load(course) == 1
    assert world.text.search(demo.COURSE, "xylophone").matches
