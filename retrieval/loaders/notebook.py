"""Jupyter notebooks: the prose as it is, code in fences, and what it printed, shortened. Pure.

Format 4 and its forerunner 3 (nbformat, "The Notebook file format"). Pictures among the outputs have no words and are
left out; so are errors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders.assembly import Canonical, loaded, without_text
from retrieval.loaders.decoding import decode
from retrieval.loaders.markdown import canonical
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import code

LINES = 20  # of an output; the rest of a long one is numbers
CHARACTERS = 2_000


class NotebookLoader:
    """Reads ``.ipynb``."""

    suffixes = (".ipynb",)
    media_type = "application/x-ipynb+json"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        try:
            notebook = json.loads(decode(data, source.path))
        except (ValueError, RecursionError) as error:
            raise _broken(source.path, f"no valid JSON ({error})") from error
        if not isinstance(notebook, dict) or not ("cells" in notebook or "worksheets" in notebook):
            raise _broken(source.path, "it has no cells")
        about = _mapping(notebook.get("metadata"))
        body = "\n\n".join(part for part in _parts(notebook, _language_of_code(about)) if part.strip())
        if not body:
            raise without_text(source.path, "Its cells are empty.")
        title = about.get("title")
        text, exercises = canonical(body, source.language)
        return loaded(
            Canonical(text, exercises), data, source, self.media_type, title=title if isinstance(title, str) else None
        )


def _broken(path: str, why: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{path}: not a notebook: {why}. Open it in Jupyter and save it again.", path=path, reason="broken"
    )


def _parts(notebook: Mapping[str, Any], language: str) -> Iterator[str]:
    for cell in _cells(notebook):
        kind = cell.get("cell_type")
        text = _text(cell.get("source", cell.get("input")))
        if kind == "markdown":
            yield text
        elif kind == "heading":  # of format 3
            level = cell.get("level")
            yield f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 1)} {' '.join(text.split())}"
        elif kind == "code":
            yield code(text, language)
            yield from _printed(cell)


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    sheets = notebook.get("worksheets")
    groups = [_mapping(sheet).get("cells") for sheet in sheets] if isinstance(sheets, list) else [notebook.get("cells")]
    for group in groups:
        yield from (cell for cell in group if isinstance(cell, dict)) if isinstance(group, list) else ()


def _printed(cell: Mapping[str, Any]) -> Iterator[str]:
    """What the cell wrote and its values as text."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        found = _mapping(output)
        kind = found.get("output_type")
        if kind == "stream" and found.get("name", found.get("stream")) != "stderr":
            yield code(_short(_text(found.get("text"))), "text")
        elif kind in ("execute_result", "display_data", "pyout"):
            data = _mapping(found.get("data"))
            if markdown := _text(data.get("text/markdown")):
                yield markdown
            elif latex := _text(data.get("text/latex", found.get("latex"))):
                yield latex
            elif not any(str(name).startswith("image/") for name in data):
                yield code(_short(_text(data.get("text/plain", found.get("text")))), "text")


def _short(text: str) -> str:
    lines = text.strip("\n").split("\n")
    kept = "\n".join(lines[:LINES])[:CHARACTERS]
    return kept if kept == "\n".join(lines) else f"{kept}\n…"


def _language_of_code(about: Mapping[str, Any]) -> str:
    for part, key in (("language_info", "name"), ("kernelspec", "language")):
        name = _mapping(about.get(part)).get(key)
        if isinstance(name, str):
            return name
    return "python"


def _text(value: object) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


LOADER = NotebookLoader()
