"""What the shapes of a slide say, as blocks of Markdown: text, tables, charts, diagrams, descriptions. Pure."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from retrieval.loaders import omml, wording
from retrieval.loaders.omml import local
from retrieval.loaders.package import attribute, description
from retrieval.loaders.scripts import lowered, raised

_BULLETS = frozenset({"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"})
_SHAPES = frozenset({"sp", "pic", "graphicFrame", "grpSp", "cxnSp"})
_DEEPEST = 60
_MOST_POINTS = 100  # of a chart's series; a longer one is a curve, which its description tells better


def inline(paragraph: Any, *, plain: bool = False) -> tuple[str, list[str]]:
    """An ``a:p`` as inline Markdown, and the formulas in it that stand alone."""
    runs: list[tuple[str, str]] = []
    display: list[str] = []
    _walk(paragraph, runs, display, 0)
    if display and not any(text.strip() for text, _ in runs):
        return "", display
    text = wording.emphasised((words, "" if plain or words == "\n" else mark) for words, mark in runs if words)
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
    return " ".join([lines, *map(wording.formula, display)]).strip(), []


def _walk(node: Any, runs: list[tuple[str, str]], display: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        return
    for child in node:
        name = local(child)
        if name in ("r", "fld"):
            runs.append(_run(child))
        elif name == "br":
            runs.append(("\n", ""))
        elif name == "oMathPara":
            display += [latex for math in child if local(math) == "oMath" and (latex := omml.to_latex(math))]
        elif name == "oMath":
            runs.append((wording.formula(omml.to_latex(child)), ""))
        elif name == "AlternateContent":
            _walk(next(iter(child), ()), runs, display, depth + 1)
        elif not name.endswith("Pr"):
            _walk(child, runs, display, depth + 1)


def _run(node: Any) -> tuple[str, str]:
    said = "".join(part.text or "" for part in node if local(part) == "t").replace("\v", " ")
    look = next((part for part in node if local(part) == "rPr"), None)
    if not said.strip() or look is None:
        return " " if said and not said.strip() else wording.escaped(said), ""
    lead = " " if said[:1].isspace() else ""
    tail = " " if said[-1:].isspace() else ""
    words = wording.escaped(said).strip()
    shift = attribute(look, "baseline", "0")
    if re.fullmatch(r"-?[1-9]\d*%?", shift):
        words = lowered(words) if shift.startswith("-") else raised(words)
    marks = (("b", "**"), ("i", "*"))
    return f"{lead}{words}{tail}", "".join(sign for name, sign in marks if attribute(look, name) in ("1", "true"))


def title(shape: Any) -> str:
    """The words of a title in one line."""
    return " ".join(
        text for paragraph in shape.text_frame.paragraphs if (text := inline(paragraph._p, plain=True)[0])
    ).replace("\n", " ")


def frame(frame: Any, kind: str = "", *, asks: bool = False) -> Iterator[str]:
    """The blocks of a text frame. ``kind`` is the placeholder's: a body of several paragraphs is a list, unless the
    slide ``asks``: then each paragraph is a question, and what is indented under it its options."""
    paragraphs = [(paragraph, *inline(paragraph._p)) for paragraph in frame.paragraphs]
    said = [entry for entry in paragraphs if entry[1] or entry[2]]
    listed = kind in _BULLETS and len(said) > 1
    items: list[tuple[int, str]] = []
    counts: dict[int, int] = {}
    for paragraph, text, display in said:
        level = int(paragraph.level or 0)
        look = {local(mark): mark for part in paragraph._p if local(part) == "pPr" for mark in part}
        bullet = "buChar" in look or "buAutoNum" in look or (listed and "buNone" not in look)
        bullet = bullet and (not asks or level > 0 or "buAutoNum" in look)
        if not text or not bullet or display:
            if items:
                yield wording.items(items)
            items = []
            yield from (wording.formula(latex, display=True) for latex in display)
            if text:
                yield wording.paragraph(text)
            continue
        counts = {depth: count for depth, count in counts.items() if depth <= level}
        start = attribute(look["buAutoNum"], "startAt", "1") if "buAutoNum" in look else ""
        counts[level] = counts.get(level, int(start) - 1 if start.isdecimal() else 0) + 1
        marker = f"{counts[level]}." if start else "-"
        items.append((level, f"{marker} {' '.join(text.split())}"))
    if items:
        yield wording.items(items)


def table(table: Any) -> str:
    """A pipe table; a cell over several rows is said in each."""
    rows: list[list[str]] = []
    for row in table.rows:
        line: list[str] = []
        for at, cell in enumerate(row.cells):
            if not cell.is_spanned:
                line.append(" ".join(" ".join(frame(cell.text_frame)).split()))
            else:
                below = bool(rows) and at < len(rows[-1]) and attribute(cell._tc, "vMerge") in ("1", "true")
                line.append(rows[-1][at] if below else "")
        rows.append(line)
    return wording.table(rows)


def chart(chart: Any) -> list[str]:
    """A chart's title and its numbers as a table, where they are few."""
    blocks: list[str] = []
    if chart.has_title and chart.chart_title.has_text_frame:
        blocks.append(wording.paragraph(wording.escaped(chart.chart_title.text_frame.text)))
    # Counted before any is read: a file may claim any number of points.
    if any(len(attribute(count, "val")) > len(str(_MOST_POINTS)) for count in chart._chartSpace.iter("{*}ptCount")):
        return blocks
    # The library knows no plots of some kinds (surfaces, stocks): their title and description have to do.
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError, NotImplementedError):
        blocks += _numbers(chart.plots)
    return blocks


def _numbers(plots: Any) -> Iterator[str]:
    for plot in plots:
        series = [(wording.escaped(one.name or ""), [_number(value) for value in one.values]) for one in plot.series]
        names = [wording.escaped(str(name)) for name in plot.categories]
        if not names and series:
            points = [_number(part.text) for part in plot.series[0]._element.iterfind(".//{*}xVal//{*}v")]
            names = points if len(points) == len(series[0][1]) else []
        if names and series and len(names) <= _MOST_POINTS:
            head = ["", *(name for name, _ in series)]
            lines = [
                [name, *(values[at] if at < len(values) else "" for _, values in series)]
                for at, name in enumerate(names)
            ]
            # The table's head must not be empty, or its columns would shift.
            yield wording.table([head if any(head) else ["–"] * len(head), *lines])


def _number(value: object) -> str:
    try:
        return f"{float(str(value)):.6g}"
    except ValueError:
        return ""


def diagram(root: Any) -> str:
    """The words of a diagram (SmartArt) as a list, in their order."""
    items = []
    for point in root.iter("{*}pt"):
        if attribute(point, "type", "node") == "node":
            words = " ".join(inline(paragraph)[0] for paragraph in point.iter("{*}p"))
            if words.strip():
                items.append(f"- {' '.join(words.split())}")
    return "\n".join(items)


def described(shape: Any) -> str:
    """What somebody wrote to describe a picture, chart or drawing; empty for decoration."""
    properties = next((node for node in shape._element.iter("{*}cNvPr")), None)
    if properties is None or any(attribute(mark, "val") == "1" for mark in properties.iter("{*}decorative")):
        return ""
    return description(attribute(properties, "descr"))


def unwrapped(slide: Any) -> None:
    """Take shapes out of ``mc:AlternateContent``, where PowerPoint keeps those with formulas and the library sees
    none: of the alternatives the first that holds a shape."""
    for wrapped in list(slide.iter("{*}AlternateContent")):
        parent = wrapped.getparent()
        if parent is None or local(parent) not in ("spTree", "grpSp"):
            continue
        shapes = next((found for choice in wrapped if (found := [s for s in choice if local(s) in _SHAPES])), [])
        for shape in shapes:
            wrapped.addprevious(shape)
        parent.remove(wrapped)


def in_reading_order(shapes: Sequence[Any], *, right_to_left: bool = False) -> list[Any]:
    """Placeholders as the layout orders them, then the rest by where it stands: line by line, left to right."""
    free = [shape for shape in shapes if not shape.is_placeholder]

    def place(shape: Any) -> tuple[int, int]:
        left, top = int(shape.left or 0), int(shape.top or 0)
        # Shapes whose tops are within half an inch stand in one line.
        return top // 457_200, -(left + int(shape.width or 0)) if right_to_left else left

    return [*(shape for shape in shapes if shape.is_placeholder), *sorted(free, key=place)]
