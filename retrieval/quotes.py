"""Quotes: found word for word before they are cited, and chosen for an answer in the course's own words. Pure
(the embedder is an argument).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.blocks import BlockKind, blocks, plain
from retrieval.sentences import sentences
from retrieval.terms import query_terms, terms
from retrieval.values import Citation, Hit, Passage
from retrieval.words import count_words

if TYPE_CHECKING:
    from retrieval.embedders.port import Embedder

_REPORTED = re.compile(r"^[\"“„«「『].*[\"”“»」』][.。!?]?$", re.S)
_BOLD = re.compile(r"\*\*([^*\n]{1,80})\*\*")
DEFINING = 1.3
MOST = 5
ENOUGH = 0.6  # of the best sentence's score: what says less is left out
EMBEDDED = 24  # sentences compared by meaning, at about 15 ms each
SHORTEST_QUOTE = 3  # characters, marks and blanks apart: a shorter one is found anywhere


def find(quote: str, passage: Passage) -> tuple[int, int] | None:
    """Where ``quote`` stands in the document of ``passage``, as offsets; ``None`` where it does not.

    Runs of white space count as one blank and Markdown emphasis in the passage may be missing from the quote, since a
    page or a model shows neither; every other character must be the same and in the same order.
    """
    if len(re.sub(r"[\W_]", "", quote)) < SHORTEST_QUOTE:
        return None
    for skipped in ("", "*`"):
        kept = [(at, character) for at, character in enumerate(passage.text) if character not in skipped]
        hay, places = _squeezed(kept)
        needle, _ = _squeezed([(0, character) for character in quote.strip() if character not in skipped])
        at = hay.find(needle)
        if at >= 0:
            return passage.start + places[at], passage.start + places[at + len(needle) - 1] + 1
    return None


def cite(quote: str, passage: Passage) -> Citation | None:
    """A citation of ``quote``, or ``None`` where the passage does not say it. The citation's quote is the passage's."""
    span = find(quote, passage)
    if span is None:
        return None
    start, end = span
    words = passage.text[start - passage.start : end - passage.start]
    return Citation(passage.id, passage.document, passage.heading_path, start, end, words)


def _squeezed(characters: Sequence[tuple[int, str]]) -> tuple[str, list[int]]:
    """Text with single blanks, and where each of its characters stood."""
    text: list[str] = []
    places: list[int] = []
    for place, character in characters:
        if character.isspace():
            if text and text[-1] == " ":
                continue
            character = " "
        text.append(character)
        places.append(place)
    return "".join(text), places


@dataclass(frozen=True, slots=True)
class _Candidate:
    citation: Citation
    order: tuple[int, int]
    hit: int
    words: int
    text: str
    terms: frozenset[str]
    table: bool
    step: bool
    asks: bool
    defines: frozenset[str]


def best_sentences(
    query: str,
    hits: Sequence[Hit],
    embedder: Embedder | None = None,
    *,
    language: str = "en",
    most: int = MOST,
    max_words: int = 160,
    said: Sequence[tuple[str, int, int]] = (),
) -> tuple[Citation, ...]:
    """The sentences of the hits that answer best, each verified: the best one's passage first, each in its order.

    One to ``most``, and at most ``max_words`` in all. ``language`` is the course's. With an embedder the meaning
    counts most; without one, the question's words. Sentences that repeat one another are taken once (maximal marginal
    relevance, Carbonell and Goldstein 1998). ``said`` are stretches (passage id, start, end in the document) that were
    quoted already: their sentences are passed over while others are left. No hits give no sentences.
    """
    candidates = _candidates(hits, language)
    if not candidates:
        return ()
    candidates = [one for one in candidates if not _within(one.citation, said)] or candidates
    relevance = _relevance(query, candidates, hits, embedder, language)
    chosen: list[int] = []
    used = 0
    best = max(relevance)
    while len(chosen) < most:
        scored = [
            (relevance[at] - 0.5 * max((_overlap(one, candidates[other]) for other in chosen), default=0.0), -at)
            for at, one in enumerate(candidates)
            if at not in chosen and used + one.words <= max_words
        ]
        if not scored:
            break
        score, at = max(scored)
        if chosen and score < ENOUGH * best:
            break
        chosen.append(-at)
        used += candidates[-at].words
    if not chosen:  # even the best sentence is longer than allowed
        chosen = [max(range(len(candidates)), key=lambda at: (relevance[at], -at))]
    foremost: dict[int, float] = {}
    for at in chosen:
        hit = candidates[at].hit
        foremost[hit] = max(foremost.get(hit, 0.0), relevance[at])
    ordered = sorted(chosen, key=lambda at: (-foremost[candidates[at].hit], candidates[at].hit, candidates[at].order))
    return tuple(candidates[at].citation for at in ordered)


def _candidates(hits: Sequence[Hit], language: str) -> list[_Candidate]:
    found: list[_Candidate] = []
    seen: set[str] = set()
    for rank, hit in enumerate(hits):
        passage = hit.passage
        heading = frozenset(query_terms(" ".join(passage.heading_path[-1:]), language))
        asking = _asking(passage.text)
        for sentence in sentences(passage.text):
            quote = passage.text[sentence.start : sentence.end]
            text = plain(quote)
            words = count_words(text)
            # Scraps and questions explain nothing; a formula alone needs the sentence before it.
            # Words in quotation marks are somebody's, often a mistake the course is about to put right.
            if words < 4 or text.endswith(("?", "？", "؟", ":")) or _REPORTED.match(text):
                continue
            if sentence.kind is BlockKind.MATHS:
                continue
            citation = cite(quote, passage)
            key = " ".join(terms(text, language))
            if citation is None or key in seen:
                continue
            seen.add(key)
            found.append(
                _Candidate(
                    citation,
                    (passage.position, citation.start),
                    rank,
                    words,
                    text,
                    # What a heading says, every sentence below it says too.
                    frozenset(query_terms(text, language)) | heading,
                    sentence.kind is BlockKind.TABLE,
                    sentence.kind is BlockKind.LIST,
                    any(start <= sentence.start < end for start, end in asking),
                    frozenset(query_terms(" ".join(_BOLD.findall(quote)), language)),
                )
            )
    return found


def _within(citation: Citation, stretches: Sequence[tuple[str, int, int]]) -> bool:
    return any(
        citation.passage_id == passage and start <= citation.start and citation.end <= end
        for passage, start, end in stretches
    )


def _asking(text: str) -> list[tuple[int, int]]:
    """The paragraphs that put a question, such as the task of a worked example."""
    return [(b.start, b.end) for b in blocks(text) if plain(text[b.start : b.end]).endswith(("?", "？", "؟"))]


def _relevance(
    query: str, candidates: Sequence[_Candidate], hits: Sequence[Hit], embedder: Embedder | None, language: str
) -> list[float]:
    """0 to about 1 for every candidate: meaning, the question's words weighted by rarity, and its passage's rank."""
    asked = query_terms(query, language)
    total = len(candidates)
    idf = {term: math.log(1 + total / (1 + sum(1 for one in candidates if term in one.terms))) for term in asked}
    weight = sum(idf.values()) or 1.0
    by_words = [sum(idf[term] for term in asked if term in one.terms) / weight for one in candidates]
    low, top = min(hit.score for hit in hits), max(hit.score for hit in hits)
    by_rank = [(hits[one.hit].score - low) / (top - low) if top > low else 1.0 for one in candidates]
    by_meaning = [0.0] * total
    if embedder is not None:
        first = sorted(range(total), key=lambda at: (-(by_words[at] + by_rank[at]), at))[:EMBEDDED]
        vectors = embedder.embed_queries([query, *(candidates[at].text for at in first)])
        cosines = [float(vectors[0] @ vector) for vector in vectors[1:]]
        low, high = min(cosines), max(cosines)
        for at, cosine in zip(first, cosines, strict=True):
            by_meaning[at] = (cosine - low) / (high - low) if high > low else 1.0
    # A question in another language shares no words with the course: then meaning stands alone.
    shares = (0.0, 0.7, 0.3) if embedder is None else (0.4, 0.3, 0.3) if any(by_words) else (0.65, 0.0, 0.35)
    return [
        (shares[0] * by_meaning[at] + shares[1] * by_words[at] + shares[2] * by_rank[at]) * _weight(one, asked)
        for at, one in enumerate(candidates)
    ]


def _weight(one: _Candidate, asked: Sequence[str]) -> float:
    """A table needs reading, a step of a list its neighbours, and a paragraph that asks is no answer; a sentence that
    sets what was asked about in bold defines it."""
    kind = 0.7 if one.table else 0.6 if one.asks else 0.85 if one.step else 1.0
    return kind * (DEFINING if one.defines.intersection(asked) else 1.0)


def _overlap(one: _Candidate, other: _Candidate) -> float:
    smaller = min(len(one.terms), len(other.terms))
    return len(one.terms & other.terms) / smaller if smaller else 0.0
