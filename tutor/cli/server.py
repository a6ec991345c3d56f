"""``serve``, ``migrate``, ``doctor`` and ``version``."""

import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from tutor import __version__
from tutor.cli.opening import opened, settings_given, with_models
from tutor.domain.errors import DiotimaError
from tutor.observe import log_to_stderr


def serve(
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="Load the demo course and accounts.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Don't fetch missing model files.")] = False,
) -> None:
    """Start the tutor; prints where to go."""
    settings = settings_given(demo=demo, host=host, port=port)
    log_to_stderr(settings.log_level, "tutor", "retrieval", "prompts", "web")
    settings = with_models(settings, offline=offline)
    # Importing makes thousands of objects that stay for good: looking for garbage among them, now or later, is in vain.
    gc.disable()
    from web.serve import serve as run

    gc.freeze()
    gc.enable()
    raise typer.Exit(run(settings))


def migrate() -> None:
    """Bring the database's schema up to date (the server does so by itself at its start)."""
    with opened() as system:
        print(f"The database is up to date: {shown(system.settings.sqlalchemy_url)}")


def version() -> None:
    """Print the version."""
    print(f"diotima {__version__}")


def doctor() -> None:
    """Look for what commonly goes wrong."""
    from tutor import model_list, models

    settings = settings_given()
    good = True

    def tell(fine: bool, text: str) -> None:
        nonlocal good
        good = good and fine
        print(f"{'ok ' if fine else '!! '} {text}")

    tell((3, 11) <= sys.version_info[:2] < (3, 14), f"Python {sys.version.split()[0]} (3.11 to 3.13)")
    tell(_writable(settings.data_dir), f"data folder {settings.data_dir.resolve()} can be written")
    model = model_list.MODELS.get(settings.embedder)
    if model is not None:
        there = models.present(model, settings.models_dir)
        tell(there, f"model files for {model.name}" + ("" if there else " are missing: diotima models fetch"))
    elif settings.embedder == "none":
        tell(True, "search by words only (DIOTIMA_EMBEDDER=none)")
    try:
        with opened(settings) as system:
            courses = system.store.library.courses()
            tell(True, f"database {shown(settings.sqlalchemy_url)}")
            tell(bool(courses), f"{len(courses)} courses" + ("" if courses else ": diotima ingest PATH --course NAME"))
            tell(True, "a server is running" if not system.ingest.holds_lock() else "no server is running")
    except (DiotimaError, OSError) as error:
        tell(False, f"database {shown(settings.sqlalchemy_url)}: {error}")
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


def shown(url: str) -> str:
    """The database's address without its password."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url
