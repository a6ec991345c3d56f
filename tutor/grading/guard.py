"""The guard: no generated sentence gives an open item away, whatever model wrote it (DESIGN.md, "The guard").

Cheap and exact checks come first (words, numbers, expressions, options, order, disguises), then nearness of meaning.
A sentence is checked with those that the reply said before it, since an answer may be split over two. What is read of
each is kept, so that the next is held against all of them at little cost.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.errors import EmbedderUnavailable
from retrieval.language import detect
from tutor.domain.items.item import TextJudge
from tutor.grading import guard_choices, guard_ideas, guard_tricks, guard_values
from tutor.grading.guard_acts import ACTS, acts, holds_its_answer
from tutor.grading.guard_secret import Leak, Secret, secret_of
from tutor.grading.guard_terms import translated

if TYPE_CHECKING:
    from retrieval.embedders import Embedder, Vectors

__all__ = ["Guard", "Leak", "Secret", "secret_of"]

AFTER = 2.2  # the same by words or across languages: log-odds to be over, as two sentences say more than one
REPEATED = 0.75  # share of a covered idea's words: so much of it is that idea again
ASKED = 2.0  # log-odds that a question which leaves its answer open must be over: it tells little
KEPT = 2048  # vectors
SO_FAR = 300  # characters of what was said before that are read with a sentence
APART = 0.016  # cosines by which a sentence in another language must be nearer to the right option than to the next
BEYOND = 0.5  # log-odds by which it must say the right option more than the next
LONGEST = 2000  # characters of a sentence that are read; a longer one is checked in pieces
_SCRIPTS = tuple(
    (code, re.compile(f"[{script}]"))
    for code, script in (("zh", "\u4e00-\u9fff"), ("hi", "\u0900-\u097f"), ("ar", "\u0600-\u06ff"))
)
_PARTS = re.compile(
    r"[,;،，、。]\s*(?:(?:y|und|et|and|then|luego|dann|puis|ثم)\s)?|\s(?:y|und|et|luego|dann|danach|puis|ثم|फिर)\s|→|->|\.\s"
)


class Guard:
    """Checks sentences against a secret. Synchronous and safe to share between threads.

    Without an ``embedder`` meaning is judged by words alone, and a paraphrase may pass.
    """

    def __init__(self, judge: TextJudge, embedder: Embedder | None, known: guard_ideas.Fitted | None = None) -> None:
        self._judge = judge
        self._embedder = embedder
        self._known = known or guard_ideas.fitted()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    def check(self, sentence: str, secret: Secret, before: tuple[str, ...] = ()) -> Leak | None:
        """Why ``sentence`` must not be shown, or None. ``before``: the last sentences of this reply, in their order."""
        for piece in _pieces(sentence.strip()):
            if leak := self._check(piece, secret, before):
                return leak
            if secret.also and (leak := self._check(piece, secret.also, before)):
                return leak
            before = (piece,)
        return None

    def gives_away(self, passages: Sequence[str], secret: Secret) -> tuple[bool, ...]:
        """For each passage, whether it must be withheld while the item is open."""
        return tuple(
            any(self.check(sentence, secret) is not None for sentence in _sentences(passage)) for passage in passages
        )

    def _check(self, sentence: str, secret: Secret, said: tuple[str, ...]) -> Leak | None:
        home = secret.language.split("-")[0].lower() or "en"
        spoken = spoken_in(sentence, home)
        return self._exact(sentence, secret, said, spoken, home) or self._meaning(sentence, secret, said, spoken, home)

    def _exact(self, sentence: str, secret: Secret, said: tuple[str, ...], spoken: str, home: str) -> Leak | None:
        before = " ".join(said)
        aims = guard_values.targets(secret.answers, secret.question, home, _counts(secret))
        if found := guard_values.leaked(sentence, aims, secret.question, home, spoken, before):
            return Leak("value" if found.why == "value" else "expression", found.detail)
        own = translated(sentence, spoken, home)
        if secret.options:
            for earlier in dict.fromkeys((before, "")):  # what was ruled out before takes nothing back
                if why := guard_choices.picked(sentence, secret.options, _right(secret), spoken, earlier, (own, home)):
                    return Leak("option", why)
        elif secret.type == "ordering":
            earlier = translated(before[-SO_FAR:], spoken, home) if before else ""
            for steps in _orders(secret):
                if guard_choices.ordered(sentence, steps, secret.question, spoken, before) or guard_choices.ordered(
                    own, steps, secret.question, home, earlier
                ):
                    return Leak("order", "; ".join(steps))
        elif secret.type == "matching":
            pairs = _pairs(secret)
            if pair := guard_choices.joined(sentence, pairs, spoken) or _about_one(sentence, pairs, spoken, own):
                return Leak("option", pair)
        if not secret.options and (answer := _named(sentence, secret, spoken, own, home)):
            return Leak("verbatim", answer)
        hidden = guard_tricks.disguised(together(said, sentence), _words(secret, home))
        return Leak("verbatim", hidden) if hidden else None

    def _meaning(self, sentence: str, secret: Secret, said: tuple[str, ...], spoken: str, home: str) -> Leak | None:
        if secret.ideas and not self._repeats(sentence, secret, spoken, home):
            if detail := self._says((sentence,), secret, spoken, home):
                return Leak("idea", detail)
            read = together(said, sentence)
            if len(read) > 1 and _finishes(sentence, spoken) and (detail := self._says(read, secret, spoken, home)):
                return Leak("split", detail)
        if self._embedder is None:
            return None
        if secret.options and self._picks_in_other_words(sentence, secret, spoken, home):
            return Leak("option", "the right option in other words")
        if spoken != home and secret.type == "ordering" and self._orders_across(" ".join((*said, sentence)), secret):
            return Leak("order", "the order in another language")
        return None

    def _repeats(self, sentence: str, secret: Secret, spoken: str, home: str) -> bool:
        """Whether it only says again, nearly in full, an idea that is covered already."""
        for idea in secret.covered:
            for wording in idea:
                if guard_ideas.look((sentence,), wording, "", spoken, home).said >= REPEATED:
                    uncovered = [
                        guard_ideas.look((sentence,), one, wording, spoken, home) for i in secret.ideas for one in i
                    ]
                    return all(one.new_said < REPEATED for one in uncovered)
        return False

    def _says(self, read: tuple[str, ...], secret: Secret, spoken: str, home: str) -> str:
        """The wording of an idea that the last sentence of ``read`` says, together with those before it; or ""."""
        sentence, after, question = read[-1], len(read) > 1, secret.question
        wordings = _wordings(secret.ideas)
        seen = guard_ideas.looks(read, wordings, question, spoken, home)
        for wording, one in zip(wordings, seen, strict=True):
            if (one.said or one.repeated) and guard_ideas.plainly(one, " ".join(read), spoken):
                return wording
        vectors = self._vectors([sentence, " ".join(read), question, *wordings], self._known.embedder)
        weighed: dict[guard_ideas.Seen, float] = {}  # most ideas share no word with it, and so one sum
        does = acts(sentence, spoken)
        for at, (wording, one) in enumerate(zip(wordings, seen, strict=True)):
            if vectors is None:
                if one not in weighed:
                    weighed[one] = self._known.words.over(one.doing(does)) - (AFTER if after else 0.0)
                over = weighed[one]
            else:
                values = one.doing(does)
                near = guard_ideas.dense(vectors[1], vectors[3 + at], vectors[2])
                over = self._over(near + values, vectors[0], spoken == home, after) - ASKED * _is_open(sentence, spoken)
            if over > 0:
                return wording
        return ""

    def _over(self, values: Sequence[float], sentence: Vectors, same: bool, after: bool) -> float:
        known = self._known
        if not same:
            return known.across.over(values, sentence) - (AFTER if after else 0.0)
        return known.after.over(values, sentence) if after else known.alone(values, sentence)

    def _picks_in_other_words(self, sentence: str, secret: Secret, spoken: str, home: str) -> bool:
        """Whether the sentence says the right option, as it would an idea, and clearly more than any other option.

        Across languages being clearly nearer to it is enough: what else is said is rarely about one option alone.
        """
        known, right = self._known, _right(secret)
        vectors = self._vectors([sentence, secret.question, *(text for _, text in secret.options)])
        if vectors is None or len(right) != 1 or len(secret.options) < 2:
            return False
        if spoken != home and _margin(right, secret, [float(vectors[0] @ one) for one in vectors[2:]]) >= APART:
            return True
        if self._embedder is None or self._embedder.name != known.embedder:
            return False
        over = [
            self._over(
                guard_ideas.dense(vectors[0], vectors[2 + at], vectors[1])
                + guard_ideas.look((sentence,), text, secret.question, spoken, home).doing(acts(sentence, spoken)),
                vectors[0],
                spoken == home,
                False,
            )
            - ASKED * _is_open(sentence, spoken)
            for at, (_, text) in enumerate(secret.options)
        ]
        return max(over) > 0 and _margin(right, secret, over) >= BEYOND

    def _orders_across(self, text: str, secret: Secret) -> bool:
        """Whether as many parts as there are steps come in their order, each matched to the step it is nearest to."""
        parts = [part for part in _PARTS.split(text) if part.strip(" .。")]
        for steps in _orders(secret):
            if not 3 <= len(steps) == len(parts) <= 6:
                continue
            vectors = self._vectors([*parts, *steps])
            if vectors is None:
                return False
            near = vectors[: len(parts)] @ vectors[len(parts) :].T
            best = max(
                itertools.permutations(range(len(steps))),
                key=lambda order: sum(float(near[at, step]) for at, step in enumerate(order)),
            )
            if list(best) == sorted(best):
                return True
        return False

    def _vectors(self, texts: Sequence[str], only: str = "") -> Vectors | None:
        """Unit vectors, one a text, each embedded once and kept; None where the embedder is missing or fails.

        ``only`` names the embedder whose vectors the weights were fitted on: those of another mean nothing to them.
        """
        if self._embedder is None or (only and only != self._embedder.name):
            return None
        import numpy as np

        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            try:
                found |= dict(zip(missing, self._embedder.embed_queries(missing), strict=True))
            except EmbedderUnavailable:
                return None
        with self._lock:
            for text in texts:
                self._kept[text] = found[text]
                self._kept.move_to_end(text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        stacked: Vectors = np.stack([found[text] for text in texts])
        return stacked


def spoken_in(sentence: str, home: str) -> str:
    """The language of a sentence; a short one in a script of its own is told by the script."""
    if not sentence.isascii():
        for code, script in _SCRIPTS:
            if script.search(sentence):
                return code
    return detect(sentence, home)


def together(said: tuple[str, ...], sentence: str) -> tuple[str, ...]:
    """A sentence with those of ``said`` that are read with it: whole ones, as far as ``SO_FAR`` characters reach."""
    read, left = [sentence], SO_FAR
    for one in reversed(said):
        if left <= 0:
            break
        if one := one[-SO_FAR:].strip():
            read.append(one)
            left -= len(one) + 1
    return tuple(reversed(read))


def _is_open(sentence: str, spoken: str) -> bool:
    """Whether it is a question that opens with its question word: "Where could it have come from?"."""
    return bool(acts(sentence, spoken)[ACTS.index("leaves_open")]) and not holds_its_answer(sentence, spoken)


def _finishes(sentence: str, spoken: str) -> bool:
    """Whether it may complete what was said before: one that asks or points finishes nothing."""
    does = dict(zip(ACTS, acts(sentence, spoken), strict=True))
    return not does["asks"] and not does["points"]


def _about_one(sentence: str, pairs: Sequence[tuple[str, str]], spoken: str, own: str) -> str:
    """The one thing to be matched that the sentence asserts something about, or "".

    Nearly all that can be said about it says what it goes with, and vectors do not tell which of it does.
    """
    does = dict(zip(ACTS, acts(sentence, spoken), strict=True))
    text = f"{sentence} {own}"
    said = [left for left, _ in pairs if guard_choices.names(left, text, spoken)]
    return (
        said[0]
        if len(said) == 1 and (does["asserts"] or does["asks"] > does["leaves_open"]) and not does["defines"]
        else ""
    )


def _named(sentence: str, secret: Secret, spoken: str, own: str, home: str) -> str:
    """The accepted answer that the sentence says word for word, or "".

    Numbers and expressions are left to their own check, one by one: of "nitrogen|N2" or "half|0.5" each is read alone.
    """
    for answer in secret.answers:
        if guard_values.targets((answer,), secret.question, home, _counts(secret)).any:
            continue
        said = (
            guard_choices.names(answer, sentence, spoken)
            or guard_choices.names(answer, sentence, home)
            or guard_choices.names(answer, own, home)
            or guard_choices.spells(answer, sentence)
        )
        asked = guard_choices.names(answer, secret.question, home) or guard_choices.spells(answer, secret.question)
        if said and not asked:
            return answer
    return ""


def _counts(secret: Secret) -> bool:
    return secret.type in ("numeric", "symbolic")


def _right(secret: Secret) -> frozenset[str]:
    return frozenset(label for label, text in secret.options if text in secret.answers)


def _margin(right: frozenset[str], secret: Secret, values: Sequence[float]) -> float:
    """By how much the right option's value is above the best of the others; negative where it is below."""
    ours = [value for (label, _), value in zip(secret.options, values, strict=True) if label in right]
    others = [value for (label, _), value in zip(secret.options, values, strict=True) if label not in right]
    return max(ours) - max(others) if ours and others else 0.0


def _orders(secret: Secret) -> list[list[str]]:
    return [[step.strip() for step in answer.split(";") if step.strip()] for answer in secret.answers]


def _pairs(secret: Secret) -> list[tuple[str, str]]:
    if secret.type != "matching":
        return []
    return [(left.strip(), right.strip()) for left, _, right in (one.partition(":") for one in secret.answers)]


@lru_cache(maxsize=256)
def _wordings(ideas: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(wording for idea in ideas for wording in idea)


@lru_cache(maxsize=256)  # for every sentence of a reply
def _words(secret: Secret, home: str) -> tuple[str, ...]:
    """The words that would give the secret away if they were spelled out."""
    if secret.type in ("numeric", "symbolic", "ordering", "matching"):
        return ()
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
    return tuple(found)


def _pieces(text: str) -> list[str]:
    return [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)] if text else []


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?؟।])\s+|(?<=[。！？])|\n+", text) if part.strip()]
