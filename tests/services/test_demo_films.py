"""The demo's deck is there once, with its translations, and its film is asked for once."""

from pathlib import Path

from tests.conftest import StillClock
from tutor.services import demo, demo_films
from tutor.services.film_files import FilmFiles
from tutor.services.film_orders import FilmOrders
from tutor.services.film_scripts import lesson_of
from tutor.services.films import FilmService
from tutor.store.memory import MemoryStore


async def test_the_deck_is_kept_once_with_approved_translations(tmp_path: Path, clock: StillClock) -> None:
    store = MemoryStore(clock=clock)
    films = FilmService(store.jobs, store.scripts, FilmFiles(tmp_path), tmp_path / "cache", 10**9)
    assert demo_films.load(store.scripts, films, "trainer", clock) == 1
    assert demo_films.load(store.scripts, films, "trainer", clock) == 0
    script = store.scripts.listed(course=demo.COURSE)[0]
    assert script.title == lesson_of(script).title
    assert sorted(script.translations) == ["ar", "es", "hi", "zh"]
    jobs = store.jobs.listed("film")
    assert [job.arguments["language"] for job in jobs] == ["en"]
    # Until it is made the chat has no film of the course's own; then it has it in every approved language.
    orders = FilmOrders(films, store.jobs, store.scripts)
    assert await orders.course_films(demo.COURSE) == ()
    claimed = store.jobs.claim("w", 60, ("film",), version=jobs[0].version)
    assert claimed is not None
    store.jobs.finish(claimed.id, "w", "done")
    found = await orders.course_films(demo.COURSE)
    assert [sorted(one.languages) for one in found] == [["ar", "en", "es", "hi", "zh"]]
