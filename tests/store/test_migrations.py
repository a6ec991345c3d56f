"""The migrations build exactly the tables, and an upgrade is quick, safe and honest."""

import re
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.postgres import Cluster
from tutor.domain.errors import StoreError
from tutor.store.migrations import FOLDER, HEAD, migrate
from tutor.store.sql import SqlStore
from tutor.store.sql.engine import Database
from tutor.store.sql.schema import create, upgrade
from tutor.store.sql.tables import metadata

ROOT = Path(__file__).parents[2]


def differences(database: Database) -> list[object]:
    with database.read() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def migrated(url: str) -> Database:
    database = Database(url)
    with database.write() as connection:
        migrate(connection)
    return database


def created(url: str) -> Database:
    database = Database(url)
    with database.write() as connection:
        create(connection)
    return database


def test_migrations_and_tables_agree_on_sqlite(tmp_path: Path) -> None:
    by_migration = migrated(f"sqlite:///{tmp_path / 'a.db'}")
    by_tables = created(f"sqlite:///{tmp_path / 'b.db'}")
    assert differences(by_migration) == []
    assert differences(by_tables) == []
    assert _statements(by_migration) == _statements(by_tables)
    by_migration.close()
    by_tables.close()


def _statements(database: Database) -> dict[str, str]:
    with database.read() as connection:
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {row.name: re.sub(r"\s+", " ", row.sql) for row in rows}


def test_migrations_and_tables_agree_on_postgresql(cluster: Cluster) -> None:
    by_migration, by_tables = migrated(cluster.create("by_migration")), created(cluster.create("by_tables"))
    assert differences(by_migration) == []
    assert differences(by_tables) == []
    by_migration.close()
    by_tables.close()
    dumps = [_schema(cluster.dump(name)) for name in ("by_migration", "by_tables")]
    assert dumps[0] == dumps[1]
    assert any(line.startswith("CREATE TABLE public.events") for line in dumps[0])
    cluster.drop("by_migration")
    cluster.drop("by_tables")


def _schema(dump: bytes) -> list[str]:
    # A dump names a random key for psql; the order of a dump is by name.
    return [line for line in dump.decode().splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    assert all(script.doc for script in scripts.walk_revisions())


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    upgrade(database)
    before = _statements(database)
    upgrade(database)
    assert _statements(database) == before
    database.close()


def test_opening_a_file_imports_nothing_it_does_not_need(tmp_path: Path) -> None:
    """Neither an empty one nor one that is up to date needs Alembic, whose import takes 0.4 s, nor PostgreSQL."""
    program = (
        "import sys; from tutor.store.sql import SqlStore;"
        "SqlStore(sys.argv[1]).close(); SqlStore(sys.argv[1]).close();"
        "heavy = ('alembic', 'mako', 'psycopg', 'sqlalchemy.orm', 'sqlalchemy.dialects.postgresql');"
        "sys.stdout.write(repr([name for name in heavy if name in sys.modules]))"
    )
    url = f"sqlite:///{tmp_path / 'a.db'}"
    done = subprocess.run([sys.executable, "-c", program, url], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    SqlStore(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    connection.close()


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE events (id INTEGER)")
    connection.close()
    with pytest.raises(StoreError):
        SqlStore(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("events",)]
    connection.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_may_start_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    on_sqlite, name = kind == "sqlite", "started_at_once"
    url = f"sqlite:///{tmp_path / 'a.db'}" if on_sqlite else request.getfixturevalue("cluster").create(name)
    together = threading.Barrier(4)

    def start(_: int) -> int:
        together.wait()
        store = SqlStore(url)
        found = len(store.conversations.listed())
        store.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [0, 0, 0, 0]
    if not on_sqlite:
        request.getfixturevalue("cluster").drop(name)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_jobs_of_an_older_version_keep_their_owners_and_their_place(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    on_sqlite, name = kind == "sqlite", "older_jobs"
    url = f"sqlite:///{tmp_path / 'a.db'}" if on_sqlite else request.getfixturevalue("cluster").create(name)
    database = Database(url)
    row = (
        "INSERT INTO jobs (number, id, kind, key, arguments, status, created_at, updated_at, done, total, stage,"
        " messages, attempts, owner) VALUES ({0}, 'j{0}', 'ingest', 'k{0}', '{{\"path\": \"p\"}}', 'pending',"
        " '2025-01-01 00:00:00', '2025-01-01 00:00:00', 1, 2, 'reading', '[\"a\"]', 1, {1})"
    )
    with database.write() as connection:
        migrate(connection, "0002")
        connection.exec_driver_sql(row.format(1, "'ada'"))
        connection.exec_driver_sql(row.format(7, "NULL"))
    database.close()
    store = SqlStore(url)
    found = store.jobs.listed()
    assert [(job.id, job.owners, job.priority, job.version, job.detail) for job in found] == [
        ("j7", (), 0, "", {}),
        ("j1", ("ada",), 0, "", {}),
    ]
    assert found[1].arguments == {"path": "p"}
    assert (found[1].done, found[1].messages, found[1].attempts) == (1, ("a",), 1)
    newest = store.jobs.enqueue("ingest", "new", {}, "ben")
    assert [job.id for job in store.jobs.listed()] == [newest.id, "j7", "j1"]
    store.close()
    if not on_sqlite:
        request.getfixturevalue("cluster").drop(name)
