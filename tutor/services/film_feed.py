"""How films get on, live: whoever works on a job writes its progress into the queue, on this machine or another, and
here one look at the queue serves everybody who follows a job. Only what is newest is told; nobody can lag behind.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextvars import Context

from tutor.domain.errors import StoreBusy
from tutor.domain.jobs import Job
from tutor.observe import Logger
from tutor.ports import JobQueue

log = Logger(__name__)

EVERY = 0.5  # seconds between two looks


class _Listener:
    """The newest state of a job for one follower; None once it is gone."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._known = False
        self._newest: Job | None = None

    def tell(self, job: Job | None) -> None:
        if not self._known or job != self._newest:
            self._known, self._newest = True, job
            self._news.set()

    async def next(self) -> Job | None:
        await self._news.wait()
        self._news.clear()
        return self._newest


class JobFeed:
    """Lives in the event loop."""

    def __init__(self, jobs: JobQueue, every: float = EVERY) -> None:
        self._jobs = jobs
        self._every = every
        self._listeners: dict[str, set[_Listener]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._somebody_new = asyncio.Event()

    async def follow(self, job: str) -> AsyncIterator[Job]:
        """The job as it is, and again whenever it has changed, until it is over or gone."""
        listener = _Listener()
        self._listeners[job].add(listener)
        self._somebody_new.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="job-feed", context=Context())
        try:
            while (found := await listener.next()) is not None:
                yield found
                if not found.active:
                    return
        finally:
            self._listeners[job].discard(listener)
            if not self._listeners[job]:
                del self._listeners[job]

    async def _look(self) -> None:
        while self._listeners:
            self._somebody_new.clear()
            names = tuple(self._listeners)
            try:
                found = await asyncio.to_thread(lambda names: [self._jobs.get(name) for name in names], names)
            except StoreBusy as error:
                log.warning("film.feed_waits", code=error.code)
            else:
                for name, job in zip(names, found, strict=True):
                    for listener in tuple(self._listeners.get(name, ())):
                        listener.tell(job)
            try:
                await asyncio.wait_for(self._somebody_new.wait(), self._every)
            except TimeoutError:
                continue
