"""What a deck's text means: slides, notes, layouts, and errors that say where."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_gen.errors import AssetMissing, MediaError, ScriptInvalid
from media_gen.lesson import (
    Bullets,
    Clip,
    Code,
    Columns,
    Layout,
    Lesson,
    Maths,
    Paragraph,
    Picture,
    Quote,
    Slide,
    Table,
)
from media_gen.script import read
from media_gen.script.deck import MOST_BYTES, MOST_LINES, read_deck


def one(text: str) -> Slide:
    (slide,) = read_deck(text).slides
    return slide


def titles(text: str) -> list[str]:
    return [slide.title for slide in read_deck(text).slides]


def spoken(slide: Slide) -> list[str]:
    return [sentence.text for sentence in slide.narration]


# -- where slides are split ----------------------------------------------------------------------------------------


def test_a_line_of_dashes_splits() -> None:
    assert titles("# A\n\n---\n\n# B\n---\n# C\ntext\n-----\n# D\n") == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    "inside",
    [
        "```yaml\n---\na: b\n???\n```",
        "~~~~\n---\n~~~\n---\n~~~~",
        "    ---\n    ???",
        "<!--\nA note.\n\n---\n\n???\n\nMore.\n-->",
        "$$\na\n---\n???\nb\n$$",
        "- item\n\n  ```\n  ---\n  ```",
        "> quoted\n> ---\n> more",
        "- item\n  ---",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<style>\n---\n\n???\n</style>",
        "text with --- in it and ??? too",
    ],
)
def test_nothing_inside_a_block_splits(inside: str) -> None:
    assert titles(f"# A\n\n{inside}\n\n---\n\n# B\n") == ["A", "B"]


def test_empty_slides_are_left_out() -> None:
    assert titles("---\n\n# A\n\n---\n\n---\n\n# B\n\n---\n") == ["A", "B"]


def test_marp_s_heading_divider_splits_at_headings() -> None:
    assert titles("---\nmarp: true\nheadingDivider: 2\n---\n# A\n## B\ntext\n### C\n## D\n") == ["A", "B", "D"]


# -- notes ---------------------------------------------------------------------------------------------------------


def test_notes_in_comments_as_marp_has_them() -> None:
    slide = one(
        "<!-- _class: lead -->\n<!-- paginate: true -->\n\n# A <!-- fit -->\n\n<!-- Hello. -->\n\n"
        "<!--\nIt is so.\nYes.\n-->"
    )
    assert spoken(slide) == ["Hello.", "It is so.", "Yes."]
    assert not slide.unscripted


def test_notes_after_question_marks_as_remark_has_them() -> None:
    lesson = read_deck(
        "class: center, middle\nname: first\n<!-- not for the voice -->\n\n# A\n\n.left[Some *text*]\n\n???\n"
        "Say this. And that.\n\n- Then this\n\n---\nlayout: true\n\n# Every time\n\n---\n\none\n\n--\n\ntwo\n\n"
        "???\nOnly now.\n"
    )
    first, second = lesson.slides
    assert (first.id, first.title, first.subtitle) == ("first", "A", "Some *text*")
    assert spoken(first) == ["Say this.", "And that.", "Then this"]
    assert (second.title, [b.text for b in second.blocks if isinstance(b, Paragraph)]) == ("Every time", ["one", "two"])
    assert spoken(second) == ["Only now."]


def test_remark_s_columns_and_templates() -> None:
    lesson = read_deck(
        "name: base\n\n# Head\n\n---\ntemplate: base\n\n.left-column[\n- a\n]\n.right-column[\nb\n]\n\n"
        "---\nexclude: true\n\nx\n\n???\nNo."
    )
    assert [slide.title for slide in lesson.slides] == ["Head", "Head"]
    (columns,) = lesson.slides[1].blocks
    assert isinstance(columns, Columns)
    assert [len(columns.left), len(columns.right)] == [1, 1]


def test_slidev_s_front_matter_slots_and_last_comment() -> None:
    lesson = read_deck(
        "---\ntheme: seriph\ntitle: Talk\ndrawings:\n  persist: false\n---\n\n# Talk\n\n<!-- not this -->\n\nBy us\n\n"
        "<!--\nWelcome.\n-->\n\n---\nlayout: two-cols\ntransition: fade\n---\n\n# Two\n\nleft\n\n::right::\n\nright\n\n"
        "<!--\nBefore.\n[click] One.\n[click:2] Three.\n-->\n\n---\nhide: true\n---\n\n# Hidden\n"
    )
    talk, two = lesson.slides
    assert spoken(talk) == ["Welcome."]
    assert two.layout is Layout.COLUMNS
    assert two.blocks == (Columns(left=(Paragraph(text="left"),), right=(Paragraph(text="right"),)),)
    assert spoken(two) == ["Before.", "One.", "Three."]


def test_slidev_s_components_footnotes_and_pictures() -> None:
    lesson = read_deck(
        "---\ntheme: seriph\nlang: en-US\n---\n\n# A\n\n"
        "---\nlayout: image-right\nlayoutClass: gap\nimage: ./a.png\n---\n\n"
        '# B\n\n<div @click="go" :x="1">\n  Press <icon:key /> here\n</div>\n\nSo it is[^1].\n\n[^1]: [There](a.md)\n\n'
        "$$ {1|3|all}\nx\n$$\n\n---\nsrc: ./other.md\n---\n"
    )
    assert lesson.language == "en"
    assert len(lesson.slides) == 2
    assert lesson.slides[1].layout is Layout.PICTURE_TEXT
    assert lesson.slides[1].blocks == (
        Paragraph(text="Press here"),
        Paragraph(text="So it is."),
        Maths(latex="x"),
        Picture(asset="a.png"),
    )


def test_a_slide_without_notes_is_spoken_from_its_own_text() -> None:
    slide = one("# Light\n\n- It is a *wave*\n- It is fast\n\n| a | b |\n|---|---|\n| one | two |\n\n```\ncode\n```")
    assert spoken(slide) == ["Light.", "It is a *wave*.", "It is fast.", "one, two."]
    assert slide.unscripted
    silent = one("<!-- narration: none -->\n\n# Light\n\ntext")
    assert (silent.narration, silent.unscripted) == ((), False)


def test_markers_in_the_notes() -> None:
    slide = one(
        "# A\n\n- a\n- b\n- c\n\n<!--\nStart. [click] The [CO₂](say: see oh two) rises. [pause 1.5]\n\n"
        "- [step 3] All. [pause]\n- Use `[click]` as code\n-->"
    )
    assert [(s.text, s.say, s.reveal, s.pause) for s in slide.narration] == [
        ("Start.", "", None, 0),
        ("The CO₂ rises.", "The see oh two rises.", 1, 1.5),
        ("All.", "", 3, 1),
        ("Use `[click]` as code", "", None, 0),
    ]


def test_bullets_are_revealed_as_they_are_spoken() -> None:
    slide = one("# A\n\n- light\n- water\n\n<!-- Look. Here is light. Here is water. -->")
    assert [s.reveal for s in slide.narration] == [None, 1, 2]
    manual = one("<!-- reveal: manual -->\n# A\n\n- light\n- water\n\n<!-- Here is light. Here is water. -->")
    assert [s.reveal for s in manual.narration] == [None, None]


def test_a_question_s_answer_is_shown_by_a_mark_and_never_by_itself() -> None:
    asked = "```question\nWhat is light?\nanswer: A wave\n```\n\n"
    said = one(f"# A\n\n{asked}<!-- What is light?\n[click] It is a wave. Indeed. -->")
    assert [s.reveal for s in said.narration] == [None, 1, None]
    unsaid = one(f"# A\n\n{asked}<!-- What is light? It is a wave. -->")
    assert [s.reveal for s in unsaid.narration] == [None, None]
    listed = one(f"# A\n\n- water\n- light\n\n{asked}<!-- Here is water. Here is light. A wave. -->")
    assert (listed.steps, [s.reveal for s in listed.narration]) == (3, [1, 2, None])


def test_more_clicks_than_steps_show_everything() -> None:
    slide = one("# A\n\n- a\n\n<!-- [click] One. [click] Two. -->")
    assert [s.reveal for s in slide.narration] == [1, 1]


# -- layouts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("# A", Layout.TITLE),
        ("# A\n## B\nby C", Layout.TITLE),
        ("# x\n---\n# A", Layout.SECTION),
        ("# x\n---\n# A\n- b", Layout.BULLETS),
        ("# x\n---\n# A\n\ntext", Layout.BULLETS),
        ("# x\n---\n# A\n![b](b.png)", Layout.PICTURE),
        ("# x\n---\n# A\n![b](b.png)\n- text", Layout.PICTURE_TEXT),
        ("# x\n---\n# A\n![b](b.mp4)", Layout.CLIP),
        ("# x\n---\n# A\n```\ncode\n```", Layout.CODE),
        ("# x\n---\n# A\n$$\nx\n$$", Layout.MATHS),
        ("# x\n---\n# A\n|a|\n|---|\n|b|", Layout.TABLE),
        ("# x\n---\n> said\n>\n> — Ada", Layout.QUOTE),
        ("# x\n---\n```process\n- a\n- b\n```", Layout.DIAGRAM),
        ("# x\n---\n```chart pie\n|a|b|\n|---|---|\n|c|1|\n```", Layout.CHART),
        ("# x\n---\n::: left\na\n:::\n::: right\nb\n:::", Layout.COLUMNS),
        ("# x\n---\n::: left A\na\n:::\n::: right B\nb\n:::", Layout.COMPARISON),
        ("# x\n---\n```question\nWhy?\nanswer: So.\n```", Layout.QUESTION),
        ("# x\n---\n# Key points\n- a", Layout.SUMMARY),
        ("# x\n---\n<!-- layout: summary -->\n# A\n- a", Layout.SUMMARY),
    ],
)
def test_the_layout_is_inferred_or_named(text: str, layout: Layout) -> None:
    assert read_deck(text).slides[-1].layout is layout


def test_ids_come_from_titles_and_are_unique() -> None:
    lesson = read_deck("# Énergie !\n---\n# Énergie !\n---\n# 光\n---\n# 光\n---\n<!-- id: mine -->\n# x")
    assert [slide.id for slide in lesson.slides] == ["energie", "energie-2", "slide", "slide-2", "mine"]


def test_an_id_made_from_a_title_gives_way_to_one_that_was_given() -> None:
    assert [slide.id for slide in read_deck("# A\n---\n<!-- id: a -->\n# B").slides] == ["a-2", "a"]


def test_a_section_begins_a_chapter() -> None:
    lesson = read_deck("# x\n---\n# Part one\n---\n<!-- chapter: Other -->\n# A\ntext\n---\n<!-- chapter: '' -->\n# B")
    assert [slide.chapter for slide in lesson.slides] == ["", "Part one", "Other", ""]


def test_blocks() -> None:
    slide = one(
        '# A\n\n1. one\n   - inner `code`\n2. two\n   more\n\n![bg right:40% A leaf](leaf.png "Its caption")\n\n'
        "```python {1|2}\nx = 1\n```\n\n> To be\n> -- W. S.\n\n|a|b|\n|-|-|\n|`c\\|d`|$e$|\n\n$$ x $$"
    )
    bullets, picture, code, quote, table, maths = slide.blocks
    assert isinstance(bullets, Bullets)
    assert [(b.text, b.level) for b in bullets.items] == [("one", 0), ("inner `code`", 1), ("two more", 0)]
    assert bullets.ordered
    assert picture == Picture(asset="leaf.png", alt="A leaf", caption="Its caption")
    assert code == Code(text="x = 1", language="python")
    assert quote == Quote(text="To be", attribution="W. S.")
    assert table == Table(header=("a", "b"), rows=(("`c|d`", "$e$"),))
    assert maths == Maths(latex="x")


def test_html_is_never_passed_on() -> None:
    slide = one(
        '# A <b>bold</b>\n\n<div onclick="x()">Text <i>inside</i></div>\n\n'
        "<script>\nalert(1)\n\nalert(2)\n</script>\n\n"
        "<style scoped>\nh1 {}\n</style>\n\ntwo<br/>lines <img src=x onerror=y>\n\n- a"
    )
    assert slide.title == "A bold"
    assert [b.text for b in slide.blocks if isinstance(b, Paragraph)] == ["Text inside", "two lines"]


# -- pictures and clips --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("a/b.png", "a/b.png"),
        ("./a%20b.png", "a b.png"),
        ("../../images/c.png", "images/c.png"),
        ("a/../../b.png", "b.png"),
    ],
)
def test_a_path_stays_below_the_script_s_folder(written: str, path: str) -> None:
    assert one(f"![x]({written})").blocks == (Picture(asset=path, alt="x"),)


@pytest.mark.parametrize(
    "written",
    ["/etc/passwd", "https://example.org/a.png", "//example.org/a.png", "C:/a.png", "~/a.png", "..", "<a\\b.png>"],
)
def test_other_places_are_refused_with_line_and_slide(written: str) -> None:
    with pytest.raises(AssetMissing) as refused:
        read_deck(f"# A\n---\n# B\n\n![x]({written})")
    assert (refused.value.data["slide"], refused.value.data["line"]) == (2, 5)


def test_a_clip_with_its_trim() -> None:
    clip = one("```clip\nfile: a.mp4\nfrom: 2\nto: 5.5\nalt: Leaves\ncredit: Ada\nlicence: CC BY 4.0\n```").blocks[0]
    assert clip == Clip(asset="a.mp4", start=2, end=5.5, alt="Leaves", credit="Ada", licence="CC BY 4.0")


# -- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "slide", "says"),
    [
        ("", 1, 0, "no slides"),
        ("---\ntitle: a: b\n---\n# A", 2, None, "not valid YAML"),
        ("---\ntitle: *a\n---\n# A", 1, None, "not valid YAML"),
        ("# A\n---\n# B\n```question\nWhy?\n```", 4, 2, "options or an answer"),
        ("# A\n---\n# B\n```question\nWhy?\n- wrong: a\n```", 4, 2, "at least one right"),
        ("# A\n\n```chart bar\n|a|b|\n|---|---|\n|c|many|\n```", 3, 1, "'many' is not a number"),
        ("# A\n\n```question\nWhy?\n- right: a\n  hint: no\n```", 6, 1, "fits nowhere"),
        ("# A\n---\n<!-- goto: nowhere -->\n# B", 3, 2, "nowhere"),
        ("# A\n---\n<!-- sources: none -->\n# B", 3, 2, "not among the sources"),
        ("# A\n\n<!-- layout: bulets -->\n", 1, 1, "no layout"),
        ("# A\n---\n# B\n<!-- [pause 3] Hello. -->", 4, 2, "after a sentence"),
        ("# A\n\n<!-- never closed\n\n# B", 3, None, "never closed"),
        ("# A\n\ntext <!-- never\n\nclosed -->", 3, None, "never closed"),
        ("# A\n\n```\ncode\n\n---\n\n# B", 3, None, "never closed"),
        ("# A\n\n$$\nx\n\n---\n\n# B", 3, None, "not closed"),
        ("<!-- id: a -->\n# A\n---\n<!-- id: a -->\n# B", 4, 2, "used once"),
        ("# A\n\n" + "x" * 10_001, 3, None, "longer than"),
    ],
)
def test_an_error_says_where(text: str, line: int, slide: int | None, says: str) -> None:
    with pytest.raises(ScriptInvalid, match=says) as found:
        read_deck(text)
    assert found.value.data["line"] == line
    assert found.value.data.get("slide") == slide


def test_limits() -> None:
    with pytest.raises(ScriptInvalid, match="bytes"):
        read_deck("é" * (MOST_BYTES // 2 + 1))
    with pytest.raises(ScriptInvalid, match="2,000 points and cells"):
        read_deck("# A\n\n- a\n" + "  - b\n" * 2001)
    with pytest.raises(ScriptInvalid, match="200 steps"):
        read_deck("# A\n\n" + "- b\n" * 201)
    with pytest.raises(ScriptInvalid, match="500 sentences"):
        read_deck("# A\n\n<!--\n" + "Yes.\n" * 501 + "-->")
    with pytest.raises(ScriptInvalid, match="400 slides"):
        read_deck("# A\n\n---\n" * 401)


# -- hostile input -------------------------------------------------------------------------------------------------

PIECES = [
    *"-#*_`$[]()<>!|:.?\\ \n\t1a",
    "---\n", "\n\n", "<!--", "-->", "```", "```chart bar\n", "```slide\n", "???\n", "--\n", "::: left\n", ":::\n",
    "[click]", "[pause 2]", "](say: x)", '{"id":', "- right: a\n", "layout: true\n", "title: x\n", ".a[", "]\n", "> ",
    "    ", "\x00", "\ud800", "\u2028", "光。", "&amp;", "![a](b.png)", "---\n&a [*a]\n---\n", "\ufeff", "\r", "$$\n",
]  # fmt: skip


def outcome(text: str) -> Lesson | MediaError:
    try:
        return read_deck(text)
    except MediaError as error:
        return error


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_any_text_is_a_lesson_or_a_typed_error(text: str) -> None:
    assert str(outcome(text))


@pytest.mark.parametrize(
    "piece",
    [
        "<!-- ", "a <!-- ", "$$x\n", "$x ", "[", "![", "*a **b ", "`", "``` \n", "> ", "- ", "  - ", "::: left\n",
        ".a[", "| a ", "|-", "\\", "&amp", "--\n", "???\n", "# \n", "[a]: b\n", "[^", "- a\n", "A. ", "[click]",
        "$$\nx\n$$\n",
        "a\n", "\n", "1. ", "<!-- x -->", "[a](say: b)", "...", "![a](b.png)", "<div>\n", "<a ",
    ],
)  # fmt: skip
def test_repetition_costs_little(piece: str) -> None:
    """A cost that grows with the square of the text would run into the suite's time limit."""
    lines = MOST_LINES - 10
    assert str(outcome("# A\n\n" + piece * min(200_000 // len(piece), lines // max(1, piece.count("\n")))))


# -- files ---------------------------------------------------------------------------------------------------------


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Grüße\n", encoding="utf-8")
    assert read(tmp_path / "a.md").title == "Grüße"
    (tmp_path / "b.md").write_bytes(b"# A\n\n\xff")
    with pytest.raises(ScriptInvalid, match="line 3"):
        read(tmp_path / "b.md")
    with pytest.raises(ScriptInvalid, match="No such file"):
        read(tmp_path / "c.md")
    with pytest.raises(ScriptInvalid, match="Markdown"):
        read(tmp_path / "d.exe")
