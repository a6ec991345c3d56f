"""Statements that open as questions do: "what made Rome weak was money", "ist eine kaputt, bekommt die andere ..."."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.grading.intent_cues import Found

_COPULA = r"(?:is|was|are|were|means|depends|decides|es|era|son|depende|ist|war|sind|waren|هو|هي)"
_NOMINAL = re.compile(
    r"(?:what|how|where|why|when|lo que|donde|como|was|wie|wo|wer|wann|ما|حيث)"
    rf" (?!{_COPULA}\b)[^,?]+(?:, \w| {_COPULA} \w)"
)
_COMMA = re.compile(r"[^,?]+, ?\w")
_IS = re.compile(r"(?:[\s,]+\w+){0,4}?(?:\s*:|,? (?:is|es|ist|are|son|sind|هو|هي)) *\w")
# German puts the verb of a main clause right after the clause before it; and in every language a clause may depend.
_VERB_SECOND = re.compile(r"[^,?]+, (?:\w+(?:t|en)|war|ist|sind|hat) \w")
_DEPENDS = re.compile(r"\w+ \w+ (?:\w+ )+(?:depends on|depend on|depende de|dependen de|يعتمد علي|تعتمد علي) \w")
_SUBORDINATE = frozenset({"was", "wie", "wo", "wer", "warum", "wann", "wohin", "woher"})
_VERB_FIRST = frozenset({"ist", "sind", "hat", "haben", "wird", "werden", "kann", "war", "fehlt", "gibt"})


def states(folded: str, tokens: list[str], found: list[Found], marked: bool) -> bool:
    """Whether the interrogative or the verb at the head of a message without question mark opens no question."""
    if marked or not tokens:
        return False
    if _DEPENDS.match(folded):
        return True
    if not _VERB_SECOND.match(folded):
        return False
    if tokens[0] in _VERB_FIRST:
        return True
    asks = any(cue.kind in ("whaux", "polar") and cue.start <= 1 for cue in found)
    return tokens[0] in _SUBORDINATE and not asks


def clauses(folded: str, found: list[Found], key_words: list[str], marked: bool) -> Iterator[str]:
    """Features of a message without question mark, none of which decides.

    ``key_words``: those it names the answer by ("the result").
    """
    if marked:
        return
    first = {cue.kind for cue in found if cue.start == 0}
    if "whaux" not in first and _NOMINAL.match(folded):
        yield "form:clause-first"
    if "polar" in first and _COMMA.match(folded):
        yield "form:verb-first-comma"
    for word in key_words:
        place = folded.find(word)
        if place >= 0 and _IS.match(folded, place + len(word)):
            yield "form:key-is"
            return
