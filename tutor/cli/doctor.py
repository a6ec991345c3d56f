"""``diotima doctor``: what commonly goes wrong, and what films can be made of here."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from tutor.cli.opening import opened, settings_given
from tutor.domain.errors import DiotimaError

if TYPE_CHECKING:
    from tutor.config import Settings
    from tutor.services.film_means import Means

#: Fine; it works, but could be better; it doesn't work.
Mark = Literal["ok ", "-- ", "!! "]
Said = tuple[Mark, str]


def doctor() -> None:
    """Look for what commonly goes wrong, and tell what each language of films can do here."""
    settings = settings_given()
    broken = False
    for part in (_machine(settings), _search(settings), _data(settings), _films(settings)):
        for mark, text in part:
            broken = broken or mark == "!! "
            print(f"{mark} {text}")
    raise typer.Exit(1 if broken else 0)


def _mark(fine: bool) -> Mark:
    return "ok " if fine else "!! "


def _machine(settings: "Settings") -> Iterator[Said]:
    yield _mark((3, 11) <= sys.version_info[:2] < (3, 14)), f"Python {sys.version.split()[0]} (3.11 to 3.13)"
    for folder in dict.fromkeys((settings.data_dir, settings.shared_files)):
        yield _mark(_writable(folder)), f"data folder {folder.resolve()} can be written"
    yield "ok ", f"chat model {settings.chat_model or 'none: the tutor answers by quoting the course'}"


def _search(settings: "Settings") -> Iterator[Said]:
    from tutor import model_list, models

    model = model_list.MODELS.get(settings.embedder)
    if model is not None:
        there = models.present(model, settings.models_dir)
        hint = "" if there else f" are missing: diotima models fetch {model.name}"
        yield _mark(there), f"model files for {model.name}{hint}"
    elif settings.embedder == "none":
        yield "ok ", "search by words only (DIOTIMA_EMBEDDER=none)"


def _data(settings: "Settings") -> Iterator[Said]:
    url = shown(settings.sqlalchemy_url)
    try:
        with opened(settings) as system:
            courses = system.store.library.courses()
            yield "ok ", f"database {url}"
            yield (
                _mark(bool(courses)),
                f"{len(courses)} courses"
                if courses
                else "no course yet: `diotima ingest PATH --course NAME` brings one in",
            )
            yield "ok ", "a server is running" if not system.ingest.holds_lock() else "no server is running"
    except (DiotimaError, OSError) as error:
        yield "!! ", f"database {url}: {error}"


def _films(settings: "Settings") -> Iterator[Said]:
    from media_gen.language import available
    from media_gen.speech.engines import every
    from tutor.bootstrap import render_options
    from tutor.services.film_means import means
    from tutor.services.film_render import translators

    engines = every(settings.models_dir)
    try:
        for engine in engines:
            if lacks := engine.missing():
                yield "-- ", f"voices of {engine.name}: {lacks}"
        found = [
            means(tag, engines, translators(render_options(settings)), settings.models_dir / "fonts")
            for tag in available()
        ]
    finally:
        for engine in engines:
            engine.close()
    yield from (_language(each) for each in found)
    yield "ok ", "no browser is needed to make films"


def _language(found: "Means") -> Said:
    can = [f"voice {found.voice.wanted_as}" if found.voice else "NO VOICE"]
    do = [found.better] if found.better else []
    if found.unset:
        can.append("letters that no font here has")
        do.append("`diotima models fetch fonts` brings them.")
    if found.language != "en":
        names = ", ".join(found.translators)
        can.append(f"from English by {names}" if names else "translations by hand")
    mark: Mark = "!! " if found.voice is None else "-- " if do else "ok "
    return mark, " ".join([f"films in {found.name} ({found.language}): {'; '.join(can)}.", *do])


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
