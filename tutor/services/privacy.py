"""What is kept of a learner: all of it on request, and none of it on request.

Other stores of a learner's data (vectors, files) join by passing their own eraser to ``erase_learner``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pydantic_core import to_jsonable_python

from tutor.domain import events as e
from tutor.domain.errors import NotFound
from tutor.ports import Recorded, Store

#: Removes whatever else is kept of the learner with this id. Called again when an erasure is run again.
Eraser = Callable[[str], None]

#: Fields of events that hold answers: for reviewers, not for the learner who may still be asked.
_WITHHELD: Mapping[type[e.Event], tuple[str, ...]] = {
    e.ItemPosed: ("data",),
    e.SentenceReplaced: ("text", "detail"),
}

_ALL = 2**31 - 1
_PAGE = 100


@dataclass(frozen=True)
class Erasure:
    """What was removed."""

    conversations: int
    events: int
    jobs: int
    account: bool


def export_learner(store: Store, learner: str) -> dict[str, Any]:
    """Everything kept of the learner with this id, as plain JSON values; secrets (password hash, sessions) excepted.

    Withheld too is what is the course's and would answer its questions, which may be open or come again: the answer
    key in ``ItemPosed`` and what the guard kept back in ``SentenceReplaced``. ``withheld`` names the fields.

    Raises ``NotFound`` for somebody there is no trace of.
    """
    account = store.accounts.get(learner)
    stream = store.log.read(e.learner_stream(learner))
    conversations = store.conversations.listed(learner, limit=_ALL)
    if account is None and not stream and not conversations:
        raise NotFound("no such learner")
    profile = store.learners.profile(learner)
    described = _plain(account, without=("password_hash",)) if account else None
    return {
        "format": "diotima-learner",
        "version": 1,
        "withheld": [f"{kind.__name__}.{name}" for kind, names in _WITHHELD.items() for name in names],
        "learner": learner,
        "account": described,
        "profile": {**_plain(profile), "met": {course: sorted(met) for course, met in profile.met.items()}},
        "events": [_event(item) for item in stream],
        "conversations": [
            {**_plain(row), "events": [_event(item) for item in store.log.read(e.conversation_stream(row.id))]}
            for row in conversations
        ],
        # Others' shares in a job are not this person's to know.
        "jobs": [
            {**_plain(job, without=("owners",)), "owner": learner}
            for job in store.jobs.listed(limit=_ALL, owner=learner)
        ],
        "scripts": [_plain(script) for script in store.scripts.listed(owner=learner)],
    }


def erase_learner(store: Store, learner: str, erasers: Sequence[Eraser] = ()) -> Erasure:
    """Remove everything kept of the learner with this id, from every store and from the database's files.

    What stays are tombstones: that a stream of this (random) name was erased, and when; and a course's scripts of
    theirs, which then name nobody. The account goes last, so an erasure that broke off can be run again, and only
    finds less to do. Raises ``NotFound`` for somebody there is no trace of, and ``StoreBusy`` when another process
    keeps the database from being scrubbed: then run it again.
    """
    account = store.accounts.get(learner)
    known = account is not None or store.log.read(e.learner_stream(learner))
    if not known and not store.conversations.listed(learner, limit=1):
        raise NotFound("no such learner")
    if account is not None:
        # Nobody may write while it is erased, nor sign in if it breaks off.
        store.accounts.update(learner, lambda now: replace(now, disabled=True))
        store.sessions.revoke_all(learner)
    # The learner stream first: a turn still running can then no longer record what the learner met.
    events = _erase_stream(store, e.learner_stream(learner), e.LearnerErased())
    conversations = 0
    while rows := store.conversations.listed(learner, limit=_PAGE):
        for row in rows:
            events += _erase_stream(store, e.conversation_stream(row.id), e.ConversationDeleted())
        conversations += len(rows)
    jobs = store.jobs.forget(learner)
    store.scripts.forget(learner)
    for erase in erasers:
        erase(learner)
    store.accounts.erase(learner)
    store.scrub()
    return Erasure(conversations, events, jobs, account is not None)


def _erase_stream(store: Store, stream: str, tombstone: e.Event) -> int:
    erased = sum(type(item.event) is not type(tombstone) for item in store.log.read(stream))
    store.log.erase(stream, tombstone)
    return erased


def _event(recorded: Recorded) -> dict[str, Any]:
    event = recorded.event
    return {
        "seq": recorded.seq,
        "at": recorded.at.isoformat(),
        "type": type(event).__name__,
        "version": event.VERSION,
        "data": {**_plain(event), **dict.fromkeys(_WITHHELD.get(type(event), ()))},
    }


def _plain(value: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    names = [field.name for field in fields(value) if field.name not in without]
    return {name: to_jsonable_python(getattr(value, name)) for name in names}
