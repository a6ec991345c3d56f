"""Web pages as sites make them: the content without its surroundings, formulas of every kind, no programs."""

import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.blocks import blocks
from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source, load
from retrieval.loaders.process import ReadingProcess
from retrieval.values import ItemKind

PAGE = """<!DOCTYPE html>
<html lang="es-MX"><head><meta charset="utf-8"><title>La célula | Escuela</title>
<script>window.secret = "program";</script><style>p { color: red }</style></head>
<body><a class="skip-link" href="#main">Saltar</a><header><h2>Escuela</h2></header><nav><ul><li>Menú</li></ul></nav>
<div id="wrap"><article><header><h1>La c&eacute;lula<a class="headerlink" href="#c">¶</a></h1></header>
<p>La <b>mito</b><b>condria</b> hace <em>casi todo</em> el <a href="https://example.org/atp">ATP</a>&nbsp;de la
c&shy;élula<sup>2</sup>, H<sub>2</sub>O y <code>a_b*c</code>.<br>Otra línea cuesta $5 o * 6.</p>
loose words <b>in the box</b>
<div>in a div<p>then a paragraph</p>and an end</div>
<h2>Lista</h2>
<ul><li>uno<ul><li><p>uno a</p></li></ul></li><li>dos<pre class="language-python"><code>if a &lt; b:
    print(1)</code></pre></li></ul><ol start="3"><li>tres</li><li>cuatro</li></ol>
<dl><dt>ATP</dt><dd>la moneda</dd><dt>ADP</dt><dt>AMP</dt><dd><p>menos</p><p>carga</p></dd></dl>
<table><caption>Órganos</caption><thead><tr><th>Qué</th><th colspan=2>Hace</th></tr></thead>
<tr><td rowspan=2>célula</td><td>a|b</td><td>1</td></tr><tr><td>c</td><td>2</td></tr></table>
<table role="presentation"><tr><td><p>puesto</p></td><td>al lado</td></tr></table>
<figure><img src="a.png" alt="Una membrana plegada"><figcaption>La membrana</figcaption></figure>
<p>Se ve: <img src="b.png" alt="Un ribosoma"> y <img alt="😀" src=e.png>.</p><img src=c.png alt="">
<img src=IMG_1.jpg alt="IMG_1.jpg">
<p style="display:none">oculto</p><p hidden>oculto</p><div aria-hidden="true">oculto</div><!-- comentario -->
<details><summary>Más</summary><p>dentro</p></details><details><summary>Ver respuesta</summary><p>la clave</p></details>
<form><input type=text><p>formulario</p></form><aside>anuncio</aside><aside class="note"><p>una nota</p></aside>
<h2>Preguntas</h2><ol><li>¿Qué hace la mitocondria?</li><li>¿Dónde está?</li></ol>
<h2>Después</h2><p>Fin.</p></article></div><footer>© Escuela</footer></body></html>"""

EXPECTED = """# La célula

La **mitocondria** hace *casi todo* el ATP de la célula², H₂O y `a_b*c`.
Otra línea cuesta \\$5 o * 6.

loose words **in the box**

in a div

then a paragraph

and an end

## Lista

- uno
   - uno a
- dos

```python
if a < b:
    print(1)
```

3. tres
4. cuatro

**ATP**: la moneda

**ADP**, **AMP**: menos

carga

**Órganos**

| Qué | Hace |  |
| --- | --- | --- |
| célula | a\\|b | 1 |
| célula | c | 2 |

puesto

al lado

Figura: La membrana. Una membrana plegada

Se ve:

Figura: Un ribosoma

y 😀.

**Más**

dentro

una nota

## Después

Fin."""


def read(page: str | bytes, path: str = "unit/page.html") -> LoadedDocument:
    return load(page.encode() if isinstance(page, str) else page, Source("cells", path, 0, language="en"))


def text(body: str, head: str = "") -> str:
    return read(f"<html><head>{head}</head><body>{body}</body></html>").document.text


def refusal(data: bytes, path: str = "unit/page.html") -> str:
    with pytest.raises(UnreadableDocument) as caught:
        read(data, path)
    assert path in caught.value.message
    return str(caught.value.data["reason"])


def test_a_page_is_read_without_what_surrounds_it() -> None:
    loaded = read(PAGE)
    assert loaded.document.text == EXPECTED
    assert (loaded.document.title, loaded.document.language) == ("La célula", "es-MX")
    assert [item.question for item in loaded.items] == ["¿Qué hace la mitocondria?", "¿Dónde está?"]
    assert {item.group for item in loaded.items} == {"Preguntas"}


def test_the_same_page_is_read_in_the_process_that_may_open_nothing() -> None:
    reader = ReadingProcess()
    try:
        assert reader.read(PAGE.encode(), Source("cells", "unit/page.html", 0, language="en")) == read(PAGE)
        with pytest.raises(UnreadableDocument):
            reader.read(b"<p></p>", Source("cells", "empty.htm", 1))
        assert reader.reached == []
    finally:
        reader.close()


MATH = '<math display="{}"><semantics><mrow><mi>x</mi></mrow>{}</semantics></math>'
TEX = '<annotation encoding="application/x-tex">x^2</annotation>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>So <math><msup><mi>x</mi><mn>2</mn></msup></math>.</p>", "So $x^{2}$."),
        (
            f'<p>So <span class="katex"><span class="katex-mathml">{MATH.format("inline", TEX)}</span>'
            '<span class="katex-html" aria-hidden="true">x2</span></span>.</p>',
            "So $x^2$.",
        ),
        (
            f'<p>So <span class="katex-display"><span>{MATH.format("block", TEX)}</span></span> it is.</p>',
            "So\n\n$$\nx^2\n$$\n\nit is.",
        ),
        (
            f'<p>So <span class="mwe-math-element"><span style="display: none;">{MATH.format("inline", TEX)}</span>'
            '<img aria-hidden="true" alt="{\\displaystyle x^2}"></span>.</p>',
            "So $x^2$.",
        ),
        ('<p>So <img class="latex" alt="x^2" src="x.png">.</p>', "So $x^2$."),
        (
            '<p>So <span class="MathJax_Preview">x2</span><span class="MathJax"><math><mi>x</mi></math></span>'
            '<script type="math/tex">x^2</script>.</p><script type="math/tex; mode=display">y</script>',
            "So $x^2$.\n\n$$\ny\n$$",
        ),
        (
            "<p>So <mjx-container><svg><g></g></svg><mjx-assistive-mml><math><mi>x</mi></math></mjx-assistive-mml>"
            "</mjx-container>.</p>",
            "So $x$.",
        ),
        (
            "<p>So \\(x_1 &lt; y\\) and \\[ z \\] too, at $5 and $6.</p>",
            "So $x_1 < y$ and\n\n$$\nz\n$$\n\ntoo, at \\$5 and \\$6.",
        ),
        ('<p>So <span class="math inline">x_1</span>.</p>', "So $x_1$."),
        ('<math alttext="\\displaystyle\\frac{1}{2}"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>', "$\\frac{1}{2}$"),
        ("\\begin{align} a \\amp = b \\label{e} \\end{align}", "$$\n\\begin{align} a & = b \\end{align}\n$$"),
        ("<pre>\\(x\\) $$y$$</pre>", "```\n\\(x\\) $$y$$\n```"),
        ("<p>Broken \\(x}\\).</p>", "Broken \\\\(x}\\\\)."),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>\\[x\\]</td><td>\\(y\\)</td></tr></table>",
            "| a | b |\n| --- | --- |\n| $x$ | $y$ |",
        ),
    ],
)
def test_formulas_of_every_kind(body: str, expected: str) -> None:
    assert text(body) == expected


def test_dollars_are_formulas_where_the_page_loads_a_program_for_them() -> None:
    body = "<p>So $x^2$, for $5.</p>"
    assert text(body) == "So \\$x^2\\$, for \\$5."
    assert text(body, '<script src="https://cdn.example.org/mathjax/tex-svg.js"></script>') == "So $x^2$, for \\$5."


def test_words_are_no_markup() -> None:
    said = "<p># not a heading</p><p>- dash</p><p>1 &lt;b&gt; *star* _line_ `tick` [a](b) &amp;amp; snake_case</p>"
    assert text(said) == (
        "\\# not a heading\n\n- dash\n\n1 \\<b> \\*star\\* \\_line\\_ \\`tick\\` [a]\\(b) \\&amp; snake_case"
    )


@pytest.mark.parametrize(
    ("body", "kept", "dropped"),
    [
        ("<nav>menu</nav><main><p>said</p></main><div id=sidebar>by</div><p>ad</p>", ["said"], ["menu", "by", "ad"]),
        ("<header><h1>Title</h1><p>slogan</p></header><p>said</p>", ["# Title", "said"], ["slogan"]),
        ("<h1>Title</h1><article><p>said at some length</p></article><p>ad</p>", ["# Title", "said"], ["ad"]),
        ("<article>teaser</article><p>" + "long text " * 30 + "</p>", ["teaser", "long text"], []),
        ("<main><h2>One</h2><article>first</article><h2>Two</h2><article>next</article></main>", ["One", "Two"], []),
        ("<form id=aspnetForm><h1>Whole page</h1><input value=typed></form>", ["Whole page"], ["typed"]),
        ("<main></main><p>said</p>", ["said"], []),
        ("<p>said</p><svg role=img aria-label='A cell, cut'><text>x</text></svg>", ["Figure: A cell, cut"], []),
        ("<h2>Cells</h2><div class=example><h3>Example 1</h3><p>Solution: teaching</p></div>", ["teaching"], []),
        ("<p>x</p><template><p>later</p></template><iframe srcdoc='<p>inner</p>'></iframe>", ["x"], ["later", "inner"]),
        ("<p>is_<wbr>x86</p><picture><source srcset=a><img alt='Cell'></picture>", ["is_x86", "Figure: Cell"], []),
        ("<ruby>漢<rt>kan</rt></ruby>字 <del>old</del><ins>new</ins> <q>a</q>", ["漢字 new “a”"], ["kan", "old"]),
    ],
)  # fmt: skip
def test_what_is_content(body: str, kept: list[str], dropped: list[str]) -> None:
    found = text(body)
    assert [words for words in kept if words not in found] == []
    assert [words for words in dropped if words in found] == []


def test_exercises_are_kept_apart_whatever_a_publisher_calls_them() -> None:
    page = """<main><h1>Cells</h1><p>Taught.</p>
    <div data-type="exercise"><div data-type="problem"><p>Why <i>so</i>?</p></div>
      <div data-type="solution"><p>Because.</p></div></div>
    <div data-type="injected-exercise"><div data-type="exercise-question"><div data-type="question-stem">Which?</div>
      <ol data-type="question-answers" type="a"><li>ATP</li><li>DNA</li></ol>
      <div data-type="question-solution">a</div></div></div>
    <article class="exercise exercise-like"><h4>Checkpoint 2.8</h4>
    <p>How many \\(x\\)?</p><details class="solution"><summary>Key</summary>
      <p>Two.</p></details><div class="solutions"><a href="#">Hint.</a></div></article>
    <p>Model answer: hidden key</p><p>Taught again.</p></main>"""
    loaded = read(page)
    assert loaded.document.text == "# Cells\n\nTaught.\n\nTaught again."
    assert [(item.kind, item.question, item.options, item.answer) for item in loaded.items] == [
        (ItemKind.FREE_RESPONSE, "Why *so*?", (), "Because."),
        (ItemKind.MULTIPLE_CHOICE, "Which?", ("ATP", "DNA"), "ATP"),
        (ItemKind.FREE_RESPONSE, "How many $x$?", (), "Two."),
    ]


def test_sections_of_exercises_are_known_under_their_numbers() -> None:
    page = """<h1>Cells</h1><h2>Section 3.4 Exercises</h2><ol><li>Why?</li></ol><h2>Subsection SOL: Solutions</h2><ol>
    <li>Because.</li></ol><h2>Chapter 13 Solutions</h2><p>Salt dissolves.</p>"""
    loaded = read(page)
    assert loaded.document.text == "# Cells\n\n## Chapter 13 Solutions\n\nSalt dissolves."
    assert [(item.question, item.answer) for item in loaded.items] == [("Why?", "Because.")]


def test_the_encoding_is_what_the_page_says_and_never_guessed() -> None:
    page = "<meta charset='{}'><p>Ein „schöner“ Satz – für 5 €</p>"
    plain = "Ein „schöner“ Satz – für 5 €"
    for encoding, name in (
        ("cp1252", "iso-8859-1"),
        ("utf-8", "utf-8"),
        ("utf-8", "windows-1252"),
        ("utf-16", "utf-8"),
    ):
        assert read(page.format(name).encode(encoding)).document.text == plain
    assert read("<?xml version='1.0' encoding='EUC-JP'?><p>細胞の膜</p>".encode("euc-jp")).document.text == "細胞の膜"
    assert read("<meta charset=iso-2022-jp><p>細胞の膜</p>".encode("iso2022_jp")).document.text == "細胞の膜"
    assert refusal("<p>für</p>".encode("cp1252")) == "encoding"
    assert refusal(page.format("utf-8").encode("cp1252")) == "encoding"
    assert refusal("<meta charset=unicode_escape><p>für</p>".encode("latin-1")) == "encoding"
    assert refusal("<meta charset=euc-jp><p>\xff\xff</p>".encode("latin-1")) == "encoding"
    assert refusal(b"\x7fELF\x00\x00\x01") == "binary"


def test_a_page_that_says_nothing_is_named_with_what_to_do() -> None:
    for empty in (b"", b"<!-- -->", b"<div id=root></div><script>draw()</script>", b"<nav>menu</nav>"):
        assert refusal(empty) == "no_text"


def test_xhtml_declares_no_entities_of_its_own() -> None:
    bomb = b'<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><html><body><p>&b;</p></body></html>'
    assert refusal(bomb, "page.xhtml") == "entities"
    assert "aaaa" not in read(bomb).document.text
    sound = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1><a id="x"/>Cells</h1><p>it&nbsp;is</p></body></html>'
    assert read(sound, "page.xhtml").document.text == "# Cells\n\nit is"
    assert read("<p>unclosed <b>bold & so on", "page.xhtml").document.text == "unclosed **bold & so on**"


def test_a_page_may_nest_deep_and_carry_pictures() -> None:
    assert "said" in text("<div><b><ul><li>" * 400 + "said")
    assert refusal(b"<div><b>" * 2000 + b"said") == "broken"
    assert "said" in text("<table><tr><td>" * 400 + "said")
    assert text(f'<p>x<img alt="A cell" src="data:image/png;base64,{"A" * 12_000_000}"></p>') == "x\n\nFigure: A cell"
    wide = "<table>" + "<tr><td rowspan=999 colspan=999>a</td><td>b</td></tr>" * 200 + "</table>"
    assert len(text(wide)) < 200_000


_NAMES = """
p div b i a ul ol li table tr td th dl dt dd pre code h1 h2 figure img math mi msup details summary span form
"""
_TAGS = _NAMES.split()
_WORDS = [
    "cell",
    "*",
    "_",
    "`",
    "$",
    "\\(",
    "\\)",
    "$$",
    "|",
    "#",
    "&lt;p&gt;",
    "&",
    "\ue002",
    "\ue0100\ue011",
    "Answer: x",
    "\n\n",
]
_PIECES = st.one_of(
    st.sampled_from(_TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(_TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(_WORDS),
    st.sampled_from(['<img alt="A cell">', "<ol type=a start=9>", "<td rowspan=2 colspan=3>", "<div class=exercise>"]),
    st.text(max_size=8),
)
_PAGES = st.lists(_PIECES, max_size=30).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(_PAGES, st.text(max_size=200)),
    st.sampled_from(["a.html", "a.xhtml"]),
)
def test_any_page_is_read_or_refused(page: str, path: str) -> None:
    try:
        loaded = read(page.encode("utf-8", "surrogatepass"), path)
    except UnreadableDocument:
        return
    found = loaded.document.text
    assert not re.search("[\ue000-\uf8ff]", found)
    assert not re.search(r"\n{3,}", re.sub(r"(?s)```.*?```", "", found))
    blocks(found)
    for item in loaded.items:
        assert 0 <= item.start <= len(found)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(UnreadableDocument):
        read(data)
