"""The vectors' folder deleted or damaged, before the start or under the running server: learners are answered by words
meanwhile, and the vectors are built anew by themselves."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import IndexLocked, IndexUnavailable
from retrieval.writer_lock import WriterLock
from tests.web.server.harness import COURSE, QUESTION, Builder, House, eventually
from tutor.bootstrap import Overrides
from tutor.store.sql import SqlStore


def deleted(folder: Path) -> None:
    """All at once: the server begins to mend while a slow deletion is under way."""
    away = folder.with_name("deleted")
    folder.rename(away)
    shutil.rmtree(away)


def overwritten(vectors: Path) -> None:
    (vectors / "chroma.sqlite3").write_bytes(b"this is no database" * 5000)


def graph_overwritten(vectors: Path) -> None:
    files = list(vectors.rglob("*.bin"))
    assert files
    for file in files:
        file.write_bytes(b"\xff" * file.stat().st_size)


def cut_short(vectors: Path) -> None:
    with (vectors / "chroma.sqlite3").open("r+b") as file:
        file.truncate(20_000)


Damage = Callable[[Path], None]


class World:
    """A server with vectors, that can be closed and started again over the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vectors = folder / "index" / "vectors"

    def builder(self) -> Builder:
        return Builder(self.folder)

    async def open(self) -> SqlStore:
        return await asyncio.to_thread(SqlStore, f"sqlite:///{self.folder / 'diotima.db'}")

    @property
    def parts(self) -> Overrides:
        return {"embedder": HashingEmbedder()}


async def mode(house: House) -> str:
    """How the question is found now; it always is."""
    found = await asyncio.to_thread(house.system.retriever.search, COURSE, QUESTION)
    assert found.hits
    return found.signals.mode


async def whole(house: House, world: World) -> None:
    """Until the vectors are there again, in the folder too."""

    async def there() -> bool:
        return (
            (world.vectors / "chroma.sqlite3").exists()
            and not house.system.ingest.embedding(COURSE)
            and await mode(house) == "hybrid"
        )

    await eventually(there, 60)


async def answered(house: House) -> None:
    ada = house.person()
    async with house.page(ada, await house.conversation(ada)) as page:
        await page.ask()
        assert (await page.until("finished"))["outcome"] == "complete"


@pytest.mark.parametrize("damage", [deleted, overwritten])
async def test_under_the_running_server(tmp_path: Path, damage: Damage) -> None:
    world = World(tmp_path)
    async with world.builder().open(store=await world.open(), parts=world.parts) as house:
        house.system.ingest.start()
        await whole(house, world)
        damage(world.vectors)
        await answered(house)
        await whole(house, world)
        ids = house.system.store.library.passages(COURSE)
        assert house.system._index._vectors.ids(COURSE) == {passage.id for passage in ids}  # type: ignore[union-attr]


def all_indexes_deleted(vectors: Path) -> None:
    deleted(vectors.parent)


def text_overwritten(vectors: Path) -> None:
    for file in vectors.parent.glob("text.db*"):
        file.write_bytes(b"this is no database" * 5000)


@pytest.mark.parametrize("damage", [all_indexes_deleted, text_overwritten])
async def test_the_text_index_under_the_running_server(tmp_path: Path, damage: Damage) -> None:
    """It takes the words too; they are back within seconds, and the right to write with them."""
    world = World(tmp_path)
    async with world.builder().open(store=await world.open(), parts=world.parts) as house:
        house.system.ingest.start()
        await whole(house, world)
        damage(world.vectors)

        async def found() -> bool:
            try:
                return bool((await asyncio.to_thread(house.system.retriever.search, COURSE, QUESTION)).hits)
            except IndexUnavailable:
                return False

        async def mended() -> bool:
            return (world.vectors.parent / "text.db").exists() and await found()

        await eventually(mended, 60)
        await answered(house)
        await whole(house, world)
        with pytest.raises(IndexLocked):
            WriterLock(world.vectors.parent / "ingest.lock").acquire()


@pytest.mark.parametrize("damage", [deleted, cut_short, graph_overwritten])
async def test_before_the_start(tmp_path: Path, damage: Damage) -> None:
    world = World(tmp_path)
    async with world.builder().open(store=await world.open(), parts=world.parts) as house:
        await whole(house, world)
    damage(world.vectors)
    async with world.builder().open(store=await world.open(), parts=world.parts, course=False) as house:
        # A small course's graph is no loss: Chroma makes it from its own log.
        assert await mode(house) == ("hybrid" if damage is graph_overwritten else "lexical")
        await answered(house)
        house.system.ingest.start()
        await whole(house, world)
