"""Text embedders: one adapter a file, all of the shape :class:`Embedder`."""

from retrieval.embedders.port import CosineRange, Embedder, Vectors

__all__ = ["CosineRange", "Embedder", "Vectors"]
