"""Which languages an item and an answer are in. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.language import detect
from tutor.grading.reading import LONGEST, read

_NOT_LATIN = frozenset(
    [
        "ar",
        "bg",
        "bn",
        "el",
        "fa",
        "gu",
        "he",
        "hi",
        "hy",
        "ja",
        "ka",
        "km",
        "kn",
        "ko",
        "lo",
        "ml",
        "mr",
        "my",
        "ne",
        "pa",
        "ru",
        "si",
        "sr",
        "ta",
        "te",
        "th",
        "uk",
        "ur",
        "zh",
    ]
)


def of_item(question: str, statements: Sequence[Sequence[str]], learner: str) -> str:
    """The language an item is written in, guessed from all of its text; the learner's where that doesn't say."""
    text = " ".join([question, *(wording for group in statements for wording in group)])[:LONGEST]
    learner = learner.split("-")[0].lower() or "en"
    guess = detect(text, learner)
    return guess if learner not in _NOT_LATIN else detect(text, "en")  # another script speaks for itself


def of_answer(answer: str, home: str, learner: str, statements: Sequence[Sequence[str]]) -> str:
    """The language of an answer to an item in ``home`` by a learner whose language is ``learner``.

    A few words speak for neither; then words shared with the statements speak for ``home``.
    """
    text = answer[:LONGEST]
    learner = learner.split("-")[0].lower() or home
    if learner == home:
        return detect(text, home)
    as_home, as_learner = detect(text, home), detect(text, learner)
    if as_home == as_learner:
        return as_home
    given = read(text, home).content
    shared = any(given & read(wording, home).content for group in statements for wording in group)
    return as_home if shared else as_learner
