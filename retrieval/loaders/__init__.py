"""Readers of course material: one file a format, found by the file name's ending (``formats.FORMATS``).

``load`` reads in this very process: the reading process does, and tests of a loader. Everybody else asks
``process.ReadingProcess``, which bounds what a hostile file can do.
"""

from __future__ import annotations

from retrieval.errors import UnreadableDocument
from retrieval.loaders.formats import format_of, is_archive, kinds, loader_for, suffixes
from retrieval.loaders.port import TEXT_VERSION, LoadedDocument, Loader, Source

__all__ = [
    "TEXT_VERSION",
    "LoadedDocument",
    "Loader",
    "Source",
    "format_of",
    "is_archive",
    "kinds",
    "load",
    "loader_for",
    "suffixes",
]


def load(data: bytes, source: Source) -> LoadedDocument:
    """Read the bytes of one file.

    Raises ``UnreadableDocument`` where the ending is unknown or the bytes are no text of that kind.
    """
    loader = loader_for(source.path)
    if loader is None:
        raise UnreadableDocument(
            f"{source.path}: no loader for this kind of file.", path=source.path, reason="unknown_format"
        )
    return loader.load(data, source)
