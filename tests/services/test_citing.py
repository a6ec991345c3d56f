"""Citation markers in what a model wrote, and where a citation says that its quote stands."""

from dataclasses import replace

import pytest

from retrieval.chunking import chunk
from retrieval.values import Anchor, Document, Hit
from tutor.domain.curriculum import Course
from tutor.ports import Library
from tutor.services.citing import Quoter, drop_unknown_markers, markers
from tutor.store.memory import MemoryStore


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Leaves breathe [1].", "Leaves breathe [1]."),
        ("Leaves breathe [7].", "Leaves breathe."),
        ("Both [1, 3] and [0]", "Both [1] [3] and"),
        ("Only one of [2,9]", "Only one of [2]"),
        ("`a[9]` stays, [9] goes", "`a[9]` stays, goes"),
        ("$x[9]$ stays", "$x[9]$ stays"),
        ("```\nrow[9]\n``` [9]", "```\nrow[9]\n```"),
        ("[note] is not a citation", "[note] is not a citation"),
    ],
)
def test_markers_that_name_no_passage_are_dropped(text: str, kept: str) -> None:
    assert drop_unknown_markers(text, passages=3) == kept


def test_markers_are_listed_once_in_order_of_appearance() -> None:
    assert markers("A [2]. B [1, 2]. C `x[3]` [3].") == [2, 1, 3]


TEXT = "First words stand here, on page one.\n\nLater words stand there, on the second page.\n"
DOCUMENT = Document(
    "c", "a.pdf", "A", "", "application/pdf", 0, (), "en", TEXT, anchors=(Anchor(0, page=1), Anchor(38, page=2))
)


@pytest.fixture
def library() -> Library:
    found = MemoryStore().library
    found.put_course(Course("c", "C", "en"))
    passage = replace(chunk(DOCUMENT)[0], text=TEXT.strip(), start=0, end=len(TEXT.strip()))
    found.put_document(DOCUMENT, "folder", [passage], [])
    return found


@pytest.mark.parametrize(("claim", "page"), [("First words stand here [1].", 1), ("Later words stand there [1].", 2)])
def test_a_citation_names_the_page_on_which_its_quote_begins(library: Library, claim: str, page: int) -> None:
    """A passage may run over several pages."""
    course = library.course("c")
    assert course is not None
    passage = next(iter(library.passages("c")))
    cited = Quoter(library, None).cited(course, claim, [Hit(passage, 1.0)])
    assert [(span.number, span.page, span.second) for span in cited] == [(1, page, None)]
    best = Quoter(library, None).best(course, claim, [Hit(passage, 1.0)])
    assert best[0].page == (page if best[0].start >= 38 else 1)


def test_a_citation_of_a_recording_names_the_second(library: Library) -> None:
    course = library.course("c")
    assert course is not None
    passage = next(iter(library.passages("c")))
    quoter = Quoter(library, None, places=lambda course, path: (Anchor(0, second=0.0), Anchor(38, second=751.4)))
    cited = quoter.cited(course, "Later words stand there [1].", [Hit(passage, 1.0)])
    assert [(span.page, span.second) for span in cited] == [(None, 751.4)]
