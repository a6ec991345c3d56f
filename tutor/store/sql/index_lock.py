"""The right to work on the indexes, among all machines on one PostgreSQL.

A session's advisory lock: the database lets go of it when the connection ends, so when the process dies, and within
half a minute when its machine vanishes. A pooler that hands connections around (PgBouncer's transaction mode) breaks
that promise.
"""

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from retrieval.errors import IndexLocked
from tutor.domain.errors import StoreBusy
from tutor.store.sql.relay import connection_string, options

if TYPE_CHECKING:
    import psycopg

NAME = "diotima index"


class PostgresIndexLock:
    """See ``tutor.server_ports.IndexLock``; ``acquire`` also raises ``StoreBusy`` while the database is away."""

    def __init__(self, url: str) -> None:
        self._url = connection_string(url)
        self._guard = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def acquire(self) -> None:
        import psycopg

        with self._guard:
            if self._connection is not None:
                try:
                    self._connection.execute("SELECT 1")
                    return
                except psycopg.Error:  # the lock went with the connection
                    self._drop()
            try:
                self._connection = psycopg.connect(self._url, autocommit=True, **options())
                taken = self._connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (NAME,))
                row = taken.fetchone()
            except psycopg.Error as error:
                self._drop()
                raise StoreBusy("the database is away") from error
            if row is None or not row[0]:
                self._drop()
                raise IndexLocked("Another server on this database keeps the indexes. Hand the work to it.")

    def release(self) -> None:
        with self._guard:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()
