"""A worker as a process, to be killed: ``python -m tests.services.film_worker_process FOLDER [idle]``.

Works on the database and the files in the folder; with ``idle`` it leaves when nothing waits any more.
"""

import sys
import time
from pathlib import Path

from tests.fakes.small_film import OPTIONS, RENDER
from tutor.services.film_files import FilmFiles
from tutor.services.film_worker import FilmWorkers, Pace, Workshop
from tutor.store.sql import SqlStore

# A film may be interrupted as often as it pleases the test; when to give up is another test's.
ATTEMPTS = 100


def open_store(folder: Path) -> SqlStore:
    return SqlStore(f"sqlite:///{folder / 'diotima.db'}", max_attempts=ATTEMPTS)


def main(folder: Path, until_idle: bool) -> None:
    store = open_store(folder)
    shop = Workshop(FilmFiles(folder), folder / "cache", folder / "models", RENDER, OPTIONS)
    workers = FilmWorkers(store.jobs, shop, Pace(lease=2.0, idle=0.05))
    workers.start(1)
    while not (until_idle and not any(job.active for job in store.jobs.listed(limit=1000))):
        time.sleep(0.05)
    workers.close()
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), "idle" in sys.argv[2:])
