"""A Markdown deck becomes a Lesson (``docs/script-format.md``). Pure: no file is opened."""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from media_gen import inline
from media_gen.errors import ScriptInvalid
from media_gen.inline import canonical
from media_gen.lesson import (
    Block,
    Bullets,
    Columns,
    Diagram,
    Hotspots,
    Layout,
    Lesson,
    Paragraph,
    Slide,
)
from media_gen.script import front, layout, properties
from media_gen.script.content import Content, read_content
from media_gen.script.markdown import parse
from media_gen.script.notes import MOST_SENTENCES, Narration, read_notes, revealed
from media_gen.script.place import Place, sentence
from media_gen.script.slides import RawSlide, Style, split
from media_gen.script.spoken_slide import narrate

MOST_BYTES = 1_000_000
MOST_LINES = 20_000
MOST_SLIDES = 400
MOST_STEPS = 200  # on one slide


def read_deck(text: str, *, name: str = "deck") -> Lesson:
    """The lesson of a deck in Markdown: ours, Marp's, remark's or Slidev's. ``name`` is its title where it has none.

    Raises ``ScriptInvalid`` or ``AssetMissing``, with ``line`` and ``slide`` in ``data`` (from 1) where they are known.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise ScriptInvalid(f"A script has at most {MOST_BYTES:,} bytes.", line=0, slide=0)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
    if text.count("\n") > MOST_LINES:
        raise ScriptInvalid(f"A script has at most {MOST_LINES:,} lines.", line=MOST_LINES, slide=0)
    settings, lines = front.split(text)
    fields = front.lesson_fields(settings)
    body = "\n" * lines + "".join(line for line in _from(text, lines))
    slides = read_slides(body, settings, fields["language"])
    if not slides:
        raise ScriptInvalid("This script has no slides.", line=1, slide=0)
    places = {slide.id: place for slide, place in reversed(slides)}
    made = tuple(slide for slide, _ in slides)
    _check_targets(made, places, {source["id"] for source in fields["sources"]})
    fields["title"] = fields["title"] or next((slide.title for slide in made if slide.title), "") or inline.escape(name)
    try:
        return Lesson(**fields, slides=made)
    except ValidationError as error:
        raise ScriptInvalid(f"The front matter is not right: {sentence(error)}", line=1, slide=0) from error


def _from(text: str, lines: int) -> Iterator[str]:
    at = 0
    for _ in range(lines):
        at = text.find("\n", at) + 1 or len(text)
    yield text[at:]


def read_slides(
    body: str, settings: Mapping[str, Any], language: str, *, first: bool = True
) -> list[tuple[Slide, Place]]:
    """The slides of a deck without its front matter, and where each begins. ``first``: it begins with the title."""
    raw, style = split(parse(body), body, settings)
    if len(raw) > MOST_SLIDES:
        raise ScriptInvalid(f"A script has at most {MOST_SLIDES} slides; this has {len(raw)}.", line=0, slide=0)
    taken: set[str] = set()
    made: list[tuple[Slide, Place]] = []
    for number, slide in enumerate(raw, 1):
        place = Place(_first_line(slide), number)
        with place.told():
            one = _slide(slide, place, style, language, is_first=first and number == 1)
            if one.id in taken and _is_named(slide, one):
                raise place.invalid(f"there is a slide {one.id!r} before; an id is used once.")
            one = one if one.id not in taken else one.model_copy(update={"id": _free(one.id, taken)})
        taken.add(one.id)
        made.append((one, place))
    return made


def _is_named(raw: RawSlide, slide: Slide) -> bool:
    return slide.id != _slug(slide.title) and slide.id != "slide"


def _first_line(slide: RawSlide) -> int:
    lines = [token.map[0] + 1 for token in slide.tokens if token.map]
    return lines[0] if lines else slide.line


def _slide(raw: RawSlide, place: Place, style: Style, language: str, *, is_first: bool) -> Slide:
    content = read_content(raw.tokens, place.slide)
    if content.whole is not None:
        return content.whole
    said, notes = dict(raw.properties), list(raw.notes)
    comments: list[tuple[str, int]] = []
    for text, line in content.comments:
        found = properties.of_comment(text)
        said.update(found or {})
        if found is None:
            comments.append((text, line))
    if style == "marp":
        notes += comments
    elif style == "slidev":
        notes += comments[-1:]
    wanted = _wanted_layout(said, place)
    title, subtitle, blocks = _headed(content, said, wanted, is_first=is_first)
    kind = wanted or layout.infer(title, subtitle, blocks, content.interaction, first=is_first)
    steps = step_texts(blocks)
    if len(steps) > MOST_STEPS:
        raise place.invalid(f"this slide is revealed in more than {MOST_STEPS} steps.")
    narration = _narration(notes, place, language)
    unscripted = not narration.sentences and said.get("narration") != "none"
    if unscripted:
        narration = Narration(narrate(title, subtitle, blocks, content.interaction, language))
    return Slide(
        id=_id(said, title, place),
        layout=kind,
        title=title,
        subtitle=subtitle,
        blocks=blocks,
        narration=revealed(narration, steps, manual=said.get("reveal") == "manual"),
        chapter=canonical(said["chapter"]) if "chapter" in said else title if kind is Layout.SECTION else "",
        interaction=content.interaction,
        sources=properties.words(said.get("sources", "")),
        goto=said.get("goto", ""),
        unscripted=unscripted and bool(narration.sentences),
    )


def _headed(
    content: Content, said: Mapping[str, str], wanted: Layout | None, *, is_first: bool
) -> tuple[str, str, tuple[Block, ...]]:
    """Title, subtitle and blocks: on a title slide the first line of text is the subtitle."""
    title, subtitle, blocks = content.title, content.subtitle, tuple(content.blocks)
    if "subtitle" in said:
        return title, canonical(said["subtitle"]), blocks
    kind = wanted or layout.infer(title, subtitle, blocks, content.interaction, first=is_first)
    is_heading = kind in (Layout.TITLE, Layout.SECTION)
    if is_heading and title and not subtitle and blocks and isinstance(blocks[0], Paragraph):
        return title, blocks[0].text, blocks[1:]
    return title, subtitle, blocks


def _wanted_layout(said: Mapping[str, str], place: Place) -> Layout | None:
    name = said.get("layout", "")
    found = layout.named(name)
    if name and found is None and "layout" in said and name in _near_layouts(name):
        raise place.invalid(f"there is no layout {name!r}; known are {', '.join(Layout)}.")
    return found


def _near_layouts(name: str) -> tuple[str, ...]:
    """A name that looks like one of ours misspelt; another tool's own layouts are left to be inferred."""
    return (name,) if difflib.get_close_matches(name, list(Layout), 1, 0.8) else ()


def _narration(notes: Sequence[tuple[str, int]], place: Place, language: str) -> Narration:
    parts = [read_notes(text, Place(line, place.slide), language) for text, line in notes if text.strip()]
    said = Narration(tuple(s for part in parts for s in part.sentences), any(part.marked for part in parts))
    if len(said.sentences) > MOST_SENTENCES:
        raise place.invalid(f"the notes have more than {MOST_SENTENCES} sentences.")
    return said


def step_texts(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The text of each step, in the order in which ``Slide.steps`` counts them."""
    found: list[str] = []
    for block in blocks:
        match block:
            case Bullets():
                groups: list[str] = []
                for item in block.items:
                    if item.level == 0 or not groups:
                        groups.append(item.text)
                    else:
                        groups[-1] += " " + item.text
                found += groups
            case Diagram():
                found += block.steps
            case Columns():
                found += step_texts((*block.left, *block.right))
            case _:
                pass
    return tuple(found)


def _id(said: Mapping[str, str], title: str, place: Place) -> str:
    wanted = said.get("id", "") or said.get("name", "") or said.get("routeAlias", "")
    if "id" in said and not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", wanted):
        raise place.invalid(f"an id has small letters a-z, digits, - and _: {wanted[:40]!r} does not.")
    return wanted if "id" in said else _slug(wanted) if _slug(wanted) != "slide" else _slug(title)


def _slug(title: str) -> str:
    flat = unicodedata.normalize("NFKD", inline.plain(title)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:48].strip("-") or "slide"


def _free(wanted: str, taken: set[str]) -> str:
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def _check_targets(slides: Sequence[Slide], places: Mapping[str, Place], sources: set[str]) -> None:
    for slide in slides:
        place = places[slide.id]
        targets = [slide.goto]
        if slide.interaction is not None and not isinstance(slide.interaction, Hotspots):
            targets += [option.goto for option in slide.interaction.options]
        for target in targets:
            if target and target not in places:
                raise place.invalid(f"it leads to a slide {target[:64]!r}, which is not there.")
        for cited in slide.sources:
            if cited not in sources:
                raise place.invalid(f"it cites {cited[:64]!r}, which is not among the sources of the front matter.")
