"""Numbered answers under their own heading find the exercises they answer, and neither enters the searched text."""

import pytest

from retrieval.loaders import load
from retrieval.loaders.port import Source

PAGE = """# Leaves

Leaves are green.

## Exercises

1. Why are leaves green?
2. Where does the sugar go?
3. Who eats the leaf?

## Answers

1. Chlorophyll reflects green light.
2. Into the phloem,

   and from there to the roots.

## Next

Roots are brown.
"""


def test_answers_are_paired_with_exercises_by_their_numbers() -> None:
    loaded = load(PAGE.encode(), Source("biology", "leaves.md", 0))
    assert [(item.question, item.answer) for item in loaded.items] == [
        ("Why are leaves green?", "Chlorophyll reflects green light."),
        ("Where does the sugar go?", "Into the phloem,\n\nand from there to the roots."),
        ("Who eats the leaf?", None),
    ]


def test_neither_exercises_nor_answers_enter_the_searched_text() -> None:
    text = load(PAGE.encode(), Source("biology", "leaves.md", 0)).document.text
    assert "Leaves are green." in text
    assert "Roots are brown." in text
    for kept_out in ("Chlorophyll", "phloem", "Who eats", "Answers", "Exercises"):
        assert kept_out not in text


@pytest.mark.parametrize(
    "key",
    [
        "Answers: 1 b, 2 c",
        "Answer key: 1. B  2. C",
        "**Key:** 1-b; 2-c",
        "Respuestas: 1 b, 2 c",
        "答案：1. B 2. C",
        "الإجابات: 1. b 2. c",
        "Q1: b, Q2: c, Q3: a",
        "1 b\n2 c\n3 a",
        "| Question | Answer |\n| --- | --- |\n| 1 | b |\n| 2 | c |\n| 3 | a |",
    ],
)
def test_a_key_of_numbers_and_letters_answers_the_exercises_and_leaves_the_text(key: str) -> None:
    """Wherever it stands: behind the exercises, under a heading of its own, or among what follows."""
    asked = (
        "# Leaves\n\nLeaves are green.\n\n## Exercises\n\n1. What is green?\n\n   a. roots\n   b. leaves\n\n"
        "2. What is brown?\n\n   a. leaves\n   b. sky\n   c. roots"
    )
    for between in ("\n\n", "\n\n## Answers\n\n", "\n\n## Next\n\nRoots are brown.\n\n"):
        loaded = load(f"{asked}{between}{key}\n\n## Last\n\nThe end.\n".encode(), Source("biology", "leaves.md", 0))
        assert [item.answer for item in loaded.items] == ["leaves", "roots"]
        assert [item.question for item in loaded.items] == ["What is green?", "What is brown?"]
        assert key.split("\n")[-1] not in loaded.document.text
        assert "The end." in loaded.document.text


@pytest.mark.parametrize(
    "paragraph",
    [
        "Sizes: 3 a, 2 b",
        "Blood groups: 1 A, 2 B",
        "Blood groups: 1 A, 2 B, 3 C",
        "Figure 2 b shows 3 c",
        "Type 1 A, 2 B",
        "The steps are 1 a, 2 b, 3 c.",
        "Solutions. When salt dissolves, it parts.",
        "Answers vary by region.",
        "Key: blue is glucose, red is oxygen.",
    ],
)
def test_what_only_looks_like_a_key_stays(paragraph: str) -> None:
    text = load(f"# Leaves\n\n{paragraph}\n".encode(), Source("biology", "leaves.md", 0)).document.text
    assert paragraph in text


def test_answers_in_words_leave_the_text_too() -> None:
    page = "# Leaves\n\nLeaves are green.\n\nAnswers: 1. chlorophyll; 2. the phloem\n"
    assert "phloem" not in load(page.encode(), Source("biology", "leaves.md", 0)).document.text
