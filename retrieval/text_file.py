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
        self._file_id: tuple[int, int] | None = None
        self._usage = Usage("text")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        try:
            with self._usage.inside(), self._connected() as db:
                yield db
        except sqlite3.Error as error:
            self._mend(error)
            raise IndexUnavailable(f"The text index cannot be read: {error}.", index="text") from error

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction of its own: all of the block is kept, or nothing."""
        try:
            with self._usage.inside(), self._writing, self._connected() as db:
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except sqlite3.Error as error:
            self._mend(error)
            raise IndexUnavailable(f"The text index cannot be written: {error}.", index="text") from error

    def close(self) -> None:
        """Close every thread's connection, once no thread uses one. Nothing can be read or written after."""
        if self._usage.close():
            with self._writing:
                for connection in self._connections:
                    connection.close()
                self._connections.clear()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection to the file that is at our path now: one that was deleted under it would answer on,
        and keep what nobody will ever find again."""
        here = self._local
        depth = getattr(here, "depth", 0)
        if depth == 0 and (getattr(here, "file_id", None) is None or here.file_id != self._file_now()):
            with self._writing:
                if self._file_id is None or self._file_id != self._file_now():
                    self._prepare()
                    self._file_id = self._file_now()
                self._forget(getattr(here, "db", None))
                here.db, here.file_id = self._open(), self._file_id
        here.depth = depth + 1
        try:
            yield here.db
        finally:
            here.depth = depth

    def _forget(self, db: sqlite3.Connection | None) -> None:
        if db is not None and db in self._connections:
            self._connections.remove(db)
            db.close()

    def _file_now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _mend(self, error: sqlite3.Error) -> None:
        """Take a damaged file away; the next call makes a new one, and whoever looks at its revisions fills it."""
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return
        with self._writing:
            if self._file_id is not None and self._file_id == self._file_now():
                self._remove()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

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
            self._remove()
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
