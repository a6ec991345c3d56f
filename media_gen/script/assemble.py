"""A slide from its parts, whatever script they came from: layout, id, narration and reveal are settled here."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence

from media_gen import inline
from media_gen.inline import canonical
from media_gen.lesson import Block, Bullets, Columns, Diagram, Layout, Paragraph, Question, Slide, Table
from media_gen.script import layout, properties
from media_gen.script.content import Content
from media_gen.script.notes import Narration, revealed
from media_gen.script.place import Place
from media_gen.script.spoken_slide import narrate

MOST_SLIDES = 400
MOST_STEPS = 200  # on one slide
MOST_PARTS = 2_000  # points of lists and cells of tables on one slide


def assemble(
    content: Content, narration: Narration, said: Mapping[str, str], place: Place, language: str, *, is_first: bool
) -> Slide:
    """``said`` are the slide's properties. Without narration the slide is spoken from its own text.

    Raises ``ScriptInvalid``."""
    wanted = _wanted_layout(said, place)
    title, subtitle, blocks = _headed(content, said, wanted, is_first=is_first)
    kind = wanted or layout.infer(title, subtitle, blocks, content.interaction, first=is_first)
    steps = step_texts(blocks)
    if len(steps) > MOST_STEPS:
        raise place.invalid(f"this slide is revealed in more than {MOST_STEPS} steps.")
    if _parts(blocks) > MOST_PARTS:
        raise place.invalid(f"a slide holds at most {MOST_PARTS:,} points and cells.")
    unscripted = not narration.sentences and said.get("narration") != "none"
    if unscripted:
        narration = Narration(narrate(title, subtitle, blocks, content.interaction, language))
    return Slide(
        id=_id(said, title, place),
        layout=kind,
        title=title,
        subtitle=subtitle,
        blocks=blocks,
        narration=revealed(
            narration,
            steps,
            answered=isinstance(content.interaction, Question),
            manual=said.get("reveal") == "manual",
        ),
        chapter=canonical(said["chapter"]) if "chapter" in said else title if kind is Layout.SECTION else "",
        interaction=content.interaction,
        sources=properties.words(said.get("sources", "")),
        goto=said.get("goto", ""),
        unscripted=unscripted and bool(narration.sentences),
    )


def _parts(blocks: Sequence[Block]) -> int:
    found = 0
    for block in blocks:
        match block:
            case Bullets():
                found += len(block.items)
            case Table():
                found += len(block.header) * (1 + len(block.rows))
            case Columns():
                found += _parts((*block.left, *block.right))
            case _:
                found += 1
    return found


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
    # Another tool's own layouts are left to be inferred; a name that looks like one of ours is misspelt.
    if found is None and difflib.get_close_matches(name, list(Layout), 1, 0.8):
        raise place.invalid(f"there is no layout {name!r}; known are {', '.join(Layout)}.")
    return found


def step_texts(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The text of each step, in the order in which ``Slide.parts`` counts them."""
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


def with_ids(slides: Sequence[tuple[Slide, bool]], places: Sequence[Place]) -> tuple[Slide, ...]:
    """Each id once: one that the author gave (True) is kept, and one made from a title gives way.

    Raises ``ScriptInvalid``."""
    taken: set[str] = set()
    for (slide, given), place in zip(slides, places, strict=True):
        if given and slide.id in taken:
            raise place.invalid(f"there is a slide {slide.id!r} before; an id is used once.")
        taken |= {slide.id} if given else set()
    made: list[Slide] = []
    for slide, given in slides:
        number, free = 1, slide.id
        while not given and free in taken:
            number += 1
            free = f"{slide.id}-{number}"
        taken.add(free)
        made.append(slide if free == slide.id else slide.model_copy(update={"id": free}))
    return tuple(made)


def _slug(title: str) -> str:
    flat = unicodedata.normalize("NFKD", inline.plain(title)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", flat).strip("-")[:48].strip("-") or "slide"
