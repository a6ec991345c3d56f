"""Readers of course material: one file a format, found by the file name's ending.

A new format is one file with a ``LOADER`` of the shape ``port.Loader`` and one line in ``_loaders``.
"""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath

from retrieval.errors import UnreadableDocument
from retrieval.loaders.port import TEXT_VERSION, LoadedDocument, Loader, Source

__all__ = ["TEXT_VERSION", "LoadedDocument", "Loader", "Source", "load", "loader_for", "suffixes"]


@cache
def _loaders() -> dict[str, Loader]:
    from retrieval.loaders import markdown, text

    loaders: tuple[Loader, ...] = (markdown.LOADER, text.LOADER)
    return {suffix: loader for loader in loaders for suffix in loader.suffixes}


def suffixes() -> tuple[str, ...]:
    """The file name endings that can be read."""
    return tuple(sorted(_loaders()))


def loader_for(path: str) -> Loader | None:
    """The loader for a file name, or ``None``."""
    return _loaders().get(PurePosixPath(path).suffix.lower())


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
