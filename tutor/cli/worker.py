"""``diotima worker``: makes films beside the server, here or on another machine."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
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
    with opened(settings) as system:
        if until_idle:
            print(f"{system.film_workers.run_pending()} jobs done.")
            return
        with told_to_stop(signal.SIGINT, signal.SIGTERM) as wait:
            system.film_workers.start(count)
            print(
                f"Making films, {count} at once, from {shown(settings.sqlalchemy_url)}"
                f" into {settings.shared_files.resolve()}. Stop with Ctrl+C.",
                flush=True,
            )
            wait()
            print("What is under way is handed back.", flush=True)


@contextlib.contextmanager
def told_to_stop(*signals: signal.Signals) -> Iterator[Callable[[], object]]:
    """Inside, one of ``signals`` ends the waiting, whenever it comes. In the main thread.

    Python runs a signal's handler between two of its own instructions. One that arrives when a lock or a queue is just
    about to be waited for is therefore not heard until that wait ends, which may be never. What the interpreter writes
    to the wake-up descriptor is written at once, so reading that misses none.
    """
    hears, tells = socket.socketpair()
    with hears, tells:
        tells.setblocking(False)
        before = {number: signal.signal(number, lambda *_: None) for number in signals}
        woken = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)

        def wait() -> None:
            while not set(hears.recv(64)) & set(signals):
                pass  # another signal of this process

        try:
            yield wait
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
