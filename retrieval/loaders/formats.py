"""The formats of course material: which file name ending is read by which loader, and where.

A new format is one file with a ``LOADER`` of the shape ``port.Loader`` and one line in ``FORMATS``. The endings are
known without importing any parser.

``confined`` formats are read in a process of their own (``process.ReadingProcess``), which may open no file and no
socket once it has begun: so their loaders import their parsers at the head of the module, never inside a function.
Markdown and plain text are read by our own Python code, whose worst cases are known: short ones are read where they
are asked for, because starting a process costs more than reading them.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from retrieval.errors import UnreadableDocument
from retrieval.loaders.port import Loader

ARCHIVE = ".zip"  # holds files of the other formats; see ``archive`` and ``unpacked``
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Format:
    """``module`` is the loader's, inside this package; ``largest`` the longest file of this kind that is read, in
    bytes."""

    module: str
    suffixes: tuple[str, ...]
    confined: bool = True
    largest: int = 200 * _MEGABYTE


FORMATS = (
    Format("markdown", (".md", ".markdown"), confined=False, largest=8 * _MEGABYTE),
    Format("text", (".txt", ".text"), confined=False, largest=8 * _MEGABYTE),
    Format("pdf", (".pdf",)),
    Format("html", (".html", ".htm", ".xhtml"), largest=32 * _MEGABYTE),
    Format("epub", (".epub",)),
    Format("docx", (".docx",)),
    Format("pptx", (".pptx", ".ppsx")),
    Format("subtitles", (".vtt", ".srt"), largest=8 * _MEGABYTE),
    Format("notebook", (".ipynb",), largest=64 * _MEGABYTE),
    Format("glossary", (".csv", ".tsv"), largest=8 * _MEGABYTE),
)
_SYNONYMS = frozenset({".markdown", ".text", ".htm", ".xhtml", ".ppsx"})
# Kinds that people have and that are not read, each with the reason and what to do instead.
REFUSED = {
    **dict.fromkeys(
        (".docm", ".dotm", ".pptm", ".potm", ".ppsm", ".xlsm"),
        ("macros", "holds macros (programs), so it is not opened. Save it without macros, as .docx or .pptx."),
    ),
    **dict.fromkeys(
        (".doc", ".dot", ".ppt", ".pps"), ("legacy_office", "made by an Office before 2007. Save it as .docx or .pptx.")
    ),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), ("archive", "pack it as .zip instead.")),
    **dict.fromkeys((".odt", ".odp", ".rtf", ".pages", ".key"), ("unknown_format", "save it as .docx, .pptx or .pdf.")),
}
_BY_SUFFIX = {suffix: known for known in FORMATS for suffix in known.suffixes}


def suffixes() -> tuple[str, ...]:
    """The file name endings that can be read."""
    return tuple(sorted((*_BY_SUFFIX, ARCHIVE)))


def kinds() -> tuple[str, ...]:
    """The formats that can be read, by the endings that people know them by: ``PDF``, ``DOCX``."""
    names = [suffix[1:].upper() for known in FORMATS for suffix in known.suffixes if suffix not in _SYNONYMS]
    return (*names, ARCHIVE[1:].upper())


def format_of(path: str) -> Format | None:
    """The format that a file name stands for, or ``None``. An archive has none of its own."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())


def is_archive(path: str) -> bool:
    """Whether a file name stands for an archive of other files."""
    return PurePosixPath(path).suffix.lower() == ARCHIVE


def refusal(path: str) -> UnreadableDocument | None:
    """Why a file of this name is not read, where it is of a kind that a course may well hold; else ``None``."""
    refused = REFUSED.get(PurePosixPath(path).suffix.lower())
    if refused is None:
        return None
    reason, advice = refused
    return UnreadableDocument(f"{path}: {advice}", path=path, reason=reason)


def loader_for(path: str) -> Loader | None:
    """The loader for a file name, or ``None``. Imports its parser: for the reading process."""
    known = format_of(path)
    if known is None:
        return None
    loader: Loader = importlib.import_module(f"retrieval.loaders.{known.module}").LOADER
    return loader
