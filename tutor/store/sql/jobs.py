"""The durable job queue in SQL: leases, takeover, and a limit on attempts."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tutor.domain.jobs import Job, JobStatus
from tutor.ports import Clock, NewId
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import jobs

ACTIVE = ("pending", "running")


class SqlJobQueue:
    """A job whose worker's lease ran out is claimed again, until ``max_attempts`` workers have failed on it."""

    def __init__(self, database: Database, clock: Clock, new_id: NewId, max_attempts: int = 3) -> None:
        self._db = database
        self._clock = clock
        self._new_id = new_id
        self._max_attempts = max_attempts

    def enqueue(self, kind: str, key: str, arguments: dict[str, str], owner: str | None = None) -> Job:
        now = self._clock()
        values = {
            "id": self._new_id(),
            "kind": kind,
            "key": key,
            "arguments": json.dumps(arguments, ensure_ascii=False),
            "status": "pending",
            "created_at": now,
            "updated_at": now,
            "done": 0,
            "total": 0,
            "stage": "",
            "messages": "[]",
            "attempts": 0,
            "owner": owner,
        }
        # A lock and not a partial unique index: naming one makes SQLAlchemy import PostgreSQL's dialect at every start.
        same = sa.select(jobs).where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.status.in_(ACTIVE))
        with self._db.write() as connection:
            self._db.lock(connection, f"job:{kind}:{key}")
            row = connection.execute(same).one_or_none()
            if row is None:
                connection.execute(jobs.insert(), values)
                row = connection.execute(same).one()
        return _job(row)

    def get(self, job: str) -> Job | None:
        with self._db.read() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job)).one_or_none()
        return _job(row) if row else None

    def listed(self, kind: str | None = None, limit: int = 50) -> tuple[Job, ...]:
        query = sa.select(jobs).order_by(jobs.c.number.desc()).limit(limit)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        with self._db.read() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def claim(self, worker: str, lease_seconds: float, kinds: Sequence[str] | None = None) -> Job | None:
        now = self._clock()
        lapsed = sa.and_(jobs.c.status == "running", jobs.c.lease_until < now)
        query = sa.select(jobs).where(sa.or_(jobs.c.status == "pending", lapsed)).order_by(jobs.c.number).limit(1)
        if kinds is not None:
            query = query.where(jobs.c.kind.in_(tuple(kinds)))
        if not self._waiting(query):
            return None  # the usual answer, and it costs no write lock
        with self._db.write() as connection:
            while row := connection.execute(query.with_for_update(skip_locked=True)).one_or_none():
                taken = row.attempts < self._max_attempts
                change: dict[str, Any] = {"updated_at": now}
                if taken:
                    until = now + timedelta(seconds=lease_seconds)
                    change |= {"status": "running", "worker": worker, "lease_until": until, "error": None}
                    change |= {"attempts": row.attempts + 1}
                else:
                    change |= {"status": "failed", "lease_until": None, "error": "attempts_exhausted"}
                connection.execute(jobs.update().where(jobs.c.number == row.number), change)
                if taken:
                    return _job(connection.execute(sa.select(jobs).where(jobs.c.number == row.number)).one())
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
        now = self._clock()
        mine = _held(job, worker)
        with self._db.write() as connection:
            row = connection.execute(sa.select(jobs.c.messages).where(mine).with_for_update()).one_or_none()
            if row is None:
                return False
            change: dict[str, Any] = {
                "stage": stage,
                "done": done,
                "total": total,
                "updated_at": now,
                "lease_until": now + timedelta(seconds=lease_seconds),
            }
            if message is not None:
                change["messages"] = json.dumps([*json.loads(row.messages), message], ensure_ascii=False)
            connection.execute(jobs.update().where(mine), change)
        return True

    def finish(self, job: str, worker: str, status: JobStatus, error: str | None = None) -> None:
        """Does nothing when the job was cancelled or taken over meanwhile."""
        change: dict[str, Any] = {"status": status, "error": error, "lease_until": None, "updated_at": self._clock()}
        if status == "pending":
            change["attempts"] = jobs.c.attempts - 1
        with self._db.write() as connection:
            connection.execute(jobs.update().where(_held(job, worker)).values(change))

    def cancel(self, job: str) -> None:
        change = {"status": "cancelled", "lease_until": None, "updated_at": self._clock()}
        with self._db.write() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job, jobs.c.status.in_(ACTIVE)), change)

    def forget(self, owner: str) -> int:
        with self._db.write() as connection:
            return connection.execute(jobs.delete().where(jobs.c.owner == owner)).rowcount

    def _waiting(self, query: sa.Select[Any]) -> bool:
        with self._db.read() as connection:
            return connection.execute(query.with_only_columns(jobs.c.number)).first() is not None


def _held(job: str, worker: str) -> sa.ColumnElement[bool]:
    return (jobs.c.id == job) & (jobs.c.worker == worker) & (jobs.c.status == "running")


def _job(row: sa.Row[Any]) -> Job:
    values = dict(row._mapping)
    del values["number"]
    arguments, messages = json.loads(row.arguments), tuple(json.loads(row.messages))
    return Job(**{**values, "arguments": arguments, "messages": messages})
