"""Which question of a component to put: fresh before known, at a difficulty the learner can grow on."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum

from tutor.domain import tracing
from tutor.domain.beliefs import CourseModel, Seen
from tutor.domain.items.summary import ItemSummary
from tutor.domain.tracing import Question

#: An item met among the last so many events of the learner's is not fresh in any sense.
LATELY = 18
#: Items weighed by their predicted success; the rest of a large component waits its turn.
WEIGHED = 60


class Aim(Enum):
    """The success probability that a question should have: desirable difficulty for learning (about .7), less for who
    may know it already, more for who is shaken or must only be reminded."""

    learn = 0.7
    challenge = 0.55
    review = 0.8


def choose(
    items: Sequence[ItemSummary],
    model: CourseModel,
    now: datetime,
    aim: Aim,
    *,
    exclude: Collection[str] = (),
    avoid: Collection[str] = (),
    open_kcs: Collection[str] | None = None,
) -> ItemSummary | None:
    """The best of ``items`` (in course order), or None where all are excluded.

    In this order: items that need nothing outside ``open_kcs``; groups of variants not in ``avoid``; never asked
    before never answered right before answered right; not met lately; transfer questions for a challenge and only
    for one; then the success probability nearest the aim. What was answered longest ago wins a tie among known ones.
    """
    left = [item for item in items if item.id not in exclude]
    if not left:
        return None
    if open_kcs is not None:
        left = [item for item in left if all(kc in open_kcs for kc in item.kcs)] or left
    left = [item for item in left if (item.variant_of or item.id) not in avoid] or left
    newest = max((seen.seq for seen in model.seen.values()), default=0) if model.seen else 0
    tiers = [_tier(model.seen.get(item.id), newest) for item in left]
    best = min(tiers)
    left = [item for item, tier in zip(left, tiers, strict=True) if tier == best]
    if best[0] == 2:
        return min(left, key=lambda item: model.seen[item.id].seq)
    wanted = aim is Aim.challenge
    left = [item for item in left if item.transfer is wanted] or left
    apart = [abs(_success(item, model, now) - aim.value) for item in left[:WEIGHED]]
    return left[min(range(len(apart)), key=lambda index: (round(apart[index], 2), index))]


def _tier(seen: Seen | None, newest: int) -> tuple[int, bool]:
    if seen is None:
        return (0, False)
    return (2 if seen.right else 1, seen.seq > newest - LATELY)


def _success(item: ItemSummary, model: CourseModel, now: datetime) -> float:
    return tracing.predict(model.knowledge, Question(item.id, item.kcs, item.difficulty), now, model.parameters)
