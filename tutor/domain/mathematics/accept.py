"""Judges a typed answer against accepted ones, over every way in which both can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tutor.domain.mathematics.compare import Match, compare
from tutor.domain.mathematics.near import labels, negated, rounds_to, without_labels
from tutor.domain.mathematics.readings import readings
from tutor.domain.mathematics.tokens import Unreadable
from tutor.domain.mathematics.tree import Many, Node, Relation, Words, is_expression, symbols
from tutor.domain.mathematics.words import plain_words
from tutor.domain.mathematics.writing import write

#: ``ask``: right in a reading that is not the likeliest one. ``unreadable``: no mathematics, as far as we can tell.
Found = Literal["yes", "ask", "unsolved", "order", "part", "rounded", "sign", "no", "unreadable"]
_BEST: tuple[Found, ...] = ("yes", "ask", "unsolved", "order", "part", "rounded", "sign", "no")


@dataclass(frozen=True)
class Judgement:
    """``node`` is the answer as read (where it matched, if it did), ``gold`` the accepted answer it was closest to,
    ``share`` how much of a list is there, ``reading`` the answer as the likeliest reading has it."""

    found: Found
    node: Node | None = None
    gold: Node | None = None
    share: float = 0.0
    reading: str = ""


def judge(
    accepted: Sequence[str], answer: str, language: str = "en", gold_language: str = "en", ordered: bool = False
) -> Judgement:
    """Never raises; takes milliseconds. ``ordered``: the order of a plain list ("2, 5") matters."""
    golds = tuple(node for text in accepted for node in _gold(text, gold_language))
    try:
        given = readings(answer, language)
    except Unreadable:
        for gold in golds:
            if isinstance(gold, Words) and gold.text and gold.text == plain_words(answer):
                return Judgement("yes", gold, gold, 1.0)
        return Judgement("unreadable")
    reading = write(given[0], language)
    best = Judgement("no", given[0], golds[0] if golds else None, 0.0, reading)
    for place, node in enumerate(given):
        for gold in golds:
            judged = _judged(gold, node, ordered)
            found: Found = judged.found
            if place and found != "yes":
                continue
            if place and (_shape(given[0]) == _shape(gold) or _shape(node) != _shape(gold)):
                found = "ask"
            if _BEST.index(found) < _BEST.index(best.found):
                best = Judgement(found, node, gold, judged.share, reading)
        if best.found == "yes":
            break
    if best.found == "no" and _is_babble(given[0], golds):
        return Judgement("unreadable", given[0], None, 0.0, "")
    return best


def _gold(text: str, language: str) -> tuple[Node, ...]:
    try:
        return readings(text, language)
    except Unreadable:
        return (Words(plain_words(text)),)


def _judged(gold: Node, node: Node, ordered: bool) -> Judgement:
    match: Match = compare(gold, node, ordered)
    if match.degree == "no" and labels(node) - labels(gold):
        node = without_labels(node)
        match = compare(gold, node, ordered)
    if match.degree != "no":
        return Judgement(match.degree, node, gold, match.share)
    if rounds_to(gold, node):
        return Judgement("rounded", node, gold)
    flipped = negated(node)
    if flipped is not None and compare(gold, flipped, ordered).degree == "yes":
        return Judgement("sign", node, gold)
    return Judgement("no", node, gold)


def _shape(node: Node) -> str:
    """What kind of thing it is, so that "0,5" is a number where a number is asked for."""
    if isinstance(node, Many):
        return f"{len(node.of)} values"
    if is_expression(node) or (isinstance(node, Relation) and node.signs == ("=",)):
        return "value"
    return type(node).__name__


def _is_babble(node: Node, golds: Sequence[Node]) -> bool:
    """Words that the accepted answers don't have, or many letters of which none is in them: nobody's wrong answer."""
    ours = frozenset().union(*map(symbols, golds))
    theirs = symbols(node)
    if any(labels(node)) and not labels(node) <= ours:
        return not any(isinstance(gold, Words) for gold in golds)
    return len(theirs) >= 3 and not theirs & ours
