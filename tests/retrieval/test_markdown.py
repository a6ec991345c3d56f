"""Canonical text: what a textbook's Markdown becomes, and what is kept out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UnreadableDocument
from retrieval.loaders import LoadedDocument, Source, load, suffixes
from retrieval.loaders.markdown import canonical
from retrieval.values import ItemKind

SECTION = """---
title: "Glycolysis"
kcs: [glycolysis, atp]
---

<div data-type="abstract" markdown="1">
By the end you will be able to:
* Describe glycolysis
</div>

**Glycolysis**{: data-type="term"} splits glucose ([\\[link\\]](#fig-1)) as [\\[link\\]](#tab-1) shows\\:
NAD<sup>+</sup> becomes NADH, and H<sub>2</sub>O leaves. See this [site][1]{: target="_window"}.
{: #para-1 .lead}

![Long description of boxes and arrows](../r/f.jpg "The first half of &quot;glycolysis&quot;."){: #fig-1}

<!-- <solution>a hidden key</solution> -->

<table id="tab-1" summary=""><thead><tr><th colspan="2">Yields</th></tr><tr><th>Step</th><th>ATP</th></tr></thead>
<tbody><tr><td>one</td><td>2 | 4</td></tr></tbody></table>

<div data-type="equation"><math display="block"><mrow><msub><mtext>H</mtext><mn>2</mn></msub><mo>→</mo>
<mfrac><mn>1</mn><mi>x</mi></mfrac></mrow></math></div>

<cnx-pi data-type="cnx.eoc">class="summary"</cnx-pi>
<iframe src="https://example.org/"></iframe><script>alert(1)</script>

<div data-type="note" class="art-connection" markdown="1">
<div data-type="title">Art Connection</div>
![Alt](x.png "ATP synthase at work.")

Which of these is false?

1.  ADP is false bait.
2.  ATP is bait.
</div>

### Review Questions

<div data-type="exercise"><div data-type="problem" markdown="1">
What is made?

1.  ATP
2.  DNA
{: type="a"}
</div><div data-type="solution" markdown="1">
A
</div></div>

### Free Response

<div data-type="exercise"><div data-type="problem" markdown="1">
Why is it old?
</div><div data-type="solution" markdown="1">
Nearly all life shares it.
</div></div>

<div data-type="glossary" markdown="1">
### Glossary
{: data-type="glossary-title"}

pyruvate
: a three-carbon sugar
^

</div>

[1]: http://example.org/l/site
"""


def read(text: str, path: str = "m.md") -> LoadedDocument:
    return load(text.encode(), Source("biology", path, 3, ("Unit", "Chapter"), None, "en"))


def test_a_section_of_a_textbook() -> None:
    loaded = read(SECTION)
    document = loaded.document
    assert (document.title, document.kcs, document.order) == ("Glycolysis", ("glycolysis", "atp"), 3)
    assert (document.breadcrumb, document.language, document.media_type) == (("Unit", "Chapter"), "en", "text/markdown")
    assert document.text == (
        "By the end you will be able to:\n* Describe glycolysis\n\n"
        "**Glycolysis** splits glucose (Figure 1) as Table 1 shows:\n"
        "NAD⁺ becomes NADH, and H₂O leaves. See this [site](http://example.org/l/site).\n\n"
        'Figure 1: The first half of "glycolysis".\n\n'
        "**Yields**\n\n| Step | ATP |\n| --- | --- |\n| one | 2 \\| 4 |\n\n"
        "$$\n\\text{H}_{2}\\rightarrow \\frac{1}{x}\n$$\n\n"
        "Figure: ATP synthase at work.\n\n"
        "### Glossary\n\n**pyruvate**: a three-carbon sugar"
    )


def test_exercises_are_kept_apart_with_their_answers() -> None:
    loaded = read(SECTION)
    assert [(item.kind, item.question, item.options, item.answer, item.group) for item in loaded.items] == [
        (ItemKind.MULTIPLE_CHOICE, "Which of these is false?", ("ADP is false bait.", "ATP is bait."), None, ""),
        (ItemKind.MULTIPLE_CHOICE, "What is made?", ("ATP", "DNA"), "ATP", "Review Questions"),
        (ItemKind.FREE_RESPONSE, "Why is it old?", (), "Nearly all life shares it.", "Free Response"),
    ]
    text = loaded.document.text
    for secret in ("bait", "hidden key", "Why is it old", "Nearly all life", "Review Questions", "Free Response"):
        assert secret not in text
    for item in loaded.items:
        assert 0 <= item.start == item.end <= len(text)


def test_code_and_formulas_are_left_alone() -> None:
    code = '```html\n<div data-type="exercise">\n\n# no heading\n</div>\n```'
    body = f"Use `<div>` and `{{: #x}}`.\n\n{code}\n\nSo $a_{{1}}<b$ and\n\n$$\n{{: x}} \\\\ y\n$$"
    assert canonical(body)[0] == body


def test_ordinary_exercise_sections_and_worked_examples() -> None:
    loaded = read(
        "# Rates\n\n## Solutions\n\nA solution is a mixture.\n\n## Worked example\n\nSolution: divide by time.\n\n"
        "## Exercises\n\n1. What is a rate?\n\n   a. a speed\n   b. a mass\n\n   Answer: a\n\n"
        "2. Why?\n\nAnswer: because.\n\n"
        "## Next\n\nMore."
    )
    text = loaded.document.text
    assert "A solution is a mixture." in text
    assert "Solution: divide by time." in text
    assert "More." in text
    assert "because" not in text
    assert "Exercises" not in text
    assert [(item.question, item.answer) for item in loaded.items] == [
        ("What is a rate?", "a speed"),
        ("Why?", "because."),
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Title\n=====\n\nText", "# Title\n\nText"),
        ("# A\ntext right below", "# A\n\ntext right below"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("A List<String> stays <em>here</em> <foo>.", "A List<String> stays *here* <foo>."),
        ("[other](../x/y.md#z) and [web](https://e.org/a_(b))", "other and [web](https://e.org/a_(b))"),
        ("10<sup>-7</sup>, x<sup>???</sup>, K<sub>m</sub>", "10⁻⁷, x???, Kₘ"),
        ("A ___ gap \\_\\_\\_ here", "A ___ gap ___ here"),
        ("unclosed <div>\ntext <b>bold", "unclosed\n\ntext **bold**"),
        ("</div> stray", "stray"),
    ],
)
def test_small_things(markdown: str, expected: str) -> None:
    assert canonical(markdown)[0] == expected


HTML = [
    "<div data-type='exercise'>",
    "<div>",
    "</div>",
    "<!--",
    "-->",
    "<table>",
    "<tr><td>",
    "</table>",
    "<math><msub>",
]
MARKS = [
    "```",
    "`",
    "$$",
    "$",
    "{: #x}",
    "[a](",
    "](b)",
    "![",
    "# T",
    "\n",
    "\n\n",
    "* a",
    "1. b",
    ": c",
    "^",
    "\\[",
    "\\]",
]
PIECES = st.sampled_from([*HTML, *MARKS, "word", "\ue000", "Answer: x", "## Exercises", "&#x27;"])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_markup_is_read_and_reading_it_again_changes_little(text: str) -> None:
    first, exercises = canonical(text)
    assert all(0 <= at <= len(first) for _, at in exercises)
    assert not any("\ue000" <= character <= "\ue003" for character in first if character not in text)
    assert "\n\n\n" not in first or "```" in first


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\x89PNG\x00\x01", "binary"), ("é".encode("latin-1"), "encoding"), (b"---\na: [\n---\nx", "front_matter")],
)
def test_what_cannot_be_read_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as failed:
        load(data, Source("c", "sub/bad.md", 0))
    assert (failed.value.data["reason"], failed.value.data["path"]) == (reason, "sub/bad.md")
    assert "sub/bad.md" in str(failed.value)


def test_byte_order_marks_and_line_ends() -> None:
    for data in ("\ufeffa\r\nb\rc".encode(), "a\nb\nc".encode("utf-16")):
        assert load(data, Source("c", "x.md", 0)).document.text == "a\nb\nc"


def test_plain_text_and_unknown_endings() -> None:
    document = load(b"One.\n\n\n\nTwo.  \n", Source("c", "02-water_cycle.txt", 0)).document
    assert (document.title, document.text, document.media_type) == ("Water cycle", "One.\n\nTwo.", "text/plain")
    assert set(suffixes()) >= {".md", ".markdown", ".txt"}
    with pytest.raises(UnreadableDocument, match="no loader"):
        load(b"x", Source("c", "x.exe", 0))
