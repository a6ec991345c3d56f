"""Vectors kept on disk by content hash, so that a benchmark run again does not embed again."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from retrieval.embedders import CosineRange, Embedder, Vectors


class CachedEmbedder:
    """An :class:`Embedder` that asks ``inner`` only for texts it has not seen; safe for several processes."""

    def __init__(self, inner: Embedder, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._inner = inner
        self._path = folder / "vectors.sqlite"
        self._progress = progress
        self._lock = threading.Lock()
        self._memory: dict[bytes, bytes] = {}
        self._db = sqlite3.connect(self._path, check_same_thread=False, timeout=60, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def version(self) -> str:
        return self._inner.version

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    @property
    def multilingual(self) -> bool:
        return self._inner.multilingual

    @property
    def cosine_range(self) -> CosineRange:
        return self._inner.cosine_range

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._cached(texts, "query", self._inner.embed_queries)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._cached(texts, "passage", self._inner.embed_passages)

    def _cached(self, texts: Sequence[str], kind: str, embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        keys = [self._key(kind, text) for text in texts]
        with self._lock:
            for key in {key for key in keys if key not in self._memory}:
                row = self._db.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row:
                    self._memory[key] = row[0]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._memory}.items())
        for first in range(0, len(missing), 32):
            part = missing[first : first + 32]
            vectors = embed([text for _, text in part])
            with self._lock:
                self._db.execute("BEGIN IMMEDIATE")
                for (key, _), vector in zip(part, vectors, strict=True):
                    self._memory[key] = vector.tobytes()
                    self._db.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (key, self._memory[key]))
                self._db.execute("COMMIT")
            if self._progress:
                self._progress(first + len(part), len(missing))
        if not keys:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return np.stack([np.frombuffer(self._memory[key], dtype=np.float32) for key in keys])

    def _key(self, kind: str, text: str) -> bytes:
        joined = "\x1f".join((self._inner.name, self._inner.version, kind, text))
        return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).digest()
