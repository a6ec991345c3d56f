"""Where a learner stands: the map of a course with every belief, what is due, and a summary of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tutor.domain import scheduling
from tutor.domain.beliefs import Component, CourseModel, Misconception
from tutor.domain.curriculum import Course
from tutor.domain.items.summary import ItemSummary
from tutor.domain.readiness import Graph, askable, components_of
from tutor.domain.tracing import Belief

Status = Literal["mastered", "learning", "ready", "locked", "due"]


@dataclass(frozen=True)
class KcState:
    """One component on the map. ``due`` is when its review is (None before there is one), ``recall`` the probability
    that it is still recalled. ``missing`` are the prerequisites that lock it. ``part`` holds the evidence, history and
    contested beliefs behind it; ``placed`` says that only the placement speaks for it."""

    kc: str
    title: str
    unit: str
    belief: Belief
    status: Status
    due: datetime | None
    recall: float | None
    missing: tuple[str, ...]
    placed: bool
    part: Component


@dataclass(frozen=True)
class Summary:
    """Counts of answers and components, and what is known of the learner's ways: "" or None where too little was
    seen. ``help`` is the form of help that worked best, ``misconceptions`` those still held, strongest first."""

    answers: int
    known: int
    due: int
    confidence: Literal["", "over", "under", "fair"]
    confidence_gap: float
    persistence: Literal["", "tries", "asks", "mixed"]
    help: str | None
    pace: tuple[tuple[str, float], ...]
    misconceptions: tuple[tuple[str, Misconception], ...]
    goal: tuple[str, ...]
    interests: tuple[str, ...]


def due(model: CourseModel, now: datetime) -> tuple[str, ...]:
    """Known components whose review is due, the least likely recalled first."""
    waiting = [
        (scheduling.retrievability(part.review, now), part.review.due, kc)
        for kc, part in model.components.items()
        if part.is_known and part.review is not None and scheduling.is_due(part.review, now)
    ]
    return tuple(kc for _, _, kc in sorted(waiting))


def map_of(
    course: Course, model: CourseModel, now: datetime, items: Sequence[ItemSummary] | None = None
) -> tuple[KcState, ...]:
    """Every component in course order. With ``items`` also those that only they name, and a component without a
    question locks nothing, as on the path."""
    graph = Graph(components_of(course, items or ()))
    passed = graph.passed(model, None if items is None else askable(items))
    waiting = set(due(model, now))
    states = []
    for kc in graph.components:
        part = model.component(kc.id)
        missing = tuple(name for name in graph.before[kc.id] if name not in passed)
        status: Status = (
            "due"
            if kc.id in waiting
            else "mastered"
            if part.is_known
            else "learning"
            if part.grounds.count
            else "locked"
            if missing
            else "ready"
        )
        review = part.review
        states.append(
            KcState(
                kc.id,
                kc.title,
                kc.unit,
                model.belief(kc.id, now),
                status,
                review.due if review else None,
                scheduling.retrievability(review, now) if review else None,
                missing,
                bool(part.placed) and not part.mastered,
                part,
            )
        )
    return tuple(states)


def summary(model: CourseModel, now: datetime) -> Summary:
    habits = model.habits
    held = [(name, found) for name, found in model.misconceptions.items() if found.is_held]
    return Summary(
        answers=model.answers,
        known=sum(part.is_known for part in model.components.values()),
        due=len(due(model, now)),
        confidence=habits.calibration.tendency,
        confidence_gap=habits.calibration.mean,
        persistence=habits.persistence.tendency,
        help=habits.preferred_help,
        pace=tuple((form, found.median) for form, found in sorted(habits.pace.items()) if found.median is not None),
        misconceptions=tuple(sorted(held, key=lambda entry: (-entry[1].strength, entry[0]))),
        goal=model.goal,
        interests=model.interests,
    )
