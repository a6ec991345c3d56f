"""The whole search, on the fakes that are shipped."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from retrieval.embedders import Vectors
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.errors import EmbedderUnavailable, IndexUnavailable
from retrieval.lexical import LexicalIndex
from retrieval.retriever import HybridRetriever
from retrieval.values import ItemKind, ItemMaterial, Passage
from retrieval.vectors import ExactIndex, VectorMatch

Make = Callable[..., tuple[Passage, ...]]
EMBEDDER = HashingEmbedder(256)


class Polyglot(HashingEmbedder):
    multilingual = True


class Broken(HashingEmbedder):
    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        raise EmbedderUnavailable("no model here", embedder="broken")


class Unreachable(ExactIndex):
    def search(self, course: str, vector: Vectors, k: int) -> tuple[VectorMatch, ...]:
        raise IndexUnavailable("gone", index="vectors")


@pytest.fixture
def lexical(tmp_path: Path, passages: tuple[Passage, ...]) -> Iterator[LexicalIndex]:
    index = LexicalIndex(tmp_path / "text.sqlite")
    index.add("biology", passages)
    yield index
    index.close()


def test_both_halves_are_joined(lexical: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    vectors = ExactIndex(EMBEDDER)
    vectors.add("biology", passages)
    result = HybridRetriever(lexical, vectors, EMBEDDER).search("biology", "Which organelle makes ATP for a cell?")
    assert result.hits[0].passage == passages[0]
    assert result.hits[0].lexical is not None
    assert result.hits[0].dense is not None
    assert (result.signals.mode, result.signals.vectors, result.language) == ("hybrid", 1.0, "en")
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


def test_text_alone_serves_while_vectors_are_missing(lexical: LexicalIndex) -> None:
    for retriever in (
        HybridRetriever(lexical),
        HybridRetriever(lexical, ExactIndex(EMBEDDER), EMBEDDER),
        HybridRetriever(lexical, ExactIndex(Broken()), Broken()),
    ):
        result = retriever.search("biology", "Where do ribosomes join amino acids?")
        assert "Ribosomes" in result.hits[0].passage.text
        assert result.covered
        assert (result.signals.mode, result.signals.vectors, result.signals.cosine) == ("lexical", 0.0, None)


def test_a_half_filled_index_says_so(lexical: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    vectors = ExactIndex(EMBEDDER)
    vectors.add("biology", passages[:1])
    result = HybridRetriever(lexical, vectors, EMBEDDER).search("biology", "ribosomes and amino acids")
    assert result.signals.vectors == pytest.approx(1 / 3)
    assert "Ribosomes" in result.hits[0].passage.text


def test_a_question_in_another_language_goes_by_vectors_alone(
    lexical: LexicalIndex, passages: tuple[Passage, ...]
) -> None:
    vectors = ExactIndex(Polyglot(256))
    vectors.add("biology", passages)
    retriever = HybridRetriever(lexical, vectors, Polyglot(256))
    result = retriever.search("biology", "¿Qué hace el ribosoma con los aminoácidos?")
    assert (result.signals.mode, result.language, result.signals.coverage) == ("dense", "es", None)
    assert len(result.hits) == 3
    told = retriever.search("biology", "ribosomes", language="de", course_language="en-GB")
    assert (told.signals.mode, told.language) == ("dense", "de")


def test_a_name_that_both_languages_write_alike_counts_beside_the_vectors(tmp_path: Path, make_passages: Make) -> None:
    many = make_passages("\n\n".join(f"## {n}\n\nA person was born somewhere near here." for n in range(60)))
    named = make_passages("She was born in a town. Her name was Ada Lovelace.", path="ada.md")
    lexical, vectors = LexicalIndex(tmp_path / "text.sqlite"), ExactIndex(Polyglot(256))
    for passages in (many, named):
        lexical.add("biology", passages)
        vectors.add("biology", passages)
    retriever = HybridRetriever(lexical, vectors, Polyglot(256))
    result = retriever.search("biology", "¿Dónde nació Ada Lovelace?")
    assert (result.language, result.signals.mode, result.signals.coverage) == ("es", "dense", None)
    assert result.hits[0].passage == named[0]
    lexical.close()


def test_an_english_only_embedder_never_searches_alone(lexical: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    vectors = ExactIndex(EMBEDDER)
    vectors.add("biology", passages)
    result = HybridRetriever(lexical, vectors, EMBEDDER).search("biology", "¿Qué es el ATP de la célula?")
    assert result.signals.mode == "hybrid"


def test_vectors_that_cannot_be_reached_leave_the_text(lexical: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    vectors = Unreachable(Polyglot(256))
    vectors.add("biology", passages)
    result = HybridRetriever(lexical, vectors, Polyglot(256)).search("biology", "¿Qué es el ATP?")
    assert result.signals.mode == "lexical"
    assert result.hits


def test_what_the_course_does_not_hold_is_refused(lexical: LexicalIndex) -> None:
    result = HybridRetriever(lexical).search("biology", "Who won the football world cup in Brazil?")
    assert not result.covered
    assert HybridRetriever(lexical).search("biology", "").hits == ()
    assert not HybridRetriever(lexical).search("unknown", "ribosomes").covered


def test_the_learners_place_decides_between_equals(tmp_path: Path, make_passages: Make) -> None:
    text = "\n\n".join(f"## Part {at}\n\nEnergy flows through system {'abcdefgh'[at % 8]}{at}." for at in range(40))
    found = make_passages(text)
    index = LexicalIndex(tmp_path / "t.sqlite")
    index.add("biology", found)
    retriever = HybridRetriever(index)
    for here in (3, 20, 37):
        hits = retriever.search("biology", "energy flows", position=here).hits
        assert abs(hits[0].passage.position - here) <= 1
    assert retriever.search("biology", "a32", position=3).hits[0].passage.position == 32
    index.close()


def test_a_repeated_exercise_does_not_bring_its_answer(lexical: LexicalIndex, passages: tuple[Passage, ...]) -> None:
    question = "What do ribosomes do with amino acids?"
    answer = "They join amino acids into proteins."
    item = ItemMaterial("biology", "cells.md", ItemKind.FREE_RESPONSE, question, (), answer, 0, 0)
    lexical.set_exercises("biology", [item])
    result = HybridRetriever(lexical).search("biology", question)
    assert passages[2].id not in {hit.passage.id for hit in result.hits}
    assert [hit.passage for hit in result.withheld] == [passages[2]]
    assert result.covered
    other = HybridRetriever(lexical).search("biology", "How are proteins made from amino acids?")
    assert other.hits[0].passage == passages[2]
    assert other.withheld == ()
