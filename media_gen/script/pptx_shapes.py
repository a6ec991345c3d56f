"""The shapes of one slide of a presentation as blocks of a lesson."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from media_gen import inline
from media_gen.errors import ScriptInvalid
from media_gen.inline import Run, escape
from media_gen.lesson import Bullet, Bullets, Chart, Columns, Paragraph, Picture, Piece, Series, Table
from media_gen.script.assemble import MOST_PARTS
from media_gen.script.content import MOST_PIECES, Content
from media_gen.script.place import Place

DEEPEST_GROUP = 8
LARGEST_PICTURE = 60_000_000  # pixels
_KEPT = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}  # as they are; others become PNG
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


class Shapes:
    """``pictures`` is the folder for pictures, beside the script; ``width`` is the slide's."""

    def __init__(self, pictures: Path, width: int, place: Place) -> None:
        self.pictures, self.width, self.place = pictures, width or 1, place

    def read(self, slide: Any) -> Content:
        """Title, subtitle and blocks in the order of the file, which is the order a screen reader takes."""
        from pptx.enum.shapes import PP_PLACEHOLDER

        asides = {PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER}
        made = Content()
        title = slide.shapes.title
        made.title = _joined(title.text_frame) if title is not None else ""
        groups: list[tuple[Any, tuple[Piece, ...]]] = []
        for shape in _flat(slide.shapes):
            kind = shape.placeholder_format.type if shape.is_placeholder else None
            if kind in asides or (title is not None and shape.shape_id == title.shape_id):
                continue
            if kind == PP_PLACEHOLDER.SUBTITLE and shape.has_text_frame and not made.subtitle:
                made.subtitle = _joined(shape.text_frame)
            elif pieces := tuple(self.pieces(shape)):
                groups.append((shape, pieces))
        if sum(len(pieces) for _, pieces in groups) > MOST_PIECES:
            raise self.place.invalid(f"a slide holds at most {MOST_PIECES} pieces.")
        made.blocks = [*self.columns(groups)]
        return made

    def columns(self, groups: Sequence[tuple[Any, tuple[Piece, ...]]]) -> Iterator[Piece | Columns]:
        """Two shapes side by side are two columns; anything else stands in its order."""
        if len(groups) == 2:
            (one, left), (two, right) = sorted(groups, key=lambda group: group[0].left or 0)
            middle = (one.left or 0) + (one.width or 0)
            beside = middle <= (two.left or 0) + self.width // 50
            level = min(_bottom(one), _bottom(two)) - max(one.top or 0, two.top or 0)
            texts = all(not isinstance(piece, Picture) for piece in (*left, *right))
            if beside and texts and 2 * level >= min(one.height or 0, two.height or 0) > 0:
                yield Columns(left=left, right=right)
                return
        for _, pieces in groups:
            yield from pieces

    def pieces(self, shape: Any) -> Iterator[Piece]:
        if getattr(shape, "has_table", False):
            yield from _table(shape.table)
        elif getattr(shape, "has_chart", False):
            yield from _chart(shape.chart)
        elif (picture := _embedded(shape)) is not None:
            yield from self.picture(shape, picture)
        elif shape.has_text_frame:
            yield from _texts(shape)

    def picture(self, shape: Any, data: bytes) -> Iterator[Piece]:
        """Kept under the name of its content, so that it is the same asset whichever file it came from."""
        described = shape._element.xpath(".//p:cNvPr/@descr")
        if (kept := _as_file(data)) is None:
            return  # a drawing for Windows (WMF, EMF), or no picture at all
        content, ending = kept
        name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / name
        if not path.exists():
            temporary = path.with_name(f".{name}.{os.getpid()}")
            temporary.write_bytes(content)
            temporary.replace(path)
        alt = escape(" ".join(str(described[0]).split())) if described else ""
        yield Picture(asset=f"{self.pictures.name}/{name}", alt=alt)


def _flat(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    from pptx.shapes.group import GroupShape

    for shape in shapes:
        if isinstance(shape, GroupShape):
            if depth < DEEPEST_GROUP:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _bottom(shape: Any) -> int:
    return int((shape.top or 0) + (shape.height or 0))


def _embedded(shape: Any) -> bytes | None:
    """The bytes of a picture; None for other shapes and for one that is only linked to."""
    try:
        blob = shape.image.blob
    except (AttributeError, ValueError, KeyError):
        return None
    return blob if isinstance(blob, bytes) else None


def _as_file(data: bytes) -> tuple[bytes, str] | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=(*_KEPT, "GIF", "BMP", "TIFF")) as image:
            if image.width * image.height > LARGEST_PICTURE:
                return None
            if image.format in _KEPT:
                return data, _KEPT[image.format]
            buffer = io.BytesIO()
            image.convert("RGBA").save(buffer, "PNG")
            return buffer.getvalue(), "png"
    except Exception:  # Pillow raises of many kinds on a damaged picture; the slide is readable without it
        return None


# -- text ----------------------------------------------------------------------------------------------------------


def _joined(frame: Any) -> str:
    runs: list[Run] = []
    for paragraph in frame.paragraphs:
        runs += [*_runs(paragraph, marks=False), Run(" ")]
    return inline.render(inline.tidy(runs))


def _runs(paragraph: Any, *, marks: bool = True) -> list[Run]:
    """The runs of a paragraph with bold, italic and links; ``marks`` False: the bare text (titles are often bold)."""
    if any(child.tag in (f"{_DRAWING}br", f"{_DRAWING}fld") for child in paragraph._p):
        return [Run(paragraph.text.replace("\v", " "))]  # runs alone would leave out the field
    return [_run(run, marks) for run in paragraph.runs]


def _run(run: Any, marks: bool) -> Run:
    text = run.text.replace("\v", " ")
    if not marks:
        return Run(text)
    address = run.hyperlink.address or ""
    is_link = address.startswith(("https://", "http://", "mailto:"))
    return Run(text, "text", bool(run.font.bold), bool(run.font.italic), address if is_link else "")


def _texts(shape: Any) -> Iterator[Piece]:
    """A list where paragraphs have bullets: those of a content placeholder have, unless they say otherwise."""
    items: list[Bullet] = []
    ordered = False
    for paragraph in shape.text_frame.paragraphs:
        text = inline.render(inline.tidy(_runs(paragraph)))
        if not text:
            continue
        properties = paragraph._p.pPr
        tags = {child.tag.removeprefix(_DRAWING) for child in properties} if properties is not None else set()
        bulleted = bool(tags & {"buChar", "buAutoNum", "buBlip"}) or (shape.is_placeholder and "buNone" not in tags)
        if bulleted:
            ordered = ordered or "buAutoNum" in tags
            items.append(Bullet(text=text, level=min(paragraph.level, 2)))
            continue
        if items:
            yield _bullets(items, ordered)
            items, ordered = [], False
        yield Paragraph(text=text)
    if items:
        yield _bullets(items, ordered)


def _bullets(items: Sequence[Bullet], ordered: bool) -> Piece:
    """Levels begin at the outermost and go in by one at a time; a single line is a paragraph."""
    if len(items) == 1:
        return Paragraph(text=items[0].text)
    made: list[Bullet] = []
    for item in items:
        deepest = made[-1].level + 1 if made else 0
        made.append(Bullet(text=item.text, level=min(item.level, deepest)))
    return Bullets(items=tuple(made), ordered=ordered)


# -- tables and charts ---------------------------------------------------------------------------------------------


def _table(table: Any) -> Iterator[Piece]:
    if len(table.rows) * len(table.columns) > MOST_PARTS:
        raise ScriptInvalid(f"A table on a slide has at most {MOST_PARTS:,} cells.")
    rows = [tuple(_joined(cell.text_frame) if not cell.is_spanned else "" for cell in row.cells) for row in table.rows]
    if rows and rows[0]:
        yield Table(header=rows[0], rows=tuple(rows[1:]))


def _chart(chart: Any) -> Iterator[Piece]:
    """Bars, lines and pies with their numbers; any other kind, or one with gaps, as a table of them."""
    from pptx.enum.chart import XL_CHART_TYPE

    plot = chart.plots[0]
    labels = tuple(escape(" ".join(str(category).split())) for category in plot.categories)
    series = [(escape(" ".join((one.name or "").split())), tuple(one.values)) for one in plot.series]
    name = XL_CHART_TYPE(chart.chart_type).name
    forms = {"BAR": "bar", "COLUMN": "bar", "LINE": "line", "PIE": "pie", "DOUGHNUT": "pie"}
    form = next((form for word, form in forms.items() if name.startswith(word)), "")
    try:
        made = tuple(Series(name=title, values=values) for title, values in series)
        yield Chart.model_validate({"form": form, "labels": labels, "series": made})
    except ValidationError:
        rows = [
            (label, *(_shown(values[at]) if at < len(values) else "" for _, values in series))
            for at, label in enumerate(labels)
        ]
        if rows:
            yield Table(header=("", *(title for title, _ in series)), rows=tuple(rows))


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
