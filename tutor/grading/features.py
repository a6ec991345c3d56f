"""What a classifier sees of a question, a statement and an answer. Pure arithmetic on readings and vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.words import fold
from tutor.grading.opposition import Contrast
from tutor.grading.reading import LONGEST, Reading

if TYPE_CHECKING:
    from retrieval.embedders import Vectors

#: Names of ``lexical``'s numbers, in order.
LEXICAL = (
    "said",  # share of the statement's words that the answer holds
    "to_the_point",  # share of the answer's words that are the statement's
    "new_said",  # the same two, of words that aren't in the question
    "new_to_the_point",
    "repeated",  # share of the answer's words that are the question's
    "said_nearly",  # share of the statement's words that the answer holds, misspellings counted in part
    "new_said_nearly",
    "pairs_said",  # share of the statement's pairs of neighbouring words
    "letters_said",  # shares of triples of letters
    "letters_to_the_point",
    "length",  # log of the number of words, of both
    "statement_length",
    "length_ratio",
    "negation",
    "direction",
    "number",
    "turned",
)
#: Names of ``dense``'s numbers, in order.
DENSE = (
    "meaning",  # cosine of answer and statement
    "meaning_of_question",  # cosine of answer and question
    "statement_of_question",
    "meaning_gain",  # the first less the second
    "meaning_beyond",  # cosine of answer and statement with the question's direction taken out of both
)
#: Names of ``worded``'s numbers, in order: each word of one text is paired with the nearest of the other.
WORDED = (
    "words_said",  # how near the statement's words find one in the answer, on average
    "words_to_the_point",  # and the answer's words in the statement
    "new_words_said",  # the same two, each word weighted by how far it is from the question's
    "new_words_to_the_point",
    "least_said",  # the statement's word that finds least
    "least_to_the_point",
    "new_in_statement",  # how far the statement's and the answer's words are from the question's
    "new_in_answer",
    "words_agree",  # harmonic mean of the first two
)
SAME = LEXICAL + DENSE + WORDED
ACROSS = DENSE + WORDED


def lexical(asked: Reading, statement: Reading, given: Reading, letters: Letters, found: Contrast) -> tuple[float, ...]:
    """``LEXICAL`` of one answer and one wording of a statement, in the same language."""
    said, points = statement.content, given.content
    new, new_points = said - asked.content, points - asked.content
    pairs = _pairs(statement.stems)
    near = {stem: _nearest(stem, points) for stem in said}
    return (
        _share(said & points, said),
        _share(said & points, points),
        _share(new & points, new),
        _share(new & new_points, new_points),
        _share(points & asked.content, points),
        sum(near.values()) / len(said) if said else 0.0,
        sum(near[stem] for stem in new) / len(new) if new else 0.0,
        _share(pairs & _pairs(given.stems), pairs),
        letters.said,
        letters.to_the_point,
        math.log1p(len(given.stems)),
        math.log1p(len(statement.stems)),
        math.log((1 + len(given.stems)) / (1 + len(statement.stems))),
        float(found.negation),
        float(found.direction),
        float(found.number),
        float(found.verdict == 2),
    )


def dense(question: Vectors, statement: Vectors, answer: Vectors) -> tuple[float, ...]:
    """``DENSE`` from unit vectors of shape ``(dimensions,)``."""
    meaning, of_question = float(answer @ statement), float(answer @ question)
    stated = float(statement @ question)
    beyond = (meaning - of_question * stated) / math.sqrt(
        max(1e-6, 1 - of_question * of_question) * max(1e-6, 1 - stated * stated)
    )
    return (meaning, of_question, stated, meaning - of_question, beyond)


def worded(question: Vectors, statement: Vectors, answer: Vectors, floor: float) -> tuple[float, ...]:
    """``WORDED`` from unit vectors of single words, ``(words, dimensions)``; no text may be without words.

    Greedy alignment as in BERTScore (Zhang et al. 2020), of words by themselves. ``floor`` is the cosine of words that
    have nothing to do with each other, which models place differently.
    """
    import numpy as np

    def near(ours: Vectors, theirs: Vectors) -> Vectors:
        scaled: Vectors = np.clip((ours @ theirs.T - floor) / (1 - floor), 0.0, 1.0)
        return scaled

    met = near(answer, statement)
    said, points = met.max(axis=0), met.max(axis=1)
    new_said = 1.0 - 0.999 * near(statement, question).max(axis=1)
    new_points = 1.0 - 0.999 * near(answer, question).max(axis=1)
    recall, precision = float(said.mean()), float(points.mean())
    return (
        recall,
        precision,
        float((said * new_said).sum() / new_said.sum()),
        float((points * new_points).sum() / new_points.sum()),
        float(said.min()),
        float(points.min()),
        float(new_said.mean()),
        float(new_points.mean()),
        2 * recall * precision / (recall + precision + 1e-9),
    )


class Letters:
    """Triples of letters that two texts share."""

    def __init__(self, statement: str, answer: str) -> None:
        ours, theirs = _triples(statement), _triples(answer)
        self.said = _share(ours & theirs, ours)
        self.to_the_point = _share(ours & theirs, theirs)


@lru_cache(maxsize=4096)
def _triples(text: str) -> frozenset[str]:
    plain = "".join(character for character in fold(text[:LONGEST]) if character.isalnum() or character == " ")
    return frozenset(plain[at : at + 3] for at in range(max(1, len(plain) - 2)))


def _pairs(stems: Sequence[str]) -> frozenset[tuple[str, str]]:
    return frozenset(pairwise(stems))


def _share(part: Iterable[object], whole: frozenset[str] | frozenset[tuple[str, str]]) -> float:
    return len(frozenset(part)) / len(whole) if whole else 0.0


def _nearest(stem: str, words: frozenset[str]) -> float:
    """1 for the word itself, else how alike the most alike word is, from 0.5 up (Dice of pairs of letters)."""
    if stem in words:
        return 1.0
    if len(stem) < 4:
        return 0.0
    best = 0.0
    ours = _twos(stem)
    for word in words:
        if abs(len(word) - len(stem)) <= 2 and len(word) > 2:
            theirs = _twos(word)
            best = max(best, 2 * len(ours & theirs) / (len(ours) + len(theirs)))
    return best if best >= 0.5 else 0.0


@lru_cache(maxsize=65536)
def _twos(word: str) -> frozenset[str]:
    padded = f"^{word}$"
    return frozenset(padded[at : at + 2] for at in range(len(padded) - 1))
