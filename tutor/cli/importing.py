"""``import oatutor``: questions made elsewhere."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tutor.cli.opening import opened, table
from tutor.domain.errors import InvalidInput

if TYPE_CHECKING:
    from tutor.ports import BankChange
    from tutor.services.oatutor import Imported

app = typer.Typer(help="Bring in questions made elsewhere.", no_args_is_help=True)
LESSONS = "lessons.json"
PROBLEMS = "problems.jsonl"
TOLD = 20  # of what was skipped or mended, one by one


@app.callback()
def importing() -> None:
    """Bring in questions made elsewhere."""


@app.command()
def oatutor(
    file: Annotated[Path, typer.Argument(help="problems.jsonl: one OATutor problem on each line; or its folder.")],
    lessons: Annotated[Path | None, typer.Option(help="lessons.json; the one beside the problems otherwise.")] = None,
    course: Annotated[str, typer.Option(help="Short name of the course.")] = "elementary-algebra",
    limit: Annotated[int, typer.Option(min=0, help="Only the first so many problems; 0: all.")] = 0,
) -> None:
    """Make a course of OATutor's problems, with their hints and sub-questions. Doing it again updates what changed."""
    from tutor.services.course_file import slug
    from tutor.services.oatutor import bring, imported, lessons_of, problems_of

    path = file / PROBLEMS if file.is_dir() else file
    beside = path.with_name(LESSONS)
    order = lessons or (beside if beside.is_file() else None)
    problems = problems_of(_text(path).splitlines())
    made = imported(
        problems[: limit or None], lessons_of(_text(order)) if order is not None else (), course=slug(course)
    )
    with opened() as system:
        change = bring(system.store.library, system.store.bank, made)
    table(("what", "how many"), [(what, str(count)) for what, count in _counts(made, change)])
    for heading, told in (("skipped", made.skipped), ("mended", made.mended)):
        for reason, count in Counter(why for _, why in told).most_common(TOLD):
            names = [name for name, why in told if why == reason]
            print(f"{heading}: {reason}: {count} ({', '.join(names[:3])}{', ...' if count > 3 else ''})")
    if made.figures:
        print(f"{made.figures} items speak of a picture, which the data do not hold.")
    print(f"{made.course.id}: {made.course.title}; {made.course.licence}")


def _counts(made: "Imported", change: "BankChange") -> list[tuple[str, int]]:
    return [
        ("problems", made.problems),
        ("steps", made.steps),
        ("items", len(made.items)),
        *((f"  {kind}", count) for kind, count in sorted(made.types.items())),
        ("hints", made.hints),
        ("scaffolds", made.scaffolds),
        ("skills", made.skills),
        ("components", len(made.course.components)),
        ("units", len(made.course.units)),
        ("new", len(change.added)),
        ("changed", len(change.changed)),
        ("gone", len(change.removed)),
        ("skipped", len(made.skipped) + len(change.clashes)),
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8.") from error
