"""Refitting the learner model from the log, and adopting the outcome as an event: refolding a profile stays true.

What a course's learners taught is kept in the course's own stream (``course:<id>``), where ``current`` finds it for a
learner who is new to the course, and in the stream of every learner with evidence there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tutor.domain import events as e
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.tracing import Parameters
from tutor.ports import Append, EventLog, Recorded, Store
from tutor.services.fitting import fit

_ALL = 2**31 - 1


@dataclass(frozen=True)
class Adoption:
    """``answers`` is the evidence it rests on, ``learners`` how many gave it; ``adopted`` is for how many of them these
    parameters are new."""

    course: str
    version: str
    answers: int
    learners: int
    adopted: int


def course_stream(course: str) -> str:
    return f"course:{course}"


def current(log: EventLog, course: str) -> e.ParametersAdopted | None:
    """What counts in the course now, to be appended for a learner who meets it for the first time; None: the priors."""
    return _last(log.read(course_stream(course)), course)


def refit(store: Store, course: str) -> Adoption:
    """Learn the course's parameters from all evidence and adopt them. Nothing is written where nothing is new.

    Raises ``InvalidInput`` where the course's evidence holds no judged first try."""
    streams = {name: store.log.read(e.learner_stream(name)) for name in _learners(store)}
    histories = {
        name: [(one.event, one.at) for one in recorded if isinstance(one.event, e.EvidenceObserved)]
        for name, recorded in streams.items()
    }
    given = {name: [pair for pair in history if pair[0].course == course] for name, history in histories.items()}
    given = {name: history for name, history in given.items() if history}
    if not given:
        raise InvalidInput(f"There is no graded answer in the course {course}.", course=course)
    found = fit(list(given.values()))
    event = e.ParametersAdopted(course, found.version, dict(found.values))
    own = course_stream(course)
    if not _has(store.log.read(own), event):
        store.log.append(Append(own, (event,)))
    adopted = 0
    for name in given:
        if _has(streams[name], event):
            continue
        try:
            store.log.append(Append(e.learner_stream(name), (event,)))
        except NotFound:  # erased in the meantime
            continue
        adopted += 1
    return Adoption(course, found.version, sum(map(len, given.values())), len(given), adopted)


def practised_courses(store: Store) -> tuple[str, ...]:
    """The courses in which anybody was graded, in alphabetical order."""
    found: set[str] = set()
    for name in _learners(store):
        recorded = store.log.read(e.learner_stream(name))
        found.update(one.event.course for one in recorded if isinstance(one.event, e.EvidenceObserved))
    return tuple(sorted(found))


def parameters(event: e.ParametersAdopted | None) -> Parameters:
    """Those of the event; the priors without one."""
    return Parameters(event.version, event.parameters) if event is not None else Parameters.default()


def _learners(store: Store) -> list[str]:
    """In the order of their ids: the order decides folds, and so the fit."""
    accounts = {account.id for account in store.accounts.listed()}
    return sorted(accounts | {row.learner for row in store.conversations.listed(limit=_ALL)})


def _last(recorded: Iterable[Recorded], course: str) -> e.ParametersAdopted | None:
    found = None
    for one in recorded:
        if isinstance(one.event, e.ParametersAdopted) and one.event.course == course:
            found = one.event
    return found


def _has(recorded: Iterable[Recorded], event: e.ParametersAdopted) -> bool:
    last = _last(recorded, event.course)
    return last is not None and last.version == event.version
