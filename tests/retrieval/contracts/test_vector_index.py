"""What every vector index promises: exact search in memory, and Chroma in a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.dense import ChromaIndex
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.values import Passage
from retrieval.vectors import ExactIndex, VectorIndex

Make = Callable[..., tuple[Passage, ...]]
EMBEDDER = HashingEmbedder(64)


@pytest.fixture(params=["exact", "chroma"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    made: VectorIndex = ExactIndex(EMBEDDER) if request.param == "exact" else ChromaIndex(EMBEDDER, tmp_path)
    yield made
    made.close()


def test_an_unknown_course_is_empty(index: VectorIndex) -> None:
    vector = EMBEDDER.embed_queries(["anything"])[0]
    assert index.search("nowhere", vector, 5) == ()
    assert index.count("nowhere") == 0
    assert index.ids("nowhere") == frozenset()
    index.remove("nowhere", ["x"])
    index.remove_course("nowhere")


def test_the_nearest_passage_comes_first_with_its_cosine(index: VectorIndex, passages: tuple[Passage, ...]) -> None:
    assert index.add("biology", passages) == len(passages) == 3
    vector = EMBEDDER.embed_passages([passages[1].indexed_text])[0]
    found = index.search("biology", vector, 2)
    assert found[0].passage_id == passages[1].id
    assert found[0].cosine == pytest.approx(1.0, abs=1e-4)
    assert found[0].cosine > found[1].cosine
    assert index.search("biology", vector, 0) == ()
    assert len(index.search("biology", vector, 50)) == 3


def test_adding_again_changes_nothing(index: VectorIndex, passages: tuple[Passage, ...]) -> None:
    index.add("biology", passages)
    index.add("biology", passages[:2])
    assert index.count("biology") == 3
    assert index.ids("biology") == {passage.id for passage in passages}


def test_removed_passages_are_gone(index: VectorIndex, passages: tuple[Passage, ...]) -> None:
    index.add("biology", passages)
    index.remove("biology", [passages[0].id, "unknown"])
    assert index.ids("biology") == {passage.id for passage in passages[1:]}
    assert index.count("biology") == 2
    vector = EMBEDDER.embed_passages([passages[0].indexed_text])[0]
    assert passages[0].id not in {match.passage_id for match in index.search("biology", vector, 10)}


@pytest.mark.parametrize("name", ["x", "Química orgánica / 1", "كيمياء", "a" * 300, "../..", "..", "con\x00trol"])
def test_a_course_may_have_any_name(index: VectorIndex, passages: tuple[Passage, ...], name: str) -> None:
    index.add(name, passages)
    assert index.count(name) == 3


def test_courses_are_apart(index: VectorIndex, passages: tuple[Passage, ...], make_passages: Make) -> None:
    other = make_passages("Rivers carry silt to the sea.", course="geography")
    index.add("biology", passages)
    index.add("geography", other)
    vector = EMBEDDER.embed_queries(["ribosomes proteins"])[0]
    assert {match.passage_id for match in index.search("geography", vector, 9)} == {other[0].id}
    index.remove_course("biology")
    assert (index.count("biology"), index.count("geography")) == (0, 1)


def test_the_generation_tells_that_vectors_were_lost(index: VectorIndex, passages: tuple[Passage, ...]) -> None:
    assert index.generation("biology") == ""
    index.add("biology", passages[:1])
    first = index.generation("biology")
    assert first != ""
    index.add("biology", passages)
    index.remove("biology", [passages[0].id])
    assert index.generation("biology") == first, "what comes and goes one by one is no loss"
    index.start_over()
    assert index.generation("biology") == ""
    assert index.count("biology") == 0
    index.add("biology", passages)
    assert index.generation("biology") not in ("", first)
    assert index.count("biology") == 3
