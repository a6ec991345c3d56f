"""A database: its connections, its two kinds of transaction and its errors.

SQLite: WAL with ``synchronous=NORMAL``; a writer takes the write lock when it begins (``BEGIN IMMEDIATE``), because a
reader that turns writer half way fails at once instead of waiting. PostgreSQL: psycopg 3, read committed, with a
``lock_timeout`` in place of SQLite's busy timeout.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc

from tutor.domain.errors import InvalidInput, StoreBusy, StoreError, StoreFull

# PostgreSQL's SQLSTATEs that pass by themselves: lock not available, deadlock, serialisation, too many connections,
# shutting down. A lost connection has none.
_PASSING = ("55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03")

_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
# SQLITE_FULL, and as extended codes IOERR_WRITE and IOERR_SHMSIZE: what a limit on a file's size or a quota gives.
_FULL = (13, 778, 4874)
_NO_ROOM = "53100"  # PostgreSQL's SQLSTATE


class Database:
    """Connections to one database. ``busy_seconds`` bounds the wait for somebody else's lock."""

    def __init__(self, url: str, *, busy_seconds: float = 5.0) -> None:
        self.url = normalised(url)
        self.busy_seconds = busy_seconds
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url, busy_seconds) if self.sqlite else _postgresql(self.url, busy_seconds)
        # SQLite's own waiting is by polling and unfair; within a process the writers queue here instead.
        self._writers = threading.Lock() if self.sqlite else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads. Raises ``StoreBusy`` or ``StoreError``, as ``write`` does."""
        with typed_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may write: committed at the end, rolled back by an exception."""
        with self._turn(), typed_errors(), self._writer().begin() as connection:
            yield connection

    @contextmanager
    def outside(self) -> Iterator[sa.Connection]:
        """A connection outside any transaction, for VACUUM and checkpoints."""
        engine = self._options(sqlite_begin=None) if self.sqlite else self._options(isolation_level="AUTOCOMMIT")
        with self._turn(), typed_errors(), engine.connect() as connection:
            yield connection

    def lock(self, connection: sa.Connection, *names: str) -> None:
        """Hold these names until the transaction ends. SQLite's writers are alone anyway."""
        if self.sqlite:
            return
        for name in sorted(set(names)):  # one order for everybody: no deadlock
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})

    def close(self) -> None:
        self.engine.dispose()

    def _writer(self) -> sa.Engine:
        return self._options(sqlite_begin="BEGIN IMMEDIATE") if self.sqlite else self.engine

    def _options(self, **options: Any) -> sa.Engine:
        return self.engine.execution_options(**options)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._writers is None:
            yield
            return
        if not self._writers.acquire(timeout=self.busy_seconds):
            raise StoreBusy("another thread is writing")
        try:
            yield
        finally:
            self._writers.release()


def normalised(url: str) -> sa.URL:
    """The URL with its driver: ``postgresql://`` means psycopg 3. Raises ``InvalidInput`` for other databases."""
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError:
        raise InvalidInput("the database URL can't be read") from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise InvalidInput("SQLite needs a file; MemoryStore is the store without one")
        return parsed.set(drivername="sqlite")
    raise InvalidInput("the database is neither SQLite nor PostgreSQL", driver=parsed.drivername)


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turn the driver's errors into ours; their messages never hold a statement's values."""
    try:
        yield
    except exc.TimeoutError as error:
        raise StoreBusy("no free database connection") from error
    except (exc.DataError, UnicodeEncodeError):
        # Nothing with such a value can be in the database; the driver's message would quote it.
        raise InvalidInput("the database can't hold such a value") from None
    except exc.DBAPIError as error:
        if _full(error):
            raise StoreFull("there is no room on the database's disk") from error
        if passes(error):
            raise StoreBusy("the database is locked or away") from error
        raise StoreError("the database refused", cause=type(error.orig).__name__) from error


def passes(error: exc.DBAPIError) -> bool:
    """Whether trying again later can help."""
    if getattr(error.orig, "sqlite_errorcode", None) is not None:
        return (error.orig.sqlite_errorcode & 0xFF) in _BUSY  # type: ignore[union-attr]
    if not isinstance(error, exc.OperationalError):
        return error.connection_invalidated
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state in _PASSING or state.startswith("08")


def _full(error: exc.DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code in _FULL or (code & 0xFF) in _FULL
    return getattr(error.orig, "sqlstate", None) == _NO_ROOM


def _sqlite(url: sa.URL, busy_seconds: float) -> sa.Engine:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Learners' words are nobody else's business; SQLite gives -wal and -shm the mode of the main file.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        poolclass=sa.pool.QueuePool,
        pool_size=8,
        max_overflow=24,
        pool_timeout=busy_seconds,
        pool_use_lifo=True,
        connect_args={"timeout": busy_seconds, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        _switch_to_wal(cursor, busy_seconds)
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if statement is not None:
            connection.exec_driver_sql(statement)

    return engine


def _switch_to_wal(cursor: sqlite3.Cursor, busy_seconds: float) -> None:
    """Put the file into WAL mode, where it stays. SQLite doesn't wait for others at this one statement, so we do."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode & 0xFF) not in _BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(0.01)


def _postgresql(url: sa.URL, busy_seconds: float) -> sa.Engine:
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=24,
        pool_timeout=busy_seconds,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(2, int(busy_seconds))},  # a machine that is gone doesn't answer at all
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", (f"{int(busy_seconds * 1000)}ms",))
        connection.commit()

    return engine
