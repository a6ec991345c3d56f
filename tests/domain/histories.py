"""Hypothesis strategies for events and for whole streams of them."""

import dataclasses
import types
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from tutor.domain import events as e

TURNS = ("t1", "t2", "t3", "t4")
PASSAGES = ("p1", "p2", "p3")
#: Text as learners write it, and as they had better not: quotes, LIKE's wildcards, NUL, Arabic, an emoji.
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", "100%", "a_b\\c", "O'Brien", "x\x00y", "ما هو ATP؟", "🌿 leaf", "İstanbul"]),
)
START = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def of_type(hint: Any, texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Any]:
    """Any value of a field's type, as JSON can hold it."""
    origin, arguments = get_origin(hint), get_args(hint)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: texts,
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        type(None): st.none(),
    }
    if hint in simple:
        return simple[hint]
    if hint is Any:
        leaves = st.one_of(st.none(), st.booleans(), st.integers(), texts)
        return st.recursive(leaves, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
    if dataclasses.is_dataclass(hint):
        return event(hint, texts)  # type: ignore[arg-type]
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*(of_type(argument, texts) for argument in arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(of_type(arguments[0], texts), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*(of_type(argument, texts) for argument in arguments))
    if origin is dict:
        return st.dictionaries(texts, of_type(arguments[1], texts), max_size=3)
    raise NotImplementedError(f"no strategy for {hint}")


def event(
    kind: type[Any], texts: st.SearchStrategy[str] = TEXTS, **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """Any event (or value inside one) of this type; ``fixed`` replaces the strategy of a field that exists."""
    hints = get_type_hints(kind)
    fields = {field.name: of_type(hints[field.name], texts) for field in dataclasses.fields(kind)}
    return st.builds(kind, **{**fields, **{name: value for name, value in fixed.items() if name in fields}})


def _stream_event(kind: type[e.Event]) -> st.SearchStrategy[Any]:
    return event(
        kind,
        turn=st.sampled_from(TURNS),
        graded=st.sampled_from(TURNS),
        parent=st.none(),
        learner=st.sampled_from(["ada", "ben"]),
        course=st.sampled_from(["biology", "logic"]),
        passages=st.lists(st.sampled_from(PASSAGES), max_size=3).map(tuple) if kind is e.MaterialMet else st.just(()),
        messages=st.just((("user", "hello"),)),
        offset=st.integers(0, 5),
    )


_TALK = [kind for kind in e.CONVERSATION_EVENTS if kind is not e.ConversationDeleted]

#: Any order of conversation events, well formed or not: folds and stores must agree on all of them.
conversation_histories = st.lists(
    st.one_of(*(_stream_event(kind) for kind in _TALK), event(e.MessageSent, turn=st.sampled_from(TURNS))), max_size=12
)
learner_histories = st.lists(
    st.one_of(*(_stream_event(kind) for kind in e.LEARNER_EVENTS if kind is not e.LearnerErased)), max_size=12
)


def placed(history: list[e.Event], first: int = 1) -> list[tuple[e.Event, int, datetime]]:
    """The history as a fold takes it: with sequence numbers, a second apart."""
    return [(item, seq, START + timedelta(seconds=seq)) for seq, item in enumerate(history, first)]
