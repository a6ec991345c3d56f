"""What every embedder promises, on the fake and on the real ones."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from retrieval.embedders import Embedder
from retrieval.embedders.e5 import E5Embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.litellm import LiteLlmEmbedder
from retrieval.embedders.minilm import MiniLmEmbedder


def provider(model: str, input: Sequence[str], **options: Any) -> SimpleNamespace:
    """Answers as a provider would, out of order, with vectors that are not unit length."""
    rows = [
        {"index": at, "embedding": (3.0 * row).tolist()}
        for at, row in enumerate(HashingEmbedder(64).embed_passages(input))
    ]
    return SimpleNamespace(data=rows[::-1])


@pytest.fixture(scope="module", params=["hashing", "litellm", "e5", "minilm"])
def embedder(request: pytest.FixtureRequest, models_dir: Path) -> Embedder:
    if request.param == "e5":
        return E5Embedder(models_dir / "e5")
    if request.param == "minilm":
        return MiniLmEmbedder(models_dir / "minilm")
    if request.param == "litellm":
        return LiteLlmEmbedder("openai/some-model", 64, call=provider)
    return HashingEmbedder()


def test_it_says_who_it_is(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)
    assert embedder.name
    assert embedder.version
    assert embedder.cosine_range.low < embedder.cosine_range.high


@pytest.mark.parametrize("kind", ["embed_queries", "embed_passages"])
def test_one_unit_vector_a_text(embedder: Embedder, kind: str) -> None:
    texts = ["What is osmosis?", "", "¿Qué es la ósmosis?", "水", "a\x00b", "\ud800", "ﷺ" * 300, "word " * 900]
    vectors = getattr(embedder, kind)(texts)
    assert vectors.shape == (len(texts), embedder.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimensions)
    assert embedder.embed_queries([]).shape == (0, embedder.dimensions)


def test_a_text_gives_the_same_vector_alone_and_in_company(embedder: Embedder) -> None:
    texts = [f"Sentence number {number} about membranes." for number in range(11)]
    together = embedder.embed_passages(texts)
    alone = np.concatenate([embedder.embed_passages([text]) for text in texts])
    # An int8 model scales its numbers by the batch, hence the slack.
    assert float((together * alone).sum(axis=1).min()) > 0.98


def test_a_question_lies_nearest_to_its_passage(embedder: Embedder) -> None:
    question = embedder.embed_queries(["Which organelle makes most of the ATP in a cell?"])[0]
    texts = [
        "Ribosomes read messenger RNA and join amino acids into proteins.",
        "The mitochondrion is the organelle that makes most of the ATP of a cell.",
        "The treaty was signed in Paris in the spring.",
    ]
    assert int(np.argmax(embedder.embed_passages(texts) @ question)) == 1
