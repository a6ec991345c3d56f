"""A finding of a check."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """``code`` is stable (``asset``, ``overflow``, ``contrast``, ``text_size``, ``caption_length``, ``caption_speed``,
    ``rate``, ``loudness``, ``drift``, ``glyph``, ``silent``, ``runaway``, ``untranslated``, ``coverage``); ``message``
    is plain English for the trainer, ``facts`` the numbers in it. ``slide`` is the slide's id, ``number`` its place
    from 1. An error refuses publication; a warning doesn't."""

    code: str
    language: str
    slide: str
    number: int
    message: str
    severity: Severity = "error"
    facts: dict[str, str] = field(default_factory=dict)
