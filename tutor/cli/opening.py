"""What the commands share: the settings, the system they open, model files, and tables."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.domain.errors import DiotimaError

if TYPE_CHECKING:
    from tutor.bootstrap import System
    from tutor.config import Settings
    from tutor.models import Model


def settings_given(**given: Any) -> "Settings":
    """The settings, with what the command line gives (None: not given) in place of the environment."""
    from tutor.config import Settings

    return Settings(**{name: value for name, value in given.items() if value is not None})


def with_models(settings: "Settings", *, offline: bool = False) -> "Settings":
    """Fetch what the chosen embedder needs; without it search goes by words only, and we say so."""
    from tutor import model_list, models

    model = model_list.MODELS.get(settings.embedder)
    if model is None or models.present(model, settings.models_dir):
        return settings
    problem = "fetching was turned off"
    if not offline:
        try:
            fetch(model, settings.models_dir)
            return settings
        except (DiotimaError, OSError) as error:
            problem = str(error)
    print(
        f"The model files for search by meaning are not here: {problem}\n"
        "Going on with search by words; `diotima models fetch` and a new start bring search by meaning.",
        file=sys.stderr,
    )
    return settings.model_copy(update={"embedder": "none"})


def film_models(settings: "Settings", *, offline: bool = False) -> None:
    """Fetch what films are made with; without it they are made with plainer voices and letters, and we say so."""
    from tutor import model_list, models
    from tutor.font_list import FONTS

    for model, without in (
        (FONTS, "slides are set in the few letters that come with Typst"),
        (model_list.KOKORO, "films are spoken by espeak-ng, which sounds like a machine"),
    ):
        if not settings.films_at_once or models.present(model, settings.models_dir):
            continue
        problem = "fetching was turned off"
        if not offline:
            try:
                fetch(model, settings.models_dir)
                continue
            except (DiotimaError, OSError) as error:
                problem = str(error)
        print(
            f"The files for films ({model.name}) are not here: {problem}\n"
            f"Until `diotima models fetch {model.name}` has brought them, {without}.",
            file=sys.stderr,
        )


@contextlib.contextmanager
def opened(settings: "Settings | None" = None) -> Iterator["System"]:
    """The whole system, closed afterwards."""
    from tutor.bootstrap import build

    system = build(settings or settings_given())
    try:
        yield system
    finally:
        system.close()


def fetch(model: "Model", folder: Path) -> None:
    """Bring the model's files with a progress bar; says nothing when they are there. Raises ``DownloadFailed``."""
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


def table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Plain columns, fit for a terminal and for a pipe."""
    cells = [heads, *[tuple(str(cell) for cell in row) for row in rows]]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heads))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
