"""Weighs an answer's shares of a short answer's own statements against each other.

A judge compares an answer with one statement at a time. Statements of one question speak of the same things, so an
answer that says one of them resembles the others, and a wrong idea resembles the right one it is mistaken for. Which it
resembles *most* tells them apart better than any share alone. The numbers here were chosen on the demo course's items,
each wording graded with itself taken out of its item: ``python -m bench.grading --items``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.domain.items.item import Bands
from tutor.domain.mathematics.words import plain_words

FIRST = 0.4  # share of the idea that is said most surely, where there are several
NEXT = 0.3  # share of a further idea, and its part of the first's
ALONE = 0.75  # share of a further idea in an answer too short to say both
ROOM = 0.85  # length of an answer, in parts of the shortest wordings of the ideas it is to hold
NAMED = 0.5  # share of a misconception
CLEARER = 2.5  # odds of a misconception, in those of the best idea
UNLIKE = 1.5  # share of every idea below which an answer may be off the point, in low bands
FEWEST = 3  # words without which an answer is too short to be off the point
_STEM, _SHORTEST = 5, 4  # letters by which words are compared, and of words that are
_WORD = re.compile(r"[^\W_]+")
#: Written without spaces: two characters make about a word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।؟])|[;；\n]+")


@dataclass(frozen=True)
class Weighed:
    """Places of the ideas that are ``covered`` and of those in doubt."""

    covered: tuple[int, ...]
    doubtful: tuple[int, ...]


def weigh(shares: Sequence[float], ideas: Sequence[Sequence[str]], answer: str, bands: Bands) -> Weighed:
    """Which ideas an answer covers. One idea by the bands alone; of several, the surest first, and a further one only
    as far as the answer has room for it: one clause rarely says two things."""
    surest = sorted(range(len(shares)), key=lambda at: -shares[at])
    best = shares[surest[0]]
    covered: list[int] = []
    needed = 0.0
    for at in surest:
        needed += min(_length(wording) for wording in ideas[at])
        if len(shares) == 1:
            wanted = bands.high
        elif not covered:
            wanted = max(bands.high, FIRST)
        elif _length(answer) >= ROOM * needed:
            wanted = max(bands.high, NEXT, NEXT * best)
        else:
            wanted = max(bands.high, ALONE)
        if shares[at] < wanted:
            break
        covered.append(at)
    doubtful = [at for at, share in enumerate(shares) if share >= bands.low and at not in covered]
    return Weighed(tuple(sorted(covered)), tuple(doubtful))


def is_named(misconception: float, best: float, bands: Bands) -> bool:
    """Whether a misconception's share is high, and clearly above the best idea's."""
    return misconception >= max(bands.high, NAMED) and _odds(misconception) >= CLEARER * _odds(best)


def is_contested(misconception: float, best: float, bands: Bands) -> bool:
    """Whether a misconception's share is above the best idea's, if not clearly: neither may be taken for granted."""
    return misconception >= max(bands.high, NAMED) and misconception > best


def is_off(best: float, answer: str, known: Sequence[str], bands: Bands) -> bool:
    """Whether an answer has no word in common with any of the ``known`` texts and hardly resembles an idea.

    Only for texts in one language.
    """
    if best >= UNLIKE * bands.low or len(_WORD.findall(answer)) < FEWEST or _UNSPACED.search(answer):
        return False
    return not _stems(answer) & {stem for text in known for stem in _stems(text)}


def sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def _odds(share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return share / (1 - share)


def _length(text: str) -> float:
    """About the number of words."""
    unspaced = len(_UNSPACED.findall(text))
    return unspaced / 2 + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(plain_words(text)) if len(word) >= _SHORTEST}
