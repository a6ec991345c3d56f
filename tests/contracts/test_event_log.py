"""The contract of ``EventLog``, on the fake and on each database."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Backend, StillClock
from tests.domain.histories import conversation_histories, learner_histories
from tests.domain.learning import lessons
from tutor.domain import dialogue, learner
from tutor.domain import events as e
from tutor.domain.errors import DuplicateKey, InvalidInput, NotFound, SequenceConflict, TurnClosed
from tutor.domain.learner import LearnerProfile
from tutor.ports import Append, Store

STREAM = e.conversation_stream("c1")
STARTED = e.ConversationStarted("ada", "biology", "en")


def sent(turn: str, text: str = "What is ATP?") -> e.MessageSent:
    return e.MessageSent(turn, f"client-{turn}", text)


def test_events_come_back_in_order_with_their_place(store: Store, clock: StillClock) -> None:
    first = store.log.append(Append(STREAM, (STARTED, sent("t1")), key="start"))
    clock.advance(2.5)
    second = store.log.append(Append(STREAM, (e.SentenceSpoken("t1", 0, "A coin."),)))
    assert [r.seq for r in (*first, *second)] == [1, 2, 3]
    assert [r.key for r in first] == ["start", None]
    assert (second[0].at - first[0].at).total_seconds() == 2.5
    assert second[0].at == clock.now
    assert store.log.read(STREAM) == (*first, *second)
    assert store.log.read(STREAM, after=1) == (first[1], *second)
    assert store.log.read(STREAM, after=3) == ()
    assert store.log.read("conversation:other") == ()


def test_another_handle_reads_the_same(backend: Backend) -> None:
    recorded = backend.open().log.append(Append(STREAM, (STARTED, sent("t1", "naïve \x00 ما 🌿"))))
    assert backend.open().log.read(STREAM) == recorded


def test_streams_have_sequences_of_their_own(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED,)))
    recorded = store.log.append(
        Append(STREAM, (sent("t1"),)),
        Append(e.learner_stream("ada"), (e.LearnerJoined("en"),)),
        Append(STREAM, (sent("t2"),)),
    )
    assert [(r.stream, r.seq) for r in recorded] == [(STREAM, 2), ("learner:ada", 1), (STREAM, 3)]


def test_an_empty_append_changes_nothing(store: Store) -> None:
    assert store.log.append() == ()
    assert store.log.append(Append(STREAM, ())) == ()
    assert store.log.read(STREAM) == ()


# -- all or nothing ----------------------------------------------------------------------------------------------------


def test_a_failing_second_stream_writes_nothing(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED,)))
    store.log.append(Append(e.learner_stream("ada"), (e.LearnerJoined("en"),), key="joined"))
    with pytest.raises(DuplicateKey):
        store.log.append(
            Append(STREAM, (sent("t1"),)), Append(e.learner_stream("ada"), (e.LearnerJoined("es"),), key="joined")
        )
    with pytest.raises(SequenceConflict):
        store.log.append(
            Append(STREAM, (sent("t1"),)), Append(e.learner_stream("ada"), (e.LearnerJoined("es"),), expected_seq=0)
        )
    with pytest.raises(InvalidInput):
        store.log.append(Append(STREAM, (sent("t1"),)), Append(e.learner_stream("ada"), (e.LearnerJoined("\ud800"),)))
    assert len(store.log.read(STREAM)) == 1
    assert store.conversations.transcript("c1").turns == {}
    assert store.conversations.listed()[0].turns == 0
    assert store.learners.profile("ada").language == "en"


def test_a_key_is_taken_once_in_a_stream(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED,)))
    store.log.append(Append(STREAM, (sent("t1"), sent("t2")), key="k"))
    with pytest.raises(DuplicateKey) as caught:
        store.log.append(Append(STREAM, (sent("t3"),), key="k", expected_seq=99))
    assert caught.value.data["seq"] == 2
    found = store.log.find(STREAM, "k")
    assert found is not None
    assert (found.seq, found.event) == (2, sent("t1"))
    assert store.log.find(STREAM, "K") is None
    assert store.log.find("conversation:c2", "k") is None
    store.log.append(Append("conversation:c2", (STARTED,), key="k"))


def test_a_key_is_taken_once_in_a_batch(store: Store) -> None:
    with pytest.raises(DuplicateKey) as caught:
        store.log.append(Append(STREAM, (STARTED,), key="k"), Append(STREAM, (sent("t1"),), key="k"))
    assert caught.value.data["seq"] == 1
    assert store.log.read(STREAM) == ()


def test_a_writer_who_is_behind_is_told(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED,), expected_seq=0))
    store.log.append(Append(STREAM, (sent("t1"),), expected_seq=1))
    with pytest.raises(SequenceConflict) as caught:
        store.log.append(Append(STREAM, (sent("t2"),), expected_seq=1))
    assert caught.value.data["last_seq"] == 2
    assert caught.value.retryable
    assert len(store.log.read(STREAM)) == 2


def test_what_belongs_to_a_turn_is_taken_only_while_that_turn_is_open(store: Store) -> None:
    """A server that was taken for dead, and whose turn another one has closed, must not speak on."""
    spoken = Append(STREAM, (e.SentenceSpoken("t1", 0, "So. "),), turn="t1")
    store.log.append(Append(STREAM, (STARTED,)))
    with pytest.raises(TurnClosed):
        store.log.append(spoken)
    store.log.append(Append(STREAM, (sent("t1"),)))
    store.log.append(spoken)
    store.log.append(Append(STREAM, (e.TurnInterrupted("t1"),), turn="t1"))
    for late in (spoken, Append(STREAM, (e.TurnInterrupted("t1"),), turn="t1")):
        with pytest.raises(TurnClosed) as caught:
            store.log.append(late)
        assert caught.value.data["turn"] == "t1"
    with pytest.raises(TurnClosed):
        store.log.append(Append(e.conversation_stream("none"), (e.SentenceSpoken("t1", 0, "So. "),), turn="t1"))
    assert len(store.log.read(STREAM)) == 4


@pytest.mark.parametrize("name", ["nul \x00", "half a pair \ud83c"])
def test_names_that_no_database_can_hold_are_refused(store: Store, name: str) -> None:
    for part in (Append(f"conversation:{name}", (STARTED,)), Append(STREAM, (STARTED,), key=name)):
        with pytest.raises(InvalidInput):
            store.log.append(part)
    assert store.log.read(STREAM) == ()


# -- erasure -----------------------------------------------------------------------------------------------------------


def test_erasure_leaves_the_tombstone_and_the_sequence_goes_on(store: Store, clock: StillClock) -> None:
    store.log.append(Append(STREAM, (STARTED, sent("t1", "my secret")), key="k"))
    clock.advance(60)
    store.log.erase(STREAM, e.ConversationDeleted())
    (left,) = store.log.read(STREAM)
    assert (left.seq, left.event, left.key, left.at) == (3, e.ConversationDeleted(), None, clock.now)
    assert store.log.read(STREAM, after=2) == (left,)
    assert store.log.find(STREAM, "k") is None
    assert store.conversations.listed(search="secret") == ()
    with pytest.raises(NotFound):
        store.conversations.transcript("c1")
    (again,) = store.log.append(Append(STREAM, (STARTED,), key="k"))
    assert again.seq == 4
    assert store.conversations.transcript("c1").turns == {}


def test_a_turn_that_was_still_running_puts_nothing_back(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED, sent("t1"))))
    store.log.erase(STREAM, e.ConversationDeleted())
    store.log.erase(e.learner_stream("ada"), e.LearnerErased())
    with pytest.raises(NotFound):
        store.log.append(Append(STREAM, (e.SentenceSpoken("t1", 0, "my secret"),)))
    met = e.MaterialMet("biology", "c1", "t1", ("p1",), 0)
    with pytest.raises(NotFound):
        store.log.append(Append(e.learner_stream("ada"), (met,)))
    assert len(store.log.read(STREAM)) == 1
    assert store.learners.profile("ada") == LearnerProfile(
        last_seq=1, updated_at=store.log.read(e.learner_stream("ada"))[0].at, erased=True
    )


def test_erasure_touches_no_other_stream(store: Store) -> None:
    store.log.append(Append(STREAM, (STARTED, sent("t1"))))
    other = store.log.append(Append("conversation:c10", (STARTED, sent("t1", "keep me"))))
    store.log.erase(STREAM, e.ConversationDeleted())
    assert store.log.read("conversation:c10") == other
    assert [row.id for row in store.conversations.listed(search="keep")] == ["c10"]


def test_another_handle_forgets_what_was_erased(backend: Backend) -> None:
    one, two = backend.open(), backend.open()
    one.log.append(Append(STREAM, (STARTED, sent("t1"))))
    assert two.conversations.transcript("c1").turns
    one.log.erase(STREAM, e.ConversationDeleted())
    with pytest.raises(NotFound):
        two.conversations.transcript("c1")


# -- many writers ------------------------------------------------------------------------------------------------------


def test_concurrent_appends_lose_nothing_and_keep_each_writers_order(backend: Backend) -> None:
    writers, each = 4, 12
    stores = [backend.open(), backend.open()]
    stores[0].log.append(Append(STREAM, (STARTED,)))
    together = threading.Barrier(writers)

    def write(writer: int) -> list[int]:
        together.wait()
        log = stores[writer % 2].log
        return [log.append(Append(STREAM, (sent(f"{writer}-{n}"),), key=f"{writer}-{n}"))[0].seq for n in range(each)]

    with ThreadPoolExecutor(writers) as pool:
        seqs = list(pool.map(write, range(writers)))
    recorded = stores[0].log.read(STREAM)
    assert [r.seq for r in recorded] == list(range(1, writers * each + 2))
    assert sorted(seq for mine in seqs for seq in mine) == list(range(2, writers * each + 2))
    for writer, mine in enumerate(seqs):
        assert mine == sorted(mine)
        assert [r.key for r in recorded if r.seq in mine] == [f"{writer}-{n}" for n in range(each)]
    for store in stores:
        assert store.conversations.transcript("c1") == dialogue.fold((r.event, r.seq, r.at) for r in recorded)
        assert store.conversations.listed()[0].turns == writers * each


def test_only_one_of_many_wins_a_key(backend: Backend) -> None:
    stores = [backend.open(), backend.open()]
    together = threading.Barrier(4)

    def write(writer: int) -> str:
        together.wait()
        try:
            stores[writer % 2].log.append(Append(STREAM, (STARTED,), key="k"))
        except DuplicateKey as error:
            return f"taken at {error.data['seq']}"
        return "won"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(write, range(4)))
    assert sorted(results) == ["taken at 1", "taken at 1", "taken at 1", "won"]
    assert len(stores[0].log.read(STREAM)) == 1


def test_two_streams_written_crosswise_do_not_deadlock(backend: Backend) -> None:
    store = backend.open()
    parts = [Append(STREAM, (STARTED,)), Append(e.learner_stream("ada"), (e.LearnerJoined("en"),))]

    def write(turned: bool) -> None:
        for _ in range(10):
            store.log.append(*(reversed(parts) if turned else parts))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, [True, False]))
    assert len(store.log.read(STREAM)) == len(store.log.read("learner:ada")) == 20


# -- projections are folds ---------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(conversation_histories, min_size=1, max_size=3),
    learned=learner_histories | lessons,
    data=st.data(),
)
def test_refolding_gives_the_same_state(
    backend: Backend, histories: list[list[e.Event]], learned: list[e.Event], data: st.DataObject
) -> None:
    store = backend.opened[0] if backend.opened else backend.open()
    for name in ("a", "b", "c"):
        store.log.erase(e.conversation_stream(name), e.ConversationDeleted())
        store.log.append(Append(e.conversation_stream(name), (STARTED,)))
    store.log.erase(e.learner_stream("ada"), e.LearnerErased())
    store.log.append(Append(e.learner_stream("ada"), (e.LearnerJoined("en"), *learned)))
    for name, history in zip("abc", histories, strict=False):
        cut = data.draw(st.integers(0, len(history)))
        for stretch in (history[:cut], history[cut:]):
            store.log.append(Append(e.conversation_stream(name), tuple(stretch)))

    before = _state(store)
    store.log.refold()
    assert _state(store) == before
    fresh = backend.open()
    assert _state(fresh) == before
    for name in ("a", "b", "c"):
        recorded = store.log.read(e.conversation_stream(name))
        assert store.conversations.transcript(name) == dialogue.fold((r.event, r.seq, r.at) for r in recorded)
    recorded = store.log.read(e.learner_stream("ada"))
    assert store.learners.profile("ada") == learner.fold((r.event, r.seq, r.at) for r in recorded)
    if fresh is not store:
        fresh.close()


def _state(store: Store) -> tuple[object, ...]:
    return (
        store.conversations.listed(),
        store.conversations.with_open_turn(),
        [store.conversations.transcript(name) for name in ("a", "b", "c")],
        [store.conversations.listed(search=word) for word in ("100%", "atp", "o'brien", "_", "\\")],
        store.learners.profile("ada"),
    )
