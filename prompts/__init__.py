"""Prompts: strict Jinja2 templates and the frozen dataclasses whose fields are their variables.

``render(AnswerFromCourse(...))`` gives the messages to send and the hash to log. All prompt text is in
``templates/``, in English; the language of the reply is a field.
"""

from prompts.chat import AnswerFromCourse
from prompts.fencing import PromptPassage, read_passages, read_wording
from prompts.films import WriteScript
from prompts.items import DraftItems
from prompts.rendering import Prompt, PromptError, RenderedPrompt, render, template_sha256
from prompts.teaching import WordTheMove
from prompts.translation import TranslateSegments

__all__ = [
    "AnswerFromCourse",
    "DraftItems",
    "Prompt",
    "PromptError",
    "PromptPassage",
    "RenderedPrompt",
    "TranslateSegments",
    "WordTheMove",
    "WriteScript",
    "read_passages",
    "read_wording",
    "render",
    "template_sha256",
]
