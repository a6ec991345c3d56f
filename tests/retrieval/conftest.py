"""What the tests of this room share: where the models are, and a few passages about cells."""

from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.chunking import chunk
from retrieval.values import Document, Passage
from tutor.config import Settings

CELLS = """# Cells

## Mitochondria

The mitochondrion makes most of the ATP of a cell. Its inner membrane is folded into cristae.

## Chloroplasts

Chloroplasts capture light with chlorophyll and build sugar from carbon dioxide and water.

## Ribosomes

Ribosomes read messenger RNA and join amino acids into proteins.
"""


def document(
    text: str, path: str = "cells.md", title: str = "Cells", course: str = "biology", order: int = 0
) -> Document:
    return Document(course, path, title, "0" * 64, "text/markdown", order, ("Life",), "en", text)


@pytest.fixture
def passages() -> tuple[Passage, ...]:
    return chunk(document(CELLS))


@pytest.fixture
def make_passages() -> Callable[..., tuple[Passage, ...]]:
    def make(text: str, **about: object) -> tuple[Passage, ...]:
        return chunk(document(text, **about))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def models_dir() -> Path:
    folder = Settings().models_dir
    if not (folder / "e5").is_dir():
        pytest.fail(f"No models in {folder}. `make test` fetches them; so does `diotima models fetch`.", pytrace=False)
    return folder
