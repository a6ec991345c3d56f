"""The prompts of a conversation."""

from dataclasses import dataclass
from typing import ClassVar

from prompts.fencing import PromptPassage
from prompts.rendering import Prompt, PromptError


@dataclass(frozen=True)
class AnswerFromCourse(Prompt):
    """Answer a free question from the course's passages, then ask one question back.

    ``reply_language`` is the language's English name ("Spanish") or its BCP 47 tag. ``history`` holds the earlier
    turns, oldest first, as (role, text) with the roles ``user`` and ``assistant``. ``passages`` may be empty: then
    the model is told that the course holds nothing on the matter. ``is_exercise`` says that the message repeats one of
    the course's exercises: then the model leads towards the answer and keeps it back. ``open_question`` is a question
    the tutor has put and that waits for its answer: nothing that answers it may be said, and nothing else is asked.
    """

    template: ClassVar[str] = "answer_from_course.j2"

    course_title: str
    reply_language: str
    learner_message: str
    history: tuple[tuple[str, str], ...] = ()
    passages: tuple[PromptPassage, ...] = ()
    is_exercise: bool = False
    open_question: str = ""

    def __post_init__(self) -> None:
        if any(role not in ("user", "assistant") for role, _ in self.history):
            raise PromptError("history holds a role other than user and assistant")
        numbers = [passage.number for passage in self.passages]
        if len(set(numbers)) != len(numbers):
            raise PromptError("two passages carry the same number")
