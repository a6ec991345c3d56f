"""The ``diotima`` command. Everything heavy is imported inside the command that needs it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tutor import __version__
from tutor.domain.errors import DiotimaError, InvalidInput, NotFound

if TYPE_CHECKING:
    from tutor.bootstrap import System
    from tutor.config import Settings
    from tutor.domain.accounts import Account
    from tutor.domain.jobs import Job
    from tutor.models import Model

app = typer.Typer(
    name="diotima",
    help="A Socratic tutor over a course's own material.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="The model files that search by meaning needs.", no_args_is_help=True)
accounts_app = typer.Typer(help="People who may sign in.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(accounts_app, name="accounts")

FAILED = 2  # the exit status of a command that could not do what was asked


@app.callback()
def common(debug: Annotated[bool, typer.Option(help="Show where in the code an error arose.")] = False) -> None:
    """A Socratic tutor over a course's own material."""


def main() -> None:
    """Run the command; say what went wrong in one line, with what to do about it."""
    from pydantic import ValidationError

    from retrieval.errors import RetrievalError

    try:
        app()
    except (DiotimaError, RetrievalError, ValidationError, OSError) as error:
        if "--debug" in sys.argv:
            raise
        for line in _words(error):
            print(line, file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def _words(error: Exception) -> list[str]:
    from pydantic import ValidationError

    if isinstance(error, ValidationError):
        return [
            f"The setting DIOTIMA_{'_'.join(map(str, problem['loc'])).upper()} is wrong: {problem['msg']}. "
            "docs/settings.md describes it."
            for problem in error.errors()
        ]
    text = str(error) or type(error).__name__
    again = " Trying again may help." if getattr(error, "retryable", False) else ""
    return [f"diotima: {text}{again}"]


# -- the server ------------------------------------------------------------------------------------------------------


@app.command()
def serve(
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="Load the demo course and accounts.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Don't fetch missing model files.")] = False,
) -> None:
    """Start the tutor; prints where to go."""
    settings = _settings(demo=demo, host=host, port=port)
    settings = _with_models(settings, fetch=not offline)
    from web.serve import serve as run

    raise typer.Exit(run(settings))


def _settings(**given: Any) -> "Settings":
    from tutor.config import Settings

    return Settings(**{name: value for name, value in given.items() if value is not None})


def _with_models(settings: "Settings", *, fetch: bool = True) -> "Settings":
    """Fetch what the chosen embedder needs; without it search goes by words only, and we say so."""
    from tutor import models

    model = models.MODELS.get(settings.embedder)
    if model is None or models.present(model, settings.models_dir):
        return settings
    problem = "fetching was turned off"
    if fetch:
        try:
            _fetch(model, settings.models_dir)
            return settings
        except (DiotimaError, OSError) as error:
            problem = str(error)
    print(
        f"The model files for search by meaning are not here: {problem}\n"
        "Going on with search by words; `diotima models fetch` and a new start bring search by meaning.",
        file=sys.stderr,
    )
    return settings.model_copy(update={"embedder": "none"})


@contextlib.contextmanager
def _opened(settings: "Settings | None" = None) -> Iterator["System"]:
    from tutor.bootstrap import build

    system = build(settings or _settings())
    try:
        yield system
    finally:
        system.close()


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date (the server does so by itself at its start)."""
    with _opened() as system:
        print(f"The database is up to date: {_shown(system.settings.sqlalchemy_url)}")


@app.command()
def version() -> None:
    """Print the version."""
    print(f"diotima {__version__}")


@app.command()
def doctor() -> None:
    """Look for what commonly goes wrong."""
    from tutor import models

    settings = _settings()
    good = True

    def tell(fine: bool, text: str) -> None:
        nonlocal good
        good = good and fine
        print(f"{'ok ' if fine else '!! '} {text}")

    tell((3, 11) <= sys.version_info[:2] < (3, 14), f"Python {sys.version.split()[0]} (3.11 to 3.13)")
    tell(_writable(settings.data_dir), f"data folder {settings.data_dir.resolve()} can be written")
    model = models.MODELS.get(settings.embedder)
    if model is not None:
        there = models.present(model, settings.models_dir)
        tell(there, f"model files for {model.name}" + ("" if there else " are missing: diotima models fetch"))
    elif settings.embedder == "none":
        tell(True, "search by words only (DIOTIMA_EMBEDDER=none)")
    try:
        with _opened(settings) as system:
            courses = system.store.library.courses()
            tell(True, f"database {_shown(settings.sqlalchemy_url)}")
            tell(bool(courses), f"{len(courses)} courses" + ("" if courses else ": diotima ingest PATH --course NAME"))
            tell(True, "a server is running" if not system.ingest.holds_lock() else "no server is running")
    except (DiotimaError, OSError) as error:
        tell(False, f"database {_shown(settings.sqlalchemy_url)}: {error}")
    tell(True, f"chat model {settings.chat_model or 'none: the tutor answers by quoting the course'}")
    raise typer.Exit(0 if good else 1)


def _writable(folder: Path) -> bool:
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _shown(url: str) -> str:
    """The database's address without its password."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url


# -- material --------------------------------------------------------------------------------------------------------


@app.command()
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


@app.command()
def reindex(course: Annotated[str, typer.Option(help="Only this course.")] = "") -> None:
    """Build the indexes anew from the database."""
    with _material() as system:
        _follow(system, system.ingest.reindex(course or None))
        _follow_embedding(system, course or None)


@app.command()
def courses() -> None:
    """List the courses and how much of each is indexed."""
    with _opened() as system:
        library = system.store.library
        rows = []
        for course in library.courses():
            states = library.documents(course.id)
            passages, embedded = sum(s.passages for s in states), sum(s.embedded for s in states)
            rows.append(
                (course.id, course.title, course.language, len(states), passages, f"{_share(embedded, passages)}")
            )
        _table(("course", "title", "language", "documents", "passages", "by meaning"), rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "-"


@contextlib.contextmanager
def _material() -> Iterator["System"]:
    """The system with its worker running: it takes the work where no server does."""
    with _opened() as system:
        if system.ingest.holds_lock():
            _with_models(system.settings)  # the embedder opens its files when it first needs them
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


# -- model files -----------------------------------------------------------------------------------------------------


@models_app.command("fetch")
def models_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which models; the one the settings need otherwise.")
    ] = None,
) -> None:
    """Fetch model files that are missing or broken; goes on where it stopped."""
    from tutor import models

    settings = _settings()
    chosen = models.named(names or [name for name in (settings.embedder,) if name in models.MODELS])
    for model in chosen:
        _fetch(model, settings.models_dir)


@models_app.command("list")
def models_list() -> None:
    """Show which model files are here. Every file is read and checked."""
    from tutor import models

    folder = _settings().models_dir
    rows = []
    for model in models.MODELS.values():
        for file, state in models.states(model, folder, thorough=True).items():
            rows.append((model.name, file.path, f"{file.size / 1e6:.1f} MB", model.licence, state.value))
    _table(("model", "file", "size", "licence", "state"), rows)


def _fetch(model: "Model", folder: Path) -> None:
    from tutor import models

    if models.present(model, folder):
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    print(f"Fetching the model files for {model.purpose}: {model.size / 1e6:.0f} MB, once.", flush=True)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, Any] = {}

        def report(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done)

        fetched = models.fetch(model, folder, report=report)
    print(f"{len(fetched)} files fetched and checked.")


# -- people ----------------------------------------------------------------------------------------------------------


@accounts_app.command("add")
def accounts_add(
    username: str,
    role: Annotated[str, typer.Option(help="student, trainer, reviewer or admin.")] = "student",
    name: Annotated[str, typer.Option(help="Name shown to others.")] = "",
    language: Annotated[str, typer.Option(help="Interface language, as in en, es, ar.")] = "en",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from a pipe.")] = False,
) -> None:
    """Create an account; asks for its password."""
    from tutor.domain.accounts import Role

    try:
        chosen = Role(role)
    except ValueError:
        raise InvalidInput(f"{role} is no role; there are {', '.join(Role)}.") from None
    password = _password(password_stdin)
    with _opened() as system:
        account = asyncio.run(system.accounts.create(username, password, name, chosen, language))
        print(f"{account.username} may sign in as {account.role}.")


@accounts_app.command("list")
def accounts_list() -> None:
    """List the accounts."""
    with _opened() as system:
        accounts = system.store.accounts.listed()
        rows = [
            (
                a.username,
                a.display_name,
                a.role.value,
                a.language,
                f"{a.created_at:%Y-%m-%d}",
                "yes" if a.disabled else "",
            )
            for a in accounts
        ]
        _table(("username", "name", "role", "language", "since", "disabled"), rows)


@accounts_app.command("set-password")
def accounts_set_password(
    username: str,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from a pipe.")] = False,
) -> None:
    """Give an account a new password and sign it out everywhere."""
    with _opened() as system:
        account = _account(system, username)
        asyncio.run(system.accounts.set_password(account.id, _password(password_stdin)))
        print(f"{account.username} has a new password.")


@accounts_app.command("disable")
def accounts_disable(
    username: str, undo: Annotated[bool, typer.Option("--undo", help="Let the account sign in again.")] = False
) -> None:
    """Sign an account out and keep it from signing in; its conversations stay."""
    with _opened() as system:
        account = asyncio.run(system.accounts.set_disabled(_account(system, username).id, not undo))
        print(f"{account.username} may sign in again." if undo else f"{account.username} can't sign in any more.")


def _account(system: "System", username: str) -> "Account":
    found = system.store.accounts.by_username(username)
    if found is None:
        raise NotFound(f"There is no account called {username}.")
    return found


def _password(piped: bool) -> str:
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


# -- privacy ---------------------------------------------------------------------------------------------------------


@app.command("export-learner")
def export_learner(
    username: Annotated[str, typer.Argument(help="Username, or the id of a person whose account is gone.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output otherwise.")] = None,
) -> None:
    """Write everything that is known of a person as JSON."""
    from tutor.services.privacy import export_learner as export

    with _opened() as system:
        data = export(system.store, _learner(system, username))
    text = json.dumps(data, ensure_ascii=False, indent=2)
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        print(f"Written to {out}.")


@app.command("erase-learner")
def erase_learner(
    username: Annotated[str, typer.Argument(help="Username, or the id of a person whose account is gone.")],
    yes: Annotated[bool, typer.Option("--yes", help="Really: it can't be undone.")] = False,
) -> None:
    """Erase a person: account, conversations, profile and jobs. It can't be undone."""
    from tutor.services.privacy import erase_learner as erase

    with _opened() as system:
        learner = _learner(system, username)
        if not yes:
            raise InvalidInput(f"This erases {username} for good. Add --yes to do it.")
        erased = erase(system.store, learner)
    print(f"{username} is erased: {erased.conversations} conversations, {erased.events} events, {erased.jobs} jobs.")


def _learner(system: "System", name: str) -> str:
    """The id behind a username; an id stands for itself, for what an account that is gone has left behind."""
    account = system.store.accounts.by_username(name)
    return account.id if account else name


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Plain columns, fit for a terminal and for a pipe."""
    cells = [heads, *[tuple(str(cell) for cell in row) for row in rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heads))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
