"""``serve``, ``migrate`` and ``version``."""

import gc
from typing import Annotated

import typer

from tutor import __version__
from tutor.cli.doctor import shown
from tutor.cli.opening import film_models, opened, settings_given, with_models
from tutor.observe import ROOMS, log_to_stderr


def serve(
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="Load the demo course and accounts.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Don't fetch missing model files.")] = False,
) -> None:
    """Start the tutor; prints where to go."""
    settings = settings_given(demo=demo, host=host, port=port)
    log_to_stderr(settings.log_level, *ROOMS, style=settings.log_format)
    settings = with_models(settings, offline=offline)
    film_models(settings, offline=offline)
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
