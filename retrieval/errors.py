"""What can go wrong while material is read, indexed and searched.

    RetrievalError                  code, data, retryable
    |- UnreadableDocument           one file could not be read; the rest of the folder goes on
    |- MaterialFolderMissing        the path given is no folder of material
    |- EmbedderUnavailable          model files missing or unusable, or a provider that did not answer
    |- IndexLocked                  another process holds the right to write this index
    '- IndexUnavailable             the vector or text index cannot be opened or asked
       '- IndexBroken               its files are damaged: it has to be built anew

Every error is raised, never returned as text. ``code`` is stable and meant for programs, ``data`` holds plain
values for a log or a page, and ``retryable`` says whether trying the same thing again may help.
"""

from __future__ import annotations

from typing import ClassVar


class RetrievalError(Exception):
    """The root of the tree: a message for people, a code and data for programs."""

    code: ClassVar[str] = "retrieval_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.data: dict[str, object] = data


class UnreadableDocument(RetrievalError):
    """One file could not be read. ``data`` holds ``path`` and ``reason`` (binary, encoding, too_large, ...)."""

    code = "unreadable_document"


class MaterialFolderMissing(RetrievalError):
    """The folder of material does not exist or is no folder. ``data`` holds ``path``."""

    code = "material_folder_missing"


class EmbedderUnavailable(RetrievalError):
    """The embedding model cannot be used here. ``data`` holds ``embedder`` and, where known, ``path``."""

    code = "embedder_unavailable"


class EmbedderFailed(EmbedderUnavailable):
    """The embedder was reached but this call failed; the same call may succeed later."""

    code = "embedder_failed"
    retryable = True


class IndexLocked(RetrievalError):
    """Another process writes this index. ``data`` holds ``path`` of the lock file."""

    code = "index_locked"
    retryable = True


class IndexUnavailable(RetrievalError):
    """An index cannot be opened or asked. ``data`` holds ``index`` (vectors, text)."""

    code = "index_unavailable"
    retryable = True


class IndexBroken(IndexUnavailable):
    """The files of an index are damaged; asking again doesn't help until it was built anew."""

    code = "index_broken"
