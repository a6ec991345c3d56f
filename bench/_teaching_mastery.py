"""How fast, and how truthfully, different gates and orders bring simulated learners to mastery.

Two families of learners, since a gate does well on those it was made for. The ones of *know or not* hold a component
or don't, and come to hold it in one step, as Bayesian knowledge tracing (Corbett and Anderson, 1995) has it. The ones
of *gradual* have an ability in each component that grows with practice and levels off, each learner at a pace of their
own. Both learn more readily where the prerequisites are known; answers slip and are guessed, and items differ in
difficulty. No gate sees the truth.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tutor.domain import pathway
from tutor.domain.beliefs import CourseModel, observed
from tutor.domain.curriculum import Course
from tutor.domain.events import EvidenceObserved
from tutor.domain.items.summary import ItemSummary

ITEMS_A_COMPONENT = 12
MOST_ITEMS = 1500
MOST_A_COMPONENT = 40
#: Known, of those who learn gradually: so often right on an average item, unaided; and the ability they grow towards.
KNOWN = 0.8
CEILING = 2.6
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DEEPTUTOR_WEIGHTS = (0.5, 0.7, 0.85, 0.95, 1.0)

Gate = Callable[[list[bool]], bool]


class Learner(Protocol):
    """The truth about one learner. ``answers`` draws a response and lets the learner learn from giving it."""

    def knows(self, kc: str) -> bool: ...
    def answers(self, kc: str, difficulty: float) -> bool: ...


class KnowOrNot:
    """Holds a component or doesn't; ``share`` of those whose prerequisites are known from the start."""

    def __init__(self, course: Course, rng: random.Random, share: float = 0.35) -> None:
        self._before = {kc.id: kc.prerequisites for kc in course.components}
        self._rng = rng
        self._known: set[str] = set()
        for kc in self._before:
            if rng.random() < (share if self._ready(kc) else share / 7):
                self._known.add(kc)

    def knows(self, kc: str) -> bool:
        return kc in self._known

    def answers(self, kc: str, difficulty: float) -> bool:
        right = self._rng.random() < _chance(2.4 if kc in self._known else -1.3, difficulty)
        if self._rng.random() < (0.28 if self._ready(kc) else 0.06):
            self._known.add(kc)
        return right

    def _ready(self, kc: str) -> bool:
        return all(before in self._known for before in self._before[kc])


class Gradual:
    """Abilities in logits that grow towards a ceiling; known is what goes right ``KNOWN`` of the time."""

    def __init__(self, course: Course, rng: random.Random, start: float = -0.5) -> None:
        self._before = {kc.id: kc.prerequisites for kc in course.components}
        self._rng = rng
        general = rng.gauss(start, 0.6)
        self._pace = 0.16 * math.exp(rng.gauss(0.0, 0.35))
        self._ability = {kc: general + rng.gauss(0.0, 0.8) for kc in self._before}

    def knows(self, kc: str) -> bool:
        return _chance(self._ability[kc], 0.0) >= KNOWN

    def answers(self, kc: str, difficulty: float) -> bool:
        right = self._rng.random() < _chance(self._ability[kc], difficulty)
        ready = all(self.knows(before) for before in self._before[kc])
        self._ability[kc] += (self._pace if ready else self._pace / 3) * max(0.0, CEILING - self._ability[kc])
        return right


def _chance(ability: float, difficulty: float) -> float:
    return 1 / (1 + math.exp(difficulty - ability))


Family = Callable[[Course, random.Random], Learner]
FAMILIES: Mapping[str, Family] = {"know or not": KnowOrNot, "gradual": Gradual}
#: Somebody who needs no lessons, only to be let through.
EXPERTS: Mapping[str, Family] = {
    "know or not": lambda course, rng: KnowOrNot(course, rng, share=1.0),
    "gradual": lambda course, rng: Gradual(course, rng, start=3.0),
}


@dataclass(frozen=True)
class Outcome:
    """``items`` until the gate let the learner go; ``declared`` components, ``false`` of them not known when declared;
    ``gained`` components known at the end that weren't at the start; ``known`` at the end, of ``components``."""

    items: int
    declared: int
    false: int
    gained: int
    known: int
    components: int

    @property
    def items_to_mastery(self) -> float:
        """Items asked for each component declared that is known."""
        return self.items / max(1, self.declared - self.false)

    @property
    def items_gained(self) -> float:
        """Items asked for each component learnt."""
        return self.items / max(1, self.gained)

    @property
    def false_mastery(self) -> float:
        return self.false / max(1, self.declared)

    @property
    def reached(self) -> float:
        return self.known / self.components


def bank(course: Course, seed: int) -> tuple[ItemSummary, ...]:
    rng = random.Random(seed)
    return tuple(
        ItemSummary(f"{kc.id}-{n}", (kc.id,), "numeric", rng.gauss(0.0, 0.7))
        for kc in course.components
        for n in range(ITEMS_A_COMPONENT)
    )


def deeptutor(history: list[bool]) -> bool:
    """Weighted last five, gate .9 (ANCHORS: the peers' gates)."""
    last = history[-5:]
    weights = DEEPTUTOR_WEIGHTS[-len(last) :]
    return bool(last) and sum(w * r for w, r in zip(weights, last, strict=True)) / sum(weights) >= 0.9


def oatutor(history: list[bool]) -> bool:
    """Bayesian knowledge tracing with L0 = T = S = G = .1, gate .95."""
    known = 0.1
    for right in history:
        seen = known * (0.9 if right else 0.1)
        known = seen / (seen + (1 - known) * (0.1 if right else 0.9))
        known += (1 - known) * 0.1
    return known >= 0.95


def five_each(history: list[bool]) -> bool:
    return len(history) >= 5


def in_order(course: Course, items: tuple[ItemSummary, ...], gate: Gate, learner: Learner) -> Outcome:
    """Component after component in the course's order, until the gate opens or patience ends."""
    before = _known(course, learner)
    asked = declared = false = 0
    by_kc = _by_component(items)
    for kc in (component.id for component in course.components):
        history: list[bool] = []
        for item in _rounds(by_kc[kc]):
            if gate(history) or len(history) >= MOST_A_COMPONENT:
                break
            history.append(learner.answers(kc, item.difficulty))
            asked += 1
        if gate(history):
            declared += 1
            false += not learner.knows(kc)
    return _outcome(course, learner, before, asked, declared, false)


def ours(course: Course, items: tuple[ItemSummary, ...], learner: Learner) -> Outcome:
    """The product's path and gate; every answer goes through the fold that the log goes through."""
    before = _known(course, learner)
    model, now, asked = CourseModel(), START, 0
    false: dict[str, bool] = {}
    while asked < MOST_ITEMS:
        done = pathway.outcome(course, model, items, now) == "all_mastered"
        activity = None if done else pathway.next_activity(course, model, items, now)
        if activity is None:
            break
        item = next(row for row in items if row.id == activity.item)
        right = learner.answers(item.kcs[0], item.difficulty)
        asked += 1
        now += timedelta(seconds=40)
        evidence = EvidenceObserved(
            course.id,
            item.id,
            item.kcs,
            "correct" if right else "incorrect",
            float(right),
            difficulty=item.difficulty,
            format="numeric",
        )
        model = observed(model, evidence, asked, now)
        for kc in item.kcs:
            if model.knows(kc):
                false.setdefault(kc, not learner.knows(kc))
            else:
                false.pop(kc, None)
    return _outcome(course, learner, before, asked, len(false), sum(false.values()))


OURS, OATUTOR = "ours: path and gate", "fixed order, OATutor's gate"
POLICIES: Mapping[str, Callable[[Course, tuple[ItemSummary, ...], Learner], Outcome]] = {
    OURS: ours,
    "fixed order, five each": lambda course, items, learner: in_order(course, items, five_each, learner),
    "fixed order, DeepTutor's gate": lambda course, items, learner: in_order(course, items, deeptutor, learner),
    OATUTOR: lambda course, items, learner: in_order(course, items, oatutor, learner),
}


def compare(course: Course, family: Family, learners: int, seed: int = 1) -> Mapping[str, Outcome]:
    """The sums over ``learners``, by policy. Every policy meets learners who start out the same."""
    items = bank(course, seed)
    return {
        name: _sum([policy(course, items, family(course, random.Random(f"{seed}:{n}"))) for n in range(learners)])
        for name, policy in POLICIES.items()
    }


def _known(course: Course, learner: Learner) -> frozenset[str]:
    return frozenset(kc.id for kc in course.components if learner.knows(kc.id))


def _outcome(
    course: Course, learner: Learner, before: frozenset[str], asked: int, declared: int, false: int
) -> Outcome:
    known = _known(course, learner)
    return Outcome(asked, declared, false, len(known - before), len(known), len(course.components))


def _sum(found: list[Outcome]) -> Outcome:
    return Outcome(*(sum(column) for column in zip(*(astuple(one) for one in found), strict=True)))


def _by_component(items: tuple[ItemSummary, ...]) -> dict[str, list[ItemSummary]]:
    found: dict[str, list[ItemSummary]] = {}
    for item in items:
        found.setdefault(item.kcs[0], []).append(item)
    return found


def _rounds(items: list[ItemSummary]) -> Iterator[ItemSummary]:
    while True:
        yield from items
