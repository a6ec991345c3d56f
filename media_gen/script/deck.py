"""A Markdown deck becomes a Lesson (``docs/script-format.md``). Pure: no file is opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from media_gen import inline
from media_gen.errors import ScriptInvalid
from media_gen.lesson import Hotspots, Lesson, Picture, Slide
from media_gen.script import front, properties
from media_gen.script.assemble import MOST_SLIDES, assemble, with_ids
from media_gen.script.assets import asset
from media_gen.script.content import read_content
from media_gen.script.markdown import parse
from media_gen.script.notes import MOST_SENTENCES, Narration, read_notes
from media_gen.script.place import Place, sentence
from media_gen.script.slides import RawSlide, Style, split

MOST_BYTES = 1_000_000
MOST_LINES = 20_000


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
    # Empty lines in its place, so that every line keeps its number.
    body = "\n" * lines + "\n".join(text.split("\n")[lines:])
    slides = read_slides(body, settings, fields["language"])
    if not slides:
        raise ScriptInvalid("This script has no slides.", line=1, slide=0)
    places = {slide.id: place for slide, place in reversed(slides)}
    made = tuple(slide for slide, _ in slides)
    _check_targets(made, places, {source["id"] for source in fields["sources"]})
    fields["title"] = fields["title"] or _titled(made) or inline.escape(name)
    try:
        return Lesson(**fields, slides=made)
    except ValidationError as error:
        raise ScriptInvalid(f"The front matter is not right: {sentence(error)}", line=1, slide=0) from error


def _titled(slides: Sequence[Slide]) -> str:
    """The first title, without its markup."""
    return next((inline.escape(inline.plain(slide.title)) for slide in slides if slide.title), "")


def read_slides(
    body: str, settings: Mapping[str, Any], language: str, *, first: bool = True
) -> list[tuple[Slide, Place]]:
    """The slides of a deck without its front matter, and where each begins. ``first``: it begins with the title."""
    raw, style = split(parse(body), body, settings)
    if len(raw) > MOST_SLIDES:
        raise ScriptInvalid(f"A script has at most {MOST_SLIDES} slides; this has {len(raw)}.", line=0, slide=0)
    made: list[tuple[Slide, bool]] = []
    places = [Place(_first_line(slide), number) for number, slide in enumerate(raw, 1)]
    for slide, place in zip(raw, places, strict=True):
        with place.told():
            made.append(_slide(slide, place, style, language, is_first=first and place.slide == 1))
    return list(zip(with_ids(made, places), places, strict=True))


def _first_line(slide: RawSlide) -> int:
    lines = [token.map[0] + 1 for token in slide.tokens if token.map]
    return lines[0] if lines else slide.line


def _slide(raw: RawSlide, place: Place, style: Style, language: str, *, is_first: bool) -> tuple[Slide, bool]:
    """The slide, and whether the author gave its id."""
    content = read_content(raw.tokens, place.slide)
    if content.whole is not None:
        return content.whole, True
    if image := raw.properties.get("image"):  # Slidev's layouts with a picture
        content.blocks.append(Picture(asset=asset(image, place)))
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
    made = assemble(content, _narration(notes, place, language), said, place, language, is_first=is_first)
    return made, "id" in said


def _narration(notes: Sequence[tuple[str, int]], place: Place, language: str) -> Narration:
    parts = [read_notes(text, Place(line, place.slide), language) for text, line in notes if text.strip()]
    said = Narration(tuple(s for part in parts for s in part.sentences), any(part.marked for part in parts))
    if len(said.sentences) > MOST_SENTENCES:
        raise place.invalid(f"the notes have more than {MOST_SENTENCES} sentences.")
    return said


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
