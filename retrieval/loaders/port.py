"""What every loader takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from retrieval.values import Document, ItemMaterial

# Raised whenever a loader writes other text for the same bytes: an ingest compares it beside the file's hash.
TEXT_VERSION = 4


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a course before it is read: where it stands and what is known of it from outside.

    ``path`` is relative to the course folder with forward slashes; ``title`` is ``None`` where only the file itself
    can say. ``kcs`` are ids of knowledge components named by ``course.toml``.
    """

    course: str
    path: str
    order: int
    breadcrumb: tuple[str, ...] = ()
    title: str | None = None
    language: str | None = None
    kcs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """A document to index, the exercises that were taken out of it, and, as sentences for the trainer, what of the file
    could not be read (scanned pages, an embedded file)."""

    document: Document
    items: tuple[ItemMaterial, ...] = ()
    unread: tuple[str, ...] = ()


class Loader(Protocol):
    """Reads one media type. Raises ``UnreadableDocument`` and nothing else for bad bytes."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings in lower case, with the dot."""
        ...

    @property
    def media_type(self) -> str: ...

    def load(self, data: bytes, source: Source) -> LoadedDocument: ...
