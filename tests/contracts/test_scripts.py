"""The contract of ``Scripts``."""

from dataclasses import replace

import pytest

from tests.conftest import StillClock
from tutor.domain.errors import InvalidInput, NotFound, SequenceConflict
from tutor.domain.films import Script
from tutor.ports import Store


def script(name: str, clock: StillClock, **changes: object) -> Script:
    values = {"owner": "tom", "course": "light", "title": f"Title {name}", "text": f"# {name}\n\nñ ض", **changes}
    return Script(name, created_at=clock.now, updated_at=clock.now, **values)  # type: ignore[arg-type]


def test_a_script_is_kept_as_it_is(store: Store, clock: StillClock) -> None:
    kept = script("a", clock, format="lesson", translations={"es": '{"x": "ñ"}'}, assets={"img/a.png": "0f" * 32})
    store.scripts.add(kept)
    assert store.scripts.get("a") == kept
    assert store.scripts.get("b") is None
    with pytest.raises(InvalidInput):
        store.scripts.add(script("a", clock))
    store.scripts.remove("a")
    store.scripts.remove("a")
    assert store.scripts.get("a") is None


def test_scripts_are_listed_by_their_newest_change(store: Store, clock: StillClock) -> None:
    for name, owner, course in [("a", "tom", "light"), ("b", "tina", "light"), ("c", "tom", "")]:
        clock.advance(1)
        store.scripts.add(script(name, clock, owner=owner, course=course))
    clock.advance(1)
    store.scripts.save(script("a", clock, title="Changed"))
    assert [one.id for one in store.scripts.listed()] == ["a", "c", "b"]
    assert [one.id for one in store.scripts.listed(owner="tom")] == ["a", "c"]
    assert [one.id for one in store.scripts.listed(course="light")] == ["a", "b"]
    assert [one.id for one in store.scripts.listed(owner="tina", course="")] == []


def test_a_change_counts_and_never_overwrites_another(store: Store, clock: StillClock) -> None:
    kept = script("a", clock)
    store.scripts.add(kept)
    clock.advance(60)
    saved = store.scripts.save(replace(kept, title="New", text="new", owner="somebody else", translations={"es": "{}"}))
    assert saved == replace(
        kept, title="New", text="new", translations={"es": "{}"}, revision=2, updated_at=clock.now
    )  # whose it is and since when does not change
    assert store.scripts.get("a") == saved
    with pytest.raises(SequenceConflict) as refused:
        store.scripts.save(replace(kept, text="late"))
    assert refused.value.data == {"revision": 2}
    assert store.scripts.get("a") == saved
    with pytest.raises(NotFound):
        store.scripts.save(script("unknown", clock))


def test_a_persons_own_scripts_go_with_them_and_a_courses_stay(store: Store, clock: StillClock) -> None:
    for name, owner, course in [("a", "tom", "light"), ("b", "tina", ""), ("c", "tom", "")]:
        store.scripts.add(script(name, clock, owner=owner, course=course))
    assert store.scripts.forget("tom") == 2
    assert store.scripts.forget("tom") == 0
    assert store.scripts.get("c") is None
    left = store.scripts.get("a")
    assert left is not None
    assert left.owner == ""
    assert store.scripts.get("b") is not None
