"""The store in one SQL database."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tutor.domain.errors import StoreBusy
from tutor.later import made_once
from tutor.store.defaults import new_id as default_new_id
from tutor.store.defaults import utc_now
from tutor.store.sql.accounts import SqlAccounts, SqlSessions
from tutor.store.sql.engine import Database
from tutor.store.sql.schema import upgrade
from tutor.store.sql.servers import SqlServers
from tutor.store.sql.tables import metadata

if TYPE_CHECKING:
    from tutor.ports import (
        Accounts,
        Clock,
        Conversations,
        EventLog,
        ItemBank,
        JobQueue,
        Learners,
        Library,
        NewId,
        Scripts,
        Servers,
        Sessions,
    )
    from tutor.store.sql.log import SqlEventLog


class SqlStore:
    """Everything in one database: SQLite in a file (``sqlite:///path``), or PostgreSQL (``postgresql://...``).

    Opening it brings the schema up to date. ``busy_seconds`` is the longest wait for another writer; after it
    ``StoreBusy``. ``max_attempts`` is how many workers a job may lose before it counts as failed.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: "Clock" = utc_now,
        new_id: "NewId" = default_new_id,
        busy_seconds: float = 5.0,
        max_attempts: int = 3,
    ) -> None:
        self._db = Database(url, busy_seconds=busy_seconds)
        upgrade(self._db)
        self._clock, self._new_id, self._max_attempts = clock, new_id, max_attempts
        self.accounts: Accounts = SqlAccounts(self._db)
        self.sessions: Sessions = SqlSessions(self._db)
        self.servers: Servers = SqlServers(self._db)

    # The first page needs no more than these three. The others bring the whole domain with them.

    @made_once
    def _log(self) -> "SqlEventLog":
        from tutor.store.codec import default_codec
        from tutor.store.sql.log import SqlEventLog

        return SqlEventLog(self._db, default_codec(), self._clock)

    @property
    def log(self) -> "EventLog":
        return self._log

    @property
    def conversations(self) -> "Conversations":
        return self._log

    @property
    def learners(self) -> "Learners":
        return self._log

    @made_once
    def library(self) -> "Library":
        from tutor.store.sql.library import SqlLibrary

        return SqlLibrary(self._db)

    @made_once
    def bank(self) -> "ItemBank":
        from tutor.store.sql.bank import SqlItemBank

        return SqlItemBank(self._db)

    @made_once
    def jobs(self) -> "JobQueue":
        from tutor.store.sql.jobs import SqlJobQueue

        return SqlJobQueue(self._db, self._clock, self._new_id, self._max_attempts)

    @made_once
    def scripts(self) -> "Scripts":
        from tutor.store.sql.scripts import SqlScripts

        return SqlScripts(self._db, self._clock)

    def scrub(self) -> None:
        """Overwrite what erased rows left behind in the database's files.

        SQLite zeroes deleted cells (``secure_delete``), but a page that was split keeps stale copies, and the
        write-ahead log keeps old pages: so the file is rewritten and the log emptied. Raises ``StoreBusy`` while
        another process reads. PostgreSQL frees the rows by VACUUM; its own WAL files and backups age by their rules.
        """
        with self._db.outside() as connection:
            if not self._db.sqlite:
                connection.execute(sa.text(f"VACUUM {', '.join(table.name for table in metadata.sorted_tables)}"))
                return
            connection.execute(sa.text("VACUUM"))
            busy, _, _ = connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            if busy:
                raise StoreBusy("another process is reading; the write-ahead log could not be emptied yet")

    def close(self) -> None:
        self._db.close()
