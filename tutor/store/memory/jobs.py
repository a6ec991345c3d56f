"""The job queue in memory."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tutor.domain.jobs import Job, JobStatus
from tutor.ports import Clock, NewId


class MemoryJobQueue:
    def __init__(self, clock: Clock, new_id: NewId, max_attempts: int) -> None:
        self._clock = clock
        self._new_id = new_id
        self._max_attempts = max_attempts
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}  # in order of enqueuing

    def enqueue(self, kind: str, key: str, arguments: dict[str, str], owner: str | None = None) -> Job:
        with self._lock:
            for job in self._jobs.values():
                if (job.kind, job.key) == (kind, key) and job.status in ("pending", "running"):
                    return job
            now = self._clock()
            job = Job(self._new_id(), kind, key, dict(arguments), "pending", now, now, owner=owner)
            self._jobs[job.id] = job
            return job

    def get(self, job: str) -> Job | None:
        with self._lock:
            return self._jobs.get(job)

    def listed(self, kind: str | None = None, limit: int = 50) -> tuple[Job, ...]:
        with self._lock:
            found = [job for job in reversed(self._jobs.values()) if kind in (None, job.kind)]
        return tuple(found[:limit])

    def claim(self, worker: str, lease_seconds: float, kinds: Sequence[str] | None = None) -> Job | None:
        with self._lock:
            now = self._clock()
            for job in list(self._jobs.values()):
                lapsed = job.status == "running" and job.lease_until is not None and job.lease_until < now
                if (job.status != "pending" and not lapsed) or (kinds is not None and job.kind not in kinds):
                    continue
                if job.attempts >= self._max_attempts:
                    self._change(job, status="failed", lease_until=None, error="attempts_exhausted")
                    continue
                until = now + timedelta(seconds=lease_seconds)
                return self._change(
                    job, status="running", worker=worker, lease_until=until, error=None, attempts=job.attempts + 1
                )
            return None

    def progress(
        self,
        job: str,
        worker: str,
        lease_seconds: float,
        *,
        stage: str,
        done: int,
        total: int,
        message: str | None = None,
    ) -> bool:
        with self._lock:
            held = self._held(job, worker)
            if held is None:
                return False
            until = self._clock() + timedelta(seconds=lease_seconds)
            messages = held.messages if message is None else (*held.messages, message)
            self._change(held, stage=stage, done=done, total=total, lease_until=until, messages=messages)
            return True

    def finish(self, job: str, worker: str, status: JobStatus, error: str | None = None) -> None:
        with self._lock:
            if held := self._held(job, worker):
                attempts = held.attempts - (status == "pending")
                self._change(held, status=status, error=error, lease_until=None, attempts=attempts)

    def cancel(self, job: str) -> None:
        with self._lock:
            found = self._jobs.get(job)
            if found is not None and found.status in ("pending", "running"):
                self._change(found, status="cancelled", lease_until=None)

    def forget(self, owner: str) -> int:
        with self._lock:
            kept = {name: job for name, job in self._jobs.items() if job.owner != owner}
            forgotten = len(self._jobs) - len(kept)
            self._jobs = kept
            return forgotten

    def _held(self, job: str, worker: str) -> Job | None:
        found = self._jobs.get(job)
        return found if found and found.worker == worker and found.status == "running" else None

    def _change(self, job: Job, **values: object) -> Job:
        changed = replace(job, updated_at=self._clock(), **values)  # type: ignore[arg-type]
        self._jobs[job.id] = changed
        return changed
