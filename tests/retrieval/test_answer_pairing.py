"""Numbered answers under their own heading find the exercises they answer, and neither enters the searched text."""

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
