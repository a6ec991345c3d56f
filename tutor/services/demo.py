"""What a newcomer finds: four people who can sign in, and a course to talk about. Loading it twice changes nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from retrieval.loaders import folder
from tutor.domain.accounts import Role
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.jobs import Job
from tutor.ports import Library
from tutor.services.accounts import AccountService
from tutor.services.course_file import read_course_file
from tutor.services.indexing import Wanted
from tutor.services.ingest import IngestService

COURSE = "energy-for-life"
FOLDER = Path(__file__).resolve().parent.parent / "demo" / COURSE
SOURCE = "demo"


@dataclass(frozen=True)
class Person:
    """A demo account. Its password is public, so the demo is for trying out, not for the open internet."""

    username: str
    display_name: str
    role: Role

    @property
    def password(self) -> str:
        return f"demo-{self.username}"


PEOPLE = (
    Person("student", "Demo student", Role.STUDENT),
    Person("trainer", "Demo trainer", Role.TRAINER),
    Person("reviewer", "Demo reviewer", Role.REVIEWER),
    Person("admin", "Demo admin", Role.ADMIN),
)


async def load(
    accounts: AccountService, library: Library, ingest: IngestService, *, language: str = "en", course: Path = FOLDER
) -> Job | None:
    """Create the accounts that are missing and ask for the course to be brought in; the job, or None when it is there.

    An account that exists is left as it is, whatever its password has become.
    """
    for person in PEOPLE:
        if await accounts.by_username(person.username) is None:
            await accounts.create(person.username, person.password, person.display_name, person.role, language)
    if _is_in(library, ingest, course):
        return None
    return ingest.enqueue(Wanted(course, COURSE, SOURCE))


def _is_in(library: Library, ingest: IngestService, root: Path) -> bool:
    """Whether the library and the item bank hold the folder as it is now."""
    held, described = library.course(COURSE), read_course_file(root)
    if held is None or (described is not None and (held.units, held.components) != _map_of(described)):
        return False
    if not ingest.items_are_in(COURSE, SOURCE, root):
        return False
    stored = {state.path: state.sha256 for state in library.documents(COURSE) if state.source == SOURCE}
    planned = folder.plan(root, COURSE).sources
    return stored == {s.path: hashlib.sha256(folder.read_bytes(root, s.path)).hexdigest() for s in planned}


def _map_of(course: Course) -> tuple[tuple[Unit, ...], tuple[KnowledgeComponent, ...]]:
    return course.units, course.components
