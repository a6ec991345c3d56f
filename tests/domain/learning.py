"""Small courses, items and answers for the tests of the learner model and of the path."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tutor.domain import events as e
from tutor.domain.beliefs import CourseModel
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.items.summary import ItemSummary
from tutor.domain.learner import LearnerProfile, apply, shifts

START = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)
FORMATS = ("short_answer", "multiple_choice", "numeric")


def course_of(*edges: tuple[str, Sequence[str]], unit: str = "u") -> Course:
    """A course with these components, each with its prerequisites; titles are the ids in capitals."""
    components = tuple(KnowledgeComponent(kc, kc.upper(), unit, "", tuple(before)) for kc, before in edges)
    return Course("biology", "Biology", units=(Unit("u", "Unit one"),), components=components)


def items_for(course: Course, each: int = 3) -> list[ItemSummary]:
    """``each`` items of rising difficulty for every component, the last a transfer question where there are more
    than two."""
    return [
        ItemSummary(f"{kc.id}-{n}", (kc.id,), difficulty=0.4 * (n - 1), transfer=n == each - 1 and each > 2)
        for kc in course.components
        for n in range(each)
    ]


def answer(item: str, *kcs: str, right: bool = True, **fields: object) -> e.EvidenceObserved:
    """An answer to ``item`` that was right, or wrong, at the first try and without help."""
    values: dict[str, object] = {"verdict": "correct" if right else "incorrect", "credit": float(right), **fields}
    return e.EvidenceObserved("biology", item, kcs or (item.rpartition("-")[0],), **values)  # type: ignore[arg-type]


class Learner:
    """A stream of events and the profile folded from it, two minutes apart unless told otherwise."""

    def __init__(self) -> None:
        self.profile = LearnerProfile()
        self.now = START

    @property
    def model(self) -> CourseModel:
        return self.profile.course("biology")

    def says(self, *events: e.Event, after: timedelta = timedelta(minutes=2)) -> "Learner":
        for event in events:
            self.now += after
            found = shifts(self.model, event, self.now) if isinstance(event, e.EvidenceObserved) else ()
            self._append(event)
            evidence = self.profile.last_seq
            for shift in found:
                self._append(e.MasteryChanged("biology", shift, evidence))
        return self

    def masters(self, *kcs: str) -> "Learner":
        """Answers enough questions of each component right, on items that the course doesn't have."""
        for kc in kcs:
            for n in range(12):
                if not self.model.component(kc).mastered:
                    self.says(answer(f"{kc}-elsewhere-{n}", kc))
            assert self.model.component(kc).mastered
        return self

    def _append(self, event: e.Event) -> None:
        self.profile = apply(self.profile, event, self.profile.last_seq + 1, self.now)


KCS = ("a", "b", "c", "d", "f")
ITEMS = tuple(f"{kc}-{n}" for kc in KCS for n in range(3))
_share = st.floats(0.0, 1.0)


@st.composite
def evidence(draw: st.DrawFn, kcs: Sequence[str] = KCS) -> e.EvidenceObserved:
    """Any answer as the tutor records it, to one of a few items."""
    verdict = draw(st.sampled_from(["correct", "correct", "partial", "incorrect", "misconception", "noted"]))
    credit = {"correct": 1.0, "incorrect": 0.0, "misconception": 0.0, "noted": 0.0}.get(verdict, draw(_share))
    kc = draw(st.sampled_from(kcs))
    return e.EvidenceObserved(
        draw(st.sampled_from(["biology", "logic"])),
        f"{kc}-{draw(st.integers(0, 2))}",
        draw(st.sampled_from([(kc,), (kc,), (kc, kcs[0])])),
        verdict,
        credit,
        certainty=draw(st.sampled_from([1.0, 0.8, 0.3])),
        hint_level=draw(st.integers(0, 4)),
        attempt=draw(st.integers(1, 3)),
        opportunity=draw(st.booleans()),
        seconds=draw(st.one_of(st.none(), st.floats(0.5, 4000.0))),
        confidence=draw(st.one_of(st.none(), _share)),
        difficulty=draw(st.floats(-3.0, 3.0)),
        misconception=draw(st.sampled_from(["m1", "m2"])) if verdict == "misconception" else None,
        refuted=draw(st.sampled_from([(), ("m1",), ("m2",)])),
        format=draw(st.sampled_from(FORMATS)),
        helped_by=draw(st.sampled_from(["", "", "hint", "example"])),
        source=draw(st.sampled_from(["chat", "chat", "placement", "review"])),
    )


_kc_lists = st.lists(st.sampled_from(KCS), max_size=3).map(tuple)
_shift = st.builds(
    e.MasteryShift,
    st.sampled_from(KCS),
    *[_share] * 4,
    st.sampled_from(["wrong", "told"]),
    st.dictionaries(st.sampled_from(["days", "run"]), _share, max_size=2),
)

#: Any order of learner events, with few names, so that they meet: the model must take all of them.
lessons = st.lists(
    st.one_of(
        evidence(),
        evidence(),
        evidence(),
        st.builds(e.MasteryChanged, st.just("biology"), _shift, st.integers(1, 30)),
        st.builds(e.BeliefContested, st.just("biology"), st.sampled_from(KCS), st.sampled_from(["know", "unsure"])),
        st.builds(e.ItemMet, st.just("biology"), st.sampled_from(ITEMS), st.just("c"), st.just("t")),
        st.builds(e.GoalChosen, st.just("biology"), _kc_lists),
        st.builds(e.ActivityChosen, st.just("biology"), st.sampled_from(KCS), st.sampled_from(KCS)),
        st.builds(e.PlacementFinished, st.just("biology"), st.integers(0, 12), _kc_lists),
        st.builds(e.PreferenceSet, st.just("interests"), st.sampled_from(["football, cooking", "", "A; a"])),
        st.builds(
            e.ParametersAdopted,
            st.just("biology"),
            st.just("fit-2"),
            st.sampled_from([{}, {"ease": 0.5, "kcs": {"a": 1.0}}, {"weights": "rubbish"}, {"weights": {"fast": []}}]),
        ),
    ),
    max_size=25,
)
