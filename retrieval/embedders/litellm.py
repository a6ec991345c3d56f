"""Embeddings of any provider LiteLLM knows, by its model string (``openai/text-embedding-3-small``, ``ollama/...``).

LiteLLM is imported at the first call: it takes seconds and much memory.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from retrieval.embedders.port import CosineRange
from retrieval.errors import EmbedderFailed, EmbedderUnavailable

if TYPE_CHECKING:
    from retrieval.embedders.port import Vectors

BATCH = 64
# Kinds of failure that another try may mend, by the name LiteLLM gives them.
_PASSING = frozenset(
    {
        "RateLimitError",
        "Timeout",
        "APIConnectionError",
        "InternalServerError",
        "ServiceUnavailableError",
        "BadGatewayError",
    }
)

EmbeddingCall = Callable[..., Any]


class LiteLlmEmbedder:
    """``model`` is LiteLLM's model string, ``dimensions`` what it returns.

    ``call`` stands in for ``litellm.embedding`` (the tests give one). ``query_prefix`` and ``passage_prefix`` are put
    before texts for models that were trained with them. Raises ``EmbedderFailed`` where trying again may help and
    ``EmbedderUnavailable`` where it will not (a wrong key, an unknown model, vectors of another size).
    """

    version = "1"
    multilingual = True

    def __init__(
        self,
        model: str,
        dimensions: int,
        *,
        api_key: str | None = None,
        api_base: str | None = None,
        timeout_s: float = 60.0,
        query_prefix: str = "",
        passage_prefix: str = "",
        cosine_range: CosineRange | None = None,
        call: EmbeddingCall | None = None,
    ) -> None:
        self.name = f"litellm:{model}"
        self.dimensions = dimensions
        self.cosine_range = cosine_range or CosineRange(low=0.2, high=0.6)
        self._model = model
        self._options: dict[str, Any] = {"timeout": timeout_s, "num_retries": 1}
        self._options |= {key: value for key, value in (("api_key", api_key), ("api_base", api_base)) if value}
        self._prefixes = (query_prefix, passage_prefix)
        self._call = call
        self._loading = threading.Lock()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed([self._prefixes[0] + text for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See :class:`retrieval.embedders.Embedder`."""
        return self._embed([self._prefixes[1] + text for text in texts])

    def _embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for first in range(0, len(texts), BATCH):
            part = [text if text.strip() else "." for text in texts[first : first + BATCH]]  # providers refuse ""
            for row, vector in enumerate(self._ask(part)):
                if len(vector) != self.dimensions:
                    raise EmbedderUnavailable(
                        f"{self._model} gives vectors of {len(vector)} dimensions, not {self.dimensions}.",
                        embedder=self.name,
                        dimensions=len(vector),
                    )
                length = float(np.linalg.norm(vector))
                out[first + row] = vector / length if length > 0 else np.eye(1, self.dimensions, dtype=np.float32)[0]
        return out

    def _ask(self, texts: list[str]) -> list[Vectors]:
        import numpy as np

        try:
            response = self._embedding()(model=self._model, input=texts, **self._options)
            rows = sorted(_field(response, "data"), key=lambda row: int(_field(row, "index") or 0))
            vectors = [_vector(_field(row, "embedding")) for row in rows]
        except Exception as error:  # LiteLLM passes on the kinds of every provider
            passing = type(error).__name__ in _PASSING
            kind = EmbedderFailed if passing else EmbedderUnavailable
            raise kind(
                f"The embedding provider did not answer ({type(error).__name__}).",
                embedder=self.name,
                error=type(error).__name__,
            ) from error
        if len(vectors) != len(texts):
            raise EmbedderFailed(
                f"Asked for {len(texts)} vectors, got {len(vectors)}.", embedder=self.name, got=len(vectors)
            )
        return [np.asarray(vector, dtype=np.float32) for vector in vectors]

    def _embedding(self) -> EmbeddingCall:
        with self._loading:
            if self._call is None:
                import litellm

                self._call = litellm.embedding
            return self._call


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name)


def _vector(value: Any) -> Vectors:
    """A list of numbers, or base64 of little-endian float32, as some providers send."""
    import numpy as np

    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value), dtype="<f4")
    return np.asarray(value, dtype=np.float32)
