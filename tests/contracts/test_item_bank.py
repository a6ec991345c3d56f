"""The contract of ``ItemBank``."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Backend
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.items import read_item
from tutor.domain.items.item import Item
from tutor.domain.items.summary import ItemSummary, summary
from tutor.ports import BankChange, Store

COURSE = "biology"


def item(name: str, prompt: str = "Why do plants need light?", **more: Any) -> Item:
    data = {
        "id": name,
        "type": "short_answer",
        "prompt": prompt,
        "kcs": ["light"],
        "expectation": [{"id": "energy", "text": "Light gives the energy.", "hint": "Think of energy."}],
        "misconception": [{"id": "food", "title": "Light is food", "says": ["light is their food"]}],
        "hint": [{"text": "Look again."}, {"text": "What is 3 times 4?", "type": "numeric", "answer": "12"}],
        "extra": {"step": 1},
        **more,
    }
    return read_item(data, COURSE)


def names(found: tuple[Item, ...] | tuple[ItemSummary, ...]) -> list[str]:
    return [each.id for each in found]


def test_an_item_comes_back_as_it_went(store: Store) -> None:
    whole = item("a", difficulty=-0.5, variant_of="g", transfer=True, origin="imported", state="draft", attribution="A")
    choice = item("b", type="multiple_choice", option=[{"text": "yes", "correct": True}, {"text": "no"}])
    assert store.bank.put(COURSE, "folder", [whole, choice]) == BankChange(added=("a", "b"))
    assert store.bank.get(COURSE, "a") == whole
    assert store.bank.get(COURSE, "b") == choice
    assert store.bank.get("art", "a") is None
    assert store.bank.get(COURSE, "c") is None
    assert store.bank.listed(COURSE) == (whole, choice)
    assert store.bank.summaries(COURSE) == (summary(whole), summary(choice))
    assert summary(whole) == ItemSummary("a", ("light",), "short_answer", -0.5, "g", True, "draft", "imported")


def test_a_source_replaces_its_own_items_only(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a"), item("b")])
    store.bank.put(COURSE, "two", [item("z")])
    changed = item("a", "Why do plants need water?")
    assert store.bank.put(COURSE, "one", [item("c"), changed]) == BankChange(("c",), ("a",), ("b",))
    assert names(store.bank.summaries(COURSE)) == ["c", "a", "z"]
    assert store.bank.get(COURSE, "a") == changed
    assert store.bank.put(COURSE, "one", []) == BankChange(removed=("a", "c"))
    assert names(store.bank.listed(COURSE)) == ["z"]


def test_an_id_belongs_to_the_source_that_had_it_first(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a")])
    other = item("a", "Another question?")
    assert store.bank.put(COURSE, "two", [other, item("b")]) == BankChange(added=("b",), clashes=("a",))
    assert store.bank.get(COURSE, "a") == item("a")
    assert store.bank.put("art", "two", [replace(other, course="art")]) == BankChange(added=("a",))


def test_putting_the_same_again_changes_nothing(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a"), item("b")])
    before = store.bank.revision(COURSE)
    assert store.bank.put(COURSE, "one", [item("a"), item("b")]) == BankChange()
    assert store.bank.revision(COURSE) == before
    store.bank.put(COURSE, "one", [item("b"), item("a")])
    assert names(store.bank.summaries(COURSE)) == ["b", "a"]


def test_a_decision_outlives_unchanged_material(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a"), item("b", state="draft"), item("c")])
    store.bank.set_state(COURSE, "a", "rejected")
    store.bank.set_state(COURSE, "b", "approved")
    # What we matched anew is no change of what the material says.
    store.bank.put(COURSE, "one", [item("a", kcs=["water"], kcs_guessed=True), item("b", state="draft"), item("c")])
    states = {each.id: each.state for each in store.bank.summaries(COURSE)}
    assert states == {"a": "rejected", "b": "approved", "c": "approved"}
    found = store.bank.get(COURSE, "a")
    assert found is not None
    assert (found.kcs, found.state) == (("water",), "rejected")


def test_an_edit_outlives_unchanged_material(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a"), item("b")])
    edited = item("a", "In your own words: why do plants need light?", kcs=["light", "energy"])
    store.bank.save(edited)
    assert store.bank.put(COURSE, "one", [item("b"), item("a")]) == BankChange(changed=("b", "a"))  # their places
    assert store.bank.get(COURSE, "a") == edited
    assert names(store.bank.summaries(COURSE)) == ["b", "a"]


def test_new_words_of_the_material_count(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a")])
    store.bank.save(item("a", "Edited?"))
    store.bank.set_state(COURSE, "a", "rejected")
    new = item("a", "A new question of the book?")
    assert store.bank.put(COURSE, "one", [new]) == BankChange(changed=("a",))
    assert store.bank.get(COURSE, "a") == new


def test_what_people_save_has_no_source(store: Store) -> None:
    store.bank.save(item("z", origin="drafted", state="draft"))
    store.bank.save(item("y"))
    store.bank.put(COURSE, "one", [item("a")])
    store.bank.put(COURSE, "one", [])
    assert names(store.bank.summaries(COURSE)) == ["z", "y"]


def test_a_state_needs_its_item(store: Store) -> None:
    with pytest.raises(NotFound):
        store.bank.set_state(COURSE, "a", "approved")


def test_lists_are_filtered_searched_and_cut(store: Store) -> None:
    store.bank.put(
        COURSE,
        "one",
        [
            item("a", "Why is the Sky blue?"),
            item("b", "Why is grass green?", kcs=["grass", "light"], origin="harvested"),
            item("c", "What is 50% of 10_0?", kcs=["LIGHT"], state="draft"),
            item("d", "¿Por qué el cielo es azul? ÁÉ", explanation="Rayleigh", state="rejected"),
        ],
    )
    bank = store.bank
    assert names(bank.listed(COURSE, state="approved")) == ["a", "b"]
    assert names(bank.listed(COURSE, origin="harvested")) == ["b"]
    assert names(bank.listed(COURSE, kc="light")) == ["a", "b", "d"]
    assert names(bank.listed(COURSE, kc="light", state="rejected")) == ["d"]
    assert names(bank.listed(COURSE, search="why BLUE")) == ["a"]
    assert names(bank.listed(COURSE, search="50%")) == ["c"]
    assert names(bank.listed(COURSE, search="_0")) == ["c"]
    assert names(bank.listed(COURSE, search="éa")) == []
    assert names(bank.listed(COURSE, search="áé rayleigh")) == ["d"]
    assert names(bank.listed(COURSE, search="light gives", limit=2)) == ["a", "b"]
    assert names(bank.listed(COURSE, limit=2, offset=2)) == ["c", "d"]
    assert bank.listed(COURSE, limit=2, offset=4) == ()
    assert bank.listed("art") == ()


def test_the_revision_rises_with_every_change(store: Store) -> None:
    changes: list[Callable[[], object]] = [
        lambda: store.bank.put(COURSE, "one", [item("a")]),
        lambda: store.bank.save(item("b")),
        lambda: store.bank.set_state(COURSE, "b", "draft"),
        lambda: store.bank.erase_course(COURSE),
        lambda: store.bank.save(item("b")),
    ]
    seen = [store.bank.revision(COURSE)]
    for change in changes:
        change()
        seen.append(store.bank.revision(COURSE))
    assert seen == sorted(set(seen))
    store.bank.erase_course("never heard of")
    assert store.bank.revision("never heard of") == 0


def test_erasing_a_course_leaves_the_others(store: Store) -> None:
    store.bank.put(COURSE, "one", [item("a")])
    store.bank.put("art", "one", [replace(item("a"), course="art")])
    store.bank.erase_course(COURSE)
    assert (store.bank.summaries(COURSE), store.bank.get(COURSE, "a")) == ((), None)
    assert names(store.bank.summaries("art")) == ["a"]


@pytest.mark.parametrize("text", ["a \x00 b", "half \ud83c"])
def test_text_that_no_database_can_hold_is_refused(store: Store, text: str) -> None:
    for bad in (item("a", text), item("a", explanation=text)):
        with pytest.raises(InvalidInput):
            store.bank.put(COURSE, "one", [item("b"), bad])
        with pytest.raises(InvalidInput):
            store.bank.save(bad)
    assert store.bank.summaries(COURSE) == ()


def test_items_that_contradict_each_other_are_refused_whole(store: Store) -> None:
    with pytest.raises(InvalidInput):
        store.bank.put(COURSE, "one", [item("a"), item("a")])
    with pytest.raises(InvalidInput):
        store.bank.put(COURSE, "one", [item("b"), replace(item("a"), course="art")])
    assert store.bank.summaries(COURSE) == ()


def test_another_handle_sees_every_change(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    one.bank.put(COURSE, "one", [item("a")])
    assert names(two.bank.summaries(COURSE)) == ["a"]
    one.bank.set_state(COURSE, "a", "rejected")
    assert two.bank.summaries(COURSE)[0].state == "rejected"


def test_a_large_course_is_read_quickly(backend: Backend) -> None:
    many = [item(f"item-{number}", f"What is {number} times {number}?") for number in range(2500)]
    backend.open().bank.put(COURSE, "one", many)
    store = backend.open()
    took = []
    for _ in range(5):
        start = time.perf_counter()
        assert len(store.bank.summaries(COURSE)) == 2500
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05  # kept in memory
    assert names(store.bank.listed(COURSE, search="1234 times")) == ["item-1234"]
