"""What is believed of one learner in one course, and the events each belief rests on.

``observed`` is the step of the fold for one graded answer. It is pure and never fails, whatever the log holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from tutor.domain import habits, scheduling, tracing
from tutor.domain.assessment import JUDGED
from tutor.domain.events import EvidenceObserved
from tutor.domain.habits import Grounds, Habits
from tutor.domain.scheduling import Review
from tutor.domain.tracing import Belief, Knowledge, Parameters

RIGHT = 0.95
FAILED = 0.5
TOLD = 4
#: Outcomes and points of history kept for each component, contested beliefs, and places of a misconception.
RECENT = 8
POINTS = 30
CONTESTS = 5
PLACES = 5
#: A belief the learner contested counts as checked after so many answers.
CHECKED = 2
#: What showing a misconception adds to the belief in it, and what is left after a refutation and after a right answer
#: on the same component.
SHOWN = 0.6
REFUTED = 0.35
OUTGROWN = 0.75
HELD = 0.35
#: A component that was mastered is lost again when its probability falls below this, or with two failures in a row.
LOST = 0.7

DEFAULT = Parameters.default()


@dataclass(frozen=True)
class Outcome:
    """A first try at a question: the ``seq`` of its event, its credit, and whether it was right without help."""

    seq: int
    credit: float
    unaided: bool = False

    @property
    def failed(self) -> bool:
        return self.credit < FAILED


@dataclass(frozen=True)
class Point:
    """How a belief moved, as it was explained at the time (``MasteryShift``). ``evidence`` is the answer's ``seq``."""

    at: datetime
    before: float
    after: float
    lower: float
    upper: float
    why: str
    evidence: int
    data: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contest:
    """ "I don't think that's right": ``claim`` is "know" or "unsure"; ``answers`` counts those given since."""

    claim: str
    note: str
    seq: int
    at: datetime
    answers: int = 0

    @property
    def is_open(self) -> bool:
        return self.answers < CHECKED


@dataclass(frozen=True)
class Component:
    """What is kept of one knowledge component beside its trace in ``Knowledge``.

    ``mastered`` is the ``seq`` of the answer that opened the gate, ``placed`` that of the placement that took it for
    known; 0 for neither. ``recent`` and ``history`` are oldest first.
    """

    grounds: Grounds = field(default_factory=Grounds)
    recent: tuple[Outcome, ...] = ()
    review: Review | None = None
    mastered: int = 0
    placed: int = 0
    contests: tuple[Contest, ...] = ()
    history: tuple[Point, ...] = ()

    @property
    def is_known(self) -> bool:
        """Mastered by evidence, or taken for known by the placement and not shown otherwise since."""
        return bool(self.mastered or self.placed)

    @property
    def contested(self) -> Contest | None:
        """The newest claim of the learner's that wasn't checked yet."""
        return self.contests[-1] if self.contests and self.contests[-1].is_open else None

    @property
    def failures(self) -> int:
        """Failed first tries since the last one that didn't."""
        count = 0
        for outcome in reversed(self.recent):
            if not outcome.failed:
                break
            count += 1
        return count


@dataclass(frozen=True)
class Misconception:
    """A named wrong idea. ``strength`` (0 to 1) is how likely it is still held: it rises when shown and decays when
    refuted. ``grounds`` are the answers that showed it, ``against`` those that spoke against it."""

    count: int = 0
    strength: float = 0.0
    kcs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    at: datetime | None = None
    grounds: Grounds = field(default_factory=Grounds)
    against: Grounds = field(default_factory=Grounds)

    @property
    def is_held(self) -> bool:
        return self.strength >= HELD


@dataclass(frozen=True)
class Seen:
    """An item met: the last answer's ``seq`` and time (until there is one, those of the question), whether it was ever
    right without being told, and how often it was answered."""

    seq: int
    at: datetime
    right: bool = False
    times: int = 1


@dataclass(frozen=True)
class Placed:
    """One answer of a placement; ``right`` is its credit."""

    kc: str
    item: str
    right: float


@dataclass(frozen=True)
class Placement:
    """``answers`` are those of the running or the last placement; ``seq`` is its end's."""

    status: Literal["none", "running", "done"] = "none"
    answers: tuple[Placed, ...] = ()
    known: tuple[str, ...] = ()
    seq: int = 0


@dataclass(frozen=True)
class CourseModel:
    """Everything believed of a learner in one course. ``adopted`` are refitted parameters; None: the priors count.

    ``last`` is the component answered last, ``passed_over`` and ``taken`` how often the learner declined an offered
    component (or item) and chose one of their own; ``start`` is what they chose last.
    """

    knowledge: Knowledge = field(default_factory=Knowledge)
    adopted: Parameters | None = None
    components: Mapping[str, Component] = field(default_factory=dict)
    misconceptions: Mapping[str, Misconception] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    goal: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    placement: Placement = field(default_factory=Placement)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    start: str = ""
    answers: int = 0
    last: str = ""

    @property
    def parameters(self) -> Parameters:
        return self.adopted or DEFAULT

    def component(self, kc: str) -> Component:
        return self.components.get(kc) or _EMPTY

    def belief(self, kc: str, now: datetime) -> Belief:
        return tracing.belief(self.knowledge, kc, now, self.parameters)

    def knows(self, kc: str) -> bool:
        return self.component(kc).is_known


_EMPTY = Component()


def observed(model: CourseModel, evidence: EvidenceObserved, seq: int, at: datetime) -> CourseModel:
    """The model after one piece of evidence. What was not judged only counts as seen."""
    told = evidence.hint_level >= TOLD
    credit = min(1.0, max(0.0, evidence.credit))
    if evidence.confidence is not None and not evidence.kcs and not evidence.opportunity:
        # Asked afterwards how sure they were: that and nothing else is new.
        return replace(model, habits=habits.stated(model.habits, evidence.confidence, credit, seq))
    met = model.seen.get(evidence.item)
    right = evidence.verdict == "correct" and not told
    seen = Seen(seq, at, right or (met is not None and met.right), 1 + (met.times if met else 0))
    if evidence.verdict not in JUDGED:
        return replace(model, seen={**model.seen, evidence.item: seen})
    usual = model.habits.usual_seconds(evidence.format)
    first = evidence.opportunity and evidence.attempt <= 1
    return replace(
        model,
        knowledge=(knowledge := tracing.observe(model.knowledge, evidence, at, model.parameters)),
        components=_practised(model, knowledge, evidence, credit, scheduling.rating(evidence, usual), seq, at),
        misconceptions=_misconceptions(model.misconceptions, evidence, right, seq, at),
        habits=habits.observed(
            model.habits,
            seq=seq,
            credit=credit,
            form=evidence.format,
            first=first,
            told=told,
            seconds=evidence.seconds,
            confidence=evidence.confidence,
            helped_by=evidence.helped_by,
        ),
        seen={**model.seen, evidence.item: seen},
        placement=_placement(model.placement, evidence, credit),
        answers=model.answers + 1,
        last=evidence.kcs[0] if evidence.kcs else model.last,
    )


def _practised(
    model: CourseModel,
    knowledge: Knowledge,
    evidence: EvidenceObserved,
    credit: float,
    rated: scheduling.Rating | None,
    seq: int,
    at: datetime,
) -> Mapping[str, Component]:
    told = evidence.hint_level >= TOLD
    unaided = credit >= RIGHT and evidence.hint_level <= 0 and evidence.attempt <= 1
    outcome = Outcome(seq, 0.0 if told else credit, unaided)
    components = dict(model.components)
    for kc in dict.fromkeys(evidence.kcs):
        old = model.component(kc)
        recent = (*old.recent[-(RECENT - 1) :], outcome) if evidence.opportunity else old.recent
        review = scheduling.reviewed(old.review, rated, at) if rated is not None else old.review
        contests = old.contests
        if old.contested is not None and evidence.opportunity:
            contests = (*contests[:-1], replace(contests[-1], answers=contests[-1].answers + 1))
        mastered, placed = old.mastered, old.placed
        now = tracing.belief(knowledge, kc, at, model.parameters)
        if tracing.is_mastered(now) or (outcome.unaided and evidence.opportunity and _has_turned(recent)):
            mastered = mastered or seq
        elif outcome.failed:
            placed = 0
            if now.mean < LOST or _all_failed(recent):
                mastered = 0
        components[kc] = Component(old.grounds.plus(seq), recent, review, mastered, placed, contests, old.history)
    return components


def _all_failed(recent: tuple[Outcome, ...]) -> bool:
    return len(recent) > 1 and recent[-1].failed and recent[-2].failed


def _has_turned(recent: tuple[Outcome, ...]) -> bool:
    return tracing.has_turned([one.unaided for one in recent if one.unaided or one.failed])


def _misconceptions(
    known: Mapping[str, Misconception], evidence: EvidenceObserved, right: bool, seq: int, at: datetime
) -> Mapping[str, Misconception]:
    name = evidence.misconception
    against = {other: REFUTED for other in evidence.refuted if other in known}
    if right and evidence.hint_level <= 0:
        about = set(evidence.kcs)
        for other, found in known.items():
            if about & set(found.kcs):
                against.setdefault(other, OUTGROWN)
    against.pop(name or "", None)
    if not name and not against:
        return known
    changed = dict(known)
    for other, left in against.items():
        found = changed[other]
        changed[other] = replace(found, strength=found.strength * left, against=found.against.plus(seq))
    if name:
        found = known.get(name, Misconception())
        changed[name] = replace(
            found,
            count=found.count + 1,
            strength=found.strength + (1.0 - found.strength) * SHOWN,
            kcs=tuple(dict.fromkeys((*found.kcs, *evidence.kcs)))[:RECENT],
            items=tuple(dict.fromkeys((evidence.item, *found.items)))[:PLACES],
            at=at,
            grounds=found.grounds.plus(seq),
        )
    return changed


def _placement(placement: Placement, evidence: EvidenceObserved, credit: float) -> Placement:
    if evidence.source != "placement" or not evidence.opportunity:
        return placement
    answer = Placed(evidence.kcs[0] if evidence.kcs else "", evidence.item, credit)
    so_far = placement.answers if placement.status == "running" else ()
    return replace(placement, status="running", answers=(*so_far[-31:], answer))
