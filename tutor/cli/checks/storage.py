"""The database, the indexes, and the readers of course material."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tutor.cli.checks.finding import Finding, tried
from tutor.cli.opening import opened
from tutor.domain.errors import DiotimaError

if TYPE_CHECKING:
    from tutor.bootstrap import System
    from tutor.config import Settings

SAMPLE = b"# Leaves\n\nChlorophyll reflects green light, and so leaves look green to us.\n"


def findings(settings: "Settings") -> Iterator[Finding]:
    """Opens everything as the server does, and writes nothing that stays."""
    from tutor.cli.doctor import shown

    url = shown(settings.sqlalchemy_url)
    state = tried("database", lambda: f"database {url} {_schema(settings)}", "")
    if state.state != "ok":
        yield Finding("failed", "database", f"database {url}: {_reason(state.about)}", _database_help(settings))
        return
    yield state
    try:
        with opened(settings) as system:
            yield from _contents(system)
            yield from _indexes(settings, system)
    except (DiotimaError, OSError) as error:
        yield Finding("failed", "database", f"database {url}: {error}", _database_help(settings))


def _reason(about: str) -> str:
    return about.partition(": ")[2]


def _database_help(settings: "Settings") -> str:
    if settings.database_url:
        return "Is the server up, and are name, password and database in DIOTIMA_DATABASE_URL right?"
    return "Is another program holding the file? A damaged one is restored from a backup."


def _schema(settings: "Settings") -> str:
    """What of the schema is there, and that a row can be written: one is, and taken back."""
    import sqlalchemy as sa

    from tutor.store.migrations import HEAD
    from tutor.store.sql.engine import Database
    from tutor.store.sql.schema import revision_of, upgrade

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    try:
        before = revision_of(database)
        upgrade(database)
        with database.write() as connection:
            probe = connection.begin_nested()
            connection.execute(sa.text("CREATE TABLE diotima_doctor_probe (number INTEGER)"))
            connection.execute(sa.text("INSERT INTO diotima_doctor_probe VALUES (1)"))
            probe.rollback()
    finally:
        database.close()
    brought = "" if before in (HEAD, None) else f", brought up from {before}"
    return f"can be written; its schema is {HEAD}, the newest{brought}"


def _contents(system: "System") -> Iterator[Finding]:
    courses = system.store.library.courses()
    if courses:
        yield Finding("ok", "courses", f"{len(courses)} courses")
    else:
        do = "`diotima ingest PATH --course NAME` brings one in."
        yield Finding("failed", "courses", "no course yet", do)
    running = not system.ingest.holds_lock()
    yield Finding("ok", "server", "a server is running" if running else "no server is running")
    waiting = sum(count for (_, status), count in system.store.jobs.counts().items() if status == "pending")
    failed = sum(count for (_, status), count in system.store.jobs.counts().items() if status == "failed")
    yield Finding("ok", "jobs", f"{waiting} jobs wait, {failed} have failed")


def _indexes(settings: "Settings", system: "System") -> Iterator[Finding]:
    courses = tuple(course.id for course in system.store.library.courses())
    yield tried(
        "search",
        lambda: _searched(system, courses),
        "`diotima reindex` builds the indexes anew from the database.",
    )
    for part in system.health.parts():
        if part.name == "vector_index":
            where = settings.chroma_url or "in the data folder"
            fine = part.state == "ok"
            do = "Is `chroma run` up at DIOTIMA_CHROMA_URL?" if settings.chroma_url else "Run `diotima reindex`."
            about = f"vectors {where}" + ("" if fine else f" can't be asked ({part.reason})")
            yield Finding("ok" if fine else "failed", "vector_index", about, "" if fine else do)


def _searched(system: "System", courses: tuple[str, ...]) -> str:
    modes = [system.retriever.search(course, "diotima doctor").signals.mode for course in courses[:3]]
    if not modes:
        return "the text index can be opened"
    return f"a search of {len(modes)} courses works ({', '.join(sorted(set(modes)))})"


def reading() -> Iterator[Finding]:
    """Whether each format's parser is here, and whether one file is read."""
    from retrieval.loaders import loader_for, suffixes

    endings = [ending for ending in suffixes() if ending != ".zip"]

    def load() -> str:
        for ending in endings:
            loader_for(f"a{ending}")
        return f"material can be read from {', '.join(suffixes())}"

    yield tried("formats", load, "A parser's package is missing or broken: install the locked packages anew.")
    yield tried("reader", _confined, "Files can't be read in a process of their own: see the log of the server.")


def _confined() -> str:
    from retrieval.loaders import Source
    from retrieval.loaders.process import SHORT, ReadingProcess

    process = ReadingProcess()
    try:
        # Long enough not to be read right here.
        found = process.read(SAMPLE * (SHORT // len(SAMPLE) + 1), Source("c", "a.md", order=1))
    finally:
        process.close()
    return f"hostile files are read in a limited process ({len(found.document.text)} characters of a sample came back)"
