import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.values import Anchor, Document
from tutor.ports import DocumentState
from web.markdown import render
from web.placing import Place
from web.reading import neighbours, read, reading_href

TEXT = """## What ATP is

**ATP**, short for *adenosine triphosphate*, is a small molecule. It has three parts:
a base, a sugar and a chain of $3$ phosphates.

> The products are more stable, and *that* is where the energy comes from.

| Work | Example |
|---|---|
| pull | muscle |
| pump | nerve |

- Each molecule is used `n` times a day.
- See [light](../2-light/01-light.md) and [outside](https://example.org/a).

$$E = mc^2$$

The last paragraph &amp; the end.
"""


def document(text: str = TEXT, title: str = "ATP", path: str = "1-energy/04-atp.md") -> Document:
    return Document("energy", path, title, "", "text/markdown", 0, (), "en", text)


def marked(html: str) -> str:
    pieces = re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", " ".join(pieces))).split())


def span(quote: str, text: str = TEXT) -> tuple[int, int]:
    at = text.index(quote)
    return at, at + len(quote)


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("is a small molecule.", "is a small molecule."),
        ("**ATP**, short for", "ATP, short for"),
        ("short for *adenosine triphosphate*, is a small", "short for adenosine triphosphate, is a small"),
        ("It has three parts:\na base, a sugar", "It has three parts: a base, a sugar"),
        ("a chain of $3$ phosphates.", "a chain of 3 phosphates."),
        ("The products are more stable, and *that* is where", "The products are more stable, and that is where"),
        ("pump", "pump"),
        ("nerve", "nerve"),
        ("Each molecule is used `n` times", "Each molecule is used n times"),
        ("See [light](../2-light/01-light.md) and", "See light and"),
    ],
)
def test_the_quote_is_marked_where_it_stands(quote: str, shown: str) -> None:
    reading = read(document(), frozenset(), span(quote))
    assert reading.found
    assert marked(reading.html) == shown
    assert reading.html.count('id="quote"') == 1


def test_a_quote_in_the_middle_of_emphasis_marks_only_itself() -> None:
    reading = read(document(), frozenset(), span("for *adenosine"))
    assert marked(reading.html) == "for adenosine"
    assert "<em><mark>adenosine</mark> triphosphate</em>" in reading.html


def test_a_quote_over_two_blocks_has_one_place_to_go_to() -> None:
    start, _ = span("a chain of")
    _, end = span("more stable")
    reading = read(document(), frozenset(), (start, end))
    assert marked(reading.html) == "a chain of 3 phosphates. The products are more stable"
    assert reading.html.count('id="quote"') == 1


def test_a_formula_on_its_own_lines_is_framed() -> None:
    reading = read(document(), frozenset(), span("$$E = mc^2$$"))
    assert reading.found
    assert re.search(r'<div class="math-block scroll quoted"', reading.html)


@pytest.mark.parametrize("where", [(10, 10), (20, 10), (-1, 5), (0, 10**6), (len(TEXT), len(TEXT) + 1)])
def test_a_place_that_is_not_there_is_said_to_be_missing(where: tuple[int, int]) -> None:
    reading = read(document(), frozenset(), where)
    assert not reading.found
    assert "<mark" not in reading.html


def test_words_that_look_like_a_mark_are_none() -> None:
    text = 'Somebody quoted this: id="quote" and class="quoted".'
    assert not read(document(text), frozenset(), (500, 510)).found
    assert read(document(text), frozenset(), span("Somebody", text)).marked


def test_without_a_quote_nothing_is_marked() -> None:
    reading = read(document(), frozenset())
    assert reading.found
    assert "<mark" not in reading.html


def test_links_lead_to_pages_of_the_course_or_to_https() -> None:
    html = read(document(), frozenset({"2-light/01-light.md"})).html
    assert 'href="/courses/energy/read/2-light/01-light.md"' in html
    assert 'href="https://example.org/a"' in html
    assert "2-light" not in read(document(), frozenset()).html


def test_a_title_is_not_said_twice_and_headings_follow_the_page() -> None:
    text = "# ATP\n\nFirst words.\n\n## Parts\n\nMore words."
    reading = read(document(text), frozenset(), span("More words.", text))
    assert "<h1" not in reading.html
    assert ">ATP<" not in reading.html
    assert '<h2 dir="auto">Parts</h2>' in reading.html
    assert marked(reading.html) == "More words."
    assert '<h2 dir="auto">What ATP is</h2>' in read(document(), frozenset()).html


@pytest.mark.parametrize("heading", ["# ATP", "#  ATP ## ", "# ATP #\r"])
def test_a_title_is_recognised_however_its_heading_is_written(heading: str) -> None:
    assert "ATP" not in read(document(f"{heading}\n\nFirst words."), frozenset()).html


def test_no_heading_keeps_the_server_busy() -> None:
    """A page is built while everybody else waits: blanks by the thousand must not make it a matter of hours."""
    text = f"# a{' ' * 20_000}b\n\n# c{' #' * 10_000}d\n\n## {chr(10) * 20_000}Words."
    assert "Words." in read(document(text), frozenset()).html


WORDS = st.lists(st.sampled_from(["leaf", "sun", "**bold**", "*soft*", "`code`", "$x$", "\n"]), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(WORDS.map(" ".join), st.data())
def test_marking_changes_no_word(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    plain = render(text, links="https")
    with_mark = render(text, links="https", quote=(start, end))
    assert re.sub(r"</?mark[^>]*>", "", with_mark).replace(" quoted", "") == plain
    assert with_mark.count("<mark") == with_mark.count("</mark>")


# -- pages and seconds -----------------------------------------------------------------------------------------------

LEAF = "# Leaf\n\nThe first page runs\nover to the second.\n\n- one\n- two\n\nThe fourth page."


def paged(text: str, *anchors: Anchor, path: str = "leaf.pdf") -> Document:
    return Document("energy", path, "Leaf", "", "application/pdf", 0, (), "en", text, anchors=anchors)


def named(html: str) -> list[tuple[str, str]]:
    """The places in a text, each with the words that follow it."""
    _, *parts = re.split(r'<a class="place" id="([^"]+)"[^>]*>[^<]*</a>', html)
    words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split()) for part in parts[1::2]]
    return list(zip(parts[::2], words, strict=True))


def label(place: Anchor) -> str:
    return f"p. {place.page}" if place.page else f"{place.second} s"


def test_pages_are_named_where_they_begin_above_a_block_or_inside_it() -> None:
    starts = [0, LEAF.index("over to"), LEAF.index("two"), LEAF.index("The fourth")]
    document_ = paged(LEAF, *(Anchor(start, page=page) for page, start in enumerate(starts, 1)))
    reading = read(document_, frozenset(), span("the second.", LEAF), label=label)
    assert [name for name, _ in named(reading.html)] == ["page-1", "page-2", "page-3", "page-4"]
    assert [after.split()[0] for _, after in named(reading.html)] == ["The", "over", "two", "The"]
    assert marked(reading.html) == "the second."
    assert '<p class="places"><a class="place" id="page-4"' in reading.html
    assert (reading.place, reading.before, reading.after) == (Anchor(starts[1], page=2), 1, 3)
    assert reading.pages == (1, 2, 3, 4)


def test_a_place_of_hostile_words_stays_words() -> None:
    html = read(paged(LEAF, Anchor(0, page=1)), frozenset(), label=lambda place: "<script>alert(1)</script>").html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_of_a_long_file_the_pages_round_the_wanted_one_are_shown() -> None:
    pages = [f"Page {number} begins. " + "Words and words. " * 400 for number in range(1, 41)]
    text = "\n\n".join(pages)
    long = paged(text, *(Anchor(text.index(page), page=number) for number, page in enumerate(pages, 1)))
    for reading in (read(long, frozenset(), page=20), read(long, frozenset(), span("Page 20 begins.", text))):
        assert reading.shown == tuple(range(17, 24))
        assert (reading.before, reading.after) == (19, 21)
        assert "Page 17 begins." in reading.html
        assert "Page 24 begins." not in reading.html
        assert "Page 16 begins." not in reading.html
    assert marked(reading.html) == "Page 20 begins."
    assert read(long, frozenset()).shown == (1, 2, 3, 4)
    assert read(long, frozenset(), page=40).shown == (37, 38, 39, 40)


def test_times_stand_at_paragraphs_and_now_and_then_inside_one() -> None:
    text = "One. Two. Three. Four.\n\nFive."
    seconds = {"One": 0.0, "Two": 4.0, "Three": 21.5, "Four": 30.0, "Five": 33.0}
    talk = paged(text, *(Anchor(text.index(word), second=second) for word, second in seconds.items()), path="t.vtt")
    reading = read(talk, frozenset(), span("Four.", text), label=label)
    assert named(reading.html) == [("second-0", "One. Two."), ("second-21", "Three. Four."), ("second-33", "Five.")]
    assert reading.place == Anchor(text.index("Four"), second=30.0)
    assert 'data-second="21.500"' in reading.html


@settings(max_examples=100, deadline=None)
@given(WORDS.map(" ".join), st.lists(st.integers(0, 80), max_size=5))
def test_naming_pages_changes_no_word(text: str, starts: list[int]) -> None:
    places = [Place(start, f"page-{number}", "§") for number, start in enumerate(sorted(starts), 1)]
    plain = render(text, links="https")
    html = render(text, links="https", places=places)
    without = re.sub(r'(<p class="places">)?<a class="place"[^>]*>§</a> (</p>\n)?', "", html)
    assert without == plain


def states(*paths: str) -> tuple[DocumentState, ...]:
    return tuple(DocumentState(path, "", "", path, i, 1, 1) for i, path in enumerate(paths))


def test_neighbours_follow_the_order_of_the_course() -> None:
    a, b, c = states("a", "b", "c")
    assert neighbours((a, b, c), "b") == (a, c)
    assert neighbours((a, b, c), "a") == (None, b)
    assert neighbours((a, b, c), "c") == (b, None)
    assert neighbours((a, b, c), "x") == (None, None)


def test_an_address_is_quoted() -> None:
    assert reading_href("en/ergy", "a b/ü?.md") == "/courses/en%2Fergy/read/a%20b/%C3%BC%3F.md"
