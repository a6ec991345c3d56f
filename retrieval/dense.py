"""Vectors in Chroma, through LangChain.

One collection a course and embedder, since a metadata filter in a shared one costs a hundred milliseconds at 100,000
passages, and vectors of two embedders must never meet. Our embedder is always passed in (Chroma's own default
downloads a model). Exactly one process writes: two writers silently lose vectors, so a file lock is taken at the
first write and held. chromadb and LangChain are imported at first use.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from retrieval.errors import IndexBroken, IndexUnavailable, RetrievalError
from retrieval.usage import Usage
from retrieval.vectors import VectorMatch
from retrieval.writer_lock import WriterLock

if TYPE_CHECKING:
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    from retrieval.embedders.port import Embedder, Vectors
    from retrieval.values import Passage

BATCH = 32  # passages embedded and written at once; progress and a stop are as fine as this
SPACE = "cosine"
# More links and a wider search than Chroma's defaults: recall@10 stays above .99 of exact search at 100,000 passages
# (`python -m bench.index`), where the defaults find .87.
DATABASE = "chroma.sqlite3"
# How Chroma tells that its files are damaged: SQLite's "malformed" (11) and "not a database" (26), lost tables, and
# a graph that can't be read.
BROKEN = re.compile(r"\(code: (11|26)\)|malformed|not a database|no such table|hnsw segment", re.IGNORECASE)
HNSW = {"space": SPACE, "ef_construction": 200, "max_neighbors": 32, "ef_search": 600}


@dataclass(frozen=True, slots=True)
class _Opened:
    """A course's collection, as LangChain writes it and as Chroma searches it."""

    store: Chroma
    collection: Any


class ChromaIndex:
    """A :class:`retrieval.vectors.VectorIndex` in a folder (embedded) or behind a Chroma server's URL.

    ``folder`` also holds the lock file, so it is needed with a URL too.
    """

    def __init__(self, embedder: Embedder, folder: Path, url: str | None = None) -> None:
        self._embedder = embedder
        self._folder = folder
        self._url = url
        self._lock = WriterLock(folder / "writer.lock")
        self._opening = threading.RLock()
        self._client: Any = None
        self._stores: dict[str, _Opened] = {}
        self._counts: dict[str, tuple[int, float]] = {}
        self._writes = 0
        self._file_id: tuple[int, int] | None = None
        self._usage = Usage("vectors")

    def acquire(self) -> None:
        self._lock.acquire()

    def add(self, course: str, passages: Sequence[Passage]) -> int:
        self.acquire()
        self._notice_loss()
        with self._usage.inside(), self._reporting():
            opened = self._open(course, create=True)
            assert opened is not None
            for first in range(0, len(passages), BATCH):
                part = passages[first : first + BATCH]
                opened.store.add_texts(
                    texts=[passage.indexed_text for passage in part],
                    metadatas=[{"document": passage.document, "position": passage.position} for passage in part],
                    ids=[passage.id for passage in part],
                )
                self._written()
        return len(passages)

    def remove(self, course: str, ids: Iterable[str]) -> None:
        self.acquire()
        with self._usage.inside(), self._reporting():
            opened = self._open(course)
            gone = list(ids)
            if opened is not None and gone:
                for first in range(0, len(gone), 500):
                    opened.store.delete(ids=gone[first : first + 500])
                self._written()

    def remove_course(self, course: str) -> None:
        self.acquire()
        with self._usage.inside(), self._reporting(), self._opening:
            prefix = _course_part(course)
            for collection in self._connected().list_collections():
                if collection.name.startswith(prefix):
                    self._connected().delete_collection(collection.name)
                    self._stores.pop(collection.name, None)
            self._written()

    def search(self, course: str, vector: Vectors, k: int) -> tuple[VectorMatch, ...]:
        if k < 1:
            return ()
        with self._usage.inside(), self._reporting():
            opened = self._open(course)
            if opened is None:
                return ()
            # LangChain's own search insists on reading every text and its metadata, which doubles the time; passages
            # come from the text index, so ids and distances are all that is asked of the collection.
            found = opened.collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
            pairs = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
            return tuple(VectorMatch(key, 1.0 - float(distance)) for key, distance in pairs)

    def count(self, course: str) -> int:
        with self._usage.inside(), self._reporting():
            name = collection_name(course, self._embedder)
            # Counting takes as long as a search. While this process is the writer nobody else changes the number; of a
            # server's that may be two seconds old.
            known = self._counts.get(name)
            if known is not None and (self._lock.held if not self._url else time.monotonic() < known[1] + 2.0):
                return known[0]
            writes = self._writes
            opened = self._open(course)
            count = 0 if opened is None else int(opened.collection.count())
            if (self._lock.held or self._url) and writes == self._writes:
                self._counts[name] = count, time.monotonic()
            return count

    def ids(self, course: str) -> frozenset[str]:
        with self._usage.inside(), self._reporting():
            opened = self._open(course)
            return frozenset() if opened is None else frozenset(opened.store.get(include=[])["ids"])

    def check(self) -> None:
        """Raises ``IndexUnavailable`` where the vectors can't be asked. Nothing is loaded to find out what is in a
        folder: that is asked only once it is open."""
        if self._client is None and self._url is None:
            return
        with self._usage.inside(), self._reporting():
            self._connected().heartbeat()

    def generation(self, course: str) -> str:
        self._notice_loss()
        with self._usage.inside(), self._reporting():
            opened = self._open(course)
            if opened is None:
                return ""
            opened.collection.count()  # reads the graph too
            return str(opened.collection.id)

    def start_over(self) -> None:
        self.acquire()
        if self._url:
            with self._usage.inside(), self._reporting():
                for collection in self._connected().list_collections():
                    if collection.name.startswith("course-"):
                        self._connected().delete_collection(collection.name)
                self._forget_opened()
            return
        with self._usage.alone():
            self._disconnect()
            for path in self._folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.suffix != ".lock":
                    path.unlink()

    def close(self) -> None:
        if self._usage.close():
            self._disconnect()
        self._lock.release()

    def _disconnect(self) -> None:
        """Close the client, which nobody uses; the next one opens another."""
        with self._opening:
            self._forget_opened()
            client, self._client = self._client, None
            if client is not None and hasattr(client, "close"):
                client.close()

    def _forget_opened(self) -> None:
        self._stores.clear()
        self._written()

    def _notice_loss(self) -> None:
        """An embedded Chroma whose folder was deleted or replaced under it goes on as if nothing had happened, out of
        files that nobody will ever find again: look, and open what is there now."""
        if self._url or self._client is None or self._file_id == self._file_now():
            return
        with self._usage.alone():
            if self._file_id != self._file_now():
                self._disconnect()

    def _file_now(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / DATABASE).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _written(self) -> None:
        self._writes += 1
        self._counts.clear()

    def _open(self, course: str, *, create: bool = False) -> _Opened | None:
        """The course's collection, or ``None`` where it was never written."""
        name = collection_name(course, self._embedder)
        opened = self._stores.get(name)
        if opened is not None:
            return opened
        with self._opening:
            from chromadb.errors import NotFoundError
            from langchain_chroma import Chroma

            try:
                store = Chroma(
                    client=self._connected(),
                    collection_name=name,
                    embedding_function=_langchain(self._embedder),
                    collection_metadata={
                        "course": course,
                        "embedder": self._embedder.name,
                        "version": self._embedder.version,
                    },
                    collection_configuration={"hnsw": HNSW},
                    create_collection_if_not_exists=create,
                )
            except NotFoundError:
                return None
            opened = _Opened(store, self._connected().get_collection(name, embedding_function=None))
            self._stores[name] = opened
            return opened

    def _connected(self) -> Any:
        with self._opening:
            if self._client is None:
                import chromadb

                settings = chromadb.Settings(anonymized_telemetry=False)
                if self._url:
                    where = urlsplit(self._url)
                    self._client = chromadb.HttpClient(
                        host=where.hostname or "localhost",
                        port=where.port or (443 if where.scheme == "https" else 8000),
                        ssl=where.scheme == "https",
                        settings=settings,
                    )
                else:
                    self._client = self._embedded(settings)
                    self._file_id = self._file_now()
            return self._client

    def _embedded(self, settings: Any) -> Any:
        import chromadb
        from chromadb.api.shared_system_client import SharedSystemClient

        self._folder.mkdir(parents=True, exist_ok=True)
        path = str(self._folder)
        try:
            return chromadb.PersistentClient(path=path, settings=settings)
        except Exception:
            # Chroma keeps what it could not start, and would hand it out at the next attempt.
            SharedSystemClient._identifier_to_system.pop(path, None)
            raise

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Chroma raises many kinds of errors, its own, httpx's and plain ones; callers see ours."""
        try:
            yield
        except RetrievalError:
            raise
        except Exception as error:
            # A collection that a server has lost is looked for again.
            with self._opening:
                self._forget_opened()
            kind = IndexBroken if not self._url and BROKEN.search(str(error)) else IndexUnavailable
            raise kind(f"The vector index failed: {error}.", index="vectors") from error


def collection_name(course: str, embedder: Embedder) -> str:
    """A name Chroma accepts whatever the course is called; another embedder or version gives another name."""
    model = hashlib.sha256(f"{embedder.name}\x1f{embedder.version}".encode()).hexdigest()[:12]
    return f"{_course_part(course)}{model}"


def _course_part(course: str) -> str:
    return f"course-{hashlib.sha256(course.encode('utf-8', 'surrogatepass')).hexdigest()[:20]}-"


def _langchain(embedder: Embedder) -> Embeddings:
    """Our embedder as LangChain knows one. The class is made here so that LangChain loads only when used."""
    from langchain_core.embeddings import Embeddings

    class PassedIn(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return list(embedder.embed_passages(texts))  # Chroma takes rows of an array

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = embedder.embed_queries([text])[0].tolist()
            return vector

    return PassedIn()
