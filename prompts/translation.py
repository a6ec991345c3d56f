"""The prompt that translates the texts of a film."""

from dataclasses import dataclass
from typing import ClassVar

from prompts.rendering import Prompt, PromptError


@dataclass(frozen=True)
class TranslateSegments(Prompt):
    """Translate texts of a lesson, as JSON by number. A person reviews them before they count as more than a draft.

    Languages by their English names. ``segments`` are (number, kind, text) in reading order; in a text ``<xN/>`` stands
    for what must survive. ``glossary`` are fixed terms as (term, translation). ``problems`` are (number, why) of
    segments that are asked again because the answer before could not be used.
    """

    template: ClassVar[str] = "translate_segments.j2"

    source_language: str
    target_language: str
    lesson_title: str
    segments: tuple[tuple[str, str, str], ...]
    glossary: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        numbers = [number for number, _, _ in self.segments]
        if not numbers or len(set(numbers)) != len(numbers):
            raise PromptError("there is something to translate, and each segment has a number of its own")
        if not {number for number, _ in self.problems} <= set(numbers):
            raise PromptError("a problem is about one of the segments")
