"""The job queue in memory."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tutor.domain.jobs import LONGEST_LEASE, Job, JobStatus
from tutor.ports import Clock, NewId


class MemoryJobQueue:
    def __init__(self, clock: Clock, new_id: NewId, max_attempts: int) -> None:
        self._clock = clock
        self._new_id = new_id
        self._max_attempts = max_attempts
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}  # in order of enqueuing

    def enqueue(
        self,
        kind: str,
        key: str,
        arguments: dict[str, str],
        owner: str | None = None,
        *,
        priority: int = 0,
        version: str = "",
        done_counts: bool = False,
    ) -> Job:
        with self._lock:
            if same := self._same(kind, key, done_counts):
                owners = (*same.owners, owner) if owner is not None and owner not in same.owners else same.owners
                joined = replace(same, owners=owners, priority=max(priority, same.priority))
                self._jobs[same.id] = joined
                return joined
            now = self._clock()
            owners = () if owner is None else (owner,)
            job = Job(
                self._new_id(),
                kind,
                key,
                dict(arguments),
                "pending",
                now,
                now,
                owners=owners,
                priority=priority,
                version=version,
            )
            self._jobs[job.id] = job
            return job

    def get(self, job: str) -> Job | None:
        with self._lock:
            return self._jobs.get(job)

    def listed(
        self, kind: str | None = None, limit: int = 50, *, owner: str | None = None, key: str | None = None
    ) -> tuple[Job, ...]:
        with self._lock:
            found = [
                job
                for job in reversed(self._jobs.values())
                if kind in (None, job.kind) and key in (None, job.key) and (owner is None or owner in job.owners)
            ]
        return tuple(found[:limit])

    def counts(self) -> Mapping[tuple[str, JobStatus], int]:
        with self._lock:
            return Counter((job.kind, job.status) for job in self._jobs.values())

    def claim(
        self, worker: str, lease_seconds: float, kinds: Sequence[str] | None = None, *, version: str = ""
    ) -> Job | None:
        with self._lock:
            now = self._clock()
            far = now + timedelta(seconds=LONGEST_LEASE)
            for name, job in self._jobs.items():
                if job.status == "running" and job.lease_until is not None and job.lease_until > far:
                    self._jobs[name] = replace(job, lease_until=far)  # the clock was put back since
            for job in sorted(self._jobs.values(), key=lambda job: -job.priority):  # stable: then the oldest
                lapsed = job.status == "running" and job.lease_until is not None and job.lease_until < now
                if (job.status != "pending" and not lapsed) or (kinds is not None and job.kind not in kinds):
                    continue
                if job.version not in ("", version):
                    continue
                if job.attempts >= self._max_attempts:
                    self._change(job, status="failed", lease_until=None, error="attempts_exhausted")
                    continue
                until = now + timedelta(seconds=lease_seconds)
                return self._change(
                    job, status="running", worker=worker, lease_until=until, error=None, attempts=job.attempts + 1
                )
            return None

    def renew(self, job: str, worker: str, lease_seconds: float) -> bool:
        with self._lock:
            held = self._held(job, worker)
            if held is None:
                return False
            self._jobs[job] = replace(held, lease_until=self._clock() + timedelta(seconds=lease_seconds))
            return True

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
        detail: Mapping[str, Any] | None = None,
    ) -> bool:
        with self._lock:
            held = self._held(job, worker)
            if held is None:
                return False
            until = self._clock() + timedelta(seconds=lease_seconds)
            messages = held.messages if message is None else (*held.messages, message)
            changes: dict[str, Any] = {"stage": stage, "done": done, "total": total, "lease_until": until}
            if detail is not None:
                changes["detail"] = dict(detail)
            if done > held.furthest:
                changes |= {"furthest": done, "attempts": 1}
            self._change(held, messages=messages, **changes)
            return True

    def finish(
        self, job: str, worker: str, status: JobStatus, error: str | None = None, *, counts: bool = False
    ) -> None:
        with self._lock:
            if held := self._held(job, worker):
                if counts and status == "pending" and held.attempts >= self._max_attempts:
                    status = "failed"
                attempts = held.attempts - (status == "pending" and not counts)
                self._change(held, status=status, error=error, lease_until=None, attempts=attempts)

    def cancel(self, job: str, owner: str | None = None) -> None:
        with self._lock:
            found = self._jobs.get(job)
            if found is None or not found.active or (owner is not None and owner not in found.owners):
                return
            if owner is not None and len(found.owners) > 1:
                self._jobs[job] = replace(found, owners=tuple(o for o in found.owners if o != owner))
            else:
                self._change(found, status="cancelled", lease_until=None)

    def retry(self, job: str) -> Job | None:
        with self._lock:
            found = self._jobs.get(job)
            if found is None:
                return None
            if same := self._same(found.kind, found.key, False):
                return same
            return self._change(found, status="pending", error=None, worker=None, attempts=0, furthest=0)

    def forget(self, owner: str) -> int:
        with self._lock:
            shared = [job for job in self._jobs.values() if owner in job.owners]
            for job in shared:
                left = tuple(other for other in job.owners if other != owner)
                if left:
                    self._jobs[job.id] = replace(job, owners=left)
                else:
                    del self._jobs[job.id]
            return len(shared)

    def _same(self, kind: str, key: str, done_counts: bool) -> Job | None:
        matching = [job for job in self._jobs.values() if (job.kind, job.key) == (kind, key)]
        active = [job for job in matching if job.active]
        done = [job for job in matching if job.status == "done" and done_counts]
        return next(iter(active or done[::-1]), None)

    def _held(self, job: str, worker: str) -> Job | None:
        found = self._jobs.get(job)
        return found if found and found.worker == worker and found.status == "running" else None

    def _change(self, job: Job, **values: Any) -> Job:
        changed = replace(job, updated_at=self._clock(), **values)
        self._jobs[job.id] = changed
        return changed
