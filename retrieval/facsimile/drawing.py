"""The inside of the process that opens PDFs to show them (``retrieval.confined.serving``)."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

from retrieval.confined.frames import Frame
from retrieval.confined.serving import serve
from retrieval.errors import UnreadableDocument


def main() -> None:
    """Draw what is asked for."""
    serve({"words": _words, "picture": _picture}, lambda: importlib.import_module("retrieval.facsimile.pdf"))


def _words(header: dict[str, Any], body: bytes) -> Iterator[Frame]:
    from retrieval.facsimile import pdf

    yield {}, json.dumps(pdf.words(body)).encode()


def _picture(header: dict[str, Any], body: bytes) -> Iterator[Frame]:
    from retrieval.facsimile import pdf

    try:
        png, about = pdf.picture(body, header["number"], header["words"], header["nth"])
    except IndexError as error:
        raise UnreadableDocument(f"There is no page {header['number']}.", reason="no_such_page") from error
    yield about, png
