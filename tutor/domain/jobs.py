"""Work that outlives a request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

JobStatus = Literal["pending", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Job:
    """``key`` makes a job idempotent: enqueuing the same key while it is pending or running gives the same job.

    ``done`` and ``total`` count steps in ``unit``; ``messages`` are findings for the person who asked
    (for example files that could not be read). ``lease_until`` belongs to the worker named in ``worker``.
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
    owner: str | None = None
