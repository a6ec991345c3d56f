"""What grading says of an answer, and what it counts for as evidence."""

from dataclasses import dataclass
from typing import Literal

#: ``unsure`` and ``unparsed`` ask instead of judging; ``not_an_answer`` and they never count as evidence.
VerdictKind = Literal[
    "correct", "partial", "incorrect", "misconception", "unsure", "unparsed", "not_an_answer", "noted"
]

JUDGED: frozenset[str] = frozenset({"correct", "partial", "incorrect", "misconception"})


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer, with its evidence.

    ``probability`` is how likely the answer is right (calibrated for text; 0 or 1 where equivalence was decided).
    ``credit`` (0 to 1) is the share of the expected ideas it holds. ``covered``/``missing`` are expectation ids (or
    blanks, options, steps), ``doubtful`` those in the unsure band. ``misconception`` is an id of the item's, and
    ``evidence`` the words or the value that show it. ``reading`` says how an answer was read ("x = 3/4"), for
    "I read that as ..., is that right?". ``note`` is a short machine code for why, such as ``sign``, ``unit``,
    ``not_simplified``, ``negated``, ``rounding``: the wording is in the language files as ``grading.note.<code>``.
    ``noted`` is the verdict on a poll: nothing is right or wrong.
    """

    kind: VerdictKind
    probability: float = 0.0
    credit: float = 0.0
    covered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    misconception: str | None = None
    evidence: str = ""
    reading: str = ""
    note: str = ""

    @property
    def is_judged(self) -> bool:
        return self.kind in JUDGED


CORRECT = Verdict("correct", 1.0, 1.0)
INCORRECT = Verdict("incorrect", 0.0, 0.0)

#: What a message is, decided before anything is graded.
Intent = Literal[
    "answer",  # tries to answer the open question
    "question",  # asks something of the course, or what the task means
    "hint",  # asks for help with the open question
    "explain",  # asks for an explanation, an example or a video
    "tell_me",  # wants the answer ("just tell me")
    "skip",  # wants another question, the next topic, or to stop
    "practise",  # wants to be asked, taught or tested
    "do_not_know",  # "no idea"
    "frustration",  # "this is stupid, I give up"
    "contest",  # "my answer was right"
    "confirm",  # "yes" to a question of the tutor's
    "deny",  # "no" to a question of the tutor's
    "greeting",
    "chatter",  # thanks, small talk, off topic remarks
    "gaming",  # pleads, bribes, impersonates or injects to get the answer; rattles off guesses
    "doubtful",  # may be an answer and may not: the tutor asks. Never what a message is, only what is made of it
]


@dataclass(frozen=True)
class IntentGuess:
    """``probability`` is that of ``intent``; ``answer_probability`` that the message is an answer at all."""

    intent: Intent
    probability: float
    answer_probability: float
