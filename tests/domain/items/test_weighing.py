"""A short answer's shares, weighed against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.domain.assessment import Verdict
from tutor.domain.items import grade, read_item
from tutor.domain.items.item import Answer, Bands
from tutor.domain.items.weighing import is_contested, is_named, weigh

BANDS = Bands(0.1, 0.2)
IDEAS = (("Green light is reflected by leaves.",), ("Red light is absorbed by chlorophyll.",))
LEAVES: Mapping[str, Any] = {
    "id": "leaves",
    "type": "short_answer",
    "prompt": "Why are leaves green?",
    "expectation": [
        {"id": "reflect", "text": IDEAS[0][0]},
        {"id": "absorb", "text": IDEAS[1][0]},
    ],
    "misconception": [{"id": "eats", "title": "Uses green", "says": ["Plants use only the green light."]}],
}
LONG = "They reflect the green part of the light, and chlorophyll absorbs the red part."
SHORT = "Green is thrown back."
SHARES = st.floats(0, 1)


@dataclass(frozen=True)
class SetJudge:
    """Gives each statement, by its first wording, the share that is set for the answer; else the default."""

    shares: Mapping[str, float]
    by_answer: Mapping[tuple[str, str], float] = field(default_factory=dict)
    bands: Bands = BANDS

    def coverage(
        self, question: str, statements: Sequence[Sequence[str]], answer: str, language: str
    ) -> tuple[float, ...]:
        return tuple(self.by_answer.get((one[0], answer), self.shares.get(one[0], 0.0)) for one in statements)


def verdict(text: str, reflect: float, absorb: float, eats: float) -> Verdict:
    shares = {IDEAS[0][0]: reflect, IDEAS[1][0]: absorb, "Plants use only the green light.": eats}
    return grade(read_item(LEAVES, "c"), Answer(text), SetJudge(shares))


@pytest.mark.parametrize(
    ("text", "shares", "kind", "covered"),
    [
        (LONG, (0.9, 0.35, 0.3), "correct", ("reflect", "absorb")),
        (SHORT, (0.9, 0.35, 0.3), "partial", ("reflect",)),  # no room for both
        (SHORT, (0.9, 0.8, 0.3), "correct", ("reflect", "absorb")),  # unless both are said surely
        (LONG, (0.35, 0.3, 0.0), "unsure", ()),  # nothing is said surely
        (LONG, (0.9, 0.15, 0.0), "partial", ("reflect",)),
        (LONG, (0.6, 0.5, 0.99), "misconception", ()),
        (LONG, (0.6, 0.5, 0.65), "unsure", ()),  # the misconception as much as the idea
        (LONG, (0.9, 0.8, 0.7), "correct", ("reflect", "absorb")),  # it says why the wrong idea is wrong
        (LONG, (0.05, 0.05, 0.4), "incorrect", ()),
        ("I had bread for breakfast.", (0.12, 0.11, 0.12), "incorrect", ()),
        ("It is the light that leaves do.", (0.12, 0.11, 0.12), "unsure", ()),
    ],
)
def test_what_is_said_most_surely_decides(
    text: str, shares: tuple[float, float, float], kind: str, covered: tuple[str, ...]
) -> None:
    found = verdict(text, *shares)
    assert (found.kind, found.covered) == (kind, covered)
    assert sorted((*found.covered, *found.missing, *found.doubtful)) == ["absorb", "reflect"]


def test_a_misconception_beside_an_idea_leaves_the_idea() -> None:
    wrong, right = "Plants use only the green light.", "Red light is absorbed by the chlorophyll."
    shares = {
        (wrong, f"{wrong} {right}"): 0.99,
        (wrong, wrong): 0.99,
        (IDEAS[1][0], f"{wrong} {right}"): 0.8,
        (IDEAS[1][0], right): 0.8,
    }
    found = grade(read_item(LEAVES, "c"), Answer(f"{wrong} {right}"), SetJudge({}, shares))
    assert (found.kind, found.misconception, found.evidence) == ("misconception", "eats", wrong)
    assert found.covered == ("absorb",)


@given(SHARES)
def test_one_idea_is_judged_by_the_bands_alone(share: float) -> None:
    item = read_item({"id": "one", "type": "short_answer", "prompt": "?", "expectation": [{"text": "It is so."}]}, "c")
    kind = grade(item, Answer("I had bread for breakfast."), SetJudge({"It is so.": share})).kind
    assert kind == ("correct" if share >= BANDS.high else "unsure" if share >= BANDS.low else "incorrect")


@given(st.lists(SHARES, min_size=1, max_size=4), st.integers(0, 3), SHARES, st.sampled_from([SHORT, LONG]))
def test_a_surer_idea_is_never_worth_less(shares: list[float], at: int, more: float, text: str) -> None:
    """Covered ideas are surer than those that aren't, and the surest stays covered as it gets surer."""
    ideas = [("Green light is reflected by leaves.",)] * len(shares)
    covered = weigh(shares, ideas, text, BANDS).covered
    left = [share for one, share in enumerate(shares) if one not in covered]
    assert all(shares[one] >= max(left, default=0.0) for one in covered)
    at %= len(shares)
    if at in covered:
        raised = [max(share, more) if one == at else share for one, share in enumerate(shares)]
        assert at in weigh(raised, ideas, text, BANDS).covered


@given(SHARES, SHARES)
def test_a_misconception_is_named_only_above_every_idea(misconception: float, best: float) -> None:
    if is_named(misconception, best, BANDS):
        assert misconception >= best
        assert misconception >= 0.5
    if misconception <= best:
        assert not is_contested(misconception, best, BANDS)
