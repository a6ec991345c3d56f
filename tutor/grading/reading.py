"""A text read for what it asserts, denies and compares. Pure.

Scope of negation by clause and direction, after Chapman et al. 2001, "A Simple Algorithm for Identifying Negated
Findings" (NegEx): a cue negates what follows it up to the end of its clause, or the whole clause in languages that put
the negation last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from retrieval.stopwords import stopwords
from retrieval.terms import terms
from retrieval.words import UNSPACED, fold
from tutor.grading.cues import Cues, cues, stems
from tutor.grading.numbers import Numbers, numbers

NO_NUMBERS = Numbers()
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
class Reading:
    """``stems`` in order without function words; those ``asserted`` and ``negated`` (a stem may be both)."""

    stems: tuple[str, ...] = ()
    asserted: frozenset[str] = frozenset()
    negated: frozenset[str] = frozenset()
    directions: tuple[Direction, ...] = ()
    negations: int = 0
    clauses: int = 0
    numbers: Numbers = NO_NUMBERS
    spaced: bool = True
    known: bool = True

    @property
    def content(self) -> frozenset[str]:
        return self.asserted | self.negated


@lru_cache(maxsize=4096)
def read(text: str, language: str) -> Reading:
    """Read ``text``, at most its first ``LONGEST`` characters. A language without cues gets stems and numbers only."""
    text = text[:LONGEST]
    folded = fold(text).translate(_APOSTROPHES)
    known = cues(language)
    stated = numbers(text, language)
    if known is None:
        plain = tuple(term for term in terms(folded, language) if term not in stopwords(language))
        return Reading(plain, frozenset(plain), numbers=stated, known=False)
    parts = [part for part in _STOPS.split(folded) if part.strip()]
    if UNSPACED.search(folded) and known.language in ("zh", "ja"):
        return _unspaced(parts, known, stated)
    return _spaced(parts, known, stated)


def _spaced(parts: list[str], known: Cues, stated: Numbers) -> Reading:
    ordered: list[str] = []
    asserted: set[str] = set()
    negated: set[str] = set()
    directions: list[Direction] = []
    negations = clauses = 0
    for part in parts:
        denied = any(_phrase(part, phrase) for phrase in known.denials)
        for words in _clauses(part, known):
            cue_places = _negators(words, known)
            clauses += 1
            negations += len(cue_places)
            pairs: list[tuple[str, bool]] = []
            found: list[tuple[int, str, int, bool]] = []
            for at, word in enumerate(words):
                if at in cue_places:
                    continue
                turned = sum(1 for cue in cue_places if known.whole_clause or cue < at) % 2 == 1
                turned ^= denied
                for axis, side in _sides(words, at, known):
                    found.append((len(pairs), axis, -side if turned else side, turned))
                pairs.extend((stem, turned) for stem in _content(word, known))
            directions += _placed(found, [stem for stem, _ in pairs])
            ordered += [stem for stem, _ in pairs]
            asserted |= {stem for stem, turned in pairs if not turned}
            negated |= {stem for stem, turned in pairs if turned}
        negations += denied
    return Reading(
        tuple(ordered), frozenset(asserted), frozenset(negated), tuple(directions), negations, clauses, stated
    )


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


def _phrase(text: str, phrase: str) -> bool:
    return bool(_finds(" ".join(_WORD.findall(text)), phrase))


def _sides(words: list[str], at: int, known: Cues) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for stem in stems(words[at], known.language):
        found += known.opposites.get(stem, ())
        if at == len(words) - 1:
            found += known.opposites_at_end.get(stem, ())
    if not found and at + 1 < len(words):
        pair = " ".join(stem for word in words[at : at + 2] for stem in stems(word, known.language))
        found += known.opposites.get(pair, ())
    return found


def _placed(found: list[tuple[int, str, int, bool]], content: list[str]) -> list[Direction]:
    return [
        Direction(axis, side, frozenset(content[max(0, at - 4) : at] + content[at + 1 : at + 4]), turned)
        for at, axis, side, turned in found
    ]


def _unspaced(parts: list[str], known: Cues, stated: Numbers) -> Reading:
    ordered: list[str] = []
    asserted: set[str] = set()
    negated: set[str] = set()
    directions: list[Direction] = []
    negations = clauses = 0
    for part in parts:
        denied = any(phrase in part for phrase in known.denials)
        for clause in re.split("|".join(map(re.escape, known.breaks)), part):
            if not clause.strip():
                continue
            clauses += 1
            cue = _first_negator(clause, known)
            negations += cue is not None
            before, after = (clause, "") if cue is None else (clause[: cue[0]], clause[cue[1] :])
            for piece, turned in ((before, denied), (after, not denied)):
                content = [term for term in terms(piece, known.language) if len(term) > 1 or not UNSPACED.match(term)]
                ordered += content
                (negated if turned else asserted).update(content)
                taken: list[tuple[int, int]] = []
                for word in sorted(known.opposites, key=len, reverse=True):
                    at = piece.find(word)
                    if at < 0 or any(start < at + len(word) and at < end for start, end in taken):
                        continue
                    taken.append((at, at + len(word)))
                    near = frozenset(terms(piece[max(0, at - 8) : at], known.language))
                    directions += [
                        Direction(axis, -side if turned else side, near, turned) for axis, side in known.opposites[word]
                    ]
        negations += denied
    return Reading(
        tuple(ordered),
        frozenset(asserted),
        frozenset(negated),
        tuple(directions),
        negations,
        clauses,
        stated,
        spaced=False,
    )


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
