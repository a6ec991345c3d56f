"""The prompts of a teaching turn."""

from dataclasses import dataclass
from typing import ClassVar

from prompts.rendering import Prompt, PromptError


@dataclass(frozen=True)
class WordTheMove(Prompt):
    """Say a decided move in the tutor's own words. The model decides nothing and is told no answer.

    ``move`` is the policy's name for it, ``wording`` what the tutor would say by itself: it holds all the facts that
    may be used. ``question`` is what the learner sees below the reply. ``history`` as in ``AnswerFromCourse``.
    """

    template: ClassVar[str] = "word_the_move.j2"

    course_title: str
    reply_language: str
    move: str
    wording: str
    learner_message: str
    question: str = ""
    history: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if any(role not in ("user", "assistant") for role, _ in self.history):
            raise PromptError("history holds a role other than user and assistant")
