"""Properties of the conversation fold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.histories import conversation_histories, placed
from tutor.domain import events as e
from tutor.domain.dialogue import Transcript, default_title, fold


def started(*history: e.Event) -> Transcript:
    return fold(placed([e.ConversationStarted("ada", "biology", "en"), *history]))


def sent(turn: str, parent: str | None = None, **more: str) -> e.MessageSent:
    return e.MessageSent(turn, f"client-{turn}", f"question {turn}", parent, **more)


def finished(turn: str, text: str) -> e.TurnFinished:
    return e.TurnFinished(turn, "complete", text, "model")


@given(conversation_histories, st.integers(0, 12))
def test_folding_in_two_steps_is_folding_in_one(history: list[e.Event], cut: int) -> None:
    events = placed(history)
    assert fold(events[cut:], fold(events[:cut])) == fold(events)


@given(conversation_histories)
def test_a_history_never_loses_a_turn_that_was_opened(history: list[e.Event]) -> None:
    state = fold(placed(history))
    restarts = [index for index, item in enumerate(history) if isinstance(item, e.ConversationDeleted)]
    since = history[restarts[-1] + 1 :] if restarts else history
    assert set(state.turns) == {item.turn for item in since if isinstance(item, e.MessageSent)}
    assert state.last_seq == len(history)


@given(conversation_histories)
def test_a_deletion_leaves_nothing_but_its_place(history: list[e.Event]) -> None:
    events = placed([*history, e.ConversationDeleted()])
    assert fold(events) == Transcript(last_seq=len(events), updated_at=events[-1][2], deleted=True)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6), st.data())
def test_sentences_join_and_a_sentence_heard_twice_is_there_once(texts: list[str], data: st.DataObject) -> None:
    offsets = [sum(map(len, texts[:index])) for index in range(len(texts))]
    spoken = [e.SentenceSpoken("t", offset, text) for offset, text in zip(offsets, texts, strict=True)]
    again = data.draw(st.integers(0, len(spoken) - 1))
    doubled = [*spoken[: again + 1], *spoken[again:]]
    assert started(sent("t"), *spoken).turns["t"].reply == "".join(texts)
    assert started(sent("t"), *doubled).turns["t"].reply == "".join(texts)


def test_the_finished_text_replaces_the_sentences_and_later_sentences_change_nothing() -> None:
    state = started(sent("t"), e.SentenceSpoken("t", 0, "Half an"), finished("t", "A whole answer."))
    assert state.turns["t"].reply == "A whole answer."
    assert state.turns["t"].status == "complete"
    late = fold([(e.SentenceSpoken("t", 0, "late"), 9, state.updated_at)], state)  # type: ignore[list-item]
    assert late.turns == state.turns


def test_an_interrupted_turn_shows_no_partial_text_and_may_be_tried_again() -> None:
    state = started(sent("t"), e.SentenceSpoken("t", 0, "Half an"), e.TurnInterrupted("t"))
    turn = state.turns["t"]
    assert (turn.status, turn.reply, turn.error, turn.retryable) == ("interrupted", "", "server_restarted", True)
    assert state.open_turn is None


def test_an_edit_starts_a_branch_and_retracts_nothing() -> None:
    before = started(sent("a"), finished("a", "1"), sent("b", "a"), finished("b", "2"))
    edit = e.MessageSent("c", "client-c", "rather this", "a", edit_of="b")
    after = fold([(edit, before.last_seq + 1, before.updated_at)], before)  # type: ignore[list-item]
    assert {name: after.turns[name] for name in before.turns} == dict(before.turns)
    assert [turn.id for turn in after.path()] == ["a", "c"]
    assert [turn.id for turn in after.path("b")] == ["a", "b"]
    assert [turn.id for turn in after.siblings("c")] == ["b", "c"]
    assert after.open_turn is after.turns["c"]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_every_path_runs_from_a_root_to_its_leaf(parents: list[int]) -> None:
    """Any tree: each turn answers an earlier one or opens a branch at the root."""
    names = [f"t{index}" for index in range(len(parents))]
    history = [
        sent(name, names[parent % (index + 1)] if parent % (index + 1) < index else None)
        for index, (name, parent) in enumerate(zip(names, parents, strict=True))
    ]
    state = started(*history)
    for name in names:
        path = state.path(name)
        assert path[-1].id == name
        assert [turn.parent for turn in path] == [None, *(turn.id for turn in path[:-1])]
        assert state.turns[name] in state.siblings(name)


def test_feedback_on_an_unknown_turn_is_passed_over() -> None:
    state = started(sent("t"))
    after = fold([(e.FeedbackGiven("nowhere", 1), 3, state.updated_at)], state)  # type: ignore[list-item]
    assert after == replace(state, last_seq=3)


def test_the_last_feedback_counts() -> None:
    state = started(sent("t"), e.FeedbackGiven("t", 1, "yes"), e.FeedbackGiven("t", -1, "no"))
    assert (state.turns["t"].rating, state.turns["t"].comment) == (-1, "no")


@given(st.text(max_size=300))
def test_a_title_is_one_short_line_from_the_beginning_of_the_message(text: str) -> None:
    title = default_title(text)
    line = " ".join(text.split())
    assert len(title) <= 61
    assert line.startswith(title.removesuffix("…"))
    assert len(title.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "title"), [("  What   is\nATP? ", "What is ATP?"), ("word " * 30, "word " * 11 + "word…")]
)
def test_a_title_is_cut_at_a_word(text: str, title: str) -> None:
    assert default_title(text) == title


def test_the_first_message_names_the_conversation_until_it_is_renamed() -> None:
    named = started(sent("a"), finished("a", "1"), sent("b", "a"))
    assert named.title == "question a"
    assert started(sent("a"), e.ConversationRenamed("Leaves"), sent("b", "a")).title == "Leaves"


def test_a_conversation_begun_with_a_button_goes_by_the_topic_of_its_first_question() -> None:
    begun = replace(sent("a"), reply=e.ItemReply(action="practise"))
    assert started(begun).title == ""
    posed = e.ItemPosed("a", "leaf", "Why?", {}, facts={"title": "Leaves live on light"})
    assert started(begun, posed).title == "Leaves live on light"
    assert started(begun, posed, finished("a", "1"), sent("b", "a")).title == "Leaves live on light"
    assert started(begun, finished("a", "1"), sent("b", "a")).title == "question b"
    assert started(replace(begun, reply=e.ItemReply(action="placement"))).title == "question a"
