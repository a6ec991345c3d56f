"""Directives: fenced blocks whose first word is one of ours. Elsewhere they show as a block of code, readable as it is.

| word | gives |
|---|---|
| ``process``, ``cycle`` | a diagram; its items are the steps |
| ``chart bar``, ``chart line``, ``chart pie`` | a chart of the table below it |
| ``question``, ``poll``, ``branch``, ``hotspots`` | what the viewer can do |
| ``picture``, ``clip`` | one with its credit and licence; a clip trimmed |
| ``slide`` | a whole slide as JSON, for what Markdown can't say |
"""

import json
from collections.abc import Callable, Mapping

from media_gen.inline import canonical
from media_gen.lesson import (
    Block,
    Branch,
    Chart,
    Clip,
    Diagram,
    Hotspot,
    Hotspots,
    Interaction,
    Option,
    Picture,
    Poll,
    Question,
    Series,
    Slide,
)
from media_gen.script.assets import asset
from media_gen.script.fields import Body, Item, read
from media_gen.script.place import Place

WORDS = frozenset({"process", "cycle", "chart", "question", "poll", "branch", "hotspots", "picture", "clip", "slide"})
OPTION_KEYS = ("feedback", "goto")
SPOT_KEYS = ("at", "text")
QUESTION_KEYS = ("answer", "explanation", "think")
MEDIA_KEYS = ("file", "alt", "caption", "credit", "licence", "from", "to")
CHART_KEYS = ("unit",)
_RIGHT = {"right": True, "wrong": False}


def directive(info: str, body: str, place: Place) -> Block | Interaction | Slide | None:
    """What a fenced block says; None where it is code. Raises ``ScriptInvalid`` and ``AssetMissing``."""
    word, _, rest = info.strip().partition(" ")
    if word not in WORDS:
        return None
    with place.told():
        return _READERS[word](rest.strip(), body, place)


def _diagram(form: str) -> Callable[[str, str, Place], Block]:
    def made(rest: str, body: str, place: Place) -> Block:
        found = read(body, place)
        if found.text:
            raise place.invalid(f"write each step of a {form} as a line that begins with a dash.")
        return Diagram.model_validate({"form": form, "steps": [canonical(item.text) for item in found.items]})

    return made


def _chart(rest: str, body: str, place: Place) -> Block:
    found = read(body, place, keys=CHART_KEYS, table=True)
    if len(found.table) < 2 or rest not in ("bar", "line", "pie"):
        raise place.invalid("a chart is `chart bar`, `chart line` or `chart pie` over a table with a heading and rows.")
    head, *rows = found.table
    if any(len(row) != len(head) for row in rows) or len(head) < 2:
        raise place.invalid("every row of a chart's table has a label and as many numbers as its heading has names.")
    return Chart(
        form=rest,  # type: ignore[arg-type]
        labels=tuple(canonical(row[0]) for row in rows),
        series=tuple(
            Series(name=canonical(name), values=tuple(_number(row[at], place) for row in rows))
            for at, name in enumerate(head[1:], 1)
        ),
        unit=canonical(found.values.get("unit", "")),
    )


def _number(text: str, place: Place) -> float:
    try:
        return float(text.replace("−", "-").replace("\u202f", "").replace(" ", "").replace(",", ""))
    except ValueError:
        raise place.invalid(f"{text[:40]!r} is not a number.") from None


def _question(rest: str, body: str, place: Place) -> Interaction:
    found = read(body, place, keys=QUESTION_KEYS, kinds=_RIGHT, item_keys=OPTION_KEYS)
    _asked(found, place)
    think = {"think_seconds": found.values["think"].removesuffix("s").strip()} if "think" in found.values else {}
    return Question.model_validate(
        {
            "prompt": canonical(found.text),
            "options": [_option(item) for item in found.items],
            "answer": canonical(found.values.get("answer", "")),
            "explanation": canonical(found.values.get("explanation", "")),
            **think,
        }
    )


def _poll(rest: str, body: str, place: Place) -> Interaction:
    found = read(body, place, kinds=_RIGHT, item_keys=OPTION_KEYS)
    _asked(found, place)
    return Poll(prompt=canonical(found.text), options=tuple(_option(item) for item in found.items))


def _branch(rest: str, body: str, place: Place) -> Interaction:
    found = read(body, place, kinds=_RIGHT, item_keys=OPTION_KEYS)
    _asked(found, place)
    return Branch(prompt=canonical(found.text), options=tuple(_option(item) for item in found.items))


def _asked(found: Body, place: Place) -> None:
    if not found.text:
        raise place.invalid("the first line says what is asked.")


def _option(item: Item) -> Option:
    return Option(
        text=canonical(item.text),
        correct=_RIGHT.get(item.kind),
        feedback=canonical(item.values.get("feedback", "")),
        goto=item.values.get("goto", ""),
    )


def _hotspots(rest: str, body: str, place: Place) -> Interaction:
    found = read(body, place, kinds=_RIGHT, item_keys=SPOT_KEYS)
    return Hotspots(prompt=canonical(found.text), spots=tuple(_spot(item) for item in found.items))


def _spot(item: Item) -> Hotspot:
    parts = item.values.get("at", "").replace(",", " ").split()
    if len(parts) != 4:
        raise item.place.invalid("a spot needs `at:` with four numbers: left, top, width and height.")
    x, y, width, height = (_number(p[:-1], item.place) / 100 if p[-1] == "%" else _number(p, item.place) for p in parts)
    with item.place.told():
        return Hotspot(
            x=x,
            y=y,
            width=width,
            height=height,
            label=canonical(item.text),
            text=canonical(item.values.get("text", "")),
            correct=_RIGHT.get(item.kind),
        )


def _media(rest: str, body: str, place: Place) -> tuple[str, Mapping[str, str]]:
    values = read(body, place, keys=MEDIA_KEYS).values
    if not values.get("file"):
        raise place.invalid("`file:` names the file.")
    return asset(values["file"], place), values


def _picture(rest: str, body: str, place: Place) -> Block:
    path, values = _media(rest, body, place)
    return Picture(
        asset=path,
        alt=canonical(values.get("alt", "")),
        caption=canonical(values.get("caption", "")),
        credit=values.get("credit", ""),
        licence=values.get("licence", ""),
    )


def _clip(rest: str, body: str, place: Place) -> Block:
    path, values = _media(rest, body, place)
    return Clip(
        asset=path,
        alt=canonical(values.get("alt", "")),
        start=_number(values.get("from") or "0", place),
        end=_number(values["to"], place) if values.get("to") else None,
        credit=values.get("credit", ""),
        licence=values.get("licence", ""),
    )


def _slide(rest: str, body: str, place: Place) -> Slide:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise place.invalid("this `slide` block is not valid JSON.") from None
    slide = Slide.model_validate(data)
    for block in slide.blocks:
        pieces = (*block.left, *block.right) if block.kind == "columns" else (block,)
        for piece in pieces:
            if isinstance(piece, Picture | Clip) and asset(piece.asset, place) != piece.asset:
                raise place.invalid(f"the file {piece.asset[:80]!r} is not a path below the script's folder.")
    return slide


_READERS: dict[str, Callable[[str, str, Place], Block | Interaction | Slide]] = {
    "process": _diagram("process"),
    "cycle": _diagram("cycle"),
    "chart": _chart,
    "question": _question,
    "poll": _poll,
    "branch": _branch,
    "hotspots": _hotspots,
    "picture": _picture,
    "clip": _clip,
    "slide": _slide,
}
