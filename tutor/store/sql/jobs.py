"""The durable job queue in SQL: leases, takeover, and a limit on attempts."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tutor.domain.jobs import ACTIVE, LONGEST_LEASE, Job, JobStatus
from tutor.ports import Clock, NewId
from tutor.store.sql.engine import Database
from tutor.store.sql.tables import job_owners, jobs


class SqlJobQueue:
    """A job whose worker's lease ran out is claimed again, until ``max_attempts`` workers have failed on it without
    getting any further."""

    def __init__(self, database: Database, clock: Clock, new_id: NewId, max_attempts: int = 3) -> None:
        self._db = database
        self._clock = clock
        self._new_id = new_id
        self._max_attempts = max_attempts

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
        now, new = self._clock(), self._new_id()
        values = {
            "id": new,
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
            "priority": priority,
            "version": version,
            "detail": "{}",
            "furthest": 0,
        }
        counting = (*ACTIVE, "done") if done_counts else ACTIVE
        # An active job before one that is done, and of those the newest.
        same = (
            sa.select(jobs)
            .where(jobs.c.kind == kind, jobs.c.key == key, jobs.c.status.in_(counting))
            .order_by(sa.case((jobs.c.status == "done", 1), else_=0), jobs.c.number.desc())
            .limit(1)
        )
        # A lock and not a partial unique index: naming one makes SQLAlchemy import PostgreSQL's dialect at every start.
        with self._db.write() as connection:
            self._db.lock(connection, f"job:{kind}:{key}")
            row = connection.execute(same).one_or_none()
            if row is None:
                connection.execute(jobs.insert(), values)
            elif row.priority < priority:
                connection.execute(jobs.update().where(jobs.c.id == row.id), {"priority": priority})
            name: str = new if row is None else row.id
            if owner is not None:
                _join(connection, name, owner)
            return _jobs(connection, jobs.c.id == name)[0]

    def get(self, job: str) -> Job | None:
        with self._db.read() as connection:
            found = _jobs(connection, jobs.c.id == job)
        return found[0] if found else None

    def listed(
        self, kind: str | None = None, limit: int = 50, *, owner: str | None = None, key: str | None = None
    ) -> tuple[Job, ...]:
        conditions: list[sa.ColumnElement[bool]] = []
        if kind is not None:
            conditions.append(jobs.c.kind == kind)
        if key is not None:
            conditions.append(jobs.c.key == key)
        if owner is not None:
            conditions.append(jobs.c.id.in_(sa.select(job_owners.c.job).where(job_owners.c.owner == owner)))
        with self._db.read() as connection:
            return _jobs(connection, *conditions, limit=limit)

    def counts(self) -> Mapping[tuple[str, JobStatus], int]:
        query = sa.select(jobs.c.kind, jobs.c.status, sa.func.count()).group_by(jobs.c.kind, jobs.c.status)
        with self._db.read() as connection:
            return {(kind, status): count for kind, status, count in connection.execute(query)}

    def claim(
        self, worker: str, lease_seconds: float, kinds: Sequence[str] | None = None, *, version: str = ""
    ) -> Job | None:
        now = self._clock()
        lapsed = sa.and_(jobs.c.status == "running", jobs.c.lease_until < now)
        query = (
            sa.select(jobs)
            .where(sa.or_(jobs.c.status == "pending", lapsed), jobs.c.version.in_(("", version)))
            .order_by(jobs.c.priority.desc(), jobs.c.number)
            .limit(1)
        )
        if kinds is not None:
            query = query.where(jobs.c.kind.in_(tuple(kinds)))
        # A lease that ends later than any lease can was given by a clock that has been put back since: it is cut to a
        # whole lease from now. A worker that lives renews it, and one that is dead isn't waited for until then.
        far = now + timedelta(seconds=LONGEST_LEASE)
        ahead = sa.and_(jobs.c.status == "running", jobs.c.lease_until > far)
        with self._db.read() as connection:  # the usual answer is no, and it costs no write lock
            late = connection.execute(sa.select(jobs.c.number).where(ahead).limit(1)).first() is not None
            waiting = connection.execute(query.with_only_columns(jobs.c.number)).first() is not None
        if late:
            with self._db.write() as connection:
                connection.execute(jobs.update().where(ahead), {"lease_until": far})
        if not waiting:
            return None
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
                    return _jobs(connection, jobs.c.number == row.number)[0]
        return None

    def renew(self, job: str, worker: str, lease_seconds: float) -> bool:
        change = {"lease_until": self._clock() + timedelta(seconds=lease_seconds)}
        with self._db.write() as connection:
            return connection.execute(jobs.update().where(_held(job, worker)), change).rowcount > 0

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
        now = self._clock()
        mine = _held(job, worker)
        with self._db.write() as connection:
            known = sa.select(jobs.c.messages, jobs.c.furthest).where(mine).with_for_update()
            row = connection.execute(known).one_or_none()
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
            if detail is not None:
                change["detail"] = json.dumps(dict(detail), ensure_ascii=False)
            if done > row.furthest:
                change |= {"furthest": done, "attempts": 1}
            connection.execute(jobs.update().where(mine), change)
        return True

    def finish(
        self, job: str, worker: str, status: JobStatus, error: str | None = None, *, counts: bool = False
    ) -> None:
        """Does nothing when the job was cancelled or taken over meanwhile."""
        change: dict[str, Any] = {"status": status, "error": error, "lease_until": None, "updated_at": self._clock()}
        if status == "pending" and counts:
            spent = jobs.c.attempts >= self._max_attempts
            change["status"] = sa.case((spent, "failed"), else_="pending")
        elif status == "pending":
            change["attempts"] = jobs.c.attempts - 1
        with self._db.write() as connection:
            connection.execute(jobs.update().where(_held(job, worker)).values(change))

    def cancel(self, job: str, owner: str | None = None) -> None:
        change = {"status": "cancelled", "lease_until": None, "updated_at": self._clock()}
        active = sa.and_(jobs.c.id == job, jobs.c.status.in_(ACTIVE))
        with self._db.write() as connection:
            # The row is held, so that two who leave at once don't each see the other stay.
            if connection.execute(sa.select(jobs.c.id).where(active).with_for_update()).one_or_none() is None:
                return
            if owner is not None:
                owners = connection.execute(sa.select(job_owners.c.owner).where(job_owners.c.job == job)).scalars()
                names = set(owners)
                if owner not in names:
                    return
                if len(names) > 1:
                    share = sa.and_(job_owners.c.job == job, job_owners.c.owner == owner)
                    connection.execute(job_owners.delete().where(share))
                    return
            connection.execute(jobs.update().where(active), change)

    def retry(self, job: str) -> Job | None:
        found = self.get(job)
        if found is None:
            return None
        with self._db.write() as connection:
            self._db.lock(connection, f"job:{found.kind}:{found.key}")
            of_key = sa.and_(jobs.c.kind == found.kind, jobs.c.key == found.key, jobs.c.status.in_(ACTIVE))
            if active := _jobs(connection, of_key):
                return active[0]
            over = sa.and_(jobs.c.id == job, jobs.c.status.not_in(ACTIVE))
            change = {"status": "pending", "error": None, "worker": None, "attempts": 0, "furthest": 0}
            connection.execute(jobs.update().where(over), {**change, "updated_at": self._clock()})
            return next(iter(_jobs(connection, jobs.c.id == job)), None)

    def forget(self, owner: str) -> int:
        with self._db.write() as connection:
            mine = sa.select(job_owners.c.job).where(job_owners.c.owner == owner)
            # Held, so that nobody joins a job between the count of its owners and its end.
            names = list(
                connection.execute(sa.select(jobs.c.id).where(jobs.c.id.in_(mine)).with_for_update()).scalars()
            )
            connection.execute(job_owners.delete().where(job_owners.c.owner == owner))
            wanted = sa.select(job_owners.c.job)
            connection.execute(jobs.delete().where(jobs.c.id.in_(names), jobs.c.id.not_in(wanted)))
        return len(names)


def _held(job: str, worker: str) -> sa.ColumnElement[bool]:
    return (jobs.c.id == job) & (jobs.c.worker == worker) & (jobs.c.status == "running")


def _join(connection: sa.Connection, job: str, owner: str) -> None:
    share = sa.and_(job_owners.c.job == job, job_owners.c.owner == owner)
    if connection.execute(sa.select(job_owners.c.number).where(share)).first() is None:
        connection.execute(job_owners.insert(), {"job": job, "owner": owner})


def _jobs(connection: sa.Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Job, ...]:
    """Newest first, each with its owners."""
    query = sa.select(jobs).where(*conditions).order_by(jobs.c.number.desc()).limit(limit)
    rows = connection.execute(query).all()
    owners: dict[str, list[str]] = defaultdict(list)
    for at in range(0, len(rows), 500):  # a statement's parameters are limited
        names = [row.id for row in rows[at : at + 500]]
        shares = sa.select(job_owners).where(job_owners.c.job.in_(names)).order_by(job_owners.c.number)
        for share in connection.execute(shares):
            owners[share.job].append(share.owner)
    return tuple(_job(row, tuple(owners[row.id])) for row in rows)


def _job(row: sa.Row[Any], owners: tuple[str, ...]) -> Job:
    values = dict(row._mapping)
    del values["number"]
    values |= {"arguments": json.loads(row.arguments), "messages": tuple(json.loads(row.messages))}
    return Job(**{**values, "detail": json.loads(row.detail), "owners": owners})
