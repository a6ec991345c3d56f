"""Vectors in Chroma, through LangChain.

One collection a course and embedder, since a metadata filter in a shared one costs a hundred milliseconds at 100,000
passages, and vectors of two embedders must never meet. Our embedder is always passed in (Chroma's own default
downloads a model). Exactly one process writes: two writers silently lose vectors, so a file lock is taken at the
first write and held. chromadb and LangChain are imported at first use.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from retrieval.errors import IndexUnavailable, RetrievalError
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
HNSW = {"space": SPACE, "ef_construction": 200, "max_neighbors": 32, "ef_search": 400}


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
        self._counts: dict[str, int] = {}
        self._writes = 0
        self._usage = Usage("vectors")

    def acquire(self) -> None:
        self._lock.acquire()

    def add(self, course: str, passages: Sequence[Passage]) -> int:
        self.acquire()
        with self._usage.inside(), _reporting():
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
        with self._usage.inside(), _reporting():
            opened = self._open(course)
            gone = list(ids)
            if opened is not None and gone:
                for first in range(0, len(gone), 500):
                    opened.store.delete(ids=gone[first : first + 500])
                self._written()

    def remove_course(self, course: str) -> None:
        self.acquire()
        with self._usage.inside(), _reporting(), self._opening:
            prefix = _course_part(course)
            for collection in self._connected().list_collections():
                if collection.name.startswith(prefix):
                    self._connected().delete_collection(collection.name)
                    self._stores.pop(collection.name, None)
            self._written()

    def search(self, course: str, vector: Vectors, k: int) -> tuple[VectorMatch, ...]:
        if k < 1:
            return ()
        with self._usage.inside(), _reporting():
            opened = self._open(course)
            if opened is None:
                return ()
            # LangChain's own search insists on reading every text and its metadata, which doubles the time; passages
            # come from the text index, so ids and distances are all that is asked of the collection.
            found = opened.collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
            pairs = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
            return tuple(VectorMatch(key, 1.0 - float(distance)) for key, distance in pairs)

    def count(self, course: str) -> int:
        with self._usage.inside(), _reporting():
            name = collection_name(course, self._embedder)
            # Counting takes as long as a search. While this process is the writer nobody else changes the number.
            known = self._counts.get(name)
            if known is not None and self._lock.held:
                return known
            writes = self._writes
            opened = self._open(course)
            count = 0 if opened is None else int(opened.collection.count())
            if self._lock.held and writes == self._writes:
                self._counts[name] = count
            return count

    def ids(self, course: str) -> frozenset[str]:
        with self._usage.inside(), _reporting():
            opened = self._open(course)
            return frozenset() if opened is None else frozenset(opened.store.get(include=[])["ids"])

    def check(self) -> None:
        """Raises ``IndexUnavailable`` where the vectors can't be asked. Nothing is loaded to find out what is in a
        folder: that is asked only once it is open."""
        if self._client is None and self._url is None:
            return
        with self._usage.inside(), _reporting():
            self._connected().heartbeat()

    def close(self) -> None:
        if self._usage.close():
            with self._opening:
                self._stores.clear()
                client, self._client = self._client, None
                if client is not None and hasattr(client, "close"):
                    client.close()
        self._lock.release()

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
                    self._folder.mkdir(parents=True, exist_ok=True)
                    self._client = chromadb.PersistentClient(path=str(self._folder), settings=settings)
            return self._client


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


@contextmanager
def _reporting() -> Iterator[None]:
    """Chroma raises many kinds of errors, its own, httpx's and plain ones; callers see one."""
    try:
        yield
    except RetrievalError:
        raise
    except Exception as error:
        raise IndexUnavailable(f"The vector index failed: {error}.", index="vectors") from error
