"""A worker killed again and again while it makes a batch: every film comes, once, and just as if nothing had been."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from media_gen.lesson import Bullet, Bullets, Layout, Lesson, Sentence, Slide
from tests.fakes.film import folder_bytes
from tests.fakes.small_film import OPTIONS
from tests.services.film_worker_process import open_store
from tutor.domain.films import BATCH, WHOLE
from tutor.domain.jobs import Job
from tutor.services.film_files import FilmFiles
from tutor.services.film_render import translator_for
from tutor.services.films import FilmService
from tutor.store.sql import SqlStore

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "es", "fr", "de")
SLIDES = 12
KILLS = 20


def script() -> Lesson:
    slides = tuple(
        Slide(
            id=f"s{n}",
            layout=Layout.BULLETS,
            title=f"Part {n}",
            blocks=(Bullets(items=(Bullet(text=f"First of {n}"), Bullet(text=f"Second of {n}"))),),
            narration=(Sentence(text=f"First of {n}.", reveal=1), Sentence(text=f"Second of {n}.", reveal=2)),
        )
        for n in range(1, SLIDES + 1)
    )
    return Lesson(title="Twelve parts", slides=slides)


class House:
    """A folder with a database and the films, as a server would have it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.files = FilmFiles(folder)
        self.store: SqlStore = open_store(folder)
        cache = folder / "cache"
        films = FilmService(
            self.store.jobs,
            self.store.scripts,
            self.files,
            cache,
            10**9,
            translator=lambda a, b: translator_for(OPTIONS, a, b),
        )
        self.asked = films.request(script(), LANGUAGES, owner="tom", priority=BATCH)

    def jobs(self) -> tuple[Job, ...]:
        return self.store.jobs.listed(limit=1000)

    def progress(self) -> float:
        """0 to 1, of the batch; it never falls."""
        return sum(WHOLE if job.status == "done" else job.furthest for job in self.jobs()) / (WHOLE * len(self.asked))

    @contextlib.contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "tests.services.film_worker_process", str(self.folder), *options]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def films(self) -> dict[str, dict[str, bytes]]:
        return {job.arguments["language"]: folder_bytes(self.files.films / job.key) for job in self.asked}


def renders_of(worker: int) -> list[int]:
    """The processes that a worker has started."""
    found = []
    for task in Path(f"/proc/{worker}/task").iterdir():
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(condition: object, process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not condition():  # type: ignore[operator]
        assert process is None or process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


@pytest.mark.timeout(600)
def test_a_worker_killed_twenty_times_leaves_every_film_made_once_and_the_same(tmp_path: Path) -> None:
    undisturbed, house = House(tmp_path / "undisturbed"), House(tmp_path / "killed")
    with undisturbed.worker("idle") as worker:
        assert worker.wait(timeout=300) == 0
    expected = undisturbed.films()
    assert all("film.mp4" in files for files in expected.values())

    random = Random(20)
    orphans: list[int] = []
    for mark in sorted(random.uniform(0, 0.9) for _ in range(KILLS)):
        with house.worker() as worker:
            until(lambda mark=mark: house.progress() >= mark and renders_of(worker.pid), worker)
            time.sleep(random.uniform(0, 0.3))
            assert house.progress() < 1, "it was over before it could be killed"
            orphans += renders_of(worker.pid)
            worker.kill()
            worker.wait()
    assert len(orphans) >= KILLS // 2
    with house.worker("idle") as worker:
        assert worker.wait(timeout=300) == 0

    assert sorted(job.status for job in house.jobs()) == ["done"] * len(LANGUAGES)
    assert {job.id for job in house.jobs()} == {job.id for job in house.asked}
    assert house.films() == expected
    left = [path.name for path in house.files.films.iterdir() if path.name not in {job.key for job in house.asked}]
    assert left == []
    until(lambda: all(gone(pid) for pid in orphans))
    assert os.getpid() not in orphans
    for each in (undisturbed, house):
        each.store.close()
