"""The shipped fake: vectors from hashed words and character n-grams. No model, no training, always the same."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.embedders.port import CosineRange
from retrieval.words import fold

if TYPE_CHECKING:
    from retrieval.embedders.port import Vectors

_TOKEN = re.compile(r"\w+")


class HashingEmbedder:
    """Texts that share words or parts of words lie close; meaning is beyond it. Meant for tests."""

    name = "hashing-ngrams"
    version = "1"
    multilingual = False
    cosine_range = CosineRange(low=0.15, high=0.6)

    def __init__(self, dimensions: int = 256) -> None:
        self.dimensions = dimensions

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed(texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            counts: dict[str, int] = {}
            for token in _TOKEN.findall(fold(text)):
                for feature in _features(token):
                    counts[feature] = counts.get(feature, 0) + 1
            for feature, count in counts.items():
                place, sign = _slot(feature)
                out[row, place % self.dimensions] += sign * math.sqrt(count) * len(feature)
            norm = float(np.linalg.norm(out[row]))
            if norm > 0:
                out[row] /= norm
            else:
                out[row, 0] = 1.0
        return out


def _features(token: str) -> list[str]:
    padded = f"<{token}>"
    return [padded, *(padded[at : at + 4] for at in range(max(0, len(padded) - 3)))]


@lru_cache(maxsize=65536)
def _slot(feature: str) -> tuple[int, int]:
    digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:7], "big"), 1 if digest[7] & 1 else -1
