"""Making films: each in a process of its own, watched over, and never twice."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Backend
from tests.fakes.film import SIZE, folder_bytes
from tests.services.film_room import FAKE, FilmRoom, lesson
from tutor.domain.films import ARTEFACTS, FORMAT, FilmRequest
from tutor.services.film_process import Crashed, Order, Progressed, Rendering, Succeeded, Told
from tutor.services.film_worker import Pace

QUICK = Pace(lease=1.0, idle=0.05)


@pytest.fixture
def room(sqlite_backend: Backend, tmp_path: Path) -> FilmRoom:
    return FilmRoom(sqlite_backend.open(), tmp_path / "files")


def test_a_film_is_made_and_found_whole(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    assert room.service.film(job.key) is None
    assert room.workers().run_pending() == 1
    state = room.state(job.id)
    assert (state.status, state.percent, state.error) == ("done", 100, "")
    assert state.stages["speech"] == (3, 3)
    film = room.service.film(job.key)
    assert film is not None
    assert {one.name for one in film.artefacts} == {*ARTEFACTS, "thumbnails/001.jpg"}
    video = film.artefact("film.mp4")
    assert video is not None
    assert (video.size, video.type) == (SIZE, "video/mp4")
    assert list(room.left_overs()) == []


def test_a_film_that_is_there_is_not_made_again(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    room.workers().run_pending()
    before = (room.files.films / job.key).stat().st_ino
    room.store.jobs.forget("ada")
    (again,) = room.service.request(lesson(), ["en"], owner="ben")
    assert (again.id != job.id, again.key, again.status) == (True, job.key, "pending")
    room.workers(crash=1).run_pending()  # it would, if it rendered
    assert room.state(again.id).status == "done"
    assert [outcome for outcome, _ in room.took] == ["made", "there"]
    assert room.took[0][1] > room.took[1][1] >= 0
    assert (room.files.films / job.key).stat().st_ino == before


@pytest.mark.parametrize(
    ("options", "status", "error", "words"),
    [
        ({"refuse": 2}, "failed", "checks_failed", "not fit to publish"),
        ({"refuse_script": 1}, "failed", "script_invalid", "Line 3 is wrong."),
        ({"break": 4}, "failed", "render_broke", "ZeroDivisionError: by zero"),
    ],
)
def test_what_can_never_work_fails_at_once_and_says_why(
    room: FilmRoom, options: dict[str, int], status: str, error: str, words: str
) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    assert room.workers(None, **options).run_pending() == 1
    state = room.state(job.id)
    assert (state.status, state.error) == (status, error)
    assert words in state.problem
    assert [finding["message"] for finding in state.findings] == (
        ["Slide 1 is too full."] if "refuse" in options else []
    )
    assert room.service.film(job.key) is None
    assert list(room.left_overs()) == []


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"crash": 2}, "render_crashed", "SIGSEGV"),
        ({"fail": 1}, "voice_busy", "The voice is busy."),
        ({"hang": 1}, "render_stalled", "did nothing"),
    ],
)
def test_what_may_pass_is_tried_again_but_not_for_ever(
    room: FilmRoom, options: dict[str, int], error: str, words: str
) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    (behind,) = room.service.request(lesson("Other"), ["en"], owner="ada")
    worker = room.workers(replace(QUICK, stall=1.0) if "hang" in options else QUICK, **options)
    assert worker.run_pending() == 6
    for each in (job, behind):
        state = room.state(each.id)
        assert (state.status, state.error) == ("failed", error)
        assert words in state.problem
    room.store.jobs.retry(job.id)
    assert room.workers().run_pending() == 1
    assert room.state(job.id).status == "done"
    assert room.state(job.id).problem == ""


def test_a_film_whose_workers_die_fails_with_a_word_about_it(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    for attempt in range(3):
        assert room.store.jobs.claim(f"w{attempt}", -1.0, version=FORMAT) is not None  # a lease that has run out
    assert room.workers().run_pending() == 0
    state = room.state(job.id)
    assert (state.status, state.error) == ("failed", "attempts_exhausted")
    assert "again and again" in state.problem


def test_a_crash_takes_nothing_else_with_it(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    room.workers(crash=4).run_pending()
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    cached = len(folder_bytes(room.cache))
    assert cached == 3  # what was made before the crash is kept
    room.workers().run_pending()
    assert room.state(job.id).status == "done"


def test_a_cancelled_film_stops(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(slides=50), ["en"], owner="ada")
    workers = room.workers(QUICK, pause=0.05)
    workers.start(1)
    _until(lambda: room.state(job.id).percent > 0)
    room.store.jobs.cancel(job.id, "ada")
    _until(lambda: not list(room.left_overs()))
    workers.close()
    assert room.state(job.id).status == "cancelled"
    assert room.service.film(job.key) is None


def test_a_closing_server_hands_its_work_back(room: FilmRoom) -> None:
    (job,) = room.service.request(lesson(slides=50), ["en"], owner="ada")
    workers = room.workers(QUICK, pause=0.05)
    workers.start(1)
    _until(lambda: room.state(job.id).percent > 0)
    workers.close()
    left = room.store.jobs.get(job.id)
    assert left is not None
    assert (left.status, left.attempts) == ("pending", 0)
    assert list(room.left_overs()) == []
    assert room.workers().run_pending() == 1
    assert room.state(job.id).status == "done"


def test_who_waits_is_served_before_a_batch(room: FilmRoom) -> None:
    (first,) = room.service.request(lesson("Batch"), ["en"], owner="tom", priority=0)
    (second,) = room.service.request(lesson("Waiting"), ["en"], owner="ada", priority=20)
    room.workers().run_pending()
    made = [room.files.films / job.key for job in (second, first)]
    assert made[0].stat().st_mtime_ns < made[1].stat().st_mtime_ns


def test_a_batch_is_put_aside_when_somebody_waits(room: FilmRoom) -> None:
    (batch,) = room.service.request(lesson("Batch", slides=60), ["en"], owner="tom", priority=0)
    workers = room.workers(QUICK, pause=0.05)
    workers.start(1)
    _until(lambda: room.state(batch.id).percent > 0)
    (waiting,) = room.service.request(lesson("Waiting"), ["en"], owner="ada", priority=20)
    _until(lambda: room.state(waiting.id).status == "done")
    workers.close()
    left = room.store.jobs.get(batch.id)
    assert left is not None
    assert (left.status, left.error, left.attempts) == ("pending", None, 0)
    assert room.workers().run_pending() == 1
    assert room.state(batch.id).status == "done"


def test_two_machines_share_the_work_and_each_film_is_made_once(postgresql_backend: Backend, tmp_path: Path) -> None:
    rooms = [FilmRoom(postgresql_backend.open(), tmp_path / "shared") for _ in range(2)]
    asked = [rooms[0].service.request(lesson(f"Film {n}"), ["en"], owner="tom")[0] for n in range(4)]
    workers = [room.workers(QUICK, pause=0.05) for room in rooms]
    for one in workers:
        one.start(1)
    _until(lambda: not any(job.active for job in rooms[0].store.jobs.listed()))
    for one in workers:
        one.close()
    jobs = [rooms[1].store.jobs.get(job.id) for job in asked]
    assert [(job.status, job.attempts) for job in jobs if job] == [("done", 1)] * 4
    assert len({job.worker for job in jobs if job}) == 2
    assert all(rooms[1].service.film(job.key) for job in asked)


def test_workers_never_have_the_same_name(room: FilmRoom) -> None:
    names = {room.workers()._name for _ in range(20)}
    assert len(names) == 20
    assert all(str(os.getpid()) in name for name in names)


def test_the_render_ends_when_whoever_asked_is_gone(room: FilmRoom, tmp_path: Path) -> None:
    """Killed with no chance to tidy up: the render notices, and nothing is left running."""
    (job,) = room.service.request(lesson(), ["en"], owner="ada")
    found = room.files.order(job.key)
    assert found is not None
    out = tmp_path / "out"
    order = Order(FilmRequest.of(job.arguments), *found, tmp_path, room.cache, tmp_path, out, out, {"hang": 2})
    program = (
        "import sys; from tutor.services.film_process import *;"
        f"r = Rendering(Order.from_json(sys.argv[1]), '{FAKE}'); r.told(60); print(r.pid, flush=True); r.told(1000)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, order.to_json()], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    _until(lambda: not _alive(child))


def test_what_a_render_tells(room: FilmRoom, tmp_path: Path) -> None:
    (job,) = room.service.request(lesson(slides=1), ["en"], owner="ada")
    found = room.files.order(job.key)
    assert found is not None
    out = tmp_path / "out"
    order = Order(FilmRequest.of(job.arguments), *found, tmp_path, room.cache, tmp_path, out, tmp_path / "first", {})
    assert Order.from_json(order.to_json()) == order
    rendering = Rendering(order, FAKE)
    told: list[Told | None] = []
    while not told or isinstance(told[-1], Progressed):
        told.append(rendering.told(60))
    rendering.end()
    assert told == [
        *(Progressed(stage, 1, 1) for stage in ("slides", "speech", "film", "exports", "checks")),
        Succeeded(),
    ]
    lost = Rendering(order, "tests.fakes.film:missing")
    assert "AttributeError" in str(lost.told(60))
    lost.end()
    assert Crashed(-9).message == "The render was ended by SIGKILL."
    assert Crashed(3).message == "The render ended with status 3."


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _until(condition: object) -> None:
    deadline = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
