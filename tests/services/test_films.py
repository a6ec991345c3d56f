"""Films as people ask for them: one film for all who ask for the same, and who may see it."""

import os
import time
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest

from tests.conftest import Backend, StillClock
from tests.services.film_room import FilmRoom, account, lesson
from tutor.domain.accounts import Role
from tutor.domain.errors import NotFound
from tutor.domain.films import FORMAT, KIND, Script, course_owner
from tutor.domain.jobs import Job
from tutor.ports import Store
from tutor.services import film_cache
from tutor.services.film_files import AssetTooLarge, publish_first
from tutor.services.film_orders import FilmOrders
from tutor.services.film_scripts import lesson_of, with_assets
from tutor.services.films import FilmRefused, Wanted
from tutor.services.privacy import erase_learner

ADA, BEN, TOM = account("ada"), account("ben"), account("tom", Role.TRAINER)
SPANISH = """format = 1
source_language = "en"
language = "es"
"""


@pytest.fixture
def room(memory_backend: Backend, tmp_path: Path) -> FilmRoom:
    return FilmRoom(memory_backend.open(), tmp_path / "files", (("en", "es"), ("en", "fr")))


def made(room: FilmRoom, *jobs: Job) -> None:
    room.workers().run_pending()
    assert [room.state(job.id).status for job in jobs] == ["done"] * len(jobs)


# -- asking --------------------------------------------------------------------------------------------------------


def test_one_job_a_language(room: FilmRoom) -> None:
    jobs = room.service.request(lesson(), ["en", "es", "fr-CA", "es-MX"], owner="tom", course="light", priority=3)
    assert [room.state(job.id).language for job in jobs] == ["en", "es", "fr"]
    assert len({job.key for job in jobs}) == 3
    assert {(job.kind, job.priority, job.version, job.owners) for job in jobs} == {(KIND, 3, FORMAT, ("tom",))}
    assert room.woken == 1
    state = room.state(jobs[1].id)
    assert (state.title, state.course, state.status, state.percent, state.size) == (
        "Light",
        "light",
        "pending",
        0,
        "720p",
    )


def test_two_who_ask_for_the_same_get_one_film(room: FilmRoom) -> None:
    (first,) = room.service.request(lesson(), ["en"], owner="ada", course="light")
    (second,) = room.service.request(lesson(), ["en"], owner="ben")
    assert second.id == first.id
    made(room, first)
    (third,) = room.service.request(lesson(), ["en"], owner="cleo")
    assert (third.id, third.status, third.owners) == (first.id, "done", ("ada", "ben", "cleo"))
    for person in (ADA, BEN, account("cleo")):
        assert room.service.film_for(person, first.key).key == first.key
    with pytest.raises(NotFound):
        room.service.film_for(account("dora"), first.key)


@pytest.mark.parametrize(
    "other",
    [
        {"size": "1080p"},
        {"voices": {"en": "espeak:en-gb"}},
        {"only": ("s2",)},
    ],
)
def test_what_differs_in_anything_is_another_film(room: FilmRoom, other: dict[str, object]) -> None:
    (first,) = room.service.request(lesson(), ["en"], owner="ada")
    (second,) = room.service.request(lesson(), ["en"], owner="ada", wanted=Wanted(**other))  # type: ignore[arg-type]
    (third,) = room.service.request(lesson(description="Another"), ["en"], owner="ada")
    assert len({first.key, second.key, third.key}) == 3


def test_a_film_whose_files_are_lost_is_made_again(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    made(room, job)
    room.files.discard(room.files.films / job.key)
    (again,) = room.service.request(lesson(), ["en"], owner="ada")
    assert again.id != job.id
    made(room, again)
    assert room.service.film(job.key) is not None


@pytest.mark.parametrize(
    ("languages", "wanted", "reason"),
    [
        ([], Wanted(), "languages"),
        (["xx"], Wanted(), "language_unknown"),
        (["de"], Wanted(), "untranslated"),
        (["es"], Wanted(translations={"es": "what?"}), "script_invalid"),
        (["es"], Wanted(translations={"es": SPANISH.replace('"es"', '"fr"')}), "language"),
        (["en"], Wanted(size="8k"), "size"),
        (["en"], Wanted(only=("s9",)), "slide"),
        (["en"], Wanted(voices={"en": "loud"}), "voice"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(
    room: FilmRoom, languages: list[str], wanted: Wanted, reason: str
) -> None:
    with pytest.raises(FilmRefused) as refused:
        room.service.request(lesson(), languages, owner="ada", wanted=wanted)
    assert refused.value.data["reason"] == reason
    assert room.store.jobs.listed() == ()


def test_a_translation_that_lacks_something_names_who_translates_the_rest(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["es"], owner="ada", wanted=Wanted(translations={"es": SPANISH}))
    assert job.arguments["translator"] == "fake"
    (other,) = room.service.request(lesson(), ["es"], owner="ada")
    assert other.key != job.key


def test_the_first_slides_can_be_seen_while_the_rest_is_made(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    room.workers(None, refuse=5).run_pending()  # breaks off at the second slide's speech
    begun = room.service.files.first(job.key)
    assert begun is not None
    number = int(begun.folder.name)
    first = room.service.film_for(ADA, job.key, beginning=number)
    assert first == begun
    assert [one.name for one in first.artefacts] == ["captions.vtt", "film.mp4"]
    with pytest.raises(NotFound):
        room.service.film_for(BEN, job.key, beginning=number)
    room.store.jobs.retry(job.id)
    made(room, job)
    assert room.service.film_for(ADA, job.key, beginning=number) == first
    with pytest.raises(NotFound):
        room.service.film_for(ADA, job.key, beginning=number + 1)
    age(room.folder, 7200)
    room.service.tidy()
    with pytest.raises(NotFound):
        room.service.film_for(ADA, job.key, beginning=number)  # there is the whole one


# -- who may see and stop what -------------------------------------------------------------------------------------


def test_a_longer_beginning_takes_the_place_of_a_shorter_one(room: FilmRoom) -> None:
    place, film = room.service.files.previews / ("a" * 64), room.folder / "film.mp4"
    room.folder.mkdir(exist_ok=True)
    (room.folder / "captions.vtt").write_text("WEBVTT")
    for size in (10, 300, 10):  # the last is of another attempt
        film.write_bytes(b"x" * size)
        publish_first(place, film)
    found = room.service.files.first("a" * 64)
    assert found is not None
    assert found.artefact("film.mp4").size == 300  # type: ignore[union-attr]
    shorter = room.service.files.beginning("a" * 64, 10)
    assert shorter is not None, "what plays goes on playing"


def test_a_learner_sees_what_they_asked_for_and_what_is_the_courses(room: FilmRoom, clock: StillClock) -> None:
    (mine,) = room.service.request(lesson("Mine"), ["en"], owner="ada", course="light")
    clock.advance(1)
    shared = Wanted(shared=True, script="script-1")
    (courses,) = room.service.request(lesson("Course"), ["en"], owner="tom", course="light", wanted=shared)
    (private,) = room.service.request(lesson("Private"), ["en"], owner="tom")
    made(room, mine, courses, private)
    assert [job.id for job in room.service.listed(ADA, "light")] == [courses.id, mine.id]
    assert [job.id for job in room.service.listed(BEN, "light")] == [courses.id]
    assert room.service.listed(BEN) == room.service.listed(BEN, "other") == ()
    assert len(room.service.listed(TOM)) == 3
    assert room.service.film_for(BEN, courses.key)
    for hidden in (mine, private):
        with pytest.raises(NotFound):
            room.service.film_for(BEN, hidden.key)
        with pytest.raises(NotFound):
            room.service.job(BEN, hidden.id)
        assert room.service.film_for(TOM, hidden.key)
    for unknown in ("../../etc", "0" * 64, ""):
        with pytest.raises(NotFound):
            room.service.film_for(TOM, unknown)


def test_one_who_leaves_takes_nothing_from_the_other(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    room.service.request(lesson(), ["en"], owner="ben")
    room.service.cancel(ADA, job.id)
    with pytest.raises(NotFound):
        room.service.job(ADA, job.id)
    assert room.service.job(BEN, job.id).status == "pending"
    assert room.service.cancel(BEN, job.id).status == "cancelled"
    assert room.service.retry(BEN, job.id).status == "pending"
    assert room.service.cancel(TOM, job.id).status == "cancelled"  # a trainer, for everybody


# -- keeping house -------------------------------------------------------------------------------------------------


def age(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (then, then))


def test_an_erased_learner_takes_along_the_films_that_are_theirs_alone(room: FilmRoom) -> None:
    store = room.store
    for person in (ADA, BEN, TOM):
        store.accounts.add(person)
    (alone,) = room.service.request(lesson("Alone"), ["en"], owner="ada")
    (both,) = room.service.request(lesson("Both"), ["en"], owner="ada")
    room.service.request(lesson("Both"), ["en"], owner="ben")
    (course,) = room.service.request(lesson("Course"), ["en"], owner="tom", course="c", wanted=Wanted(shared=True))
    made(room, alone, both, course)
    assert erase_learner(store, "ada", [room.service.erase]).jobs == 2
    assert room.service.film(alone.key) is None
    assert room.files.order(alone.key) is None
    assert b"Alone" not in b"".join(p.read_bytes() for p in room.folder.rglob("*") if p.is_file())
    assert list(room.cache.iterdir()) == []  # nobody knows whose sentences these were
    assert room.service.film_for(BEN, both.key)
    erase_learner(store, "tom", [room.service.erase])
    assert room.service.film_for(BEN, course.key)  # the course's
    assert course_owner("c") in store.jobs.listed(KIND, key=course.key)[0].owners


def test_what_nobody_wants_is_swept_away_after_a_while(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson("Kept"), ["en"], owner="ada")
    (gone,) = room.service.request(lesson("Gone"), ["en"], owner="ben")
    made(room, job, gone)
    room.store.jobs.forget("ben")
    left = room.files.begin(gone.key, "dead")
    used = room.files.put_asset(BytesIO(b"used"), 10)
    named = room.files.put_asset(BytesIO(b"named"), 10)
    lost = room.files.put_asset(BytesIO(b"lost"), 10)
    now = datetime.now().astimezone()
    room.store.scripts.add(Script("a", "tom", "", "", "", now, now, assets={"a.png": used}))
    room.files.put_order(job.key, "{}")
    (room.files.orders / job.key / "lesson.json").write_text(f'{{"asset":"sha256:{named}"}}')
    room.service.tidy()
    assert room.files.asset(lost) is not None  # it may just be on its way into a script
    age(room.folder, 7200)
    room.service.tidy()
    assert [room.files.asset(one) is not None for one in (used, named, lost)] == [True, True, False]
    assert room.service.film(gone.key) is None
    assert not left.exists()
    assert room.files.order(gone.key) is None
    assert room.service.film(job.key) is not None
    assert room.files.order(job.key) is not None


def test_the_cache_loses_what_was_used_longest_ago(tmp_path: Path) -> None:
    for n in range(6):
        name = f"{n:064x}"
        entry = tmp_path / "speech" / (name if n % 2 else f"{name}.wav")
        if n % 2:
            entry.mkdir(parents=True)
            (entry / "a.bin").write_bytes(b"x" * 60)
            (entry / "b.bin").write_bytes(b"x" * 40)
        else:
            entry.parent.mkdir(parents=True, exist_ok=True)
            entry.write_bytes(b"x" * 100)
        age(entry, 10_000 - 1000 * n)
    assert film_cache.sweep(tmp_path, 600) == 0
    assert film_cache.sweep(tmp_path, 350) == 300
    assert sorted(int(p.name[:64], 16) for p in (tmp_path / "speech").iterdir()) == [3, 4, 5]
    assert film_cache.sweep(tmp_path, 0, in_use=5500) == 200  # entry 5 was used 5,000 seconds ago: it may be in use
    film_cache.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert film_cache.sweep(tmp_path / "nowhere", 0) == 0


def test_an_asset_is_named_by_what_it_holds(room: FilmRoom) -> None:
    first, second = room.files.put_asset(BytesIO(b"abc"), 3), room.files.put_asset(BytesIO(b"abc"), 3)
    path = room.files.asset(first)
    assert first == second
    assert path is not None
    assert path.read_bytes() == b"abc"
    with pytest.raises(AssetTooLarge):
        room.files.put_asset(BytesIO(b"abcd"), 3)
    assert [p.name for p in room.files.assets.iterdir()] == [first]
    assert room.files.asset("../" + first) is None


def test_jobs_of_an_older_format_are_made_in_the_new_one(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    room.store.jobs.forget("ada")
    old_key = "0" * 64
    room.files.put_order(old_key, lesson().model_dump_json())
    old = room.store.jobs.enqueue(KIND, old_key, job.arguments, "ada", version="0")
    room.store.jobs.enqueue(KIND, old_key, job.arguments, "ben", version="0")
    assert room.workers().run_pending() == 0  # nobody here may touch it
    room.service.tidy()
    (new,) = [one for one in room.store.jobs.listed(KIND) if one.active]
    assert (new.version, new.owners, new.key) == (FORMAT, ("ada", "ben"), job.key)
    stopped = room.store.jobs.get(old.id)
    assert stopped is not None
    assert stopped.status == "cancelled"
    made(room, new)


# -- as the chat asks ----------------------------------------------------------------------------------------------


def script(room: FilmRoom, clock: StillClock, **changes: object) -> Script:
    text = lesson("Course film").model_dump_json()
    found = Script("script-1", "tom", "light", "Course film", text, clock.now, clock.now, format="lesson")
    found = replace(found, **changes)  # type: ignore[arg-type]
    room.store.scripts.add(found)
    return found


async def test_the_chat_asks_in_a_language_that_can_be_had(room: FilmRoom) -> None:
    orders = FilmOrders(room.service, room.store.jobs, room.store.scripts)
    spanish = await orders.order(lesson(), "es", owner="ada", course="light")
    assert (spanish.language, spanish.draft) == ("es", True)
    own = await orders.order(lesson(), "de", owner="ada", course="light")
    assert (own.language, own.draft) == ("en", False)
    job = room.store.jobs.get(own.job)
    assert job is not None
    assert (job.priority, job.owners, job.key) == (20, ("ada",), own.key)


async def test_a_courses_film_is_offered_once_it_was_made(room: FilmRoom, clock: StillClock) -> None:
    orders = FilmOrders(room.service, room.store.jobs, room.store.scripts)
    found = script(room, clock)
    assert await orders.course_films("light") == ()
    wanted = Wanted(script=found.id, shared=True)
    (job,) = room.service.request(lesson_of(found), ["en"], owner="tom", course="light", wanted=wanted)
    made(room, job)
    (film,) = await orders.course_films("light")
    assert (film.script, film.title, film.languages) == ("script-1", "Course film", ("en",))
    assert await orders.course_films("other") == ()
    same, key = await orders.order_script("script-1", "en", owner="ada")
    assert (same, key) == (job.id, job.key)
    assert "ada" in (room.store.jobs.get(job.id) or job).owners
    with pytest.raises(NotFound):
        await orders.order_script("gone", "en", owner="ada")


def test_the_pictures_of_a_script_are_named_by_content(store: Store) -> None:
    deck = lesson().model_dump(mode="json")
    deck["slides"][0]["blocks"] = [
        {"kind": "picture", "asset": "img/leaf.png"},
        {"kind": "columns", "left": [{"kind": "clip", "asset": "a.mp4"}], "right": []},
        {"kind": "picture", "asset": "other.png"},
    ]
    found = with_assets(lesson().model_validate(deck), {"img/leaf.png": "a" * 64, "a.mp4": "b" * 64})
    text = found.model_dump_json()
    assert f'"sha256:{"a" * 64}"' in text
    assert f'"sha256:{"b" * 64}"' in text
    assert '"other.png"' in text
