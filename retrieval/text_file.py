"""The SQLite file of the text index: its tables, a connection for every thread, and writers that take turns."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import IndexUnavailable
from retrieval.usage import Usage

FORMAT = 4  # of the file; another number means: rebuild

_SCHEMA = """
CREATE TABLE IF NOT EXISTS courses (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, language TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, passages INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY, course INTEGER NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL,
    ordinal INTEGER NOT NULL, heading_path TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    text TEXT NOT NULL, position INTEGER NOT NULL, page INTEGER, second REAL,
    UNIQUE (course, id)
);
CREATE TABLE IF NOT EXISTS model_answers (
    course INTEGER NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS model_answers_by_question ON model_answers (course, question);
CREATE INDEX IF NOT EXISTS passages_by_document ON passages (course, document);
"""


class TextFile:
    """``read`` and ``write`` give this thread's connection and raise ``IndexUnavailable`` where SQLite fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.RLock()
        self._ready = False
        self._usage = Usage("text")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        try:
            with self._usage.inside():
                yield self._connection()
        except sqlite3.Error as error:
            raise IndexUnavailable(f"The text index cannot be read: {error}.", index="text") from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction of its own: all of the block is kept, or nothing."""
        with self._usage.inside(), self._writing:
            try:
                db = self._connection()
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
            except sqlite3.Error as error:
                raise IndexUnavailable(f"The text index cannot be written: {error}.", index="text") from error

    def close(self) -> None:
        """Close every thread's connection, once no thread uses one. Nothing can be read or written after."""
        if self._usage.close():
            with self._writing:
                for connection in self._connections:
                    connection.close()
                self._connections.clear()

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            with self._writing:
                if not self._ready:
                    self._prepare()
                    self._ready = True
                db = self._open()
            self._local.db = db
        return db

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")  # the file can be rebuilt, so it need not outlive a power cut
        db.execute("PRAGMA cache_size = -16000")
        self._connections.append(db)
        return db

    def _prepare(self) -> None:
        """Make the file; one of another format, or a broken one, is started anew."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with_format = self._format()
        except sqlite3.DatabaseError:
            with_format = -1
        if with_format not in (0, FORMAT):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        db = sqlite3.connect(self._path, timeout=30)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
            db.execute(f"PRAGMA user_version = {FORMAT}")
        finally:
            db.close()

    def _format(self) -> int:
        db = sqlite3.connect(self._path, timeout=30)
        try:
            return int(db.execute("PRAGMA user_version").fetchone()[0])
        finally:
            db.close()
