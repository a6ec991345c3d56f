"""The questions in docs/course-format.md are read, and their own answers count as right."""

import re
import tomllib
from pathlib import Path

from tutor.domain.items import TYPES, answers, grade, read_item
from tutor.domain.items.item import Answer, Item
from tutor.grading.words import WordJudge

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "course-format.md"


def examples() -> list[Item]:
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    entries = [entry for block in blocks for entry in tomllib.loads(block).get("item", [])]
    return [read_item(entry, "c", DOCUMENT.name) for entry in entries]


def test_there_is_an_example_of_every_type() -> None:
    assert {item.type for item in examples()} == set(TYPES)


def test_the_answer_of_each_example_is_right() -> None:
    for item in examples():
        if item.type in ("short_answer", "multiple_choice", "numeric", "symbolic"):
            text = " ".join(answers(item)[-1:])
            assert grade(item, Answer(text), WordJudge()).kind == "correct", item.id
