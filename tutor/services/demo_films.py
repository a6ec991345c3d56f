"""The demo course's own deck: a script in the studio, and its film for everybody in the course."""

from dataclasses import replace
from pathlib import Path

from tutor.domain.films import BATCH, Script
from tutor.ports import Clock, Scripts
from tutor.services import demo
from tutor.services.film_scripts import lesson_of
from tutor.services.films import FilmService, Wanted

FOLDER = demo.FOLDER / "decks"
LANGUAGES = ("en",)  # made at once; the others when somebody asks


def load(scripts: Scripts, films: FilmService, trainer: str, clock: Clock, folder: Path = FOLDER) -> int:
    """Keep the decks that are not kept yet, ``trainer``'s, and ask for their films; how many were new.

    A script that a person changed is left as it is."""
    new = 0
    for path in sorted(folder.glob("*.md")):
        name = f"demo-{path.stem}"
        if scripts.get(name) is not None:
            continue
        script = _script(name, path, trainer, clock)
        scripts.add(script)
        wanted = Wanted(translations=script.translations, script=name, shared=True)
        films.request(lesson_of(script), LANGUAGES, owner=trainer, course=demo.COURSE, priority=BATCH, wanted=wanted)
        new += 1
    return new


def _script(name: str, path: Path, trainer: str, clock: Clock) -> Script:
    now = clock()
    others = sorted(path.parent.glob(f"{path.stem}.*.toml"))
    script = Script(
        id=name,
        owner=trainer,
        course=demo.COURSE,
        title=path.stem,
        text=path.read_text("utf-8"),
        created_at=now,
        updated_at=now,
        translations={other.suffixes[0].removeprefix("."): other.read_text("utf-8") for other in others},
    )
    return replace(script, title=lesson_of(script).title)
