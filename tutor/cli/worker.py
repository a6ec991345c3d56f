"""``diotima worker``: makes films beside the server, here or on another machine."""

import os
import signal
from queue import SimpleQueue
from typing import Annotated

import typer

from tutor.cli.doctor import shown
from tutor.cli.opening import opened, settings_given
from tutor.observe import ROOMS, log_to_stderr


def worker(
    films: Annotated[
        int, typer.Option("--films", min=0, max=64, help="How many at once; 0: half of this machine's cores.")
    ] = 0,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Leave when nothing waits any more.")] = False,
) -> None:
    """Make the films that wait in the queue. Machines that share a PostgreSQL database share a folder of files too
    (DIOTIMA_FILES_DIR)."""
    settings = settings_given()
    log_to_stderr(settings.log_level, *ROOMS, style=settings.log_format)
    count = films or max(1, (os.cpu_count() or 1) // 2)
    # A signal's handler interrupts this very thread: an Event that is being waited for would lock it for ever, a
    # SimpleQueue may be put into from anywhere.
    told: SimpleQueue[int] = SimpleQueue()
    with opened(settings) as system:
        if until_idle:
            print(f"{system.film_workers.run_pending()} jobs done.")
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: told.put(number))
        system.film_workers.start(count)
        print(
            f"Making films, {count} at once, from {shown(settings.sqlalchemy_url)}"
            f" into {settings.shared_files.resolve()}. Stop with Ctrl+C.",
            flush=True,
        )
        told.get()
        print("What is under way is handed back.", flush=True)
