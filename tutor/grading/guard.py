"""The guard: no generated sentence gives an open item away, whatever model wrote it (DESIGN.md, "The guard").

Cheap and exact checks come first (words, numbers, expressions, options, order, disguises), then nearness of meaning.
A sentence is checked with what the reply said before it, since an answer may be split over two.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.language import detect
from tutor.domain.items.item import TextJudge
from tutor.grading import guard_choices, guard_ideas, guard_tricks, guard_values
from tutor.grading.guard_secret import Leak, Secret, secret_of

if TYPE_CHECKING:
    from retrieval.embedders import Embedder

__all__ = ["Guard", "Leak", "Secret", "secret_of"]

LONGEST = 2000  # characters of a sentence that are read; a longer one is checked in pieces
_NUMERIC = frozenset({"numeric", "symbolic", "cloze", "matching", "multiple_choice"})


class Guard:
    """Checks sentences against a secret. Synchronous and safe to share between threads.

    Without an ``embedder`` meaning is judged by words alone, and a paraphrase may pass.
    """

    def __init__(self, judge: TextJudge, embedder: Embedder | None) -> None:
        self._judge = judge
        self._embedder = embedder
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, object] = OrderedDict()

    def check(self, sentence: str, secret: Secret, before: str = "") -> Leak | None:
        """Why ``sentence`` must not be shown, or None. ``before``: what was said already in this reply."""
        for piece in _pieces(sentence):
            if leak := self._check(piece, secret, before):
                return leak
            if secret.also and (leak := self._check(piece, secret.also, before)):
                return leak
            before = f"{before} {piece}"[-LONGEST:]
        return None

    def gives_away(self, passages: Sequence[str], secret: Secret) -> tuple[bool, ...]:
        """For each passage, whether it must be withheld while the item is open."""
        return tuple(
            any(self.check(sentence, secret) is not None for sentence in _sentences(passage)) for passage in passages
        )

    def _check(self, sentence: str, secret: Secret, before: str) -> Leak | None:
        if not sentence.strip():
            return None
        home = secret.language.split("-")[0].lower() or "en"
        spoken = detect(sentence, home)
        return self._exact(sentence, secret, before, spoken, home) or self._meaning(
            sentence, secret, before, spoken, home
        )

    def _exact(self, sentence: str, secret: Secret, before: str, spoken: str, home: str) -> Leak | None:
        aims = guard_values.targets(secret.answers, secret.question, home)
        if found := guard_values.leaked(sentence, aims, secret.question, home, spoken, before):
            return Leak("value" if found.why == "value" else "expression", found.detail)
        if secret.options:
            right = frozenset(label for label, text in secret.options if text in secret.answers)
            if why := guard_choices.picked(sentence, secret.options, right, spoken, before):
                return Leak("option", why)
        elif secret.type == "ordering":
            for answer in secret.answers:
                steps = [step.strip() for step in re.split(r";|,(?!.*;)", answer) if step.strip()]
                if guard_choices.ordered(sentence, steps, secret.question, spoken, before):
                    return Leak("order", answer)
        elif secret.type == "matching":
            pairs = [(left.strip(), right.strip()) for left, _, right in (one.partition(":") for one in secret.answers)]
            if pair := guard_choices.joined(sentence, pairs, spoken):
                return Leak("option", pair)
        else:
            for answer in secret.answers:
                if (
                    not aims.any
                    and guard_choices.names(answer, sentence, spoken)
                    and not guard_choices.names(answer, secret.question, home)
                ):
                    return Leak("verbatim", answer)
        hidden = guard_tricks.disguised(f"{before[-300:]} {sentence}", _words(secret, home))
        return Leak("verbatim", hidden) if hidden else None

    def _meaning(self, sentence: str, secret: Secret, before: str, spoken: str, home: str) -> Leak | None:
        for idea in secret.ideas:
            for wording in idea:
                if guard_ideas.plainly(guard_ideas.look(sentence, wording, secret.question, spoken, home)):
                    return Leak("idea", wording)
        return None


def _words(secret: Secret, home: str) -> list[str]:
    """The words that would give the secret away if they were spelled out."""
    if secret.type in ("numeric", "symbolic", "ordering", "matching"):
        return []
    asked = set(guard_choices.stems(secret.question, home)) if not secret.options else set()
    found = list(secret.answers)
    for idea in secret.ideas:
        for wording in idea:
            words = re.findall(r"[^\W\d_]{4,}", wording)
            new = [
                word
                for word in words
                if not set(guard_choices.stems(word, home)) & asked and guard_choices.stems(word, home)
            ]
            if len(new) <= 3:
                found += new
                found.append("".join(new))
    return found


def _pieces(text: str) -> list[str]:
    return [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)] if text else []


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?؟।])\s+|(?<=[。！？])|\n+", text) if part.strip()]
