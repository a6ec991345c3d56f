"""Automatic reveal: which sentence shows which step of a slide, when the author marked none. Pure.

Steps are shown in order, and each at the latest when it is spoken: steps and sentences are aligned in order so that
the words they share weigh most, rare words more than common ones and long ones more than short ones. Where words don't
decide, the last sentences get one step each, so that an introduction comes first. With the last sentence everything is
shown.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

MOST_CELLS = 20_000  # steps x sentences; beyond it the steps are spread evenly
_WORD = re.compile(r"[^\W_]+")
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff]+")  # Japanese and Chinese are compared in pairs of characters


def automatic(steps: Sequence[str], sentences: Sequence[str]) -> tuple[int | None, ...]:
    """For each sentence how many steps are shown when it begins; None: as many as before. Texts without markup."""
    if not steps or not sentences:
        return (None,) * len(sentences)
    shown_at = _aligned(steps, sentences)
    reveals: list[int | None] = []
    before = 0
    for index in range(len(sentences)):
        now = sum(1 for at in shown_at if at <= index)
        reveals.append(now if now != before else None)
        before = now
    return tuple(reveals)


def _aligned(steps: Sequence[str], sentences: Sequence[str]) -> list[int]:
    """The index of the sentence that shows each step; it never falls."""
    count, last = len(sentences), len(sentences) - 1
    usual = [_usual(index, len(steps), count) for index in range(len(steps))]
    if len(steps) * count > MOST_CELLS:
        return usual
    spoken = [stems(sentence) for sentence in sentences]
    written = [stems(step) for step in steps]
    often = Counter(word for words in (*spoken, *written) for word in words)
    best: list[float] = [0.0] * count  # best[j]: steps so far are shown by sentence j at the latest
    chosen: list[list[int]] = []
    for index, words in enumerate(written):
        row: list[float] = []
        choice: list[int] = []
        for at in range(count):
            shared = sum(len(word) / math.log2(1 + often[word]) for word in sorted(words & spoken[at]))
            value = best[at] + shared - 0.01 * abs(at - usual[index]) / count
            better = not row or value > row[-1] + 1e-12
            row.append(value if better else row[-1])
            choice.append(at if better else choice[-1])
        best = row
        chosen.append(choice)
    shown_at = [last] * len(steps)
    at = last
    for index in range(len(steps) - 1, -1, -1):
        at = shown_at[index] = chosen[index][at]
    return shown_at


def _usual(index: int, steps: int, sentences: int) -> int:
    return sentences - steps + index if sentences >= steps else index * sentences // steps


def stems(text: str) -> frozenset[str]:
    """Words without accents and without their endings: the first five letters, or all of a short one."""
    flat = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    found: set[str] = set()
    for word in _WORD.findall(flat):
        if _NO_SPACES.match(word):
            found.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        else:
            found.add(word[:5])
    return frozenset(found)
