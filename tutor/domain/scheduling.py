"""When to bring a component back before it is forgotten: spaced review by FSRS (Ye, Su and Cao 2022; version 6).

The scheduler runs without learning steps and without fuzz: while a component is being learnt the path decides, and the
same answers give the same dates. Its unit is the day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from tutor.domain.assessment import JUDGED
from tutor.domain.events import EvidenceObserved

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

#: FSRS' ratings: again, hard, good, easy.
Rating = Literal[1, 2, 3, 4]

RETENTION = 0.9
LONGEST_DAYS = 3650
#: An answer this much faster than the learner's median for its format came easily.
QUICK = 0.6
RIGHT = 0.95
TOLD = 4


@dataclass(frozen=True)
class Review:
    """The card of one component. ``stability`` is the days until recall falls to 90 %, ``difficulty`` 1 to 10 (FSRS),
    ``count`` the answers it rests on and ``lapses`` how many of them failed."""

    stability: float
    difficulty: float
    due: datetime
    last: datetime
    count: int = 1
    lapses: int = 0


def rating(evidence: EvidenceObserved, usual: float | None = None) -> Rating | None:
    """What an answer says of recall; None where it says nothing: not judged, doubtful, or a further try at the same
    question. ``usual`` is the learner's median seconds for this format."""
    if evidence.verdict not in JUDGED or not evidence.opportunity or evidence.certainty < 0.5:
        return None
    if evidence.credit < 0.5 or evidence.hint_level >= TOLD:
        return 1
    if evidence.credit < RIGHT or evidence.hint_level > 0 or evidence.attempt > 1:
        return 2
    if usual is not None and evidence.seconds is not None and 0.0 < evidence.seconds <= QUICK * usual:
        return 4
    return 3


def reviewed(review: Review | None, rated: Rating, now: datetime) -> Review:
    """The card after an answer at ``now``; ``review`` is None before the first."""
    from fsrs import Rating as Grade  # 14 ms, and most processes never schedule

    at = now.astimezone(UTC)
    card, _ = _scheduler().review_card(_card(review, at), Grade(rated), at)
    assert card.stability is not None
    assert card.difficulty is not None
    return Review(
        card.stability,
        card.difficulty,
        card.due,
        at,
        (review.count if review else 0) + 1,
        (review.lapses if review else 0) + (rated == 1),
    )


def retrievability(review: Review, now: datetime) -> float:
    """The probability that it is still recalled at ``now``; time counts in whole days."""
    return float(_scheduler().get_card_retrievability(_card(review, review.last), now.astimezone(UTC)))


def is_due(review: Review, now: datetime) -> bool:
    return review.due <= now


@cache
def _scheduler() -> "Scheduler":
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=RETENTION,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=LONGEST_DAYS,
        enable_fuzzing=False,
    )


def _card(review: Review | None, now: datetime) -> "Card":
    from fsrs import Card, State

    if review is None:  # a given id and date keep the library from reading the clock
        return Card(card_id=1, due=now)
    return Card(
        card_id=1,
        state=State.Review,
        stability=review.stability,
        difficulty=review.difficulty,
        due=review.due.astimezone(UTC),
        last_review=review.last.astimezone(UTC),
    )
