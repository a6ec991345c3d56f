"""``ingest``, ``reindex`` and ``courses``."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.cli.opening import opened, table, with_models
from tutor.domain.errors import DiotimaError, InvalidInput

if TYPE_CHECKING:
    from tutor.bootstrap import System
    from tutor.domain.jobs import Job


def ingest(
    path: Annotated[Path, typer.Argument(help="Folder of Markdown or text files.")],
    course: Annotated[str, typer.Option(help="Short name of the course; course.toml may name it instead.")] = "",
    title: Annotated[str, typer.Option(help="Title of the course.")] = "",
    language: Annotated[
        str, typer.Option(help="Language of the material, as in en, es, pt-BR; guessed otherwise.")
    ] = "",
) -> None:
    """Bring a folder of material into a course. Doing it again updates what changed."""
    from tutor.services.indexing import course_of

    wanted = course_of(path, course, title, language)
    if not wanted.path.is_dir():
        raise InvalidInput(f"There is no folder at {wanted.path}.")
    with _material() as system:
        _follow(system, system.ingest.enqueue(wanted))
        _follow_embedding(system, wanted.course)
        states = system.store.library.documents(wanted.course)
        print(f"{wanted.course}: {len(states)} documents, {sum(state.passages for state in states)} passages.")


def reindex(course: Annotated[str, typer.Option(help="Only this course.")] = "") -> None:
    """Build the indexes anew from the database."""
    with _material() as system:
        _follow(system, system.ingest.reindex(course or None))
        _follow_embedding(system, course or None)


def courses() -> None:
    """List the courses and how much of each is indexed."""
    with opened() as system:
        library = system.store.library
        rows = []
        for course in library.courses():
            states = library.documents(course.id)
            passages, embedded = sum(s.passages for s in states), sum(s.embedded for s in states)
            rows.append(
                (course.id, course.title, course.language, len(states), passages, f"{_share(embedded, passages)}")
            )
        table(("course", "title", "language", "documents", "passages", "by meaning"), rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "-"


@contextlib.contextmanager
def _material() -> Iterator["System"]:
    """The system with its worker running: it takes the work where no server does."""
    with opened() as system:
        if system.ingest.holds_lock():
            with_models(system.settings)  # the embedder opens its files when it first needs them
            system.ingest.start()
        else:
            print("The running server does the work; stopping this command doesn't stop it.")
        yield system


def _follow(system: "System", job: "Job") -> None:
    """Show a job's progress until it is over. Raises ``DiotimaError`` when it failed."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    words = {"reading": "Reading", "embedding": "Indexing by meaning", "indexing": "Indexing"}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    told = 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Waiting", total=None)
        for now in system.ingest.follow(job.id):
            for message in now.messages[told:]:
                progress.console.print(escape(message))
            told = len(now.messages)
            label = words.get(now.stage, "Waiting")
            progress.update(task, description=label, completed=now.done, total=now.total or None)
            job = now
    if job.status == "failed":
        raise DiotimaError(job.error or "the job failed")


def _follow_embedding(system: "System", course: str | None) -> None:
    """The text is in; wait for the vectors too. Without them the material is found by its words all the same."""
    for job in system.ingest.embedding(course):
        try:
            _follow(system, job)
        except DiotimaError as error:
            print(f"The material is found by its words only, not by meaning: {error}", file=sys.stderr)
