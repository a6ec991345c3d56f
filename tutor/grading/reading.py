"""A text read for what it asserts, denies and compares. Pure.

Scope of negation by clause and direction, after Chapman et al. 2001, "A Simple Algorithm for Identifying Negated
Findings" (NegEx): a cue negates what follows it up to the end of its clause, or the whole clause in languages that put
the negation last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from retrieval.stopwords import stopwords
from retrieval.terms import terms
from retrieval.words import UNSPACED, fold
from tutor.grading.cues import Cues, cues, stems
from tutor.grading.numbers import Numbers, numbers

MOST_WORDS = 60
LONGEST = 4000  # characters that are read: an answer to a short question is far below
_STOPS = re.compile('[.;:!?()\\[\\]"“”«»،؛؟।。；：！？，…\\n]+|,(?!\\d)')
_WORD = re.compile(r"[^\s.,;:!?()\[\]\"“”«»،؛؟।。，；：！？、…/*=]+")
_APOSTROPHES = str.maketrans("’‘`´", "''''")


@dataclass(frozen=True, slots=True)
class Direction:
    """A word with an opposite: its axis, its side (+1 or -1, turned by a negation), the content stems near it."""

    axis: str
    side: int
    near: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """Content stems in order, each with whether a negation turns it; ``negations`` counts the cues."""

    stems: tuple[tuple[str, bool], ...]
    directions: tuple[Direction, ...]
    negations: int

    @property
    def content(self) -> frozenset[str]:
        return frozenset(stem for stem, _ in self.stems)


@dataclass(frozen=True)
class Reading:
    """A text, clause by clause. ``words`` are its distinct content words as written, at most ``MOST_WORDS``."""

    clauses: tuple[Clause, ...]
    numbers: Numbers
    words: tuple[str, ...]
    language: str
    known: bool = True

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """All content stems in order."""
        return tuple(stem for clause in self.clauses for stem, _ in clause.stems)

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(self.stems)

    @cached_property
    def asserted(self) -> frozenset[str]:
        """Stems that stand somewhere without a negation."""
        return frozenset(stem for clause in self.clauses for stem, turned in clause.stems if not turned)

    @cached_property
    def negated(self) -> frozenset[str]:
        """Stems that stand somewhere under a negation."""
        return frozenset(stem for clause in self.clauses for stem, turned in clause.stems if turned)

    @cached_property
    def directions(self) -> tuple[Direction, ...]:
        return tuple(direction for clause in self.clauses for direction in clause.directions)

    @cached_property
    def negations(self) -> int:
        return sum(clause.negations for clause in self.clauses)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to judge."""
        return not self.content and not self.numbers.sure


@lru_cache(maxsize=4096)
def read(text: str, language: str) -> Reading:
    """Read ``text``, at most its first ``LONGEST`` characters. A language without cues gets stems and numbers only."""
    folded = fold(text[:LONGEST]).translate(_APOSTROPHES)
    known = cues(language)
    stated = numbers(folded, language)
    if known is None:
        plain = tuple((term, False) for term in terms(folded, language) if term not in stopwords(language))
        return Reading((Clause(plain, (), 0),), stated, _plain_words(folded, language), language, known=False)
    parts = [part for part in _STOPS.split(folded) if part.strip()]
    unspaced = known.language in ("zh", "ja") and UNSPACED.search(folded)
    clauses = tuple(clause for part in parts for clause in (_unspaced if unspaced else _spaced)(part, known))
    words = _distinct(term for term, _ in _turned(clauses)) if unspaced else _plain_words(folded, language)
    return Reading(clauses, stated, words, language)


def _turned(clauses: tuple[Clause, ...]) -> list[tuple[str, bool]]:
    return [pair for clause in clauses for pair in clause.stems]


def _plain_words(folded: str, language: str) -> tuple[str, ...]:
    stop = stopwords(language)
    return _distinct(word for word in _WORD.findall(folded) if word not in stop)


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _spaced(part: str, known: Cues) -> list[Clause]:
    denied = any(_finds(" ".join(_WORD.findall(part)), phrase) for phrase in known.denials)
    found = []
    for words in _clauses(part, known):
        cue_places, spared = _negators(words, known), _spared(words, known)
        pairs: list[tuple[str, bool]] = []
        placed: list[tuple[int, str, int, bool]] = []
        for at, word in enumerate(words):
            if at in cue_places:
                continue
            turned = sum(1 for cue in cue_places if known.whole_clause or cue < at) % 2 == 1
            turned ^= denied
            for axis, side in _sides(words, at, known) if at not in spared else ():
                placed.append((len(pairs), axis, -side if turned else side, turned))
            pairs.extend((stem, turned) for stem in _content(word, known))
        directions = _placed(placed, [stem for stem, _ in pairs])
        found.append(Clause(tuple(pairs), tuple(directions), len(cue_places) + denied))
    return found


def _content(word: str, known: Cues) -> list[str]:
    if word in stopwords(known.language) and not any(known.opposites.get(stem) for stem in stems(word, known.language)):
        return []
    return [stem for stem in stems(word, known.language) if stem]


def _clauses(part: str, known: Cues) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for word in _WORD.findall(part):
        if word in known.breaks:
            clauses.append([])
        else:
            clauses[-1].append(word)
    return [clause for clause in clauses if clause]


def _negators(words: list[str], known: Cues) -> list[int]:
    """Places of the words that negate; a phrase counts at its first word."""
    joined = " ".join(words)
    spared = [match.span() for phrase in known.not_negators for match in _finds(joined, phrase)]
    places: list[int] = []
    for phrase in known.negators:
        for match in _finds(joined, phrase):
            if any(start <= match.start() < end for start, end in spared):
                continue
            place = joined[: match.start()].count(" ")
            if place not in places:
                places.append(place)
    # "no ... nada", "nie ... nicht": a second negator agrees with the first in the languages that double them.
    return sorted(places)[:1] if known.language in ("es", "ar", "hi") else sorted(places)


def _finds(text: str, phrase: str) -> list[re.Match[str]]:
    if phrase not in text:
        return []
    return list(re.finditer(rf"(?<!\S){re.escape(phrase)}(?!\S)", text))


def _sides(words: list[str], at: int, known: Cues) -> list[tuple[str, int]]:
    """The axes and sides of the word at a place. "More" before a comparison adds nothing, "less" turns it around."""
    follows = words[at + 1] if at + 1 < len(words) else ""
    if words[at] in known.more | known.less and follows and _own_sides(follows, known):
        return []
    found = [*_own_sides(words[at], known), *known.separated.get((words[at], words[-1]), ())]
    if not found and follows:
        pair = " ".join(stem for word in (words[at], follows) for stem in stems(word, known.language))
        found += known.opposites.get(pair, ())
    if at and words[at - 1] in known.less:
        return [(axis, -side) for axis, side in found]
    return found


def _own_sides(word: str, known: Cues) -> list[tuple[str, int]]:
    return [place for stem in stems(word, known.language) for place in known.opposites.get(stem, ())]


def _spared(words: list[str], known: Cues) -> set[int]:
    """Places of words in phrases that only look like one end of an axis ("the leaves")."""
    joined = " ".join(words)
    places: set[int] = set()
    for phrase in known.not_opposites:
        for match in _finds(joined, phrase):
            first = joined[: match.start()].count(" ")
            places.update(range(first, first + phrase.count(" ") + 1))
    return places


def _placed(found: list[tuple[int, str, int, bool]], content: list[str]) -> list[Direction]:
    return [
        Direction(axis, side, frozenset(content[max(0, at - 4) : at] + content[at + 1 : at + 4]), turned)
        for at, axis, side, turned in found
    ]


def _unspaced(part: str, known: Cues) -> list[Clause]:
    denied = any(phrase in part for phrase in known.denials)
    found = []
    for clause in re.split("|".join(map(re.escape, known.breaks)), part):
        if not clause.strip():
            continue
        cue = _first_negator(clause, known)
        before, after = (clause, "") if cue is None else (clause[: cue[0]], clause[cue[1] :])
        pairs: list[tuple[str, bool]] = []
        directions: list[Direction] = []
        for piece, turned in ((before, denied), (after, not denied)):
            content = terms(piece, known.language)
            pairs += [(term, turned) for term in content if len(term) > 1 or not UNSPACED.match(term)]
            directions += _found(piece, turned, known)
        found.append(Clause(tuple(pairs), tuple(directions), (cue is not None) + denied))
    return found


def _found(piece: str, turned: bool, known: Cues) -> list[Direction]:
    """Words with an opposite inside a text without spaces, longest first, none within another."""
    found: list[Direction] = []
    taken: list[tuple[int, int]] = []
    for word in sorted(known.opposites, key=len, reverse=True):
        at = piece.find(word)
        if at < 0 or any(start < at + len(word) and at < end for start, end in taken):
            continue
        taken.append((at, at + len(word)))
        near = frozenset(terms(piece[max(0, at - 8) : at], known.language))
        found += [Direction(axis, -side if turned else side, near, turned) for axis, side in known.opposites[word]]
    return found


def _first_negator(clause: str, known: Cues) -> tuple[int, int] | None:
    spared = [match.span() for phrase in known.not_negators for match in re.finditer(re.escape(phrase), clause)]
    spared += [match.span() for phrase in known.opposites if "不" in phrase for match in re.finditer(phrase, clause)]
    found = [
        match.span()
        for phrase in known.negators
        for match in re.finditer(re.escape(phrase), clause)
        if not any(start <= match.start() < end for start, end in spared)
    ]
    return min(found, key=lambda span: (span[0], -span[1])) if found else None
