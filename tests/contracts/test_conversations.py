"""The contract of ``Conversations`` and ``Learners``."""

import pytest

from tests.conftest import Backend, StillClock
from tutor.domain import events as e
from tutor.domain.errors import NotFound
from tutor.domain.learner import LearnerProfile
from tutor.ports import Append, ConversationSummary, Store


def begin(store: Store, name: str, *texts: str, learner: str = "ada", course: str = "biology") -> None:
    started = e.ConversationStarted(learner, course, "en")
    messages = (e.MessageSent(f"{name}-{n}", f"client-{n}", text) for n, text in enumerate(texts))
    store.log.append(Append(e.conversation_stream(name), (started, *messages)))


def add(store: Store, name: str, *history: e.Event) -> None:
    store.log.append(Append(e.conversation_stream(name), history))


def finished(turn: str, text: str) -> e.TurnFinished:
    return e.TurnFinished(turn, "complete", text, "model")


def found(store: Store, search: str) -> list[str]:
    return sorted(row.id for row in store.conversations.listed(search=search))


def test_a_summary_follows_its_conversation(store: Store, clock: StillClock) -> None:
    started_at = clock.now
    begin(store, "c1")
    clock.advance(5)
    add(store, "c1", e.MessageSent("t1", "k1", "What is   ATP?"))
    assert store.conversations.listed("ada") == (
        ConversationSummary("c1", "ada", "biology", "What is ATP?", "en", started_at, clock.now, 2, 1, "t1"),
    )
    assert store.conversations.with_open_turn() == store.conversations.listed("ada")
    clock.advance(5)
    add(store, "c1", e.SentenceSpoken("t1", 0, "A coin."), finished("t1", "A coin."), e.ConversationRenamed("Coins"))
    assert store.conversations.listed("ada") == (
        ConversationSummary("c1", "ada", "biology", "Coins", "en", started_at, clock.now, 5, 1, None),
    )
    assert store.conversations.with_open_turn() == ()


def test_the_list_is_newest_first_and_filtered(store: Store, clock: StillClock) -> None:
    for name, learner, course in [("a", "ada", "biology"), ("b", "ben", "biology"), ("c", "ada", "logic")]:
        begin(store, name, learner=learner, course=course)
        clock.advance(1)
    add(store, "a", e.ConversationRenamed("moved up"))
    assert [row.id for row in store.conversations.listed()] == ["a", "c", "b"]
    assert [row.id for row in store.conversations.listed("ada")] == ["a", "c"]
    assert [row.id for row in store.conversations.listed("ada", course="logic")] == ["c"]
    assert [row.id for row in store.conversations.listed(limit=2)] == ["a", "c"]
    assert store.conversations.listed("nobody") == ()


def test_unknown_conversations_are_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.conversations.transcript("nowhere")
    with pytest.raises(NotFound):
        store.conversations.transcript("")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("photosynthesis", ["m", "r"]),
        ("PHOTO", ["m", "r"]),
        ("light photosynthesis", ["m"]),
        ("leaves", ["t"]),
        ("fotosíntesis", ["s"]),
        ("FOTOSÍNTESIS", ["s"]),
        ("fotosi\u0301ntesis", ["s"]),
        ("strasse", ["g"]),
        ("ضوء", ["x"]),
        ("50%", ["p"]),
        ("5%", []),
        ("snake_case", ["u"]),
        ("snakeXcase", []),
        ("_", ["u"]),
        ("%", ["p"]),
        ("\\", ["k"]),
        ("'; DROP TABLE events; --", []),
        ("\x00", ["g", "k", "m", "p", "r", "s", "t", "u", "x"]),
        ("   ", ["g", "k", "m", "p", "r", "s", "t", "u", "x"]),
        ("z" * 100_000, []),
    ],
)
def test_search_finds_words_in_titles_messages_and_replies(store: Store, search: str, expected: list[str]) -> None:
    begin(store, "m", "How does light drive photosynthesis?")
    begin(store, "r", "And plants?")
    add(store, "r", finished("r-0", "They live by Photosynthesis."))
    begin(store, "t", "Tell me")
    add(store, "t", e.ConversationRenamed("On leaves"))
    begin(store, "s", "¿Qué es la fotosíntesis?")
    begin(store, "g", "Die Straße")
    begin(store, "x", "ما هو الضوء؟")
    begin(store, "p", "A rise of 50% in a year")
    begin(store, "u", "a snake_case name")
    begin(store, "k", "C:\\temp")
    assert found(store, search) == expected


def test_search_forgets_an_old_title_and_unspoken_words(store: Store) -> None:
    begin(store, "a")
    add(store, "a", e.ConversationRenamed("Mitochondria"))
    add(store, "a", e.ConversationRenamed("Chloroplasts"))
    assert found(store, "mitochondria") == []
    assert found(store, "chloroplasts") == ["a"]
    add(store, "a", e.MessageSent("t", "k", "hello"), e.SentenceSpoken("t", 0, "a guess"), e.TurnInterrupted("t"))
    assert found(store, "guess") == []


def test_a_deletion_in_the_log_empties_the_list_and_the_search(store: Store) -> None:
    begin(store, "a", "my secret")
    add(store, "a", e.ConversationDeleted())
    assert store.conversations.listed() == ()
    assert found(store, "secret") == []
    store.log.refold()
    assert found(store, "secret") == []


def test_a_transcript_is_current_whoever_wrote_last(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    begin(one, "a", "first")
    for n in range(6):
        writer, reader = (one, two) if n % 2 else (two, one)
        add(writer, "a", e.MessageSent(f"t{n}", f"k{n}", f"message {n}"))
        assert reader.conversations.transcript("a").last_seq == n + 3
        assert reader.conversations.transcript("a") == writer.conversations.transcript("a")


def test_a_new_learner_has_an_empty_profile(store: Store) -> None:
    assert store.learners.profile("new") == LearnerProfile()


def test_a_profile_spans_conversations(store: Store, clock: StillClock) -> None:
    stream = e.learner_stream("ada")
    store.log.append(Append(stream, (e.LearnerJoined("es"), e.PreferenceSet("pace", "slow"))))
    clock.advance(1)
    store.log.append(Append(stream, (e.MaterialMet("biology", "a", "t1", ("p1", "p2"), 4),)))
    store.log.append(Append(stream, (e.MaterialMet("biology", "b", "t2", ("p2", "p3"), 2),)))
    assert store.learners.profile("ada") == LearnerProfile(
        language="es",
        last_seq=4,
        updated_at=clock.now,
        preferences={"pace": "slow"},
        positions={"biology": 2},
        met={"biology": frozenset({"p1", "p2", "p3"})},
    )


def test_conversations_with_a_contested_grade_are_found_newest_first(store: Store, clock: StillClock) -> None:
    for name in ("c1", "c2", "c3"):
        begin(store, name)
        add(store, name, e.MessageSent("t1", "k1", "Helium"))
        clock.advance(1)
    for name in ("c1", "c2"):
        add(store, name, e.GradeContested("t2", "t1", "gas-in"))
        clock.advance(1)
    assert [row.id for row in store.conversations.with_contested()] == ["c2", "c1"]
    store.log.erase(e.conversation_stream("c2"), e.ConversationDeleted())
    assert [row.id for row in store.conversations.with_contested()] == ["c1"]
