"""The prompts of explainer films."""

from dataclasses import dataclass
from typing import ClassVar

from prompts.fencing import PromptPassage
from prompts.rendering import Prompt, PromptError


@dataclass(frozen=True)
class WriteScript(Prompt):
    """The script of a short film that rests on passages of a course, as JSON (``tutor.services.explain.compose``).

    ``language`` is that of the script, by its English name or BCP 47 tag. ``topic`` is what the learner asked about,
    ``misconception`` a wrong idea that the film puts right, if any. ``slides`` is the most there may be. With
    ``rejected_reply`` the model is shown its earlier reply and what was wrong with it (``problems``), and asked once
    more.
    """

    template: ClassVar[str] = "write_script.j2"

    course_title: str
    language: str
    topic: str
    passages: tuple[PromptPassage, ...]
    misconception: str = ""
    slides: int = 5
    rejected_reply: str = ""
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.passages:
            raise PromptError("a script rests on passages")
        if not 1 <= self.slides <= 12:
            raise PromptError("a script has from 1 to 12 slides")
        if bool(self.rejected_reply) != bool(self.problems):
            raise PromptError("a rejected reply comes with its problems")
