"""Events to JSON and back."""

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.histories import event
from tutor.domain import events as e
from tutor.domain.errors import EventUnreadable, InvalidInput
from tutor.store.codec import Codec, default_codec

ALL = (*e.CONVERSATION_EVENTS, *e.LEARNER_EVENTS)
CODEC = default_codec()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
@settings(max_examples=40)
@given(data=st.data())
def test_every_event_comes_back_as_it_went(kind: type[e.Event], data: st.DataObject) -> None:
    original = data.draw(event(kind))
    stored = CODEC.encode(original)
    assert (stored.type, stored.version) == (kind.__name__, kind.VERSION)
    assert stored.event == original
    assert CODEC.decode(stored.type, stored.version, stored.payload) == original
    stored.payload.encode()  # a database takes it
    assert "\x00" not in stored.payload


def test_text_in_other_scripts_is_stored_as_it_is_written() -> None:
    assert json.loads(CODEC.encode(e.ConversationRenamed("ضوء")).payload) == {"title": "ضوء"}
    assert "ضوء" in CODEC.encode(e.ConversationRenamed("ضوء")).payload


@pytest.mark.parametrize(
    "bad",
    [
        e.ConversationRenamed("half a pair \ud83c"),
        e.PassagesRetrieved("t", "q", (), True, {"cosine": float("nan")}),
        e.PassagesRetrieved("t", "q", (), True, {"cosine": None}),  # type: ignore[dict-item]
        e.MoveChosen("t", "ask", None),  # type: ignore[arg-type]
        e.TurnFinished("t", "exploded", "", "model"),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_back_is_not_written(bad: e.Event) -> None:
    with pytest.raises(InvalidInput) as caught:
        CODEC.encode(bad)
    assert caught.value.data["type"] == type(bad).__name__


def test_an_error_never_quotes_the_learner() -> None:
    with pytest.raises(InvalidInput) as caught:
        CODEC.encode(e.MessageSent("t", "c", "my secret", parent=7))  # type: ignore[arg-type]
    assert "secret" not in repr(caught.value) + repr(caught.value.data)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@dataclass(frozen=True)
class Stray(e.Event):
    text: str


def test_only_known_events_are_written() -> None:
    with pytest.raises(EventUnreadable) as caught:
        CODEC.encode(Stray("x"))
    assert caught.value.data == {"type": "Stray", "version": 1}


@pytest.mark.parametrize(
    ("name", "version", "payload"),
    [
        ("Invented", 1, "{}"),
        ("ConversationRenamed", 2, '{"title": "x"}'),
        ("ConversationRenamed", 0, '{"title": "x"}'),
        ("ConversationRenamed", 1, "{}"),
        ("ConversationRenamed", 1, '{"title": 3}'),
        ("ConversationRenamed", 1, "not JSON"),
    ],
)
def test_what_is_not_understood_is_a_typed_error(name: str, version: int, payload: str) -> None:
    with pytest.raises(EventUnreadable) as caught:
        CODEC.decode(name, version, payload)
    assert caught.value.data == {"type": name, "version": version}


@dataclass(frozen=True)
class Measured(e.Event):
    VERSION: ClassVar[int] = 3
    seconds: float
    place: str


def test_old_versions_are_lifted_one_step_at_a_time() -> None:
    def to_2(data: dict[str, Any]) -> dict[str, Any]:
        return {"seconds": data["milliseconds"] / 1000}

    def to_3(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "place": "unknown"}

    codec = Codec([Measured], {("Measured", 1): to_2, ("Measured", 2): to_3})
    assert codec.decode("Measured", 1, '{"milliseconds": 1500}') == Measured(1.5, "unknown")
    assert codec.decode("Measured", 2, '{"seconds": 2}') == Measured(2.0, "unknown")
    assert codec.decode("Measured", 3, '{"seconds": 2, "place": "here"}') == Measured(2.0, "here")
    assert codec.encode(Measured(2.0, "here")).version == 3
    with pytest.raises(EventUnreadable):
        codec.decode("Measured", 1, '{"seconds": 2}')


def test_every_old_version_has_a_way_up() -> None:
    from tutor.store.codec import UPCASTERS

    expected = {(kind.__name__, version) for kind in ALL for version in range(1, kind.VERSION)}
    assert set(UPCASTERS) == expected
