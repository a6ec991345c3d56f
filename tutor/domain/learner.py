"""What is known of a learner, as a fold over the learner stream."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tutor.domain import events as e
from tutor.domain import tracing
from tutor.domain.beliefs import CONTESTS, POINTS, Contest, CourseModel, Point, Seen, observed
from tutor.domain.tracing import Knowledge, Parameters
from tutor.domain.viewing import Viewing, viewed

#: Rises with every change of what the fold computes: snapshots of an older one are folded anew.
FOLD = 4

_TRIAL = e.EvidenceObserved("", "item", ("kc",), "correct", 1.0, opportunity=False, seconds=1.0, confidence=0.5)

_OF_A_COURSE = (
    e.ItemMet,
    e.EvidenceObserved,
    e.MasteryChanged,
    e.BeliefContested,
    e.GoalChosen,
    e.ActivityChosen,
    e.PlacementFinished,
    e.ParametersAdopted,
)


@dataclass(frozen=True)
class LearnerProfile:
    """``positions``, ``met`` and ``courses`` are by course: the place last read, the passages shown so far, and what
    is believed there. ``viewings`` are by film. ``interests`` are as told (preference "interests": parted by commas,
    semicolons or lines).

    ``made_by`` is the ``FOLD`` that computed it, 0 where nothing was folded.
    """

    language: str = "en"
    last_seq: int = 0
    updated_at: datetime | None = None
    erased: bool = False
    preferences: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)
    met: Mapping[str, frozenset[str]] = field(default_factory=dict)
    interests: tuple[str, ...] = ()
    courses: Mapping[str, CourseModel] = field(default_factory=dict)
    viewings: Mapping[str, Viewing] = field(default_factory=dict)
    made_by: int = field(default=0, compare=False)

    def course(self, course: str) -> CourseModel:
        """What is believed in a course; a fresh model where nothing is yet."""
        return self.courses.get(course) or CourseModel(interests=self.interests)


def apply(state: LearnerProfile, event: e.Event, seq: int, at: datetime) -> LearnerProfile:
    """One step of the fold."""
    if isinstance(event, _OF_A_COURSE):
        model = _believed(state.course(event.course), event, seq, at)
        courses = {**state.courses, event.course: model}
        return replace(state, last_seq=seq, updated_at=at, made_by=FOLD, courses=courses)
    if isinstance(event, e.LearnerErased):
        return LearnerProfile(last_seq=seq, updated_at=at, erased=True, made_by=FOLD)
    state = replace(state, last_seq=seq, updated_at=at, made_by=FOLD)
    match event:
        case e.LearnerJoined():
            return replace(state, language=event.language)
        case e.PreferenceSet(name="language"):
            return replace(state, language=event.value)
        case e.PreferenceSet():
            state = replace(state, preferences={**state.preferences, event.name: event.value})
            return _interested(state, event.value) if event.name == "interests" else state
        case e.FilmWatched():
            seen = viewed(state.viewings.get(event.film), event, at)
            return replace(state, viewings={**state.viewings, event.film: seen})
        case e.MaterialMet():
            met = state.met.get(event.course, frozenset()) | set(event.passages)
            return replace(
                state,
                positions={**state.positions, event.course: event.position},
                met={**state.met, event.course: met},
            )
    return state


def fold(recorded: Iterable[tuple[e.Event, int, datetime]], start: LearnerProfile | None = None) -> LearnerProfile:
    """Fold ``(event, seq, at)`` triples in order of ``seq``."""
    state = start or LearnerProfile()
    for event, seq, at in recorded:
        state = apply(state, event, seq, at)
    return state


def shifts(model: CourseModel, evidence: e.EvidenceObserved, now: datetime) -> tuple[e.MasteryShift, ...]:
    """How the beliefs would move if ``evidence`` were observed at ``now``, with the reason: to record and to show."""
    after = tracing.observe(model.knowledge, evidence, now, model.parameters)
    if after is model.knowledge:
        return ()
    return tracing.shifts(model.knowledge, after, evidence, now, model.parameters)


def _believed(model: CourseModel, event: e.Event, seq: int, at: datetime) -> CourseModel:
    match event:
        case e.ItemMet():
            return (
                model
                if event.item in model.seen
                else replace(model, seen={**model.seen, event.item: Seen(seq, at, times=0)})
            )
        case e.EvidenceObserved():
            return observed(model, event, seq, at)
        case e.MasteryChanged(shift=shift):
            old = model.component(shift.kc)
            # Four places are enough to show, and keep the stored profile small.
            before, after, lower, upper = (
                round(share, 4) for share in (shift.before, shift.after, shift.lower, shift.upper)
            )
            point = Point(at, before, after, lower, upper, shift.why, event.evidence, shift.data)
            changed = replace(old, history=(*old.history[-(POINTS - 1) :], point))
            return replace(model, components={**model.components, shift.kc: changed})
        case e.BeliefContested():
            old = model.component(event.kc)
            contest = Contest(event.claim, event.note, seq, at)
            changed = replace(old, contests=(*old.contests[-(CONTESTS - 1) :], contest))
            return replace(model, components={**model.components, event.kc: changed})
        case e.GoalChosen():
            return replace(model, goal=tuple(dict.fromkeys(event.kcs)))
        case e.ActivityChosen():
            return _chosen(model, event)
        case e.PlacementFinished():
            placement = replace(model.placement, status="done", known=event.known, seq=seq)
            placed = {kc: replace(model.component(kc), placed=seq) for kc in event.known}
            return replace(model, placement=placement, components={**model.components, **placed})
        case e.ParametersAdopted():
            return _adopted(model, Parameters(event.version, event.parameters))
    return model


def _chosen(model: CourseModel, event: e.ActivityChosen) -> CourseModel:
    if not event.chosen or event.chosen == event.offered:
        return model
    taken = {**model.taken, event.chosen: model.taken.get(event.chosen, 0) + 1}
    model = replace(model, taken=taken, start=event.chosen)
    if not event.offered:
        return model
    passed = {**model.passed_over, event.offered: model.passed_over.get(event.offered, 0) + 1}
    return replace(model, passed_over=passed)


def _adopted(model: CourseModel, parameters: Parameters) -> CourseModel:
    # A fit that nobody can use must not make the whole profile unreadable for good.
    start = datetime(2000, 1, 1, tzinfo=UTC)
    try:
        for level in range(5):
            tried = replace(_TRIAL, hint_level=level)
            found = tracing.observe(Knowledge(timed=tracing.MIN_TIMED), tried, start, parameters)
            tracing.belief(found, "kc", start, parameters)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        return model
    return replace(model, adopted=parameters)


def _interested(state: LearnerProfile, told: str) -> LearnerProfile:
    parts = told.replace(";", ",").replace("\n", ",").split(",")
    interests = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    courses = {name: replace(model, interests=interests) for name, model in state.courses.items()}
    return replace(state, interests=interests, courses=courses)
