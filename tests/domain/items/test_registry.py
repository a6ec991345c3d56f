"""Every type of item: its own examples, its data form, its card."""

import json
from typing import Any

import pytest

from tests.domain.items.judge import WordsJudge
from tutor.domain.assessment import VerdictKind
from tutor.domain.items import TYPES, answers, card, grade, grade_hint, hint_card, read_item, solution, write_item
from tutor.domain.items.item import Answer, BadItem

EXAMPLES = [
    pytest.param(data, answer, kind, id=f"{name}-{number}")
    for name, module in TYPES.items()
    for number, (data, answer, kind) in enumerate(module.EXAMPLES)
]
ITEMS = [data for module in TYPES.values() for data in {repr(one[0]): one[0] for one in module.EXAMPLES}.values()]


def test_there_are_the_types_of_the_course_format() -> None:
    names = "short_answer multiple_choice numeric symbolic cloze ordering matching poll"
    assert list(TYPES) == names.split()
    assert all(module.EXAMPLES for module in TYPES.values())


@pytest.mark.parametrize(("data", "answer", "kind"), EXAMPLES)
def test_an_example_gets_its_verdict(data: dict[str, Any], answer: Answer, kind: VerdictKind) -> None:
    verdict = grade(read_item(data, "course"), answer, WordsJudge())
    assert verdict.kind == kind
    if kind == "misconception":
        assert verdict.misconception
        assert verdict.evidence
    if kind == "correct":
        assert verdict.credit == 1.0


@pytest.mark.parametrize("data", ITEMS, ids=lambda data: data["id"])
def test_writing_an_item_and_reading_it_gives_it_back(data: dict[str, Any]) -> None:
    data = {
        **data,
        "kcs": ["one"],
        "difficulty": -0.5,
        "transfer": True,
        "hint": [
            {"text": "Think."},
            {"text": "What is 3 times 4?", "type": "numeric", "answer": 12, "depends_on": ["h1"]},
            {"text": "Say it.", "type": "cloze", "cloze": "{{Twelve|12}} is right.", "title": "Last"},
        ],
    }
    data["item_extra" if data["type"] == "matching" else "extra"] = {"page": 3}
    item = read_item(data, "course")
    written = json.loads(json.dumps(write_item(item)))
    assert read_item(written, "course") == item
    assert item.extra == {"page": 3}
    assert [hint.is_scaffold for hint in item.hints] == [False, True, True]


@pytest.mark.parametrize("data", ITEMS, ids=lambda data: data["id"])
def test_a_card_is_json_that_does_not_hold_the_key(data: dict[str, Any]) -> None:
    item = read_item(data, "course")
    shown = card(item, "seed")
    assert shown["type"] == item.type
    assert card(item, "another") == shown  # what a typed "second" means can't depend on who looks
    text = json.dumps(shown)
    assert "correct" not in text
    assert "misconception" not in text
    if item.type in ("numeric", "symbolic", "short_answer", "cloze"):
        assert not any(answer in text for answer in answers(item))


@pytest.mark.parametrize("data", ITEMS, ids=lambda data: data["id"])
def test_every_item_but_a_poll_has_a_solution_and_answers(data: dict[str, Any]) -> None:
    item = read_item(data, "course")
    assert bool(solution(item)) == bool(answers(item)) == (item.type != "poll")
    assert solution(read_item({**data, "explanation": "Because."}, "course")) == "Because."


def test_an_empty_answer_is_none() -> None:
    for data in ITEMS:
        item = read_item(data, "course")
        for answer in (Answer(), Answer("  \n"), Answer(selected=("", " "))):
            assert grade(item, answer, WordsJudge()).kind == "not_an_answer"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"type": "numeric"}, "answer"),
        ({"type": "essay"}, "essay"),
        ({"type": "numeric", "answer": "1", "tolerance": "much"}, "tolerance"),
        ({"type": "numeric", "answer": "1", "form": "round"}, "form"),
        ({"type": "numeric", "answer": "1", "significant_figures": 0}, "significant_figures"),
        ({"type": "numeric", "answer": "1", "kcs": 3}, "kcs"),
        ({"type": "short_answer"}, "expectation"),
        ({"type": "multiple_choice", "option": [{"text": "a", "correct": True}]}, "two"),
        ({"type": "multiple_choice", "option": [{"text": "a"}, {"text": "b"}]}, "correct"),
        ({"type": "multiple_choice", "option": [{"text": c, "correct": True} for c in "ab"]}, "several"),
        (
            {
                "type": "multiple_choice",
                "option": [{"text": "a", "correct": True}, {"text": "b", "misconception": "m"}],
            },
            "'m'",
        ),
        ({"type": "cloze", "text": "No blank."}, "blank"),
        ({"type": "cloze", "text": "{{a|}}"}, "empty"),
        ({"type": "cloze", "text": "{{a}}", "options": ["b"]}, "options"),
        ({"type": "ordering", "steps": ["a"]}, "two"),
        ({"type": "ordering", "steps": ["a", "a"]}, "twice"),
        ({"type": "matching", "pairs": [["a", "b"], ["c"]]}, "number 2"),
        ({"type": "poll", "option": "yes"}, "option"),
        ({"type": "numeric", "answer": "1", "hint": [{"text": "a", "depends_on": ["h2"]}]}, "h2"),
        (
            {"type": "numeric", "answer": "1", "hint": [{"text": a, "depends_on": [b]} for a, b in ("12", "21")]},
            "no hint",
        ),
        (
            {"type": "numeric", "answer": "1", "hint": [{"text": "a", "depends_on": ["h1"]}]},
            "circle",
        ),
    ],
)
def test_a_mistake_in_the_data_is_named_where_it_stands(data: dict[str, Any], words: str) -> None:
    with pytest.raises(BadItem, match=words) as caught:
        read_item({"id": "bad", "prompt": "?", **data}, "course", "items/a.toml")
    assert "items/a.toml: item bad" in str(caught.value)
    assert caught.value.code == "bad_item"


def test_a_scaffold_is_shown_and_graded_as_a_question_of_its_own() -> None:
    item = read_item(
        {
            "id": "whole",
            "type": "numeric",
            "prompt": "What is 3(4+5)?",
            "answer": "27",
            "hint": [
                {"text": "What is 4 + 5?", "type": "numeric", "answer": "9"},
                {"text": "Order them.", "type": "ordering", "steps": ["add", "multiply", "check"]},
                {"text": "Multiply."},
            ],
        },
        "course",
    )
    assert grade_hint(item, item.hints[0], Answer("9"), WordsJudge()).kind == "correct"
    assert grade_hint(item, item.hints[0], Answer("27"), WordsJudge()).kind == "incorrect"
    shown = hint_card(item, item.hints[1], "seed")
    order = {step["text"]: step["id"] for step in shown["steps"]}
    answer = Answer(selected=(order["add"], order["multiply"], order["check"]))
    assert grade_hint(item, item.hints[1], answer, WordsJudge()).kind == "correct"
    with pytest.raises(ValueError, match="no scaffold"):
        hint_card(item, item.hints[2], "seed")
