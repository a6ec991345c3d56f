"""Short answers of the demo course, graded by the real model: what their authors wrote, and what has nothing to do."""

from pathlib import Path

import pytest

from bench._grading_items import cases, short_answers
from tutor.domain.items import grade
from tutor.domain.items.item import Answer, Item, TextJudge

ITEMS = Path(__file__).resolve().parents[2] / "tutor/demo/energy-for-life/items"
EVERY = 6  # one in so many items: a model reads a few sentences a second

pytestmark = pytest.mark.parametrize("item", short_answers(ITEMS)[::EVERY], ids=lambda item: item.id)


def test_an_item_grades_its_own_wordings(item: Item, e5_judge: TextJudge) -> None:
    for case in cases(item):
        if case.kind.endswith("held_out"):
            continue
        found = grade(case.item, Answer(case.text), e5_judge)
        match case.kind:
            case "model_answer":
                assert found.kind == "correct", case.text
            case "one_idea":
                assert set(case.says) <= set(found.covered), case.text
            case "misconception":
                assert found.kind == "misconception", case.text
            case "unrelated":
                assert found.kind not in ("correct", "misconception"), case.text


def test_a_right_wording_that_the_item_lacks_is_never_wrong(item: Item, e5_judge: TextJudge) -> None:
    for case in cases(item):
        if case.kind in ("one_idea_held_out", "all_held_out"):
            assert grade(case.item, Answer(case.text), e5_judge).kind != "incorrect", case.text
