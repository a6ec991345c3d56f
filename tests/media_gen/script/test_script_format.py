"""``docs/script-format.md`` is executed: every example is read, and what the page says of it is so."""

import re
from pathlib import Path

import pytest

from media_gen.lesson import Layout
from media_gen.script import directives, front, properties
from media_gen.script.assemble import MOST_PARTS, MOST_SLIDES, MOST_STEPS
from media_gen.script.content import MOST_PIECES
from media_gen.script.deck import MOST_BYTES, MOST_LINES, read_deck
from media_gen.script.notes import MOST_SENTENCES
from media_gen.script.write import write_deck

PAGE = (Path(__file__).parents[3] / "docs/script-format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````\n\n\*(.*?)\*$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_example_has_its_line() -> None:
    assert len(EXAMPLES) == PAGE.count("````markdown") >= 6


@pytest.mark.parametrize(("example", "claim"), EXAMPLES)
def test_examples_give_what_the_page_says(example: str, claim: str) -> None:
    lesson = read_deck(example)
    layouts, _, reveals = claim.rstrip(".").partition(". Reveals: ")
    assert layouts == f"Layouts: {', '.join(slide.layout for slide in lesson.slides)}"
    if reveals:
        shown = [sentence.reveal for slide in lesson.slides for sentence in slide.narration]
        assert reveals.split(", ") == ["-" if count is None else str(count) for count in shown]


@pytest.mark.parametrize("example", [example for example, _ in EXAMPLES])
def test_examples_are_written_back_as_plain_markdown(example: str) -> None:
    lesson = read_deck(example)
    assert "```slide" not in write_deck(lesson)
    assert read_deck(write_deck(lesson)) == lesson


def table(heading: str) -> set[str]:
    """The names in the first column of the first table below a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return {
        name for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
    }


def test_the_tables_name_all_there_is() -> None:
    assert table("What can stand on a slide") == {layout.value for layout in Layout}
    assert table("Directives") == directives.WORDS
    assert table("Properties of a slide") == properties.OURS
    assert table("Front matter") == set(front.lesson_fields({})) - {"drafts"} | {"voice"}


def test_the_limits_are_those_of_the_program() -> None:
    limits = " ".join(PAGE.partition("## Limits")[2].split())
    for limit, of in (
        (MOST_LINES, "lines"),
        (MOST_SLIDES, "slides"),
        (MOST_PIECES, "pieces"),
        (MOST_STEPS, "steps"),
        (MOST_PARTS, "points and cells"),
        (MOST_SENTENCES, "sentences"),
    ):
        assert f"{limit:,} {of}" in limits
    assert MOST_BYTES == 1_000_000
