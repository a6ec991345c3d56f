"""A quote of the document's Markdown among the characters of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facsimile.words import letters, occurrence, pieces, spans

PAGE = (
    "Stomata are small pores in the\r\nskin of a leaf. At night the quiet stomata close and photo-\r\nsynthesis rests."
)


def found(quote: str, page: str = PAGE, nth: int = 0) -> list[str]:
    return [" ".join(page[a:b].split()) for a, b in spans(letters(page), pieces(quote), nth)]


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("small pores in the skin of a leaf.", ["small pores in the skin of a leaf"]),
        ("the quiet **stomata** close", ["the quiet stomata close"]),
        ("close and photosynthesis rests.", ["close and photo- synthesis rests"]),
        ("## Stomata", ["Stomata"]),
        ("- Stomata are $n$ pores in the skin", ["Stomata are", "pores in the skin"]),
        ("Stomata are $x^2$ small [pores](pores.md) in the", ["Stomata are", "small", "pores", "in the"]),
        ("| quiet | stomata |", ["quiet", "stomata"]),
        ("the loud stomata close", []),
        ("a.", []),
        ("", []),
    ],
)
def test_a_quote_is_found_as_a_page_writes_it(quote: str, words: list[str]) -> None:
    """Whole, or not at all: where one of its pieces is missing, nothing is marked."""
    assert found(quote) == words


def test_ligatures_and_capitals_are_letters() -> None:
    assert found("the ﬁrst Efficient leaf", "THE FIRST eﬃcient leaf") == ["THE FIRST eﬃcient leaf"]


def test_a_phrase_that_stands_twice_is_marked_where_it_was_meant() -> None:
    page = "A leaf is green. A stem is green. A leaf is green."
    text = "A leaf is green. A stem is green. A leaf is green."
    wanted = pieces("A leaf is green.")
    assert occurrence(text[: text.rindex("A leaf")], wanted) == 1
    assert spans(letters(page), wanted, 1) == ((34, 49),)
    assert spans(letters(page), wanted, 2) == ()


@given(st.text(max_size=200), st.text(max_size=40), st.integers(0, 3))
def test_whatever_is_looked_for_only_places_of_the_page_come_back(page: str, quote: str, nth: int) -> None:
    for start, end in spans(letters(page), pieces(quote), nth):
        assert 0 <= start < end <= len(page)
