"""Citation markers in what a model wrote."""

import pytest

from tutor.services.citing import drop_unknown_markers, markers


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Leaves breathe [1].", "Leaves breathe [1]."),
        ("Leaves breathe [7].", "Leaves breathe."),
        ("Both [1, 3] and [0]", "Both [1] [3] and"),
        ("Only one of [2,9]", "Only one of [2]"),
        ("`a[9]` stays, [9] goes", "`a[9]` stays, goes"),
        ("$x[9]$ stays", "$x[9]$ stays"),
        ("```\nrow[9]\n``` [9]", "```\nrow[9]\n```"),
        ("[note] is not a citation", "[note] is not a citation"),
    ],
)
def test_markers_that_name_no_passage_are_dropped(text: str, kept: str) -> None:
    assert drop_unknown_markers(text, passages=3) == kept


def test_markers_are_listed_once_in_order_of_appearance() -> None:
    assert markers("A [2]. B [1, 2]. C `x[3]` [3].") == [2, 1, 3]
