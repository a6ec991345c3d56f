"""Joining, moving by position, refusing: all pure."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import (
    FusionWeights,
    RefusalRule,
    coverage,
    distinct,
    fuse,
    giving_away,
    with_position,
)

WEIGHTS = FusionWeights()
KEYS = st.sampled_from("abcdefgh")
SCORES = st.dictionaries(KEYS, st.integers(-5, 50), max_size=8).map(
    lambda scores: sorted(scores.items(), key=lambda pair: -pair[1])
)


@given(SCORES, SCORES)
def test_everything_found_by_either_half_is_there_once(lexical: list, dense: list) -> None:  # type: ignore[type-arg]
    fused = fuse(lexical, dense, {}, WEIGHTS)
    assert {one.passage_id for one in fused} == {key for key, _ in (*lexical, *dense)}
    assert len(fused) == len({one.passage_id for one in fused})
    assert [one.score for one in fused] == sorted((one.score for one in fused), reverse=True)
    assert all(0 <= one.score <= 1 for one in fused)


@given(SCORES)
def test_one_half_alone_keeps_its_order(scores: list) -> None:  # type: ignore[type-arg]
    kept = [score for _, score in scores]
    for fused in (fuse(scores, [], {}, WEIGHTS), fuse([], scores, {}, WEIGHTS)):
        found = {one.passage_id: one.lexical if one.dense is None else one.dense for one in fused}
        assert [found[one.passage_id] for one in fused] == kept


def test_how_much_better_counts_not_only_the_rank() -> None:
    lexical = [("a", 20.0), ("b", 5.0), ("c", 4.0)]
    dense = [("b", 0.81), ("a", 0.80), ("c", 0.60)]
    assert fuse(lexical, dense, {}, WEIGHTS)[0].passage_id == "a"


def test_holding_all_words_of_the_question_counts() -> None:
    even = [("a", 1.0), ("b", 1.0)]
    assert fuse(even, even, {"b": 1.0, "a": 0.2}, WEIGHTS)[0].passage_id == "b"


def test_near_passages_rise_later_ones_sink_and_a_clear_winner_stays() -> None:
    fused = fuse([("far", 1.0), ("near", 1.0), ("later", 1.0), ("weak", 0.0)], [], {}, WEIGHTS)
    moved = with_position(fused, {"far": 10, "near": 500, "later": 900, "weak": 500}, 500, WEIGHTS)
    assert [one.passage_id for one in moved] == ["near", "far", "later", "weak"]


def test_coverage_weighs_rare_words_and_matches_whole_terms() -> None:
    idf = {"cell": 1.0, "osmosi": 3.0}
    got = coverage(idf, {"both": " cell osmosi ", "rare": " osmosi ", "part": " cellular osmosis ", "none": " x "})
    assert got == {"both": 1.0, "rare": 0.75, "part": 0.0, "none": 0.0}
    assert coverage({}, {"any": " cell "}) == {"any": 0.0}


@given(st.floats(-1, 2), st.floats(0, 1), st.floats(0, 0.5))
def test_confidence_rises_with_either_signal(cosine: float, covered: float, more: float) -> None:
    rule = RefusalRule()
    at = rule.confidence(cosine, covered)
    assert 0 <= at <= 1
    assert rule.confidence(cosine + more, covered) >= at
    assert rule.confidence(cosine, min(1.0, covered + more)) >= at


def test_refusal_without_one_of_the_signals() -> None:
    rule = RefusalRule()
    assert rule.confidence(None, None) == 0.0
    assert rule.covers(rule.confidence(None, 0.9))
    assert not rule.covers(rule.confidence(None, 0.2))
    assert rule.covers(rule.confidence(0.6, None))
    assert not rule.covers(rule.confidence(0.0, None))


def test_near_duplicates_give_way_to_the_better_one() -> None:
    texts = {"a": " one two three four ", "b": " four three two one ", "c": " five six ", "d": ""}
    assert distinct(["a", "b", "c", "d"], texts, 9) == ("a", "c", "d")
    assert distinct(["a", "b", "c"], texts, 1) == ("a",)


def test_what_gives_an_answer_away() -> None:
    texts = {"a": " it respir in the dark ", "b": " leaf green "}
    assert giving_away(["a", "b"], texts, [frozenset({"respir", "dark"})]) == ("a",)
    assert giving_away(["a", "b"], texts, []) == ()
