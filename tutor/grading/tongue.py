"""Which languages an item and an answer are in. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.language import detect
from tutor.grading.reading import LONGEST, read

FALLBACK = "en"  # a text that speaks for no language


def of_item(question: str, statements: Sequence[Sequence[str]]) -> str:
    """The language an item is written in, guessed from all of its text."""
    return detect(" ".join([question, *(wording for group in statements for wording in group)])[:LONGEST], FALLBACK)


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
