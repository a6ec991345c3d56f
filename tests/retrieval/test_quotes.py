"""Quotes are the passage's own words at their place, or they are none."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.chunking import chunk
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.quotes import best_sentences, cite, find
from retrieval.sentences import sentences
from retrieval.values import Hit, Passage
from tests.retrieval.conftest import document

Make = Callable[..., tuple[Passage, ...]]

TEXT = "# Cells\n\nThe **mitochondrion** makes\nATP. It has two   membranes, e.g. an inner one. H₂O leaves."
PASSAGE = chunk(document(TEXT))[0]


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("It has two membranes", "It has two   membranes"),
        ("The **mitochondrion** makes ATP.", "The **mitochondrion** makes\nATP."),
        ("The mitochondrion makes ATP.", "The **mitochondrion** makes\nATP."),
        ("  H₂O leaves.\n", "H₂O leaves."),
    ],
)
def test_a_quote_is_found_at_its_place_in_the_document(quote: str, words: str) -> None:
    span = find(quote, PASSAGE)
    assert span is not None
    assert TEXT[span[0] : span[1]] == words
    citation = cite(quote, PASSAGE)
    assert citation is not None
    assert (citation.quote, citation.start, citation.end) == (words, *span)
    assert (citation.passage_id, citation.document, citation.heading_path) == (
        PASSAGE.id,
        "cells.md",
        ("Life", "Cells"),
    )


@pytest.mark.parametrize(
    "quote", ["", "  ", "**", "it", "The mitochondrion makes NADH.", "the mitochondrion", "makes ATP It"]
)
def test_what_the_passage_does_not_say_is_no_citation(quote: str) -> None:
    assert find(quote, PASSAGE) is None
    assert cite(quote, PASSAGE) is None


@given(
    st.data(), st.lists(st.sampled_from(["cell", "**ATP**", " ", "\n", "a*b", "H₂O", "细胞"]), min_size=4, max_size=30)
)
def test_every_slice_of_a_passage_can_be_quoted(data: st.DataObject, parts: list[str]) -> None:
    passages = chunk(document("word " + "".join(parts)))
    for passage in passages:
        start = data.draw(st.integers(0, len(passage.text)))
        quote = passage.text[start : data.draw(st.integers(start, len(passage.text)))]
        span = find(quote, passage)
        if span is not None:
            found = passage.text[span[0] - passage.start : span[1] - passage.start]
            assert found.replace("*", "").split() == quote.replace("*", "").split()
        else:
            assert sum(character.isalnum() for character in quote) < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 3.5 m, cf. Fig. 2. Dr. Lee saw C. elegans.", ["It is 3.5 m, cf. Fig. 2.", "Dr. Lee saw C. elegans."]),
        ("ما هذا؟ هذه خلية. انتهى۔ نعم", ["ما هذا؟", "هذه خلية.", "انتهى۔", "نعم"]),
        ("यह कोशिका है। वह पौधा है।", ["यह कोशिका है।", "वह पौधा है।"]),
        ("这是细胞。那是什么？是植物！", ["这是细胞。", "那是什么？", "是植物！"]),
        ("So $a. B$ holds. Next.", ["So $a. B$ holds.", "Next."]),
        ("# T\n\nOne.\n\n* point\n* second. More.\n\nFigure 1: not this.", ["One.", "point", "second.", "More."]),
        ("| a | b |\n| --- | --- |\n| 1. | 2. |", ["| a | b |\n| --- | --- |\n| 1. | 2. |"]),
    ],
)  # fmt: skip
def test_sentences_of_every_script_lists_and_tables(text: str, expected: list[str]) -> None:
    assert [text[sentence.start : sentence.end] for sentence in sentences(text)] == expected


@given(st.text(max_size=300))
def test_sentences_never_overlap(text: str) -> None:
    end = 0
    for sentence in sentences(text):
        assert sentence.start >= end
        assert text[sentence.start : sentence.end].strip() == text[sentence.start : sentence.end] != ""
        end = sentence.end


PAGE = """Osmosis is the movement of water through a membrane. Water moves towards the higher concentration of solute.

The weather was fine that day. Have you seen osmosis? "Osmosis moves salt through a membrane."

Diffusion moves particles from a high to a low one. Again, osmosis is the movement of water through a membrane.
"""


@pytest.mark.parametrize("embedder", [None, HashingEmbedder()])
def test_an_extract_answers_in_order_without_repeats_questions_or_reported_speech(
    make_passages: Make, embedder: HashingEmbedder | None
) -> None:
    hits = [Hit(passage, 1.0) for passage in make_passages(PAGE)]
    chosen = best_sentences("What is osmosis of water through a membrane?", hits, embedder)
    quotes = [citation.quote for citation in chosen]
    assert 1 <= len(quotes) <= 5
    assert any(quote.startswith("Osmosis is the movement of water") for quote in quotes)
    assert not any(quote.endswith("?") or quote.startswith('"') for quote in quotes)
    assert [citation.start for citation in chosen] == sorted(citation.start for citation in chosen)
    for citation in chosen:
        assert PAGE[citation.start : citation.end] == citation.quote


def test_what_was_quoted_already_is_passed_over_while_there_is_more(make_passages: Make) -> None:
    hits = [Hit(passage, 1.0) for passage in make_passages(PAGE)]
    query = "What is osmosis of water through a membrane?"
    first = best_sentences(query, hits)
    said = [(one.passage_id, one.start, one.end) for one in first]
    again = best_sentences(query, hits, said=said)
    assert again
    assert not {one.quote for one in again} & {one.quote for one in first}
    everything = [(hit.passage.id, hit.passage.start, hit.passage.end) for hit in hits]
    assert best_sentences(query, hits, said=everything) == first


def test_no_hits_or_no_sentences_give_no_extract(make_passages: Make) -> None:
    assert best_sentences("What?", []) == ()
    assert best_sentences("What?", [Hit(passage, 1.0) for passage in make_passages("$$\nE = mc^2\n$$")]) == ()


def test_one_long_sentence_is_better_than_none(make_passages: Make) -> None:
    hits = [Hit(passage, 1.0) for passage in make_passages("Osmosis " + "moves water " * 60 + "on.")]
    assert len(best_sentences("What is osmosis?", hits, max_words=40)) == 1


def test_the_sentence_that_sets_the_term_in_bold_defines_it() -> None:
    text = (
        "# Light\n\nA photon of blue light carries more energy than a photon of red light. "
        "Light comes in packets, and one packet is called a **photon**. A leaf catches a photon with chlorophyll."
    )
    (passage,) = chunk(document(text))
    (found,) = best_sentences("What is a photon?", [Hit(passage, 1.0)], None, most=1)
    assert "**photon**" in found.quote
