"""Joining the two halves of a search, and deciding whether the course holds an answer at all. Pure.

Convex combination after min-max scaling (Bruch et al. 2023, "An Analysis of Fusion Functions for Hybrid Retrieval"):
it keeps how much better the best match is, which reciprocal ranks throw away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How the halves are joined.

    ``dense`` (0 to 1) is the share of the vectors. ``coverage`` is what a passage gains that holds all of the
    question's words: BM25 forgives a missing rare word too easily where another is repeated. ``names`` is the same for
    a question in another language and the words that both languages write alike; the vectors do the rest there.
    ``here`` and ``later`` are the soft boost for the passages around the learner and the soft penalty for what comes
    later; ``reach`` is the distance in passages over which the boost falls to a third.
    """

    dense: float = 0.6
    coverage: float = 0.5
    names: float = 0.6
    here: float = 0.10
    later: float = 0.05
    reach: float = 25.0


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage's id with its fused score and the scores it came from."""

    passage_id: str
    score: float
    lexical: float | None
    dense: float | None


def fuse(
    lexical: Sequence[tuple[str, float]],
    dense: Sequence[tuple[str, float]],
    covered: Mapping[str, float],
    weights: FusionWeights,
) -> tuple[Fused, ...]:
    """Every passage found by either half, best first; ``(id, score)`` pairs come in best first.

    ``covered`` is each passage's share (0 to 1) of the question's words. Each half is scaled to 0..1 over what it
    returned; a passage a half did not return counts as its worst. A half that returned nothing leaves the other
    as it is.
    """
    words, meaning = dict(lexical), dict(dense)
    by_words, by_meaning = _scaled(words), _scaled(meaning)
    share = 1.0 if not words else 0.0 if not meaning else weights.dense
    fused = [
        Fused(
            key,
            (1 - share) * by_words.get(key, 0.0)
            + share * by_meaning.get(key, 0.0)
            + weights.coverage * covered.get(key, 0.0),
            words.get(key),
            meaning.get(key),
        )
        for key in {**words, **meaning}
    ]
    return tuple(sorted(fused, key=lambda one: (-one.score, one.passage_id)))


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {key: (score - low) / (high - low) for key, score in scores.items()}


def with_position(
    fused: Iterable[Fused], positions: Mapping[str, int], here: int, weights: FusionWeights
) -> tuple[Fused, ...]:
    """Fused scores moved by where the learner is: near passages up, later ones down.

    It only ever shifts a score by ``weights.here`` or ``weights.later``, so a passage that answers from far away still
    wins: filtering on a wrong guess of the chapter finds nothing at all.
    """
    moved = []
    for one in fused:
        position = positions.get(one.passage_id)
        shift = 0.0
        if position is not None:
            shift = weights.here * math.exp(-abs(position - here) / weights.reach)
            if position > here + weights.reach:
                shift -= weights.later
        moved.append(Fused(one.passage_id, one.score + shift, one.lexical, one.dense))
    return tuple(sorted(moved, key=lambda one: (-one.score, one.passage_id)))


def coverage(idf: Mapping[str, float], texts: Mapping[str, str], least: float = 0.0) -> dict[str, float]:
    """The share (0 to 1) of a question's words, weighted by rarity, that each text holds.

    Texts are index terms with a blank around each; a question without words is covered by nothing. Words that weigh
    less than ``least`` together count as if some were missing.
    """
    total = max(sum(idf.values()), least)
    if total <= 0:
        return dict.fromkeys(texts, 0.0)
    wanted = [(f" {term} ", weight / total) for term, weight in idf.items()]
    return {key: sum(weight for term, weight in wanted if term in text) for key, text in texts.items()}


@dataclass(frozen=True, slots=True)
class RefusalRule:
    """A logistic score over the scaled cosine and the coverage; below ``threshold`` the course does not hold it.

    Fitted on half of the biology questions against off-topic ones and checked on the other half (AUROC .998, see
    ``python -m bench.retrieval --off-topic``). The threshold leans towards answering: learners ask less exactly than
    textbooks do.
    """

    bias: float = -9.0
    cosine: float = 13.0
    coverage: float = 4.0
    threshold: float = 0.3

    def confidence(self, cosine: float | None, covered: float | None) -> float:
        """0 to 1. ``cosine`` is scaled by the embedder's range.

        Without vectors the coverage stands for both. Without coverage (a question in another language) only the
        cosine speaks, and words that could not be looked for do not count against it.
        """
        if cosine is None and covered is None:
            return 0.0
        held = 1.0 if covered is None else covered
        near = held if cosine is None else cosine
        score = self.bias + self.cosine * min(max(near, -1.0), 2.0) + self.coverage * held
        return 1.0 / (1.0 + math.exp(-score))

    def covers(self, confidence: float) -> bool:
        return confidence >= self.threshold


def giving_away(
    ordered: Iterable[str], texts: Mapping[str, str], answers: Sequence[frozenset[str]], share: float = 0.75
) -> tuple[str, ...]:
    """Those of ``ordered`` whose text holds at least ``share`` of the terms of one of the ``answers``."""
    words = {key: frozenset(texts.get(key, "").split()) for key in ordered}
    return tuple(
        key for key, own in words.items() if any(len(answer & own) >= share * len(answer) for answer in answers)
    )


def distinct(ordered: Sequence[str], texts: Mapping[str, str], k: int, alike: float = 0.85) -> tuple[str, ...]:
    """The first ``k`` of ``ordered`` without passages whose words nearly equal (Jaccard) those of a better one."""
    kept: list[str] = []
    sets: list[frozenset[str]] = []
    for key in ordered:
        if len(kept) == k:
            break
        own = frozenset(texts.get(key, "").split())
        if own and any(_jaccard(own, other) >= alike for other in sets):
            continue
        kept.append(key)
        sets.append(own)
    return tuple(kept)


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    small, large = sorted((len(one), len(other)))
    if small < 0.5 * large:  # they cannot be alike enough; most pairs end here
        return 0.0
    shared = len(one & other)
    return shared / (small + large - shared) if large else 0.0
