"""Export and erasure of a learner, on every store. The canary: a unique string that must be nowhere afterwards."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from random import Random

import pytest

from tests.conftest import Backend, StillClock
from tests.postgres import Cluster
from tutor.domain import events as e
from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import NotFound, StoreBusy
from tutor.domain.films import Script
from tutor.ports import Append, Store
from tutor.services.privacy import Erasure, erase_learner, export_learner

CANARY = "canary-7f3a9b"
OTHER = "blackbird-51c0de"


def account(learner: str, mark: str, clock: StillClock) -> Account:
    return Account(learner, f"user-{mark}", f"Name {mark}", Role.STUDENT, f"hash-{mark}", "en", clock.now)


def conversation(learner: str, mark: str, turns: int, filler: str = "") -> list[e.Event]:
    """A conversation that says ``mark`` in every field that can hold words."""
    span = e.CitedSpan(1, "p1", "doc.md", f"title {mark}", (f"heading {mark}",), 0, 5, f"quote {mark}")
    passage = e.RetrievedPassage("p1", "doc.md", (f"heading {mark}",), 0, 5, f"passage {mark}", 0.5)
    shift = e.MasteryShift(f"kc {mark}", 0.5, 0.6, 0.4, 0.8, "right_first_try")
    history: list[e.Event] = [e.ConversationStarted(learner, "biology", "en")]
    for n in range(turns):
        turn = f"t{n}"
        history += [
            e.MessageSent(turn, f"client-{mark}-{n}", f"message {mark} {filler}"),
            e.MessageUnderstood(turn, "answer", 0.9),
            e.AnswerGraded(turn, "i1", "partial", 0.5, 0.5, 1, answer=f"answer {mark}", shifts=(shift,)),
            e.ItemPosed(turn, "i2", f"prompt {mark}", {"type": "poll", "label": f"card {mark}"}),
            e.SentenceReplaced(turn, f"kept back {mark}", "idea"),
            e.GradeContested(turn, turn, "i1", f"note {mark}"),
            e.GradeReviewed(turn, "correct", "rita", f"decided {mark}"),
            e.FilmRequested(turn, f"job-{mark}", f"key-{mark}", f"title {mark}", "en", "explainer"),
            e.PassagesRetrieved(turn, f"query {mark}", (passage,), True, {"cosine": 0.5}),
            e.MoveChosen(turn, "answer", "rule", f"because {mark}"),
            e.PromptRendered(turn, "template", "hash", (("user", f"prompt {mark} {filler}"),)),
            e.SentenceSpoken(turn, 0, f"sentence {mark}"),
            e.TurnFinished(turn, "complete", f"reply {mark} {filler}", "model", (span,)),
            e.FeedbackGiven(turn, 1, f"comment {mark}"),
        ]
    return [*history, e.ConversationRenamed(f"title {mark}")]


def populate(store: Store, learner: str, mark: str, clock: StillClock, turns: int = 3, filler: str = "") -> None:
    store.accounts.add(account(learner, mark, clock))
    store.sessions.add(Session(f"token-{mark}", learner, f"csrf-{mark}", clock.now, clock.now))
    learned = (
        e.LearnerJoined("en"),
        e.PreferenceSet(f"name {mark}", f"value {mark}"),
        e.MaterialMet(f"course-{mark}", "c", "t0", (f"passage-{mark}",), 3),
        e.FilmWatched(f"course-{mark}", f"film-{mark}", f"title {mark}", "en", 60, ((0, 20),)),
        e.ItemMet(f"course-{mark}", f"item-{mark}", "c", "t0"),
        e.EvidenceObserved(f"course-{mark}", f"item-{mark}", (f"kc {mark}",), "incorrect", 0.0, misconception=mark),
        e.MasteryChanged(f"course-{mark}", e.MasteryShift(f"kc {mark}", 0.5, 0.4, 0.2, 0.7, "wrong"), 4),
        e.BeliefContested(f"course-{mark}", f"kc {mark}", "know", f"note {mark}"),
        e.GoalChosen(f"course-{mark}", (f"kc {mark}",)),
        e.ActivityChosen(f"course-{mark}", f"offered {mark}", f"chosen {mark}"),
        e.PlacementFinished(f"course-{mark}", 5, (f"kc {mark}",)),
        e.ParametersAdopted(f"course-{mark}", "fit-1", {}),
    )
    store.log.append(Append(e.learner_stream(learner), learned))
    for n in range(3):
        for event in conversation(learner, mark, turns, filler):
            key = event.client_id if isinstance(event, e.MessageSent) else None
            store.log.append(Append(e.conversation_stream(f"{learner}-{n}"), (event,), key=key))
    store.jobs.enqueue("export", f"key-{mark}", {"words": mark}, owner=learner)
    own = Script(f"script-{mark}", learner, "", f"title {mark}", f"# {mark}", clock.now, clock.now)
    store.scripts.add(own)


def traces(backend: Backend, request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """A function that lists where a string still is: in files byte by byte, in PostgreSQL row by row."""

    def in_files(words: str) -> list[str]:
        assert backend.folder is not None
        files = [path for path in sorted(backend.folder.rglob("*")) if path.is_file()]
        assert "diotima.db" in [path.name for path in files]
        return [path.name for path in files if words.encode() in path.read_bytes()]

    def in_tables(words: str) -> list[str]:
        cluster: Cluster = request.getfixturevalue("cluster")
        lines = cluster.dump("diotima").decode().splitlines()
        assert any(line.startswith("INSERT INTO public.events") for line in lines)
        return [line for line in lines if words in line]

    def in_memory(words: str) -> list[str]:
        return [name for name, value in vars(backend.open()).items() if words in repr(_inside(value))]

    return {"sqlite": in_files, "postgresql": in_tables, "memory": in_memory}[backend.name]


def _inside(value: object) -> object:
    return [vars(value), [vars(part) for part in vars(value).values() if hasattr(part, "__dict__")]]


@pytest.mark.parametrize("filler", ["", "words that fill pages " * 400], ids=["short", "long"])
def test_nothing_of_an_erased_learner_is_left_anywhere(
    backend: Backend, clock: StillClock, request: pytest.FixtureRequest, filler: str
) -> None:
    store, where = backend.open(), traces(backend, request)
    populate(store, "learner-1", CANARY, clock, filler=filler)
    populate(store, "learner-2", OTHER, clock, filler=filler)
    store.conversations.listed(search=CANARY)
    assert where(CANARY)
    assert where(OTHER)
    called: list[str] = []
    erasure = erase_learner(store, "learner-1", [called.append])
    told = len(e.LEARNER_EVENTS) - 1
    said = len(conversation("l", "m", 3))
    assert erasure == Erasure(conversations=3, events=told + 3 * said, jobs=1, account=True)
    assert called == ["learner-1"]
    assert where(CANARY) == []
    assert where(OTHER)
    assert store.accounts.get("learner-1") is None
    assert store.accounts.by_username(f"user-{CANARY}") is None
    assert store.sessions.get(f"token-{CANARY}") is None
    assert store.conversations.listed("learner-1") == ()
    for n in range(3):
        assert [r.event for r in store.log.read(f"conversation:learner-1-{n}")] == [e.ConversationDeleted()]
    assert [r.event for r in store.log.read("learner:learner-1")] == [e.LearnerErased()]
    other = export_learner(store, "learner-2")
    assert len(other["conversations"]) == 3
    assert other["jobs"][0]["arguments"] == {"words": OTHER}
    assert store.sessions.get(f"token-{OTHER}") is not None
    store.log.refold()
    assert where(CANARY) == []


def test_a_conversation_deleted_alone_is_gone_after_a_scrub(
    backend: Backend, clock: StillClock, request: pytest.FixtureRequest
) -> None:
    store, where = backend.open(), traces(backend, request)
    store.log.append(Append("conversation:a", tuple(conversation("learner-1", CANARY, 2))))
    store.log.append(Append("conversation:b", tuple(conversation("learner-1", OTHER, 2))))
    store.log.erase("conversation:a", e.ConversationDeleted())
    store.scrub()
    assert where(CANARY) == []
    assert where(OTHER)


def test_an_erasure_that_broke_off_can_be_run_again(backend: Backend, clock: StillClock) -> None:
    store = backend.open()
    populate(store, "learner-1", CANARY, clock)

    def broken(learner: str) -> None:
        raise OSError("disk unplugged")

    with pytest.raises(OSError, match="unplugged"):
        erase_learner(store, "learner-1", [broken])
    left = store.accounts.get("learner-1")
    assert left is not None
    assert left.disabled
    assert store.sessions.get(f"token-{CANARY}") is None
    assert erase_learner(store, "learner-1") == Erasure(0, 0, 0, account=True)
    assert erase_learner(store, "learner-1") == Erasure(0, 0, 0, account=False)
    assert store.accounts.get("learner-1") is None


def test_nobody_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        erase_learner(store, "nobody")
    with pytest.raises(NotFound):
        export_learner(store, "nobody")


def test_an_export_holds_everything_but_secrets(store: Store, clock: StillClock) -> None:
    populate(store, "learner-1", CANARY, clock)
    populate(store, "learner-2", OTHER, clock)
    exported = export_learner(store, "learner-1")
    text = json.dumps(exported)
    assert json.loads(text) == exported
    for secret in (f"hash-{CANARY}", f"token-{CANARY}", f"csrf-{CANARY}", OTHER):
        assert secret not in text
    assert exported["account"] == {
        "id": "learner-1",
        "username": f"user-{CANARY}",
        "display_name": f"Name {CANARY}",
        "role": "student",
        "language": "en",
        "created_at": exported["account"]["created_at"],
        "disabled": False,
    }
    assert exported["profile"]["met"] == {f"course-{CANARY}": [f"passage-{CANARY}"]}
    assert exported["profile"]["preferences"] == {f"name {CANARY}": f"value {CANARY}"}
    told = {kind.__name__ for kind in e.LEARNER_EVENTS if kind is not e.LearnerErased}
    assert {event["type"] for event in exported["events"]} == told
    assert sorted(found["id"] for found in exported["conversations"]) == [f"learner-1-{n}" for n in range(3)]
    events = exported["conversations"][0]["events"]
    assert [event["seq"] for event in events] == list(range(1, len(conversation("l", "m", 3)) + 1))
    assert {event["type"] for event in events} == {
        kind.__name__ for kind in e.CONVERSATION_EVENTS if kind not in (e.ConversationDeleted, e.TurnInterrupted)
    }
    for event in events:
        kind = getattr(e, event["type"])
        assert set(event["data"]) == {field.name for field in fields(kind)}
    assert [(job["arguments"], job["owner"]) for job in exported["jobs"]] == [({"words": CANARY}, "learner-1")]
    assert [script["text"] for script in exported["scripts"]] == [f"# {CANARY}"]


def test_an_export_names_nobody_else_who_wants_the_same(store: Store, clock: StillClock) -> None:
    populate(store, "learner-1", CANARY, clock)
    for person in ("learner-1", "learner-2"):
        store.jobs.enqueue("film", "key", {}, person)
    assert "learner-2" not in json.dumps(export_learner(store, "learner-1"))


def test_an_export_holds_no_answer_key_and_nothing_the_guard_kept_back(store: Store, clock: StillClock) -> None:
    populate(store, "learner-1", CANARY, clock)
    key, leak = "the-answer-is-seven", "It is seven, my friend."
    told = (
        e.ItemPosed("t0", "i2", "How many?", {"type": "numeric"}, data={"type": "numeric", "answer": key}),
        e.SentenceReplaced("t0", leak, "idea", f"near {key}", "Think again."),
        e.PromptRendered("t0", "template", "hash", (("system", "the course says"),)),
    )
    store.log.append(Append(e.conversation_stream("learner-1-0"), told))
    exported = export_learner(store, "learner-1")
    text = json.dumps(exported)
    assert key not in text
    assert leak not in text
    assert "How many?" in text
    assert "Think again." in text
    assert exported["withheld"]  # and it says so


def test_many_conversations_are_erased_page_by_page(memory_backend: Backend) -> None:
    store = memory_backend.open()
    for n in range(230):
        store.log.append(Append(f"conversation:{n}", (e.ConversationStarted("learner-1", "biology", "en"),)))
    assert len(export_learner(store, "learner-1")["conversations"]) == 230
    assert erase_learner(store, "learner-1").conversations == 230


def test_a_reader_elsewhere_delays_the_scrub_and_says_so(sqlite_backend: Backend, clock: StillClock) -> None:
    store = sqlite_backend.open(busy_seconds=0.2)
    populate(store, "learner-1", CANARY, clock)
    folder = sqlite_backend.folder
    assert folder is not None
    reader = sqlite3.connect(folder / "diotima.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    with pytest.raises(StoreBusy):
        erase_learner(store, "learner-1")
    reader.execute("COMMIT")
    reader.close()
    erase_learner(store, "learner-1")
    assert not _holds(folder, CANARY)


def _holds(folder: Path, words: str) -> bool:
    return any(words.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_pages_that_were_split_keep_no_copies(sqlite_backend: Backend) -> None:
    """SQLite zeroes what it deletes, but a page that once moved half its cells away keeps stale bytes of them."""
    store, random = sqlite_backend.open(), Random(1)
    learners = {f"learner:{random.getrandbits(64):x}": mark for mark in (CANARY, OTHER) for _ in range(30)}
    for stream in random.sample(list(learners) * 4, k=len(learners) * 4):
        words = learners[stream] * random.randint(1, 25)
        key = f"{random.getrandbits(40):x} {words}"
        store.log.append(Append(stream, (e.PreferenceSet(words, words),), key=key))
    for stream, mark in learners.items():
        if mark == CANARY:
            store.log.erase(stream, e.LearnerErased())
    store.scrub()
    assert sqlite_backend.folder is not None
    assert not _holds(sqlite_backend.folder, CANARY)
    assert _holds(sqlite_backend.folder, OTHER)
