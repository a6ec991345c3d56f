"""The indexes of a server, wired: the part of the composition root that opens them and says who may write."""

from typing import TYPE_CHECKING

from retrieval.errors import EmbedderUnavailable
from tutor.config import Settings
from tutor.ports import NewId, Store
from tutor.server_ports import IndexLock
from tutor.services.health import Check
from tutor.services.indexing import Indexer
from tutor.services.ingest import IngestService
from tutor.services.item_ingest import ItemIngest
from tutor.services.notes import Notes
from tutor.services.originals import Originals

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder


class Indexes:
    """The two indexes and what reads and writes them; nothing is opened yet. Close it when the writer has stopped."""

    def __init__(self, settings: Settings, embedder: "Embedder | None") -> None:
        from retrieval.dense import ChromaIndex
        from retrieval.lexical import LexicalIndex
        from retrieval.retriever import HybridRetriever

        self._folder = settings.data_dir / "index"
        self._kind, self._models = settings.embedder, settings.models_dir
        self._settings = settings
        self._material = settings.shared_files / "material"
        self._embedder = embedder
        self._text = LexicalIndex(self._folder / "text.db")
        self._vectors = (
            ChromaIndex(embedder, self._folder / "vectors", settings.chroma_url or None) if embedder else None
        )
        self.retriever = HybridRetriever(self._text, self._vectors, embedder)

    def ingest(self, store: Store, new_id: NewId, originals: Originals) -> IngestService:
        from retrieval.confined.process import Limits
        from retrieval.language import detect
        from retrieval.loaders.process import ReadingProcess
        from retrieval.writer_lock import WriterLock

        name = f"{self._embedder.name}@{self._embedder.version}" if self._embedder else ""
        notes = Notes(self._folder / "notes.json")
        items = ItemIngest(store.library, store.bank)
        settings = self._settings
        reader = ReadingProcess(Limits(seconds=settings.reading_seconds, memory=settings.reading_memory_mb * 1_000_000))
        indexer = Indexer(store.library, self._text, self._vectors, name, notes, detect, items, originals, reader)
        lock: IndexLock
        if self._settings.several_servers:
            from tutor.store.sql.index_lock import PostgresIndexLock

            lock = PostgresIndexLock(self._settings.sqlalchemy_url)
        else:
            lock = WriterLock(self._folder / "ingest.lock")
        return IngestService(store.library, store.jobs, indexer, lock, self._material, new_id)

    def check_text(self) -> None:
        self._text.count("")

    def others(self) -> dict[str, Check]:
        """What search by meaning needs; nothing where it isn't wanted."""
        return {} if self._vectors is None else {"vector_index": self._vectors.check, "embedder": self._check_embedder}

    def _check_embedder(self) -> None:
        from tutor import model_list, models

        model = model_list.MODELS.get(self._kind)
        if model is not None and not models.present(model, self._models):
            raise EmbedderUnavailable("the model files are missing", embedder=self._kind)

    def warm_up(self, courses: tuple[str, ...]) -> None:
        for course in courses[:1]:
            self.retriever.search(course, "warm-up")

    def close(self) -> None:
        self.retriever.close()
        self._text.close()
        if self._vectors is not None:
            self._vectors.close()
