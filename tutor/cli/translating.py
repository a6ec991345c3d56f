"""``translate``: the translation of a script as a file to read and correct, without a server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.cli.opening import settings_given, table
from tutor.domain.errors import InvalidInput

if TYPE_CHECKING:
    from media_gen.lesson import Lesson
    from media_gen.translation import Translation, Translator


def translate(
    script: Annotated[Path, typer.Argument(help="A Markdown deck or a PPTX.", exists=True, dir_okay=False)],
    lang: Annotated[list[str], typer.Option(help="A language to translate into; may be given several times.")],
    engine: Annotated[
        str, typer.Option(help="Only this translator, by its name; `none`: leave what is new for a person.")
    ] = "",
    own: Annotated[
        Path | None, typer.Option(help="The same deck in that language, written by a person.", exists=True)
    ] = None,
) -> None:
    """Write <script>.<lang>.toml, source and translation side by side; only what is new or changed is translated."""
    from media_gen import language
    from media_gen.script import read as read_script
    from media_gen.translation import State, Translation, beside, plan, read, update, write

    lesson, rows = read_script(script), []
    if own is not None and len(lang) != 1:
        raise InvalidInput("A deck of your own is in one language: give one --lang with --own.")
    for tag in [language.load(wanted).tag for wanted in lang]:
        path = beside(script, tag)
        translation = read(path) if path.exists() else Translation(lesson.language, tag)
        due = len(plan(lesson, translation).wanted)
        translator = _chosen(lesson, translation, engine, own) if due else None
        translation = update(lesson, translation, translator)
        write(path, translation)
        counts = translation.counts()
        rows.append((path.name, due, translator.name if translator else "-", *(counts[state] for state in State)))
    table(("file", "due", "translator", *State), rows)


def _chosen(lesson: "Lesson", translation: "Translation", name: str, own: Path | None) -> "Translator | None":
    """The translator asked for, or the first that does this pair; None where none does, and the reasons are told."""
    from media_gen.script import read as read_script
    from media_gen.translation.own import OwnText
    from tutor.adapters import render_options
    from tutor.services.film_render import translators

    source, target = lesson.language, translation.language
    if own is not None:
        return OwnText.of_lesson(read_script(own).model_copy(update={"language": target}), source=lesson)
    if name == "none":
        return None
    there = translators(render_options(settings_given()))
    asked = [one for one in there if name in ("", one.name)]
    if not asked:
        raise InvalidInput(f"There is no translator {name}; there are {', '.join(one.name for one in there)}.")
    refusals = {one.name: one.refuses(source, target) for one in asked}
    able = next((one for one in asked if not refusals[one.name]), None)
    if able is None:
        if name:
            raise InvalidInput(refusals[name])
        print("\n".join(refusals.values()), file=sys.stderr)
    return able
