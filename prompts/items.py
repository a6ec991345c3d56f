"""The prompts that write questions."""

from dataclasses import dataclass
from typing import ClassVar

from prompts.fencing import PromptPassage
from prompts.rendering import Prompt, PromptError


@dataclass(frozen=True)
class DraftItems(Prompt):
    """Draft questions that rest on one passage, as JSON. A trainer reads them before any learner does.

    ``language`` is the passage's language by its English name or BCP 47 tag. ``components`` are the (id, title) of the
    knowledge components to choose from, ``asked`` are questions that exist already. With ``rejected_reply`` the model
    is shown its earlier reply and what was wrong with it (``problems``), and asked once more.
    """

    template: ClassVar[str] = "draft_items.j2"

    course_title: str
    language: str
    passage: PromptPassage
    components: tuple[tuple[str, str], ...]
    count: int = 2
    asked: tuple[str, ...] = ()
    rejected_reply: str = ""
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 10:
            raise PromptError("from 1 to 10 questions can be asked for")
        if bool(self.rejected_reply) != bool(self.problems):
            raise PromptError("a rejected reply comes with its problems")
