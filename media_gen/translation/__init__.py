"""Lessons in other languages: a file that a person reviews, drafts by engines, and the lesson made from it."""

from media_gen.translation.artefact import Entry, State, Translation, approve, beside, edit, read, write
from media_gen.translation.fake import FakeTranslator
from media_gen.translation.localise import MISSING, OUTDATED, Review, localise, review
from media_gen.translation.port import Batch, Item, Translator
from media_gen.translation.segments import Segment, segments, slide_of
from media_gen.translation.update import Plan, plan, started, update

__all__ = [
    "MISSING",
    "OUTDATED",
    "Batch",
    "Entry",
    "FakeTranslator",
    "Item",
    "Plan",
    "Review",
    "Segment",
    "State",
    "Translation",
    "Translator",
    "approve",
    "beside",
    "edit",
    "localise",
    "plan",
    "read",
    "review",
    "segments",
    "slide_of",
    "started",
    "update",
    "write",
]
