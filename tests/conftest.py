"""What tests of every room share: a clock that stands still, and a real database of each kind."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import Cluster
from tutor.ports import Store
from tutor.store.memory import MemoryStore
from tutor.store.sql import SqlStore
from tutor.store.sql.tables import metadata

# A slow machine is no failing property; a failure prints how to run it again.
settings.register_profile("diotima", deadline=None, print_blob=True)
settings.load_profile("diotima")


@dataclass
class StillClock:
    """A clock that moves only when told."""

    now: datetime = datetime(2025, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Backend:
    """One kind of store, empty. ``open`` gives another handle on the same data (memory: the same store)."""

    name: str
    open: Callable[..., Store]
    url: str = ""
    folder: Path | None = None
    opened: list[Store] = field(default_factory=list)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        running = Cluster.start()
    except RuntimeError as error:
        pytest.fail(str(error), pytrace=False)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy: much quicker than migrating one for every test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    SqlStore(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(cluster: Cluster) -> str:
    """The URL of a migrated database that the tests share: emptying one takes 2 ms, creating one 200."""
    url = cluster.create("diotima")
    SqlStore(url).close()
    return url


@pytest.fixture
def sqlite_backend(migrated_sqlite: Path, tmp_path: Path, clock: StillClock) -> Iterator[Backend]:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder / "diotima.db")
    backend = _sql_backend("sqlite", f"sqlite:///{folder / 'diotima.db'}", clock, folder)
    yield backend
    _close(backend)


@pytest.fixture
def postgresql_backend(cluster: Cluster, migrated_postgresql: str, clock: StillClock) -> Iterator[Backend]:
    cluster.sql("; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)), "diotima")
    backend = _sql_backend("postgresql", migrated_postgresql, clock)
    yield backend
    _close(backend)


@pytest.fixture
def memory_backend(clock: StillClock) -> Backend:
    store = MemoryStore(clock=clock)
    return Backend("memory", lambda **_: store)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each kind of store in turn."""
    chosen: Backend = request.getfixturevalue(f"{request.param}_backend")
    return chosen


@pytest.fixture(params=["sqlite", "postgresql"])
def sql_backend(request: pytest.FixtureRequest) -> Backend:
    """Each kind of database in turn."""
    chosen: Backend = request.getfixturevalue(f"{request.param}_backend")
    return chosen


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.open()


def _sql_backend(name: str, url: str, clock: StillClock, folder: Path | None = None) -> Backend:
    backend = Backend(name, lambda **options: _open(backend, clock, options), url, folder)
    return backend


def _open(backend: Backend, clock: StillClock, options: dict[str, float]) -> Store:
    store = SqlStore(backend.url, **{"clock": clock, **options})  # type: ignore[arg-type]
    backend.opened.append(store)
    return store


def _close(backend: Backend) -> None:
    for store in backend.opened:
        store.close()
