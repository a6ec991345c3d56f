"""Options to choose from, as multiple choice and polls have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.domain.items import fields
from tutor.domain.items.choosing import places_of
from tutor.domain.items.item import Answer, BadItem


@dataclass(frozen=True)
class Option:
    """``misconception`` is an id of the item's that choosing this shows; ``why`` says why it is right or wrong, told
    only once it gives nothing away."""

    id: str
    text: str
    correct: bool = False
    misconception: str = ""
    why: str = ""


def read_options(data: Mapping[str, Any], where: str) -> tuple[Option, ...]:
    """At least two. Raises ``BadItem``."""
    options = tuple(
        Option(
            id=fields.text(one, "id", f"{where}: option {at + 1}", default=fields.letter(at)),
            text=fields.text(one, "text", f"{where}: option {at + 1}"),
            correct=fields.flag(one, "correct", f"{where}: option {at + 1}"),
            misconception=fields.text(one, "misconception", f"{where}: option {at + 1}", default=""),
            why=fields.text(one, "why", f"{where}: option {at + 1}", default=""),
        )
        for at, one in enumerate(fields.tables(data, "option", where))
    )
    if len(options) < 2:
        raise BadItem(f"{where}: option: at least two are needed")
    fields.distinct([one.id for one in options], "option", where)
    return options


def write_options(options: tuple[Option, ...]) -> list[dict[str, Any]]:
    return [
        fields.without_blanks(
            {
                "id": one.id,
                "text": one.text,
                "correct": one.correct,
                "misconception": one.misconception,
                "why": one.why,
            }
        )
        for one in options
    ]


def options_card(options: tuple[Option, ...]) -> list[dict[str, str]]:
    """In the author's order: "all of the above", "both A and B" and a typed "B" keep their meaning."""
    return [{"id": one.id, "text": one.text} for one in options]


def chosen(options: tuple[Option, ...], answer: Answer) -> tuple[Option, ...] | None:
    """The options that an answer means: by their ids, or as typed (see ``choosing``). None where that is not clear."""
    if answer.selected:
        found = tuple(one for one in options if one.id in answer.selected)
        return found or None
    places = places_of(answer.text, [one.text for one in options], answer.language)
    return None if places is None else tuple(options[at] for at in places)
