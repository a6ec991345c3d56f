"""Judges to try: the fake that ships, and the fitted one on each embedder that weights are shipped for."""

import functools
from pathlib import Path

import pytest

from retrieval.embedders.e5 import E5Embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.minilm import MiniLmEmbedder
from tests.retrieval.conftest import models_dir
from tutor.domain.items.item import TextJudge
from tutor.grading.classifier import fitted, key
from tutor.grading.text import FittedTextJudge, judge_for
from tutor.grading.words import WordJudge

__all__ = ["models_dir"]


@pytest.fixture(scope="session")
def e5_judge(models_dir: Path) -> TextJudge:
    return judge_for(E5Embedder(models_dir / "e5"))


@pytest.fixture(scope="session", params=["words", "hashing", "e5"])
def judge(request: pytest.FixtureRequest) -> TextJudge:
    """Each kind in turn. On hashed vectors e5's weights mean little, but every promise must hold all the same."""
    if request.param == "words":
        return WordJudge()
    if request.param == "hashing":
        return hashing_judge()
    found: TextJudge = request.getfixturevalue("e5_judge")
    return found


@functools.cache
def hashing_judge() -> FittedTextJudge:
    weights = fitted(key(E5Embedder.name, E5Embedder.version))
    assert weights is not None
    return FittedTextJudge(HashingEmbedder(E5Embedder.dimensions), weights)


@pytest.fixture(scope="session")
def minilm(models_dir: Path) -> MiniLmEmbedder:
    return MiniLmEmbedder(models_dir / "minilm")
