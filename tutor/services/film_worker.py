"""Whoever makes the films: claims a job, renders it in a process of its own, keeps the lease, tells how far it is.

A worker that dies leaves a lease that runs out; the next one to claim the job finds in the caches what was made and
goes on from there. A job that ends its renders again and again without getting any further fails. For the same reason
a film of a batch can be put aside at any time: it is, as soon as somebody waits for another.
"""

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutor.domain.errors import DiotimaError, StoreBusy
from tutor.domain.films import FORMAT, KIND, WAITING, WHOLE, FilmRequest, done_so_far
from tutor.domain.jobs import Job, JobStatus
from tutor.observe import Logger
from tutor.ports import JobQueue
from tutor.services.film_files import FILM, FilmFiles
from tutor.services.film_process import Crashed, Failed, Order, Progressed, Rendering, Standby, Succeeded, Told

log = Logger(__name__)

RENDER = "tutor.services.film_render:render"
OFTEN = 0.25  # seconds between two reports of progress


@dataclass(frozen=True)
class Pace:
    """Seconds. ``lease``: how long a silent worker keeps a job; ``stall``: how long a render may tell nothing new;
    ``idle``: between two looks at the queue; ``tidy``: between two sweeps."""

    lease: float = 20.0
    stall: float = 600.0
    idle: float = 1.0
    tidy: float = 600.0


@dataclass(frozen=True)
class Workshop:
    """Where the work is done, and by which function (``module:function``, see ``film_process.Render``)."""

    files: FilmFiles
    cache: Path
    models: Path
    render: str = RENDER
    options: dict[str, Any] = field(default_factory=dict)


class FilmWorkers:
    """``count`` renders at once, each in a thread that watches over its process. ``tidy`` is called now and then, and
    ``took`` after each job with its outcome (``made``, ``there``, ``put_aside`` or a code) and seconds."""

    def __init__(
        self,
        jobs: JobQueue,
        workshop: Workshop,
        pace: Pace | None = None,
        tidy: Callable[[], object] = lambda: None,
        took: Callable[[str, float], object] = lambda outcome, seconds: None,
    ) -> None:
        self._jobs = jobs
        self._workshop = workshop
        self._pace = pace or Pace()
        self._tidy = tidy
        self._took = took
        self._closing = threading.Event()
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._tidied = time.monotonic()
        # Never the same twice: two containers may share a host name and both be process 1.
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def start(self, count: int) -> None:
        """Begin to work jobs off, ``count`` at once."""
        for n in range(len(self._threads), count):
            thread = threading.Thread(target=self._run, args=(f"{self._name}-{n}",), name=f"film-{n}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """There is something to do."""
        with self._wake:
            self._wake.notify_all()

    def close(self) -> None:
        """Stop now. What was under way is handed back, and goes on elsewhere or at the next start."""
        self._closing.set()
        self.wake()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def run_pending(self) -> int:
        """Work off what waits, in this thread; how many."""
        count = 0
        standby = self._standby()
        while not self._closing.is_set() and self._one(f"{self._name}-x", standby):
            count += 1
        return count

    def _standby(self) -> Standby:
        return Standby(self._workshop.render, self._workshop.models)

    def _run(self, name: str) -> None:
        with contextlib.closing(self._standby()) as standby:
            while not self._closing.is_set():
                self._turn(name, standby)

    def _turn(self, name: str, standby: Standby) -> None:
        try:
            standby.prepare()
            worked = self._one(name, standby)
        except StoreBusy as error:
            worked = False
            log.warning("film.trouble", code=error.code)
        except Exception:  # the worker outlives whatever a job or the database does
            worked = False
            log.exception("film.failed")
        if not worked and not self._closing.is_set():
            with self._wake:
                self._wake.wait(self._pace.idle)
        self._sometimes_tidy()

    def _sometimes_tidy(self) -> None:
        if time.monotonic() - self._tidied < self._pace.tidy:
            return
        self._tidied = time.monotonic()
        try:
            self._tidy()
        except (OSError, DiotimaError) as error:
            log.warning("film.not_tidied", error=str(error))

    def _one(self, name: str, standby: Standby) -> bool:
        job = self._jobs.claim(name, self._pace.lease, (KIND,), version=FORMAT)
        if job is None:
            return False
        began = time.monotonic()
        outcome = _Work(self._jobs, self._workshop, self._pace, self._closing, job, name, standby).do()
        self._took(outcome, time.monotonic() - began)
        return True


class _Work:
    """One job of one worker."""

    def __init__(
        self,
        jobs: JobQueue,
        workshop: Workshop,
        pace: Pace,
        closing: threading.Event,
        job: Job,
        worker: str,
        standby: Standby,
    ) -> None:
        self._jobs = jobs
        self._shop = workshop
        self._pace = pace
        self._closing = closing
        self._job = job
        self._worker = worker
        self._standby = standby
        self._stages: dict[str, tuple[int, int]] = {}
        self._stage = ""
        self._done = 0
        self._told_at = 0.0
        self._renewed_at = self._looked_at = time.monotonic()

    def do(self) -> str:
        """Returns the outcome."""
        files, key = self._shop.files, self._job.key
        if files.film(key) is not None:
            self._jobs.finish(self._job.id, self._worker, "done")
            return "there"
        order = files.order(key)
        if order is None:
            self._fail(Failed("order_lost", "What this film was to be made from is no longer there."))
            return "order_lost"
        part = files.begin(key, secrets.token_hex(4))
        try:
            rendering = Rendering(
                Order(
                    request=FilmRequest.of(self._job.arguments),
                    lesson=order[0],
                    translation=order[1],
                    assets=files.assets,
                    cache=self._shop.cache,
                    models=self._shop.models,
                    out=part / FILM,
                    first=files.previews / key,
                    options=self._shop.options,
                ),
                self._shop.render,
                self._standby.take(),
            )
            try:
                told = self._watch(rendering)
            finally:
                rendering.end()
            return self._settle(told, part)
        finally:
            files.discard(part)

    def _watch(self, rendering: Rendering) -> Told | None:
        """Until it is over; None when it is no longer ours to do."""
        heard = time.monotonic()
        while True:
            told = rendering.told(min(self._pace.lease / 4, 1.0))
            now = time.monotonic()
            if isinstance(told, Progressed):
                heard = now
                if not self._report(told):
                    return None
            elif told is not None:
                return told
            if self._closing.is_set() or self._somebody_waits(now):
                self._jobs.finish(self._job.id, self._worker, "pending")
                return None
            if now - self._renewed_at >= self._pace.lease / 4 and not self._renew():
                return None
            if now - heard > self._pace.stall:
                return Failed("render_stalled", f"The render did nothing for {self._pace.stall:.0f} seconds.", True)

    def _somebody_waits(self, now: float) -> bool:
        """Whether this film can wait and somebody can't; looked up now and then."""
        if self._job.priority >= WAITING or now - self._looked_at < self._pace.idle:
            return False
        self._looked_at = now
        try:
            newest = self._jobs.listed(KIND, 50)
        except StoreBusy:
            return False
        return any(one.status == "pending" and one.priority >= WAITING and one.version == FORMAT for one in newest)

    def _renew(self) -> bool:
        try:
            ours = self._jobs.renew(self._job.id, self._worker, self._pace.lease)
        except StoreBusy:
            return True  # as long as the lease holds, trying again is all there is to do
        self._renewed_at = time.monotonic()
        return ours

    def _report(self, told: Progressed) -> bool:
        """False when the job is no longer ours."""
        changed = told.stage != self._stage
        self._stage = told.stage
        self._stages[told.stage] = (told.done, told.total)
        self._done = max(self._done, min(done_so_far(self._stages), WHOLE))
        now = time.monotonic()
        if not changed and told.done < told.total and now - self._told_at < OFTEN:
            return True
        self._told_at = now
        try:
            ours = self._say()
        except StoreBusy:
            return True
        self._renewed_at = now
        return ours

    def _say(self, message: str | None = None, **more: Any) -> bool:
        return self._jobs.progress(
            self._job.id,
            self._worker,
            self._pace.lease,
            stage=self._stage,
            done=self._done,
            total=WHOLE,
            message=message,
            detail={"stages": {name: list(pair) for name, pair in self._stages.items()}, **more},
        )

    def _settle(self, told: Told | None, part: Path) -> str:
        match told:
            case Succeeded():
                # Not if it was taken away at the last moment: then somebody may have asked that nothing be left.
                if self._say():
                    self._shop.files.publish(self._job.key, part)
                    self._jobs.finish(self._job.id, self._worker, "done")
                    log.info("film.made", job=self._job.id, key=self._job.key)
                    return "made"
            case Crashed():
                return self._fail(Failed("render_crashed", told.message, retryable=True))
            case Failed():
                return self._fail(told)
        return "put_aside"

    def _fail(self, told: Failed) -> str:
        # Its words are for whoever asked, and may quote them.
        log.warning("film.job_failed", job=self._job.id, code=told.code)
        self._say(told.message, problem=told.message, findings=list(told.findings))
        status: JobStatus = "pending" if told.retryable else "failed"
        self._jobs.finish(self._job.id, self._worker, status, told.code, counts=True)
        return told.code
