"""The inside of the process that reads material (``retrieval.confined.serving``)."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

from retrieval.confined.frames import Frame
from retrieval.confined.serving import serve
from retrieval.errors import UnreadableDocument
from retrieval.loaders.exchange import loaded_data, source_of
from retrieval.loaders.formats import FORMATS, loader_for


def main() -> None:
    """Read what comes in."""
    serve({"load": _load, "unpack": _unpack}, _load_everything)


def _load(header: dict[str, Any], body: bytes) -> Iterator[Frame]:
    source = source_of(header["source"])
    loader = loader_for(source.path)
    if loader is None:
        raise UnreadableDocument(
            f"{source.path}: no loader for this kind of file.", path=source.path, reason="unknown_format"
        )
    # As a body: JSON of a long text needs no second copy inside a header.
    yield {}, json.dumps(loaded_data(loader.load(body, source))).encode()


def _unpack(header: dict[str, Any], body: bytes) -> Iterator[Frame]:
    from retrieval.loaders import unpacking

    yield from unpacking.entries(body, str(header["path"]))


def _load_everything() -> None:
    """Import all that may be needed: later nothing can be opened."""
    for known in FORMATS:
        importlib.import_module(f"retrieval.loaders.{known.module}")
    importlib.import_module("retrieval.loaders.unpacking")
