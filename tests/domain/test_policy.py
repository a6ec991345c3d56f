"""The policy: which move, by which rule."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.policy import Leaning, Situation, is_greeting, next_move, retrieval_query

COVERED = Situation(is_greeting=False, has_material=True, found=4, covered=True)


@pytest.mark.parametrize(
    ("situation", "name", "rule"),
    [
        (COVERED, "answer", "free_question"),
        (replace(COVERED, is_greeting=True), "greet", "greeting"),
        (replace(COVERED, covered=False), "not_covered", "refuse_uncovered"),
        (replace(COVERED, found=0), "not_covered", "refuse_uncovered"),
        (replace(COVERED, withheld=1), "guide", "course_exercise"),
        (replace(COVERED, withheld=1, found=0), "guide", "course_exercise"),
        (replace(COVERED, withheld=1, covered=False), "not_covered", "refuse_uncovered"),
        (replace(COVERED, touches_open=True), "guide", "open_question"),
        (replace(COVERED, touches_open=True, found=0), "guide", "open_question"),
        (replace(COVERED, touches_open=True, withheld=1), "guide", "course_exercise"),
        (replace(COVERED, touches_open=True, covered=False), "not_covered", "refuse_uncovered"),
        (replace(COVERED, has_material=False, found=0, covered=False), "no_material", "empty_course"),
        (replace(COVERED, has_material=False, is_greeting=True), "greet", "greeting"),
    ],
)
def test_each_rule_fires_in_its_situation(situation: Situation, name: str, rule: str) -> None:
    move = next_move(situation)
    assert (move.name, move.rule) == (name, rule)
    assert move.reason.endswith(".")


def test_an_answer_is_given_only_when_the_course_covers_the_question() -> None:
    for greeting, material, found, covered in product((True, False), (True, False), (0, 1, 6), (True, False)):
        move = next_move(Situation(greeting, material, found, covered))
        assert (move.name == "answer") == (not greeting and material and found > 0 and covered)


LEANING = Leaning(frozenset({"and", "it", "that"}), frozenset({"why", "is", "what"}))
GREETINGS = frozenset({"hello", "hi there", "buenos días", "مرحبا"})


@pytest.mark.parametrize("text", ["Hello!", "  hi   THERE. ", "¡Buenos días!", "مرحبا"])
def test_a_greeting_is_the_whole_message(text: str) -> None:
    assert is_greeting(text, GREETINGS)


@pytest.mark.parametrize("text", ["Hello, what is ATP?", "", "?", "hi", "what does hello mean"])
def test_a_question_that_begins_with_a_greeting_is_a_question(text: str) -> None:
    assert not is_greeting(text, GREETINGS)


def test_a_short_follow_up_leans_on_the_message_before_it() -> None:
    before = ("How do leaves make sugar?",)
    for message in ("and at night?", "why?", "Why is that?", "Is it stored?", "?"):
        assert retrieval_query(message, before, LEANING) == f"How do leaves make sugar? {message}"
        assert retrieval_query(message, (), LEANING) == message
    for message in ("What is glycolysis?", "Why rubisco?", "How many ATP and NADH does one glucose give?"):
        assert retrieval_query(message, before, LEANING) == message


@given(st.text(), st.lists(st.text(), max_size=3))
def test_the_query_always_holds_the_message(message: str, earlier: list[str]) -> None:
    assert retrieval_query(message, tuple(earlier), LEANING).endswith(message)
