"""Quoted sentences bring enough of their paragraph along to be understood."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.excerpts import LONGEST, excerpts
from retrieval.quotes import best_sentences, cite
from retrieval.values import Citation, Hit, Passage
from retrieval.words import count_words

TEXT = """In dim light, light is limiting. Here the rate rises in proportion to the light.

> **Common mistake.** "One glucose always gives 36 ATP." Better counts give about 30 to 32.

- Water enters by the roots.
- Sugar leaves by the phloem.

| a | b |
|---|---|
| 1 | 2 |
"""


def passage(text: str = TEXT, start: int = 100) -> Passage:
    return Passage("p1", "plants", "leaves.md", 0, ("Leaves", "Light"), start, start + len(text), text, 0)


def cited(quote: str, where: Passage) -> Citation:
    found = cite(quote, where)
    assert found is not None
    return found


def test_a_sentence_brings_the_one_before_it() -> None:
    where = passage()
    (one,) = excerpts([cited("Here the rate rises in proportion to the light.", where)], {where.id: where})
    assert one.quote == "In dim light, light is limiting. Here the rate rises in proportion to the light."
    assert where.text[one.start - where.start : one.end - where.start] == one.quote


def test_a_correction_is_quoted_with_the_mistake_it_corrects() -> None:
    where = passage()
    (one,) = excerpts([cited("Better counts give about 30 to 32.", where)], {where.id: where})
    assert "Common mistake" in one.quote
    assert one.quote.endswith("Better counts give about 30 to 32.")


def test_excerpts_that_touch_are_joined() -> None:
    where = passage()
    chosen = [cited("In dim light, light is limiting.", where), cited("Here the rate rises", where)]
    assert len(excerpts(chosen, {where.id: where})) == 1


def test_a_quote_does_not_end_with_an_announcement() -> None:
    where = passage("All the oxygen comes from water. To balance it we write:\n\n$$a = b$$\n")
    (one,) = excerpts([cited("All the oxygen comes from water.", where)], {where.id: where})
    assert one.quote == "All the oxygen comes from water."


def test_a_long_paragraph_is_not_quoted_whole() -> None:
    sentence = "This sentence has exactly nine words in it, really. "
    where = passage(sentence * 20)
    middle = Citation("p1", "leaves.md", (), where.start + 10 * len(sentence), where.start + 11 * len(sentence) - 1, "")
    (one,) = excerpts([middle], {where.id: where})
    assert 9 < count_words(one.quote) <= LONGEST


def test_an_item_brings_its_list_with_its_marks() -> None:
    where = passage()
    (one,) = excerpts([cited("Sugar leaves by the phloem.", where)], {where.id: where})
    assert one.quote == "- Water enters by the roots.\n- Sugar leaves by the phloem."


def test_a_table_stays_as_it_is() -> None:
    where = passage()
    table = cited("| a | b |\n|---|---|\n| 1 | 2 |", where)
    assert excerpts([table], {where.id: where}) == (table,)


def test_the_misconception_alone_is_never_the_answer() -> None:
    where = passage()
    found = best_sentences("How many ATP does one glucose give?", [Hit(where, 1.0)], None, most=1)
    assert all("always gives" not in one.quote or "Better counts" in one.quote for one in found)


@given(st.lists(st.sampled_from(["Leaves are green. ", "Roots drink. ", "Why? ", "\n\n", "- An item.\n"]), min_size=1))
def test_every_excerpt_holds_its_sentence_word_for_word(parts: list[str]) -> None:
    where = passage("".join(parts))
    chosen = best_sentences("green leaves and roots that drink", [Hit(where, 1.0)], None)
    grown = excerpts(chosen, {where.id: where})
    for one in grown:
        assert where.text[one.start - where.start : one.end - where.start] == one.quote
    for sentence in chosen:
        assert any(one.start <= sentence.start and sentence.end <= one.end for one in grown)
