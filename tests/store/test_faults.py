"""A locked database, a killed process, several processes at once: nothing is lost and nothing half written."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import Backend
from tutor.domain import dialogue
from tutor.domain import events as e
from tutor.domain.errors import InvalidInput, StoreBusy, StoreError
from tutor.ports import Append, Store
from tutor.store.sql import SqlStore
from tutor.store.sql.engine import normalised

STREAM = "conversation:c1"
ROOT = Path(__file__).parents[2]


def begin(store: Store) -> None:
    store.log.append(Append(STREAM, (e.ConversationStarted("ada", "biology", "en"),)))


@contextmanager
def locked(backend: Backend) -> Iterator[None]:
    """Somebody else holds the whole database."""
    if backend.folder is not None:
        other = sqlite3.connect(backend.folder / "diotima.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(backend.url)  # type: ignore[assignment]
        other.execute("LOCK TABLE events, jobs IN SHARE ROW EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


@contextmanager
def writer(backend: Backend, name: str, count: int) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "tests.store.writer", backend.url, name, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def check_whole(store: Store) -> int:
    """The log has no gap, both streams grew together, and the projections are what refolding gives."""
    store.log.append(Append(STREAM, (e.ConversationRenamed("Still writable"),)))  # after everything still in flight
    talk, learned = store.log.read(STREAM), store.log.read("learner:ada")
    assert [r.seq for r in talk] == list(range(1, len(talk) + 1))
    assert [r.seq for r in learned] == list(range(1, len(learned) + 1))
    assert [r.key for r in talk if r.key] == [r.key for r in learned]
    state = (store.conversations.listed(), store.learners.profile("ada"), store.conversations.transcript("c1"))
    assert state[2] == dialogue.fold((r.event, r.seq, r.at) for r in talk)
    store.log.refold()
    assert state == (store.conversations.listed(), store.learners.profile("ada"), store.conversations.transcript("c1"))
    return len(talk)


def test_a_locked_database_is_busy_and_nothing_is_lost(sql_backend: Backend) -> None:
    store = sql_backend.open(busy_seconds=0.2)
    begin(store)
    message = Append(STREAM, (e.MessageSent("t1", "k1", "hello"),), key="k1")
    with locked(sql_backend):
        for _ in range(2):
            with pytest.raises(StoreBusy) as caught:
                store.log.append(message)
        assert caught.value.retryable
        assert "hello" not in str(caught.value) + str(caught.value.__cause__)
        with pytest.raises(StoreBusy):
            store.jobs.enqueue("ingest", "k", {})
        # Readers go on.
        assert store.conversations.transcript("c1").last_seq == 1
        assert store.conversations.listed()[0].turns == 0
    (recorded,) = store.log.append(message)
    assert recorded.seq == 2
    assert store.conversations.listed()[0].turns == 1
    assert [r.key for r in store.log.read(STREAM)] == [None, "k1"]


def test_a_killed_process_leaves_whole_appends_only(sql_backend: Backend) -> None:
    store = sql_backend.open()
    begin(store)
    acknowledged = 0
    with writer(sql_backend, "victim", 1_000_000) as process:
        assert process.stdout is not None
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged >= 25:
                process.kill()  # SIGKILL, in the middle of the next append
    assert process.returncode == -9
    fresh = sql_backend.open()
    length = check_whole(fresh)
    assert length > acknowledged
    assert fresh.log.read(STREAM)[acknowledged - 1].key is not None
    assert store.conversations.transcript("c1") == fresh.conversations.transcript("c1")


def test_processes_write_together(sqlite_backend: Backend) -> None:
    store = sqlite_backend.open()
    begin(store)
    with writer(sqlite_backend, "a", 15) as one, writer(sqlite_backend, "b", 15) as two:
        outputs = [process.communicate()[0].split() for process in (one, two)]
    assert sorted(int(seq) for output in outputs for seq in output) == list(range(2, 32))
    assert check_whole(store) == 32
    keys = [r.key for r in store.log.read(STREAM) if r.key]
    for name in "ab":
        assert [key for key in keys if key.startswith(name)] == [f"{name}-{n}" for n in range(15)]


def test_threads_of_one_process_take_turns(sqlite_backend: Backend) -> None:
    """No busy error among ourselves: writers queue instead of polling."""
    store = sqlite_backend.open()
    begin(store)

    def write(n: int) -> int:
        return store.log.append(Append(STREAM, (e.MessageSent(f"t{n}", f"k{n}", "x"),)))[0].seq

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(write, range(120))) == list(range(2, 122))


def test_an_event_from_a_newer_version_is_a_typed_error(sql_backend: Backend) -> None:
    store = sql_backend.open()
    begin(store)
    _execute(sql_backend, "UPDATE events SET version = 9")
    with pytest.raises(StoreError) as caught:
        store.log.read(STREAM)
    assert caught.value.code == "event_unreadable"


def test_a_database_that_cannot_be_opened_is_a_typed_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{broken}")
    with pytest.raises(StoreBusy):
        SqlStore(f"postgresql://nobody@/nothing?host={tmp_path}")


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://host/db", "not a url", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        SqlStore(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_urls_mean_psycopg_3(scheme: str) -> None:
    url = normalised(f"{scheme}://ada:pw@db.example:5433/diotima?sslmode=require")
    assert url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://ada:pw@db.example:5433/diotima?sslmode=require"
    )


def test_sqlite_is_set_up_for_a_server(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "d.db"
    store = SqlStore(f"sqlite:///{path}", busy_seconds=3.5)
    with store._db.read() as connection:
        found: dict[str, Any] = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    begin(store)
    modes = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    store.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 3500,
    }
    assert modes == {0o600}


def test_a_copied_file_is_a_backup(sqlite_backend: Backend, tmp_path: Path) -> None:
    store = sqlite_backend.open()
    begin(store)
    store.scrub()
    assert sqlite_backend.folder is not None
    shutil.copy(sqlite_backend.folder / "diotima.db", tmp_path / "copy.db")
    copy = SqlStore(f"sqlite:///{tmp_path / 'copy.db'}")
    assert copy.log.read(STREAM) == store.log.read(STREAM)
    copy.close()


def test_a_long_conversation_is_not_rewritten_by_a_sentence(sqlite_backend: Backend) -> None:
    """What an append writes does not grow with the conversation (the write-ahead log counts the bytes)."""
    store = sqlite_backend.open()
    begin(store)
    assert sqlite_backend.folder is not None
    wal = sqlite_backend.folder / "diotima.db-wal"

    def cost(turn: str) -> int:
        store.scrub()
        store.log.append(Append(STREAM, (e.SentenceSpoken(turn, 0, "A sentence."),)))
        return wal.stat().st_size

    store.log.append(Append(STREAM, (e.MessageSent("t0", "k0", "hello " * 50),)))
    short = cost("t0")
    for n in range(300):
        store.log.append(
            Append(
                STREAM,
                (
                    e.MessageSent(f"s{n}", f"c{n}", "hello " * 50),
                    e.TurnFinished(f"s{n}", "complete", "words " * 200, "model"),
                ),
            )
        )
    assert cost("t0") <= short + 2 * 4120  # a page or two more of B-tree


def _execute(backend: Backend, statement: str) -> None:
    if backend.folder is not None:
        other = sqlite3.connect(backend.folder / "diotima.db", isolation_level=None)
    else:
        other = psycopg.connect(backend.url, autocommit=True)  # type: ignore[assignment]
    other.execute(statement)
    other.close()
