"""A Lesson as a Markdown deck that a trainer can edit, and that reads back as the same Lesson.

Each slide is written as plain Markdown, read back, and compared. What Markdown can't say (a line break in a title, a
list that begins at its second level) is written as a ``slide`` block of JSON instead: nothing is ever lost.
"""

import json
from typing import Any

import yaml

from media_gen.errors import MediaError
from media_gen.lesson import Layout, Lesson, Question, Sentence, Slide, Value
from media_gen.script import layout, write_blocks
from media_gen.script.assemble import step_texts
from media_gen.script.deck import read_slides
from media_gen.script.notes import Narration, revealed
from media_gen.script.spoken_slide import narrate


def write_deck(lesson: Lesson) -> str:
    """The deck. ``read_deck`` gives the lesson back, where its title is not empty and its theme is one there is."""
    slides = [_slide(slide, lesson.language, is_first=at == 0) for at, slide in enumerate(lesson.slides)]
    return f"---\n{_front(lesson)}---\n\n" + "\n\n---\n\n".join(slides) + "\n"


def _front(lesson: Lesson) -> str:
    data: dict[str, Any] = lesson.model_dump(mode="json", exclude_defaults=True, exclude={"slides"})
    data = {"title": lesson.title, "language": lesson.language, **data}
    text: str = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)
    return text


class _Dumper(yaml.SafeDumper):
    """Line breaks of every kind are escaped: YAML would fold them."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    broken = any(character in text for character in "\n\r\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if broken else None)


_Dumper.add_representer(str, _string)


def _slide(slide: Slide, language: str, *, is_first: bool) -> str:
    for as_list in (False, True):
        text = _markdown(slide, language, is_first=is_first, as_list=as_list)
        if _reads_back(text, slide, language, is_first=is_first):
            return text
    return write_blocks.fenced("slide", json.dumps(_data(slide), ensure_ascii=False, indent=1))


def _reads_back(text: str, slide: Slide, language: str, *, is_first: bool) -> bool:
    try:
        # The slide stands between two others, as it will: nothing of it may reach into them.
        body = text + "\n" if is_first else f"# before\n\n---\n\n{text}\n"
        found = read_slides(body + "\n---\n\n# after\n", {}, language)
    except MediaError:
        return False
    return [one for one, _ in found][:-1] == [*(() if is_first else (found[0][0],)), slide] and len(
        found
    ) == 3 - is_first


def _data(value: Any) -> Any:
    """A model as JSON without its defaults, but with the kinds that tell the models apart."""
    if isinstance(value, Value):
        fields = type(value).model_fields
        given = {name: getattr(value, name) for name in fields}
        return {
            n: _data(v) for n, v in given.items() if n == "kind" or fields[n].is_required() or v != fields[n].default
        }
    return [_data(item) for item in value] if isinstance(value, tuple) else value


def _markdown(slide: Slide, language: str, *, is_first: bool, as_list: bool) -> str:
    said, notes = _properties(slide, is_first=is_first), ""
    unspoken = narrate(slide.title, slide.subtitle, slide.blocks, slide.interaction, language)
    if not slide.narration:
        said |= {"narration": "none"} if unspoken else {}
    elif not slide.unscripted:
        notes, manual = _notes(slide, as_list=as_list)
        said |= {"reveal": "manual"} if manual else {}
    mark = "#" if slide.layout in (Layout.TITLE, Layout.SECTION) else "##"
    parts = [
        _comment("\n".join(f"{key}: {value}" for key, value in said.items())),
        f"{mark} {slide.title}" if slide.title else "",
        f"{mark}# {slide.subtitle}" if slide.subtitle and slide.title else "",
        write_blocks.blocks(slide.blocks),
        write_blocks.interaction(slide.interaction) if slide.interaction else "",
        _comment(notes, block=True) if notes else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _comment(text: str, *, block: bool = False) -> str:
    return f"<!--\n{text}\n-->" if "\n" in text or block else f"<!-- {text} -->"


def _properties(slide: Slide, *, is_first: bool) -> dict[str, str]:
    """The id always, so that it stays when the title changes; the rest where it isn't what would be inferred."""
    said = {"id": slide.id}
    inferred = layout.infer(slide.title, slide.subtitle, slide.blocks, slide.interaction, first=is_first)
    if inferred is not slide.layout:
        said["layout"] = slide.layout.value
    if slide.subtitle and not slide.title:
        said["subtitle"] = slide.subtitle
    elif slide.layout in (Layout.TITLE, Layout.SECTION) and not slide.subtitle and slide.blocks:
        said["subtitle"] = ""
    if slide.chapter != (slide.title if slide.layout is Layout.SECTION else ""):
        said["chapter"] = slide.chapter
    if slide.sources:
        said["sources"] = ", ".join(slide.sources)
    if slide.goto:
        said["goto"] = slide.goto
    return said


def _notes(slide: Slide, *, as_list: bool) -> tuple[str, bool]:
    """The notes, and whether the automatic reveal has to be turned off."""
    bare = tuple(sentence.model_copy(update={"reveal": None}) for sentence in slide.narration)
    steps = step_texts(slide.blocks)
    is_automatic = revealed(Narration(bare), steps, answered=isinstance(slide.interaction, Question)) == slide.narration
    manual = not is_automatic and bare == slide.narration
    lines: list[str] = []
    shown = 0
    for sentence in slide.narration:
        mark = ""
        if sentence.reveal is not None and not is_automatic:
            mark = "[click] " if sentence.reveal == shown + 1 else f"[step {sentence.reveal}] "
            shown = sentence.reveal
        text = _said(sentence)
        # A marker in front guards the text already.
        line = mark + text if mark else write_blocks.guarded(text)
        pause = f" [pause {write_blocks.number(sentence.pause)}]" if sentence.pause else ""
        lines.append(("- " if as_list else "") + line + pause)
    return "\n".join(lines), manual


def _said(sentence: Sentence) -> str:
    """The sentence, with ``[text](say: spoken)`` around the words that differ."""
    if not sentence.say:
        return sentence.text
    shown, spoken = sentence.text.split(" "), sentence.say.split(" ")
    shortest = min(len(shown), len(spoken)) - 1
    before = 0
    while before < shortest and shown[before] == spoken[before]:
        before += 1
    after = 0
    while after < shortest - before and shown[-1 - after] == spoken[-1 - after]:
        after += 1
    first, last = " ".join(shown[:before]), " ".join(shown[len(shown) - after :]) if after else ""
    seen, heard = " ".join(shown[before : len(shown) - after]), " ".join(spoken[before : len(spoken) - after])
    end = ""
    if seen[-1:] == heard[-1:] and seen[-1:] in tuple(".?!,;:") and len(seen) > 1 and len(heard) > 1:
        seen, heard, end = seen[:-1], heard[:-1], seen[-1]
    heard = heard.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return " ".join(part for part in (first, f"[{seen}](say: {heard}){end}", last) if part)
