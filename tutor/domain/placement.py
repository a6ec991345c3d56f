"""Where a learner should start: a placement of 5 to 12 questions, each chosen for what its answer would settle.

What a learner knows is a set of components that holds the prerequisites of each of its members (a knowledge state:
Doignon and Falmagne 1985). There are far too many to list, so a fixed population of plausible ones stands for all:
learners who came so far in the course, and learners of some strength in each unit. Answers weigh the population by
Bayes' rule, with slips and lucky guesses. The next question is the one after whose answer the least doubt is expected
to remain, summed over all components; so a right answer also speaks for what it builds on, a wrong one against what
builds on it. The population is drawn once from a fixed seed: same answers, same question.

What is taken for known rests on answers: on a right one to the component itself or to what builds on it. A component
that no answer speaks for is taken for known only where the lower bound of the share of right answers allows it: that
others are like this learner is the population's guess, and five "I don't know" are not outvoted by a guess.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from random import Random

from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.items.summary import ItemSummary
from tutor.domain.readiness import Graph, components_of

FEWEST = 5
MOST = 12
#: It is sure enough when this share of the components would be told wrongly, by its own beliefs.
DOUBT = 0.06
#: Less than this of one component's doubt (bits) isn't worth a question.
WORTH = 0.05
#: From here on a component is taken for known. Wrongly skipped costs a learner more than wrongly taught.
KNOWN = 0.8
#: The lower bound of the share of right answers lies so many standard errors below it (Wilson's interval).
ERRORS = 1.0
#: A credit above this speaks for the component.
HALF = 0.5
POPULATION = 768
#: One in so many knows everything, and one in so many nothing.
EXTREME = 24
#: Components weighed for the next question, those most in doubt: at most so many, fewer in a large course, where each
#: costs more.
WEIGHED = 24
WORK = 2000
SLIP = 0.1
GUESS: Mapping[str, float] = {"multiple_choice": 0.22, "ordering": 0.1, "matching": 0.1, "cloze": 0.08}
GUESS_ELSE = 0.06

Column = int  # one byte (0 or 1) for each member of the population, as one large integer
Answered = tuple[str, str, float | None]  # component, item, credit


@dataclass(frozen=True)
class PlacementStep:
    """The next question (``item`` None: finished), what its answer is expected to settle in bits, and what would be
    taken for known if the placement ended here, in course order. ``beliefs`` are probabilities of knowing."""

    item: str | None
    kc: str
    expected_gain: float
    finished: bool
    known: tuple[str, ...]
    beliefs: Mapping[str, float] = field(default_factory=dict)


def next_question(
    course: Course,
    items: Sequence[ItemSummary],
    answered: Sequence[Answered],
    seen: Collection[str] = (),
) -> PlacementStep:
    """``answered`` are (component, item, credit) in any order, the credit None where the answer said nothing either
    way. Items in course order; only approved ones that can be answered right are asked, none twice, and those ``seen``
    before the placement only where a component has no others."""
    usable = [item for item in items if item.state == "approved" and item.type != "poll" and item.kcs]
    graph = Graph(tuple(kc for kc in components_of(course, usable) if kc.id))
    people = _population(graph.components)
    by_id = {item.id: item for item in usable}
    weights = _weighed(people, by_id, answered)
    beliefs = {kc: min(1.0, math.fsum(compress(weights, _bytes(column)))) for kc, column in people.items()}
    spoken_for = _spoken_for(graph, by_id, answered)
    believed = tuple(kc for kc in beliefs if beliefs[kc] >= KNOWN)
    guessed = () if _others_too(answered) else tuple(kc for kc in believed if kc not in spoken_for)
    known = tuple(kc for kc in believed if kc not in guessed)
    asked = {item for _, item, _ in answered}
    doubt = sum(min(p, 1.0 - p) for p in beliefs.values())
    enough = len(answered) >= FEWEST and doubt <= DOUBT * len(beliefs)
    best: tuple[float, str, str] | None = None
    if len(answered) < MOST:
        ask = _askable([item for item in usable if item.id not in asked], seen)
        best = None if enough else _best(people, weights, beliefs, ask)
        if enough or (len(answered) >= FEWEST and (best is None or best[0] < WORTH)):
            best = _check(graph, people, weights, beliefs, ask, guessed)
    if best is None:
        return PlacementStep(None, "", 0.0, True, known, beliefs)
    return PlacementStep(best[2], best[1], best[0], False, known, beliefs)


def _spoken_for(graph: Graph, items: Mapping[str, ItemSummary], answered: Sequence[Answered]) -> frozenset[str]:
    """What a right answer speaks for: all that the question asks for, with all that builds on."""
    right = [(kc, name) for kc, name, credit in answered if credit is not None and credit > HALF]
    return graph.ancestors(kc for own, name in right for kc in (items[name].kcs if name in items else (own,)))


def _others_too(answered: Sequence[Answered]) -> bool:
    """Whether the lower end of Wilson's interval for the share of right answers (Wilson 1927) is that of somebody who
    knows: then what wasn't asked may be believed too."""
    credits = [credit for *_, credit in answered if credit is not None]
    if not credits:
        return False
    share, extra = sum(credits) / len(credits), ERRORS * ERRORS / len(credits)
    spread = ERRORS * math.sqrt((share * (1.0 - share) + extra / 4.0) / len(credits))
    return (share + extra / 2.0 - spread) / (1.0 + extra) >= KNOWN


# -- the population --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _population(components: tuple[KnowledgeComponent, ...]) -> Mapping[str, Column]:
    """For each component, who knows it. Everyone's set holds the prerequisites of its members."""
    graph = Graph(components)
    place = {kc: index / max(1, len(components) - 1) for kc, index in graph.place.items()}
    units = list(dict.fromkeys(kc.unit for kc in components))
    columns = {kc.id: bytearray(POPULATION) for kc in components}
    rng = Random(20)  # noqa: S311  # a fixed draw, not a secret
    for member in range(POPULATION):
        spot = (member // 2 + 0.5) / (POPULATION // 2)
        by_place = member % 2 == 0
        strength = {unit: 4.0 * (spot - 0.5) + rng.gauss(0.0, 0.8) + 1.0 for unit in units}
        steep = 6.0 + 20.0 * rng.random()
        for kc in graph.topological:
            reach = steep * (1.2 * spot - 0.1 - place[kc]) if by_place else strength[graph.by_id[kc].unit]
            if member % EXTREME in (0, 1):  # people who know it all or nothing are commoner than chance would have them
                reach = -math.inf if member % EXTREME else math.inf
            knows = rng.random() < (1.0 / (1.0 + math.exp(-reach)) if reach > -50.0 else 0.0)
            columns[kc][member] = knows and all(columns[name][member] for name in graph.before[kc])
    return {kc.id: int.from_bytes(columns[kc.id], "little") for kc in components}


def _bytes(column: Column) -> bytes:
    return column.to_bytes(POPULATION, "little")


def _weighed(
    people: Mapping[str, Column], items: Mapping[str, ItemSummary], answered: Sequence[Answered]
) -> list[float]:
    """The population's weights after the answers; they sum to 1."""
    logs = [0.0] * POPULATION
    for kc, name, right in answered:
        item = items.get(name, ItemSummary(name, (kc,)))
        column = _needed(people, item)
        if column is None or right is None:
            continue
        slip, guess = _chances(item)
        credit = min(1.0, max(0.0, right))
        able = credit * math.log(1.0 - slip) + (1.0 - credit) * math.log(slip)
        unable = credit * math.log(guess) + (1.0 - credit) * math.log(1.0 - guess)
        logs = [log + (able if knows else unable) for log, knows in zip(logs, _bytes(column), strict=True)]
    top = max(logs)
    raw = [math.exp(log - top) for log in logs]
    total = math.fsum(raw)
    return [weight / total for weight in raw]


def _needed(people: Mapping[str, Column], item: ItemSummary) -> Column | None:
    """Who knows everything that ``item`` asks for."""
    found: Column | None = None
    for kc in item.kcs:
        if kc in people:
            found = people[kc] if found is None else found & people[kc]
    return found


def _chances(item: ItemSummary) -> tuple[float, float]:
    """The chance that who knows it slips, and that who doesn't guesses right. Hard items have more of the one and less
    of the other."""
    harder = math.exp(0.4 * max(-3.0, min(3.0, item.difficulty)))
    slip = min(0.35, SLIP * harder)
    guess = min(0.5, GUESS.get(item.type, GUESS_ELSE) / harder)
    return slip, max(0.01, guess)


# -- the next question -----------------------------------------------------------------------------------------------


Choice = tuple[float, str, str]  # expected gain in bits, component, item


def _askable(items: Sequence[ItemSummary], seen: Collection[str]) -> Mapping[str, ItemSummary]:
    """The question to put for each component."""
    ask: dict[str, ItemSummary] = {}
    for item in items:
        kc = item.kcs[0]
        if kc not in ask or (item.id in seen, _suits(item)) < (ask[kc].id in seen, _suits(ask[kc])):
            ask[kc] = item
    return ask


def _best(
    people: Mapping[str, Column],
    weights: Sequence[float],
    beliefs: Mapping[str, float],
    ask: Mapping[str, ItemSummary],
) -> Choice | None:
    """The question that settles most."""
    weighed = max(5, min(WEIGHED, WORK // max(1, len(people))))
    doubtful = sorted(ask, key=lambda kc: (round(abs(beliefs[kc] - 0.5), 3), kc))[:weighed]
    gains = [(_gain(people, weights, beliefs, ask[kc]), kc, ask[kc].id) for kc in doubtful]
    return max(gains, key=lambda found: round(found[0], 6), default=None)


def _check(
    graph: Graph,
    people: Mapping[str, Column],
    weights: Sequence[float],
    beliefs: Mapping[str, float],
    ask: Mapping[str, ItemSummary],
    guessed: Collection[str],
) -> Choice | None:
    """The question whose right answer would speak for most of what is only guessed to be known."""
    told = {kc: beliefs[kc] * len(graph.ancestors(ask[kc].kcs).intersection(guessed)) for kc in ask}
    kc = max(told, key=lambda kc: (round(told[kc], 6), kc), default="")
    return (_gain(people, weights, beliefs, ask[kc]), kc, ask[kc].id) if kc and told[kc] > 0.0 else None


def _suits(item: ItemSummary) -> tuple[int, bool, float, float]:
    """Less is better: one component, no transfer, hard to guess, of middling difficulty."""
    return (len(item.kcs), item.transfer, round(_chances(item)[1], 2), abs(item.difficulty))


def _gain(
    people: Mapping[str, Column], weights: Sequence[float], beliefs: Mapping[str, float], item: ItemSummary
) -> float:
    """How much less doubt is expected after the answer to ``item``: bits, summed over the components."""
    column = _needed(people, item)
    if column is None:
        return 0.0
    slip, guess = _chances(item)
    able = math.fsum(compress(weights, _bytes(column)))
    right = able * (1.0 - slip) + (1.0 - able) * guess
    left = 0.0
    for kc, other in people.items():
        both = sum(compress(weights, _bytes(column & other)))
        rest = max(0.0, beliefs[kc] - both)
        with_right = min(1.0, (both * (1.0 - slip) + rest * guess) / right)
        with_wrong = min(1.0, (both * slip + rest * (1.0 - guess)) / (1.0 - right))
        left += right * _entropy(with_right) + (1.0 - right) * _entropy(with_wrong)
    return math.fsum(_entropy(p) for p in beliefs.values()) - left


def _entropy(p: float) -> float:
    """That of a yes-or-no question, in bits."""
    if p <= 0.0 or p >= 1.0:
        return 0.0
    return -p * math.log2(p) - (1.0 - p) * math.log2(1.0 - p)
