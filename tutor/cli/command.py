"""The command line as a whole: which commands there are, and how their errors are told."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from tutor.cli import (
    doctor,
    fitting,
    importing,
    material,
    model_files,
    people,
    rendering,
    server,
    translating,
    voices,
    worker,
)
from tutor.domain.errors import DiotimaError

FAILED = 2  # the exit status of a command that could not do what was asked

app = typer.Typer(
    name="diotima",
    help="A Socratic tutor over a course's own material.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_MATERIAL: tuple[Callable[..., None], ...] = (material.ingest, material.reindex, material.courses, fitting.fit)
_PRIVACY: tuple[Callable[..., None], ...] = (people.export_learner, people.erase_learner)
_HOUSE: tuple[Callable[..., None], ...] = (worker.worker, server.migrate, doctor.doctor, server.version)
_FILMS: tuple[Callable[..., None], ...] = (
    rendering.render,
    translating.translate,
    voices.voices,
    rendering.contact_sheet,
)
for command in (server.serve, *_MATERIAL, *_FILMS, *_PRIVACY, *_HOUSE):
    app.command()(command)
app.add_typer(importing.app, name="import")
app.add_typer(model_files.app, name="models")
app.add_typer(people.app, name="accounts")


@app.callback()
def common(debug: Annotated[bool, typer.Option(help="Show where in the code an error arose.")] = False) -> None:
    """A Socratic tutor over a course's own material."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; say what went wrong in one line, with what to do about it. Leaves by ``SystemExit``."""
    from pydantic import ValidationError

    from media_gen.errors import MediaError
    from retrieval.errors import RetrievalError

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(given, prog_name="diotima")
    except (DiotimaError, MediaError, RetrievalError, ValidationError, OSError) as error:
        if "--debug" in given:
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
