"""``diotima models``: fetching and checking model files."""

from typing import Annotated

import typer

from tutor.cli.opening import fetch, settings_given, table

app = typer.Typer(help="The model files that search by meaning and narration need.", no_args_is_help=True)


@app.command("fetch")
def models_fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which models; the one the settings need otherwise.")
    ] = None,
) -> None:
    """Fetch model files that are missing or broken; goes on where it stopped."""
    from tutor import model_list

    settings = settings_given()
    chosen = model_list.named(names or [name for name in (settings.embedder,) if name in model_list.MODELS])
    for model in chosen:
        fetch(model, settings.models_dir)


@app.command("list")
def models_list() -> None:
    """Show which model files are here. Every file is read and checked."""
    from tutor import model_list, models

    folder = settings_given().models_dir
    rows = []
    for model in model_list.MODELS.values():
        for file, state in models.states(model, folder, thorough=True).items():
            rows.append((model.name, file.path, f"{file.size / 1e6:.1f} MB", model.licence, state.value))
    table(("model", "file", "size", "licence", "state"), rows)
