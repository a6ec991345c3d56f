"""What comes next, and why: due reviews, then the fringe of the prerequisite graph, with steps back and short cuts.

Every choice carries a reason code (worded by the language files as ``path.why.<code>``) and the facts of that reason;
``count`` among them is a whole number that chooses the plural form. Same model, same choice: nothing here is random.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from tutor.domain import choosing, interests, progress, readiness, scheduling
from tutor.domain.beliefs import CourseModel
from tutor.domain.choosing import Aim
from tutor.domain.curriculum import Course
from tutor.domain.items.summary import ItemSummary
from tutor.domain.progress import KcState, Summary
from tutor.domain.readiness import Graph

__all__ = [
    "Activity",
    "ItemSummary",
    "KcState",
    "Summary",
    "due",
    "fringe",
    "map_of",
    "next_activity",
    "outcome",
    "summary",
]

Kind = Literal["review", "learn", "remedial", "challenge", "goal", "explore"]

#: Why a component is wanted: the learner chose it, or what a move of the tutor's asks for.
Because = Literal["learner", "fresh", "transfer", "challenge", "easier"]
_MOVES: Mapping[str, tuple[Kind, Aim]] = {
    "fresh": ("learn", Aim.learn),
    "transfer": ("challenge", Aim.challenge),
    "challenge": ("challenge", Aim.challenge),
    "easier": ("remedial", Aim.review),
}

#: Every reason code with the facts that come with it.
REASONS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        ("first_step", "next_in_course", "keep_going", "goal", "fast_track"), frozenset({"title", "percent"})
    ),
    "ready": frozenset({"title", "percent", "after"}),
    "for_a_while": frozenset({"title", "percent", "stuck"}),
    "used_up": frozenset({"title", "percent", "used"}),
    "interest": frozenset({"title", "percent", "interest"}),
    "towards_goal": frozenset({"title", "percent", "goal"}),
    "step_back": frozenset({"title", "blocked", "count"}),
    "review_due": frozenset({"title", "count", "percent"}),
    "you_chose_early": frozenset({"title", "missing"}),
    **dict.fromkeys(("you_chose", "you_doubt", "you_said_you_know", "your_view"), frozenset({"title"})),
    **dict.fromkeys(("fresh", "transfer", "challenge", "easier"), frozenset({"title"})),
}

#: Reasons that say nothing of why what was begun is left; "used_up" does, where it has no other question.
_ONWARD = frozenset({"next_in_course", "ready", "keep_going"})

#: Failed first tries in a row before a prerequisite is looked at, and before something else comes first for a while.
STEP_BACK = 2
STUCK = 4
A_WHILE = 3
#: A prerequisite believed this likely or less is weak enough to explain failures further on.
WEAK = 0.5
#: Who is this likely to be right, or was right so often at the first try, takes the fast track, if even the lower end
#: of the interval says that right is likelier than wrong: "you seem to know" must be true.
SURE = 0.85
QUICK_START = 2
FAST = 0.5
#: What moves a component of the fringe forward: weights of goal, interest, staying with what was begun, readiness,
#: and having been passed over by the learner; then a little for each place further on in the course.
GOAL, INTEREST, BEGUN, READY, PASSED_OVER, PLACE = 3.0, 0.6, 0.8, 1.0, 0.7, 0.05
#: The readiness for what builds on nothing: about that for what builds on something just mastered.
UNCONDITIONAL = 0.85
#: Without a graph the course order is all the order there is.
PLACE_ALONE = 0.5

fringe = readiness.fringe
map_of = progress.map_of
summary = progress.summary
due = progress.due


@dataclass(frozen=True)
class Activity:
    """One question to put next. ``kc`` is what it is for, "" for the course as a whole."""

    kind: Kind
    kc: str
    item: str
    reason: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Situation:
    course: Course
    model: CourseModel
    now: datetime
    by_kc: Mapping[str, Sequence[ItemSummary]]
    polls: Mapping[str, Sequence[ItemSummary]]
    graph: Graph
    exclude: Collection[str]
    avoid: Collection[str]
    means: dict[str, float] = field(default_factory=dict)

    @cached_property
    def askable(self) -> Collection[str]:
        # What belongs to no component can't be mastered: it is done with when it was all answered right.
        rest = [self.model.seen.get(item.id) for item in self.by_kc.get("", ())]
        done = all(seen is not None and seen.right for seen in rest)
        return self.by_kc.keys() - {""} if done else self.by_kc.keys()

    @cached_property
    def passed(self) -> frozenset[str]:
        return self.graph.passed(self.model, self.askable)

    @cached_property
    def fringe(self) -> tuple[str, ...]:
        return self.graph.fringe(self.model, self.askable)

    @cached_property
    def open(self) -> frozenset[str]:
        return self.passed.union(self.fringe)

    def title(self, kc: str) -> str:
        found = self.graph.by_id.get(kc)
        return found.title if found else kc

    @cached_property
    def interests(self) -> Mapping[str, str]:
        """The interest that each component meets, where one does."""
        if not self.model.interests:
            return {}
        units = {unit.id: unit.title for unit in self.course.units}
        parts = self.graph.components
        return interests.met(
            self.model.interests, {kc.id: f"{kc.title} {kc.objective} {units.get(kc.unit, '')}" for kc in parts}
        )

    def mean(self, kc: str) -> float:
        if kc not in self.means:
            self.means[kc] = self.model.belief(kc, self.now).mean
        return self.means[kc]

    def since(self, seq: int) -> int:
        """How many other items were answered after the event."""
        return sum(seen.seq > seq for seen in self.model.seen.values() if seen.times)

    def further(self, kc: str) -> int:
        """How many of the fringe come between: from what the learner chose last, else from the course's beginning."""
        return self._order[kc]

    @cached_property
    def _order(self) -> Mapping[str, int]:
        place = self.graph.place
        start = place.get(self.model.start, 0)
        order = sorted(self.fringe, key=lambda kc: (place[kc] < start, place[kc]))
        return {kc: index for index, kc in enumerate(order)}


def next_activity(
    course: Course,
    model: CourseModel,
    items: Sequence[ItemSummary],
    now: datetime,
    *,
    exclude: frozenset[str] = frozenset(),
    wanted_kc: str | None = None,
    avoid_variants: frozenset[str] = frozenset(),
    because: Because = "learner",
) -> Activity | None:
    """The next question, or None where there is nothing left to do (``outcome`` says what that means).

    ``items`` are in course order. ``exclude`` are items not to be posed (the open one, skipped ones); those of
    ``avoid_variants`` (a ``variant_of``, or the id of an item without one) come only when a component has no others.
    ``wanted_kc`` comes before everything; ``because`` says whose wish it is: the learner's own choice, or a move of the
    tutor's that stays with the component (a fresh question after help, a harder or easier one, another setting).
    """
    at = _situation(course, model, items, now, exclude, avoid_variants)
    if wanted_kc is not None and (chosen := _wanted(at, wanted_kc, because)):
        return chosen
    for rule in (_contested, _step_back, _review, _learn, _transfer):
        if found := rule(at):
            return found
    return None


def outcome(
    course: Course, model: CourseModel, items: Sequence[ItemSummary], now: datetime
) -> Literal["no_items", "all_mastered", "goal_reached", "open"]:
    """Where the learner stands on the whole: "all_mastered" may still have reviews due, "goal_reached" the rest."""
    at = _situation(course, model, items, now, (), ())
    if not at.by_kc:
        return "no_items"
    if not at.fringe and all(kc in at.passed for kc in at.by_kc):
        return "all_mastered"
    goal = [kc for kc in model.goal if kc in at.graph.by_id]
    return "goal_reached" if goal and all(kc in at.passed for kc in goal) else "open"


def _situation(
    course: Course,
    model: CourseModel,
    items: Sequence[ItemSummary],
    now: datetime,
    exclude: Collection[str],
    avoid: Collection[str],
) -> _Situation:
    by_kc: dict[str, list[ItemSummary]] = {}
    polls: dict[str, list[ItemSummary]] = {}
    usable = [item for item in items if item.state == "approved"]
    for item in usable:
        for kc in item.kcs or ("",):
            (polls if item.type == "poll" else by_kc).setdefault(kc, []).append(item)
    graph = Graph(readiness.components_of(course, usable))
    return _Situation(course, model, now, by_kc, polls, graph, exclude, avoid)


# -- the rules, in their order -------------------------------------------------------------------------------------


def _wanted(at: _Situation, kc: str, because: Because) -> Activity | None:
    if kc not in at.graph.by_id:
        return None
    facts = {"title": at.title(kc)}
    if because != "learner":
        kind, aim = _MOVES[because]
        return _pose(at, kind, kc, aim, because, facts)
    missing = [name for name in at.graph.before[kc] if name not in at.passed]
    aim = Aim.challenge if at.model.knows(kc) else Aim.learn
    if missing:
        return _pose(at, "explore", kc, aim, "you_chose_early", {**facts, "missing": at.title(missing[0])})
    return _pose(at, "explore", kc, aim, "you_chose", facts)


def _contested(at: _Situation) -> Activity | None:
    """The learner said that a belief is wrong: a short check comes first."""
    claims = [(found.seq, kc, found.claim) for kc, part in at.model.components.items() if (found := part.contested)]
    for _, kc, claim in sorted(claims):
        facts = {"title": at.title(kc)}
        if claim == "know":
            activity = _pose(at, "challenge", kc, Aim.challenge, "you_said_you_know", facts)
        else:
            activity = _pose(at, "review", kc, Aim.review, "you_doubt", facts)
        if activity:
            return activity
    return None


def _step_back(at: _Situation) -> Activity | None:
    """Failures on what was answered last, and something it builds on looks weak: that first, until it is answered
    right."""
    last, before = at.model.last, at.graph.before
    # After a step back the last answer is the prerequisite's, and the failures are those of what builds on it.
    blocked = [last, *(kc for kc in at.model.components if last in before.get(kc, ()))]
    for kc in blocked:
        part = at.model.component(kc)
        if kc not in before or part.is_known or part.failures < STEP_BACK:
            continue
        since = part.recent[-STEP_BACK].seq
        for name in sorted(before[kc], key=lambda name: (at.mean(name), at.graph.place[name])):
            if name not in at.askable or not _is_weak(at, name, since):
                continue
            facts = {"title": at.title(name), "blocked": at.title(kc), "count": str(part.failures)}
            if found := _pose(at, "remedial", name, Aim.review, "step_back", facts):
                return found
    return None


def _is_weak(at: _Situation, kc: str, since: int) -> bool:
    part = at.model.component(kc)
    if part.failures >= STUCK or any(outcome.seq > since and not outcome.failed for outcome in part.recent):
        return False  # going round in circles helps nobody
    return not part.mastered or at.mean(kc) <= WEAK


def _review(at: _Situation) -> Activity | None:
    for kc in due(at.model, at.now):
        review = at.model.component(kc).review
        if kc not in at.graph.by_id or review is None:
            continue
        days = max(1, (at.now - review.last).days)
        recall = scheduling.retrievability(review, at.now)
        facts = {"title": at.title(kc), "count": str(days), "percent": _percent(recall)}
        if found := _pose(at, "review", kc, Aim.review, "review_due", facts):
            return found
    return None


def _learn(at: _Situation) -> Activity | None:
    towards = at.graph.ancestors(at.model.goal) if at.model.goal else frozenset()
    last = at.model.last
    used = ""
    for kc in sorted(at.fringe, key=lambda kc: (-_pull(at, kc, towards), at.further(kc))):
        found = _study(at, kc, towards)
        if found is None:
            used = used or (kc if kc == last else "")
        elif used and found.reason in _ONWARD:
            facts = {name: found.facts[name] for name in ("title", "percent")}
            return replace(found, reason="used_up", facts={**facts, "used": at.title(used)})
        else:
            return found
    return None


def _transfer(at: _Situation) -> Activity | None:
    """Everything open is known: what was learnt, in a new setting."""
    for kc in at.graph.by_id:
        seen = at.model.seen
        fresh = [x for x in at.by_kc.get(kc, ()) if x.transfer and (x.id not in seen or not seen[x.id].times)]
        if kc in at.passed and fresh:
            narrowed = replace(at, by_kc={kc: fresh})
            if found := _pose(narrowed, "challenge", kc, Aim.challenge, "transfer", {"title": at.title(kc)}):
                return found
    return None


# -- how a component of the fringe is weighed, and studied ------------------------------------------------------------


def _pull(at: _Situation, kc: str, towards: Collection[str]) -> float:
    part = at.model.component(kc)
    before = at.graph.before[kc]
    pull = -(PLACE if at.graph.has_edges else PLACE_ALONE) * at.further(kc)
    pull += GOAL * (kc in towards)
    pull += INTEREST * (kc in at.interests)
    pull += READY * (sum(at.mean(name) for name in before) / len(before) if before else UNCONDITIONAL)
    chosen = at.model.taken.get(kc, 0) - at.model.passed_over.get(kc, 0)
    pull += PASSED_OVER * max(-2, min(2, chosen))
    if part.recent:
        pull += BEGUN * (2.0 if at.model.last == kc else 1.0)
    return pull - 2 * GOAL * _rests(at, kc)  # something else for a while


def _rests(at: _Situation, kc: str) -> bool:
    part = at.model.component(kc)
    return part.failures >= STUCK and at.since(part.recent[-1].seq) < A_WHILE


def _study(at: _Situation, kc: str, towards: Collection[str]) -> Activity | None:
    part = at.model.component(kc)
    belief = at.model.belief(kc, at.now)
    facts = {"title": at.title(kc), "percent": _percent(belief.mean)}
    if not part.recent and (poll := _poll(at, kc)):
        return Activity("explore", kc, poll.id, "your_view", {"title": at.title(kc)})
    started = part.recent[-QUICK_START:]
    quick = len(started) == QUICK_START and all(outcome.unaided for outcome in started)
    knows = belief.lower >= FAST and (quick or belief.mean >= SURE)
    if knows and (found := _pose(at, "challenge", kc, Aim.challenge, "fast_track", facts)):
        return found
    if kc in towards:
        if kc in at.model.goal:
            return _pose(at, "goal", kc, Aim.learn, "goal", facts)
        aims = [name for name in at.model.goal if kc in at.graph.ancestors((name,))]
        return _pose(at, "goal", kc, Aim.learn, "towards_goal", {**facts, "goal": at.title(aims[0])})
    stuck = at.model.last
    if stuck != kc and stuck in at.fringe and _rests(at, stuck):
        return _pose(at, "learn", kc, Aim.learn, "for_a_while", {**facts, "stuck": at.title(stuck)})
    if part.recent:
        return _pose(at, "learn", kc, Aim.learn, "keep_going", facts)
    if (interest := at.interests.get(kc)) is not None:
        return _pose(at, "learn", kc, Aim.learn, "interest", {**facts, "interest": interest})
    if before := at.graph.before[kc]:
        after = max(before, key=lambda name: (at.model.component(name).mastered, -at.graph.place[name]))
        return _pose(at, "learn", kc, Aim.learn, "ready", {**facts, "after": at.title(after)})
    first = at.model.answers == 0
    return _pose(at, "learn", kc, Aim.learn, "first_step" if first else "next_in_course", facts)


def _poll(at: _Situation, kc: str) -> ItemSummary | None:
    """A poll is asked once, when a component begins, and never two in a row."""
    if at.model.last == kc:
        return None
    fresh = (x for x in at.polls.get(kc, ()) if x.id not in at.model.seen and x.id not in at.exclude)
    return next(fresh, None)


def _pose(at: _Situation, kind: Kind, kc: str, aim: Aim, reason: str, facts: Mapping[str, str]) -> Activity | None:
    item = choosing.choose(
        at.by_kc.get(kc, ()), at.model, at.now, aim, exclude=at.exclude, avoid=at.avoid, open_kcs=at.open | {kc}
    )
    return Activity(kind, kc, item.id, reason, facts) if item else None


def _percent(share: float) -> str:
    return str(round(100 * share))
