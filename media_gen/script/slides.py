"""A deck's tokens split into raw slides: content, notes and properties of each, whichever tool it was written for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from markdown_it.token import Token

from media_gen.script import properties
from media_gen.script.markdown import parse

Style = Literal["marp", "remark", "slidev"]
# Properties that tell a remark deck from text that has a colon.
_TELLING = frozenset({"class", "template", "exclude", "layout", "count"})
_SLIDEV_ONLY = frozenset({"drawings", "mdc", "highlighter", "lineNumbers", "routerMode", "themeConfig", "canvasWidth"})


@dataclass(frozen=True)
class RawSlide:
    """``line`` is where it begins, from 1. ``notes`` are (text, line) of what follows ``???``."""

    line: int
    tokens: tuple[Token, ...] = ()
    notes: tuple[tuple[str, int], ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.tokens and not self.notes


def split(tokens: Sequence[Token], text: str, settings: Mapping[str, Any]) -> tuple[tuple[RawSlide, ...], Style]:
    """The slides in order, empty ones left out, and the style of the deck that says which comments are notes."""
    lines = text.split("\n")
    divider = settings.get("headingDivider", "")
    level = int(divider) if divider in ("1", "2", "3", "4", "5", "6") else 0
    # Marp splits at every rule; elsewhere a rule of stars is only a rule.
    raw, is_slidev = _cut(tokens, lines, level, "marp" in settings), False
    if "marp" not in settings:
        raw, is_slidev = _with_front_matter(raw, lines)
    raw = [slide for slide in raw if not slide.is_empty or "image" in slide.properties]
    if any(slide.notes for slide in raw):
        return _inherited([_headed(slide) for slide in raw]), "remark"
    is_slidev = is_slidev or ("marp" not in settings and not _SLIDEV_ONLY.isdisjoint(settings))
    if any(not _TELLING.isdisjoint(_remark_properties(slide)[0]) for slide in raw):
        raw = list(_inherited([_headed(slide) for slide in raw]))
    return tuple(raw), "slidev" if is_slidev else "marp"


def _cut(tokens: Sequence[Token], lines: Sequence[str], level: int, rules: bool) -> list[RawSlide]:
    made: list[RawSlide] = []
    content: list[Token] = []
    notes: list[tuple[str, int]] = []
    line, in_notes = 1, 0  # in_notes: the line after ``???``, from 1

    def end_notes(before: int) -> None:
        nonlocal in_notes
        if in_notes:
            notes.append(("\n".join(lines[in_notes - 1 : before - 1]), in_notes))
            in_notes = 0

    def end_slide(at: int, following: int) -> None:
        nonlocal line
        end_notes(at)
        made.append(RawSlide(line, tuple(content), tuple(notes)))
        content.clear()
        notes.clear()
        line = following

    for token in tokens:
        at = token.map[0] + 1 if token.map else 0
        is_rule = rules and token.type == "hr" and token.level == 0
        if (token.type == "mark" and token.info == "slide") or is_rule:
            end_slide(at, at + 1)
        elif token.type == "mark" and token.info == "part":
            end_notes(at)
        elif token.type == "mark" and token.info == "notes":
            end_notes(at)
            in_notes = at + 1
        elif in_notes:
            continue
        else:
            is_divider = token.type == "heading_open" and token.level == 0 and int(token.tag[1]) <= level
            if is_divider and any(kept.type != "html_block" for kept in content):
                end_slide(at, at)
            content.append(token)
    end_slide(len(lines) + 1, 0)
    return made


def _with_front_matter(raw: list[RawSlide], lines: Sequence[str]) -> tuple[list[RawSlide], bool]:
    """Slidev writes the properties of a slide as a block of its own, right between two lines of dashes."""
    made: list[RawSlide] = []
    pending: dict[str, str] = {}
    found_any = False
    for index, slide in enumerate(raw):
        following = raw[index + 1].line if index + 1 < len(raw) else 0
        if index and following and not slide.notes and slide.tokens and not pending:
            block = lines[slide.line - 1 : following - 2]
            found = properties.of_lines("\n".join(block)) if block and block[0].strip() else None
            if found and block[-1].strip() and not (properties.SLIDEV | properties.OURS).isdisjoint(found):
                pending, found_any = found, True
                continue
        made.append(replace(slide, properties=pending))
        pending = {}
    hiding = ("hide", "disabled")
    shown = [slide for slide in made if not any(properties.is_on(slide.properties, key) for key in hiding)]
    return shown, found_any


def _remark_properties(slide: RawSlide) -> tuple[dict[str, str], tuple[Token, ...]]:
    """remark's properties are the first lines of the slide; the tokens without them."""
    tokens = slide.tokens
    start = next((at for at, token in enumerate(tokens) if token.type != "html_block"), len(tokens))
    if start + 2 >= len(tokens) or tokens[start].type != "paragraph_open":
        return {}, tokens
    text = tokens[start + 1].content
    found: dict[str, str] = {}
    lines = text.split("\n")
    taken = 0
    for line in lines:
        one = properties.of_lines(line, properties.REMARK)
        if one is None:
            break
        found.update(one)
        taken += 1
    if not found:
        return {}, tokens
    before = (tokens[start].map or [0])[0] + taken
    rest = parse("\n".join(lines[taken:]), before)
    for token in rest:
        token.map = [token.map[0] + before, token.map[1] + before] if token.map else None
    return found, (*tokens[:start], *rest, *tokens[start + 3 :])


def _headed(slide: RawSlide) -> RawSlide:
    found, tokens = _remark_properties(slide)
    return replace(slide, tokens=tokens, properties={**found, **slide.properties}) if found else slide


def _inherited(raw: Sequence[RawSlide]) -> tuple[RawSlide, ...]:
    """remark's templates: ``layout: true`` puts a slide above those that follow, ``template: name`` a named one."""
    made: list[RawSlide] = []
    named: dict[str, RawSlide] = {}
    above: tuple[Token, ...] = ()
    for slide in raw:
        layout = slide.properties.get("layout", "")
        if layout == "true":
            above = slide.tokens
            continue
        if layout == "false":
            above = ()
        template = named.get(slide.properties.get("template", ""))
        whole = replace(slide, tokens=(*(template.tokens if template else above), *slide.tokens))
        if name := slide.properties.get("name"):
            named[name] = whole
        if not properties.is_on(slide.properties, "exclude"):
            made.append(whole)
    return tuple(made)
