"""An item as text and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.items import TYPES, read_item
from tutor.domain.items.item import BadItem, Hint, Item
from tutor.domain.items.numeric import Numeric
from tutor.services.item_text import from_text, to_text

EXAMPLES = [read_item(data, "c") for module in TYPES.values() for data, _, _ in module.EXAMPLES]
ITEM = Item(
    "a-1",
    "c",
    "What is $\\frac{1}{2}$ of 6?\n\nSay 'it' \"so\".",
    Numeric("3"),
    ("halves",),
    hints=(Hint("h1", "Half of 6: $6 \\div 2$"), Hint("h2", "2 + 1?", "A step", ("h1",), Numeric("3"))),
    origin="harvested",
    state="draft",
    kcs_guessed=True,
    place="a.md",
    attribution="A book",
    extra={"offset": 3},
)


@pytest.mark.parametrize("item", [*EXAMPLES, ITEM], ids=lambda item: f"{item.type}-{item.id}")
def test_an_item_comes_back_as_it_went(item: Item) -> None:
    assert from_text(to_text(item), item) == item


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_comes_back_as_it_went(text: str) -> None:
    # A page sends line ends as CR LF, and TOML knows only LF within a text.
    item = replace(ITEM, prompt=text.replace("\r\n", "\n"), explanation=text.replace("\r\n", "\n"))
    assert from_text(to_text(item), item) == item


def test_formulas_are_not_doubled_in_backslashes() -> None:
    assert "text = 'Half of 6: $6 \\div 2$'" in to_text(ITEM)
    assert from_text(to_text(ITEM).replace("\n", "\r\n"), ITEM) == ITEM


def test_an_edit_keeps_where_the_item_came_from() -> None:
    text = to_text(ITEM).replace('answer = "3"', 'answer = "4"').replace('kcs = ["halves"]', 'kcs = ["doubles"]')
    edited = from_text(text + '\n[[item.hint]]\nid = "h9"\ntext = "New"\n', ITEM)
    assert (edited.body, edited.kcs, edited.kcs_guessed) == (Numeric("4"), ("doubles",), False)
    assert (edited.origin, edited.state, edited.place, edited.extra) == ("harvested", "draft", "a.md", {"offset": 3})
    assert [hint.id for hint in edited.hints] == ["h1", "h2", "h9"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[item]", "not valid TOML"),
        ("", "write one item"),
        ("item = 3", "write one item"),
        (to_text(ITEM) * 2, "write one item"),
        (to_text(ITEM).replace("a-1", "a-2"), "id: it stays a-1"),
        (to_text(ITEM).replace('"numeric"', '"riddle"', 1), "riddle"),
        ("x" * 50_000, "at most"),
    ],
)
def test_a_mistake_is_told(text: str, problem: str) -> None:
    with pytest.raises(BadItem, match=problem):
        from_text(text, ITEM)
