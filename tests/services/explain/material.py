"""Passages and items for the scripts of films."""

from typing import Any

from retrieval.values import Hit, Passage, passage_id
from tutor.domain.curriculum import Course
from tutor.domain.items import read_item
from tutor.domain.items.item import Item

COURSE = Course("plants", "Plants", "en")
TITLES = {"leaves.md": "Leaves"}
STOMATA = (
    "Stomata are small pores in the skin of a leaf. Gases pass through them. "
    "Two **guard cells** around each pore open and close it, so that a leaf can save water on a hot day.\n\n"
    "| Time | Stomata |\n|---|---|\n| day | open |\n\nWhat closes them?"
)
SUGAR = (
    "Leaves make sugar from carbon dioxide and water. The energy for this comes from sunlight. "
    "Out of six molecules of carbon dioxide, $6\\,\\mathrm{CO_2}$, the leaf builds one molecule of sugar."
)


def passage(text: str, heading: str, position: int) -> Passage:
    path = ("Leaves", heading)
    name = passage_id("plants", "leaves.md", position * 1000, path, text)
    return Passage(
        name, "plants", "leaves.md", position, path, position * 1000, position * 1000 + len(text), text, position
    )


def hits() -> tuple[Hit, ...]:
    return (Hit(passage(STOMATA, "Stomata", 1), 1.0), Hit(passage(SUGAR, "Sugar", 0), 0.8))


def item(**data: Any) -> Item:
    return read_item({"kcs": ["rates"], **data}, "plants")
