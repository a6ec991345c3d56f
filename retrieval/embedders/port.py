"""The port every embedder fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors: TypeAlias = NDArray[np.float32]
else:  # numpy stays out of cold starts
    Vectors = "NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class CosineRange:
    """What cosines of this model mean: ``low`` for a passage about something else, ``high`` for one that answers.

    Models differ greatly here, so refusal needs both ends. Measured on centred questions (``retrieval.centring``).
    """

    low: float
    high: float

    def scaled(self, cosine: float) -> float:
        """0 at ``low``, 1 at ``high``, straight between and beyond."""
        return (cosine - self.low) / (self.high - self.low)


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into unit vectors.

    Both methods take n texts and return float32 of shape ``(n, dimensions)``, every row of length 1 (also for an
    empty text). They are synchronous, may take seconds, and may be called from any thread. They raise
    ``EmbedderUnavailable`` or its retryable child ``EmbedderFailed``.
    """

    @property
    def name(self) -> str:
        """The model and its quantisation; vectors under one name and version may be compared."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the vectors would."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def multilingual(self) -> bool:
        """Whether a question may be in another language than the passage."""
        ...

    @property
    def cosine_range(self) -> CosineRange: ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...
