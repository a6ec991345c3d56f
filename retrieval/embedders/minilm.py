"""all-MiniLM-L6-v2 (English) in ONNX Runtime: smaller and about four times as fast as e5, and one language only.

Mean of the last layer over the tokens, made unit length, as the model's card says.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.embedders.port import CosineRange
from retrieval.errors import EmbedderFailed, EmbedderUnavailable

if TYPE_CHECKING:
    from retrieval.embedders.port import Vectors

NAME = "all-MiniLM-L6-v2-int8"
BATCH = 16
LONGEST_TOKENS = 256  # what the model was trained on; a passage of 200 words is near 260


class MiniLmEmbedder:
    """384 dimensions, English. ``folder`` holds ``model.onnx`` and ``tokenizer.json``."""

    name = NAME
    version = "1"
    dimensions = 384
    multilingual = False
    cosine_range = CosineRange(low=0.28, high=0.62)

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder = folder
        self._threads = max(1, threads)
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        self._load()
        rows: list[Vectors] = []
        for first in range(0, len(texts), BATCH):
            part = [text.encode("utf-8", "replace").decode() for text in texts[first : first + BATCH]]
            encoded = self._tokenizer.encode_batch(part)
            ids = np.array([one.ids for one in encoded], dtype=np.int64)
            mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            wanted = {one.name for one in self._session.get_inputs()}
            try:
                layer = self._session.run(None, {key: value for key, value in given.items() if key in wanted})[0]
            except Exception as error:  # ONNX Runtime raises kinds of its own that share no public base
                raise EmbedderFailed(f"The embedding model failed: {error}.", embedder=NAME) from error
            weights = mask[:, :, None].astype(np.float32)
            mean = (layer * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
            rows.append((mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)).astype(np.float32))
        return np.concatenate(rows) if rows else np.empty((0, self.dimensions), dtype=np.float32)

    def _load(self) -> None:
        with self._lock:
            if self._session is not None:
                return
            model, tokenizer = self._folder / "model.onnx", self._folder / "tokenizer.json"
            for path in (model, tokenizer):
                if not path.is_file():
                    raise EmbedderUnavailable(
                        f"The embedding model is not here: {path} is missing. `diotima models fetch` gets it.",
                        embedder=NAME,
                        path=str(path),
                    )
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            try:
                session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
                ready = Tokenizer.from_file(str(tokenizer))
            except Exception as error:  # likewise
                raise EmbedderUnavailable(
                    f"The embedding model does not load: {error}.", embedder=NAME, path=str(model)
                ) from error
            ready.enable_truncation(LONGEST_TOKENS)
            ready.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106 (a token of text)
            self._tokenizer, self._session = ready, session
