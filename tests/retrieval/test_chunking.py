"""Passages are exact slices, lose nothing and stay within their size."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from retrieval.blocks import BlockKind, blocks
from retrieval.chunking import MAX_WORDS, chunk, cut
from retrieval.values import Anchor
from retrieval.words import count_words
from tests.retrieval.conftest import document

WORDS = st.sampled_from(
    ["cell", "**ATP**", "membrane.", "H₂O", "光合作用", "و", "$a_b$", "|", "- x", "a" * 60, "?", "#"]
)
LINES = st.one_of(
    st.just(""),
    st.lists(WORDS, min_size=1, max_size=60).map(" ".join),
    st.sampled_from(
        ["# One", "## Two", "### Three", "| a | b |", "| --- | --- |", "```", "$$", "* item", "    code", "1. x"]
    ),
)
MARKDOWN = st.lists(LINES, max_size=40).map("\n".join)


@given(st.one_of(MARKDOWN, st.text(max_size=600)), st.integers(5, 200))
def test_passages_are_exact_slices_that_lose_nothing(text: str, most: int) -> None:
    passages = chunk(document(text), max_words=most)
    covered = [False] * len(text)
    end = 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert passage.text == passage.text.lstrip("\n").rstrip()  # an indent of code stays
        assert passage.start >= end
        assert count_words(passage.text) <= most
        end = passage.end
        covered[passage.start : passage.end] = [True] * (passage.end - passage.start)
    for block in blocks(text):
        if block.kind is BlockKind.HEADING:
            covered[block.start : block.end] = [True] * (block.end - block.start)
    assert not "".join(character for character, held in zip(text, covered, strict=True) if not held).strip()


@given(MARKDOWN)
def test_the_same_text_gives_the_same_ids_and_each_is_different(text: str) -> None:
    first, again = chunk(document(text)), chunk(document(text), first_position=7)
    assert [passage.id for passage in first] == [passage.id for passage in again]
    assert len({passage.id for passage in first}) == len(first)
    assert [passage.position for passage in again] == list(range(7, 7 + len(again)))


@given(st.text(max_size=80), st.text(max_size=80))
def test_words_never_grow_by_joining(one: str, other: str) -> None:
    assert count_words(one + other) <= count_words(one) + count_words(other)


def test_the_prefix_says_where_a_passage_stands() -> None:
    passage = chunk(document("# Cells\n\n## Parts of *the* cell\n\nThe nucleus."))[0]
    assert passage.prefix == "Life > Cells > Parts of the cell"
    assert passage.indexed_text == "Life > Cells > Parts of the cell\nThe nucleus."


def test_passages_do_not_cross_headings() -> None:
    assert [text[start:end] for text in ["## A\n\none\n\n## B\n\ntwo"] for _, start, end in cut(text)] == ["one", "two"]


def test_a_long_section_is_cut_evenly() -> None:
    text = "\n\n".join(f"Sentence {number} " + "word " * 40 for number in range(6))
    sizes = [count_words(passage.text) for passage in chunk(document(text))]
    assert sizes == [126, 126]


def test_a_table_row_a_formula_and_code_stay_whole() -> None:
    rows = "\n".join(f"| {'cell ' * 30}| {number} |" for number in range(12))
    formula = "$$\nE = mc^2\n$$"
    code = "```\n" + "line of code\n" * 20 + "```"
    text = f"{'word ' * 180}\n\n{formula}\n\n{rows}\n\n{'word ' * 170}\n\n{code}"
    passages = [passage.text for passage in chunk(document(text))]
    assert sum(formula in passage for passage in passages) == 1
    assert sum(code in passage for passage in passages) == 1
    for row in rows.split("\n"):
        assert sum(row in passage for passage in passages) == 1


def test_a_long_chinese_paragraph_is_cut_at_sentence_ends() -> None:
    text = "植物在光下用二氧化碳和水制造糖。" * 60
    passages = chunk(document(text))
    assert len(passages) > 1
    assert all(passage.text.endswith("。") for passage in passages)
    assert all(count_words(passage.text) <= MAX_WORDS for passage in passages)


def test_a_passage_knows_the_page_or_second_at_which_it_begins() -> None:
    text = "Plants make sugar.\n\n## Later\n\nAnimals eat plants."
    paged = replace(document(text), anchors=(Anchor(0, page=3), Anchor(30, page=4)))
    assert [passage.page for passage in chunk(paged)] == [3, 4]
    timed = replace(document(text), anchors=(Anchor(20, second=61.5),))
    assert [passage.second for passage in chunk(timed)] == [None, 61.5]
