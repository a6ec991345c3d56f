"""What a learner is ready for: the outer fringe of the prerequisite graph.

The fringe is that of knowledge spaces (Doignon and Falmagne 1985). A component without any question can't be shown to
be mastered; it lets through whoever knows what it builds on. Circles and prerequisites that the course doesn't have
hold nobody up.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.items.summary import ItemSummary


def components_of(course: Course, items: Iterable[ItemSummary] = ()) -> tuple[KnowledgeComponent, ...]:
    """The course's components in its order, then those only its items name, in theirs. Items without a component
    belong to one with no name, the course as a whole, that comes last."""
    known = {kc.id: kc for kc in course.components}
    for item in items:
        for name in item.kcs:
            if name not in known:
                known[name] = KnowledgeComponent(name, name, "")
    if any(not item.kcs and item.type != "poll" for item in items):
        known[""] = KnowledgeComponent("", course.title, "")
    return tuple(known.values())


def askable(items: Iterable[ItemSummary]) -> frozenset[str]:
    """The components with a question that may be put and that can be answered right."""
    usable = (item for item in items if item.state == "approved" and item.type != "poll")
    return frozenset(kc for item in usable for kc in item.kcs or ("",))


@dataclass(frozen=True)
class Graph:
    """Components in course order with their prerequisites, circles cut: a prerequisite that leads back is dropped."""

    components: tuple[KnowledgeComponent, ...]

    @cached_property
    def by_id(self) -> Mapping[str, KnowledgeComponent]:
        return {kc.id: kc for kc in self.components}

    @cached_property
    def place(self) -> Mapping[str, int]:
        return {kc.id: index for index, kc in enumerate(self.components)}

    @cached_property
    def before(self) -> Mapping[str, tuple[str, ...]]:
        """The direct prerequisites of each component."""
        done: dict[str, tuple[str, ...]] = {}
        for kc in self.components:
            stack: list[tuple[str, Iterable[str]]] = [(kc.id, iter(self._named(kc.id)))] if kc.id not in done else []
            kept: dict[str, list[str]] = {kc.id: []}
            while stack:
                name, rest = stack[-1]
                following = next(iter(rest), None)
                if following is None:
                    done[name] = tuple(kept[name])
                    stack.pop()
                    continue
                if following in kept and following not in done:
                    continue  # it is being visited: this edge closes a circle
                kept[name].append(following)
                if following not in done:
                    kept[following] = []
                    stack.append((following, iter(self._named(following))))
        return done

    @cached_property
    def has_edges(self) -> bool:
        return any(self.before.values())

    def ancestors(self, kcs: Iterable[str]) -> frozenset[str]:
        """All that ``kcs`` build on, themselves left in."""
        found: set[str] = set()
        waiting = [kc for kc in kcs if kc in self.by_id]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self.before[name])
        return frozenset(found)

    def passed(self, model: CourseModel, askable: Collection[str] | None = None) -> frozenset[str]:
        """The components that hold nobody up: known ones, and those without a question whose prerequisites are."""
        found: dict[str, bool] = {}
        for kc in self.topological:
            known = model.knows(kc)
            if not known and askable is not None and kc not in askable:
                known = all(found[name] for name in self.before[kc])
            found[kc] = known
        return frozenset(kc for kc, known in found.items() if known)

    @cached_property
    def topological(self) -> tuple[str, ...]:
        """Every component after its prerequisites, as near to the course order as that allows."""
        order: dict[str, None] = {}
        for kc in self.components:
            stack = [kc.id]
            while stack:
                name = stack[-1]
                missing = [other for other in self.before[name] if other not in order]
                if missing:
                    stack.append(missing[0])
                else:
                    order.setdefault(name)
                    stack.pop()
        return tuple(order)

    def fringe(self, model: CourseModel, askable: Collection[str] | None = None) -> tuple[str, ...]:
        """The components not known whose prerequisites all are, in course order."""
        passed = self.passed(model, askable)
        return tuple(
            kc.id
            for kc in self.components
            if kc.id not in passed
            and (askable is None or kc.id in askable)
            and all(name in passed for name in self.before[kc.id])
        )

    def _named(self, kc: str) -> Sequence[str]:
        return [name for name in dict.fromkeys(self.by_id[kc].prerequisites) if name in self.by_id and name != kc]


def fringe(course: Course, model: CourseModel) -> tuple[str, ...]:
    """What the learner is ready to learn, by prerequisites alone."""
    return Graph(components_of(course)).fringe(model)
