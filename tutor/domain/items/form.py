"""The data form of an item: TOML in a course's ``items/*.toml``, JSON in the database, with the same keys."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tutor.domain.assessment import Verdict
from tutor.domain.items import fields
from tutor.domain.items.item import Answer, BadItem, Hint, Item, Misconception, TextJudge
from tutor.domain.items.options import Option
from tutor.domain.items.registry import card, grade, read_body, write_body

_ORIGINS = ("authored", "imported", "harvested", "drafted")
_STATES = ("approved", "draft", "rejected")


def read_item(data: Mapping[str, Any], course: str, where: str = "") -> Item:
    """The item that ``data`` describes.

    ``where`` says where the data stand (a file), for the message of ``BadItem``, which is the only error raised.
    """
    name = fields.text(data, "id", where or "item")
    place = f"{where}: item {name}" if where else f"item {name}"
    body = read_body(fields.text(data, "type", place), data, place)
    misconceptions = tuple(
        _read_misconception(one, f"{place}: misconception {number}")
        for number, one in enumerate(fields.tables(data, "misconception", place), start=1)
    )
    fields.distinct([one.id for one in misconceptions], "misconception", place)
    known = {one.id for one in misconceptions}
    for option in getattr(body, "options", ()):
        if isinstance(option, Option) and option.misconception and option.misconception not in known:
            raise BadItem(f"{place}: option {option.id}: misconception {option.misconception!r} is not described")
    hints = tuple(
        _read_hint(one, f"h{number}", f"{place}: hint {number}")
        for number, one in enumerate(fields.tables(data, "hint", place), start=1)
    )
    _check_dependencies(hints, place)
    # Matching has a list of that name; its items keep their table under another.
    extra = data.get("item_extra" if data.get("type") == "matching" else "extra", {})
    if not isinstance(extra, Mapping):
        raise BadItem(f"{place}: extra must be a table")
    return Item(
        id=name,
        course=course,
        prompt=fields.text(data, "prompt", place),
        body=body,
        kcs=fields.texts(data, "kcs", place),
        hints=hints,
        misconceptions=misconceptions,
        explanation=fields.text(data, "explanation", place, default=""),
        difficulty=fields.number(data, "difficulty", place),
        language=fields.text(data, "language", place, default=""),
        variant_of=fields.text(data, "variant_of", place, default=""),
        transfer=fields.flag(data, "transfer", place),
        origin=fields.one_of(data, "origin", place, _ORIGINS),  # type: ignore[arg-type]
        state=fields.one_of(data, "state", place, _STATES),  # type: ignore[arg-type]
        kcs_guessed=fields.flag(data, "kcs_guessed", place),
        place=fields.text(data, "place", place, default=""),
        attribution=fields.text(data, "attribution", place, default=""),
        extra=dict(extra),
    )


def write_item(item: Item) -> dict[str, Any]:
    """JSON values; ``read_item(write_item(item), item.course) == item``. What is as by default is left out."""
    return {
        "id": item.id,
        "type": item.type,
        "prompt": item.prompt,
        **fields.without_blanks(
            {
                "kcs": list(item.kcs),
                "hint": [_write_hint(one) for one in item.hints],
                "misconception": [_write_misconception(one) for one in item.misconceptions],
                "explanation": item.explanation,
                "difficulty": item.difficulty,
                "language": item.language,
                "variant_of": item.variant_of,
                "transfer": item.transfer,
                "origin": "" if item.origin == _ORIGINS[0] else item.origin,
                "state": "" if item.state == _STATES[0] else item.state,
                "kcs_guessed": item.kcs_guessed,
                "place": item.place,
                "attribution": item.attribution,
                "item_extra" if item.type == "matching" else "extra": dict(item.extra),
            }
        ),
        **write_body(item.body),
    }


def grade_hint(item: Item, hint: Hint, answer: Answer, judge: TextJudge) -> Verdict:
    """The verdict on an answer to a scaffold. Raises ``ValueError`` for a hint that asks nothing."""
    return grade(as_item(item, hint), answer, judge)


def hint_card(item: Item, hint: Hint, seed: str) -> dict[str, Any]:
    """How to show a scaffold. Raises ``ValueError`` for a hint that asks nothing."""
    return card(as_item(item, hint), seed)


def as_item(item: Item, hint: Hint) -> Item:
    """The scaffold as an item of its own; an order shown in it depends on its own name. Raises ``ValueError``."""
    if hint.body is None:
        raise ValueError(f"hint {hint.id} of {item.id} is no scaffold")
    name = f"{item.id}#{hint.id}"
    return replace(item, id=name, prompt=hint.text, body=hint.body, hints=(), misconceptions=(), explanation="")


def _read_misconception(data: Mapping[str, Any], where: str) -> Misconception:
    return Misconception(
        id=fields.text(data, "id", where),
        title=fields.text(data, "title", where),
        says=fields.texts(data, "says", where),
        repair=fields.text(data, "repair", where, default=""),
        ask=fields.text(data, "ask", where, default=""),
    )


def _write_misconception(one: Misconception) -> dict[str, Any]:
    return fields.without_blanks(
        {"id": one.id, "title": one.title, "says": list(one.says), "repair": one.repair, "ask": one.ask}
    )


def _read_hint(data: Mapping[str, Any], default: str, where: str) -> Hint:
    title = fields.text(data, "title", where, default="")
    return Hint(
        id=fields.text(data, "id", where, default=default),
        text=fields.text(data, "text", where, default=title or None),
        title=title,
        depends_on=fields.texts(data, "depends_on", where),
        body=read_body(fields.text(data, "type", where), data, where) if "type" in data else None,
    )


def _write_hint(hint: Hint) -> dict[str, Any]:
    data = fields.without_blanks(
        {"id": hint.id, "text": hint.text, "title": hint.title, "depends_on": list(hint.depends_on)}
    )
    if hint.body is None:
        return data
    # A hint's text is what it says, so that of a cloze goes by another name.
    body = {"cloze" if key == "text" else key: value for key, value in write_body(hint.body).items()}
    return {**data, "type": hint.body.type, **body}


def _check_dependencies(hints: tuple[Hint, ...], where: str) -> None:
    """Every dependency is a hint, and none waits for itself. Raises ``BadItem``."""
    fields.distinct([one.id for one in hints], "hint", where)
    waiting = {one.id: set(one.depends_on) for one in hints}
    for hint in hints:
        for name in hint.depends_on:
            if name not in waiting:
                raise BadItem(f"{where}: hint {hint.id}: depends_on names no hint: {name!r}")
    while waiting:
        ready = [name for name, names in waiting.items() if not names & waiting.keys()]
        if not ready:
            raise BadItem(f"{where}: hint: depends_on goes in a circle: {', '.join(waiting)}")
        for name in ready:
            del waiting[name]
