"""``diotima import oatutor``, as people meet it."""

import json
from pathlib import Path

import pytest

from tests.test_cli import Shell, diotima

__all__ = ["diotima"]

PROBLEM = {
    "id": "sum1",
    "title": "Adding",
    "body": "Add.",
    "lesson": "1.1 Sums",
    "lesson_id": "L",
    "oer": "https://example.org <Book: Sums>",
    "license": "https://example.org/by <CC BY 4.0>",
    "steps": [
        {
            "id": f"sum1{letter}",
            "title": f"$${number}x+{number}x$$",
            "body": "",
            "answer": [f"$${2 * number}x$$"],
            "answer_type": "arithmetic",
            "problem_type": "TextBox",
            "choices": None,
            "skills": ["add_terms"],
            "hints": [{"id": "h1", "type": "hint", "title": "Look", "text": "They are alike."}],
        }
        for letter, number in (("a", 1), ("b", 2))
    ],
}


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    folder = tmp_path / "sums"
    folder.mkdir()
    lines = [json.dumps({**PROBLEM, "id": name, "steps": steps}) for name, steps in _parted()]
    (folder / "problems.jsonl").write_text("\n".join(lines), encoding="utf-8")
    lessons = [{"id": "L", "name": "Lesson 1.1", "topics": "Sums of terms", "skills": {"add_terms": 0.85}}]
    (folder / "lessons.json").write_text(json.dumps(lessons), encoding="utf-8")
    return folder


def _parted() -> list[tuple[str, list[object]]]:
    steps = PROBLEM["steps"]
    assert isinstance(steps, list)
    return [("sum1", steps[:1]), ("sum2", steps[1:])]


def row(said: str, what: str) -> str:
    return next(line.split()[-1] for line in said.splitlines() if line.strip().startswith(f"{what} "))


def test_a_course_is_made_and_counted(diotima: Shell, problems: Path) -> None:
    said = diotima("import", "oatutor", str(problems / "problems.jsonl"), "--course", "sums")
    counts = {what: row(said, what) for what in ("problems", "steps", "items", "hints", "scaffolds", "new", "skipped")}
    assert counts == {
        "problems": "2",
        "steps": "2",
        "items": "2",
        "hints": "2",
        "scaffolds": "0",
        "new": "2",
        "skipped": "0",
    }
    assert "sums: Sums; CC BY 4.0 https://example.org/by" in said
    assert "Sums" in diotima("courses")
    again = diotima("import", "oatutor", str(problems), "--course", "sums")
    assert (row(again, "new"), row(again, "changed")) == ("0", "0")


def test_only_the_first_problems(diotima: Shell, problems: Path) -> None:
    said = diotima("import", "oatutor", str(problems), "--limit", "1")
    assert row(said, "items") == "1"


def test_a_file_of_another_shape_is_refused_in_words(diotima: Shell, problems: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("not json\n", encoding="utf-8")
    assert "line 1 is not JSON" in diotima("import", "oatutor", str(bad), status=2)
    bad.write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8" in diotima("import", "oatutor", str(bad), status=2)
    diotima("import", "oatutor", str(tmp_path / "nowhere.jsonl"), status=2)
