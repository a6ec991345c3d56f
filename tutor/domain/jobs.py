"""Work that outlives a request."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

JobStatus = Literal["pending", "running", "done", "failed", "cancelled"]
ACTIVE: tuple[JobStatus, ...] = ("pending", "running")
LONGEST_LEASE = 600.0  # seconds


@dataclass(frozen=True)
class Job:
    """``key`` makes a job idempotent: enqueuing the same key while it is pending or running gives the same job, which
    then belongs to everybody who asked (``owners``, in the order of asking).

    ``done`` and ``total`` count steps in ``stage``; ``detail`` is JSON about its parts; ``messages`` are findings for
    the people who asked (for example files that could not be read). ``lease_until`` belongs to the worker named in
    ``worker``. ``attempts`` counts the workers that began it since it last got further than ever (``furthest``).
    Higher ``priority`` goes first. ``version`` is the version of the code that the job was asked of: only workers of
    that version take it; empty: any worker.
    """

    id: str
    kind: str
    key: str
    arguments: dict[str, str]
    status: JobStatus
    created_at: datetime
    updated_at: datetime
    done: int = 0
    total: int = 0
    stage: str = ""
    messages: tuple[str, ...] = ()
    error: str | None = None
    worker: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    owners: tuple[str, ...] = ()
    priority: int = 0
    version: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    furthest: int = 0

    @property
    def owner(self) -> str | None:
        """Who asked first."""
        return self.owners[0] if self.owners else None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE
