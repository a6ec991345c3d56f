"""The Protocols of work that outlives a request: the queue of jobs, and the scripts that films are made from.

Part of ``tutor.ports``, where they are imported from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tutor.domain.films import Script
    from tutor.domain.jobs import Job, JobStatus


class JobQueue(Protocol):
    """Durable, at-least-once work. Safe because each job is idempotent by content hash."""

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
        """Ask for work. While a job of this kind and key is pending or running it is that job, which ``owner`` then
        has a share in, and whose priority rises to ``priority``; with ``done_counts`` so is one that is done."""
        ...

    def get(self, job: str) -> Job | None: ...
    def listed(
        self, kind: str | None = None, limit: int = 50, *, owner: str | None = None, key: str | None = None
    ) -> tuple[Job, ...]:
        """Newest first; with ``owner`` only those they have a share in."""
        ...

    def counts(self) -> Mapping[tuple[str, JobStatus], int]:
        """How many jobs there are of each kind and status; none are left out."""
        ...

    def claim(
        self, worker: str, lease_seconds: float, kinds: Sequence[str] | None = None, *, version: str = ""
    ) -> Job | None:
        """The pending job of the highest priority, then the oldest, or one whose worker's lease ran out; two workers
        never get the same one. A job of another version than ``version`` is left to others.

        One that has lost its workers again and again without getting any further fails instead
        (``attempts_exhausted``)."""
        ...

    def renew(self, job: str, worker: str, lease_seconds: float) -> bool:
        """Keep the lease; False when the job was cancelled or taken over: then stop."""
        ...

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
        """Record progress and renew the lease; False when the job was cancelled or taken over: then stop.

        A job that gets further than any attempt before has all its attempts again."""
        ...

    def finish(
        self, job: str, worker: str, status: JobStatus, error: str | None = None, *, counts: bool = False
    ) -> None:
        """``pending`` hands the job back: it is claimed again. Unless it ``counts``, that is no attempt lost; if it
        does and was the last one, the job has failed with ``error``."""
        ...

    def cancel(self, job: str, owner: str | None = None) -> None:
        """Stop the job; with ``owner`` only their share in it: it goes on while others want it."""
        ...

    def retry(self, job: str) -> Job | None:
        """A job that is over, however it ended, is pending again with all its attempts, unless its key is active; the
        active job of that key, or None for an unknown job."""
        ...

    def forget(self, owner: str) -> int:
        """Remove this person's share in every job for good, and the jobs that are then nobody's; how many they had a
        share in."""
        ...


class Scripts(Protocol):
    """The scripts that trainers keep."""

    def add(self, script: Script) -> None:
        """Raises ``InvalidInput`` for an id that is taken."""
        ...

    def get(self, script: str) -> Script | None: ...
    def listed(self, *, owner: str | None = None, course: str | None = None) -> tuple[Script, ...]:
        """Newest change first."""
        ...

    def save(self, script: Script) -> Script:
        """Replace the script of this id and return it with its new revision.

        Raises ``NotFound``, and ``SequenceConflict`` when it has changed since ``script.revision``."""
        ...

    def remove(self, script: str) -> None: ...
    def forget(self, owner: str) -> int:
        """Remove this person's own scripts; those of a course stay with the course, and name nobody. How many they
        had."""
        ...
