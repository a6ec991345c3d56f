"""Which pages learners may see: those that show nothing but what the document's text says."""

import pytest

from retrieval.facsimile.showing import shown_pages
from retrieval.values import Anchor

TEXT = (
    "Leaves are green since chlorophyll reflects green light.",
    "A well-known photosynthesis equation follows here on this page.",
    "The last page has words enough to be checked by us.",
)
WHOLE = "\n\n".join(TEXT)
ANCHORS = tuple(Anchor(WHOLE.index(text), page=number) for number, text in enumerate(TEXT, 1))
PAGES = (
    "Biology 5\r\nLeaves are green since chlo-\r\nrophyll reflects green light.\r\n",
    "Biology 6\r\nA well-\r\nknown photosyn\ufffethesis equation follows\r\nhere on this page.",
    "Biology 7\r\nThe last page has words\r\nenough to be checked by us.\r\n",
)


def shown(*pages: str, exercises: tuple[int, ...] = ()) -> tuple[int, ...]:
    return shown_pages(pages, WHOLE, ANCHORS, exercises)


def test_pages_whose_words_are_the_documents_are_shown() -> None:
    assert shown(*PAGES) == (1, 2, 3)


@pytest.mark.parametrize(
    "words",
    [
        "Answer: 42 J",
        "1 b\r\n2 c\r\n3 a\r\n4 d\r\n5 b",
        "1. Which pigment reflects green light?",
        "Solution. Divide the mass by the molar mass.",
    ],
)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_page_with_words_that_were_taken_out_is_not(words: str, number: int) -> None:
    pages = [page + (f"\r\n{words}\r\n" if at == number else "") for at, page in enumerate(PAGES, 1)]
    assert shown(*pages) == tuple(at for at in (1, 2, 3) if at != number)


@pytest.mark.parametrize("key", ["Answer: 42", "42 J", "b", "Lösung: 1065"])
@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_short_key_among_long_lines_is_noticed(key: str, place: int) -> None:
    lines = [f"The {number}. line says at length what the text of this page says too" for number in ("ab", "cd", "ef")]
    lines += ["and then it is over.", "So a reader finds it in the text as well."]
    text = " ".join(lines)
    assert shown_pages(("\n".join(lines),), text, (Anchor(0, page=1),)) == (1,)
    lines.insert(place, key)
    assert shown_pages(("\n".join(lines),), text, (Anchor(0, page=1),)) == ()


def test_answers_at_the_foot_of_every_page_are_no_running_foot() -> None:
    assert shown(*(f"{page}\r\nAnswer: {value}" for page, value in zip(PAGES, (42, 17, 5), strict=True))) == ()


def test_the_page_of_an_exercise_that_was_taken_out_is_not_shown() -> None:
    assert shown(*PAGES, exercises=(WHOLE.index("Leaves") + 20,)) == (2, 3)
    # One at the end of a page's text may have stood on the next, whose words tell.
    assert shown(*PAGES, exercises=(ANCHORS[1].start - 2,)) == (2, 3)


def test_a_formula_read_in_another_order_hides_no_page() -> None:
    text = "The energy of a body is E = mc² and the mass is what it is. Then x = (a + b) / c gives x."
    page = "The energy of a body is\nE\n2\n= mc and the mass is what it is. Then x\na b\n= gives x.\n+\nc\n"
    anchors = (Anchor(0, page=1),)
    assert shown_pages((page,), text, anchors) == (1,)
    assert shown_pages((page + "x = 5 m\r\ny = 7 m\r\n",), text, anchors) == ()


def test_the_head_of_a_section_stands_on_one_page_alone() -> None:
    text, page = WHOLE + "\n\n## Leaves and light in summer", PAGES[0].partition("\r\n")[2]
    assert shown_pages(("Leaves and Light in Summer 5\r\n" + page,), text, ANCHORS) == (1,)
    assert shown_pages(("Answers to all questions 5\r\n" + page,), text, ANCHORS) == ()


def test_a_page_without_words_may_be_a_scan_and_is_not_shown() -> None:
    assert shown(PAGES[0], "Biology 6\r\n", PAGES[2]) == (1, 3)


def test_a_page_that_the_text_does_not_know_is_not_shown() -> None:
    assert shown(*PAGES, "Biology 8\r\n" + PAGES[0]) == (1, 2, 3)
    assert shown_pages(PAGES, WHOLE, ()) == ()
