"""What a script says is text: it runs nothing, reads nothing and reaches nothing outside its folder."""

from pathlib import Path

import pytest
from PIL import Image

from media_gen.errors import AssetMissing, SlideFailed
from media_gen.lesson import (
    Block,
    Bullet,
    Bullets,
    Chart,
    Code,
    Diagram,
    Layout,
    Maths,
    Paragraph,
    Picture,
    Quote,
    Series,
    Slide,
    Source,
    Table,
)
from media_gen.slides.latex import LONGEST
from media_gen.slides.setter import SlideSetter
from tests.media_gen.slides.decks import SMALL, lesson, one

TYPST = (
    '#read("/etc/passwd")',
    "#panic()",
    '#eval("panic()")',
    "]#panic()[",
    "#set page(width: 1pt)",
    "#while true {}",
    '#import "@preview/x:1.0.0": *',
    '"+panic()+"',
    "#sys.inputs $#panic()$ `#panic()` **#panic()** \\#panic()",
    "= heading _a_ *b* <label> @ref // gone /* gone */ ~ -- --- ...",
)


@pytest.fixture
def setter(tmp_path: Path) -> SlideSetter:
    return SlideSetter(tmp_path / "cache", None)


def everywhere(text: str) -> list[Block]:
    return [
        Paragraph(text=text),
        Bullets(items=(Bullet(text=text),)),
        Quote(text=text, attribution=text),
        Code(text=text, language=text[:20]),
        Table(header=(text, text), rows=((text, text),)),
        Diagram(steps=(text, text)),
        Chart(form="bar", labels=(text,), series=(Series(name=text, values=(1.0,)),), unit=text),
    ]


@pytest.mark.parametrize("text", [text for text in TYPST if "$" not in text])
def test_typst_in_a_text_is_only_shown(text: str, setter: SlideSetter, tmp_path: Path) -> None:
    slides = [
        Slide(id=f"s{n}", layout=Layout.BULLETS, title=text, chapter=text, blocks=(block,), sources=("a",))
        for n, block in enumerate(everywhere(text))
    ]
    deck = lesson(*slides, sources=(Source(id="a", title=text, detail=text),))
    screens = setter.screens(deck, SMALL, tmp_path)
    assert len({screen.slide for screen in screens}) == len(slides)
    code = next(screen for screen in screens if screen.slide == "s3")
    assert "".join(text.split()) in "".join(code.text.split())


def test_typst_in_a_formula_is_refused_or_symbols(setter: SlideSetter, tmp_path: Path) -> None:
    for latex in ('#read("/etc/passwd")', r"\text{#panic()}", '"#panic()"', r"#panic()\quad $"):
        setter.screens(one(Layout.MATHS, Maths(latex=latex)), SMALL, tmp_path)
    with pytest.raises(SlideFailed):
        setter.screens(one(Layout.MATHS, Maths(latex="x" * (LONGEST + 1))), SMALL, tmp_path)


@pytest.mark.parametrize("asset", ["../secret.png", "/etc/passwd", "sub/../../secret.png", "link.png", "a\0b", "", "."])
def test_a_picture_outside_the_folder_is_not_there(asset: str, setter: SlideSetter, tmp_path: Path) -> None:
    folder = tmp_path / "script"
    folder.mkdir()
    Image.new("RGB", (10, 10)).save(tmp_path / "secret.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(AssetMissing):
        setter.screens(one(Layout.PICTURE, Picture(asset=asset)), SMALL, folder)


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="/etc/passwd" width="9" height="9"/>',
        '<image xlink:href="../secret.png" width="9" height="9"/>',
        '<image href="http://127.0.0.1/x.png" width="9" height="9"/>',
        "<script>alert(1)</script>",
        "<foreignObject></foreignObject>",
        "<style>@import url(http://127.0.0.1/x.css);</style>",
    ],
)
def test_an_svg_that_reaches_out_is_refused(inside: str, setter: SlideSetter, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>')
    with pytest.raises(AssetMissing, match="not allowed"):
        setter.screens(one(Layout.PICTURE, Picture(asset="x.svg")), SMALL, tmp_path)


def test_an_svg_with_entities_is_refused(setter: SlideSetter, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text('<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 9 9">&a;</svg>')
    with pytest.raises(AssetMissing, match="not allowed"):
        setter.screens(one(Layout.PICTURE, Picture(asset="x.svg")), SMALL, tmp_path)


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.png", b"\x89PNG\r\n\x1a\nbroken"), ("x.jpg", b"GIF89a"), ("x.svg", b"<html></html>"), ("x.png", b"")],
)
def test_a_picture_that_is_none_is_refused(name: str, data: bytes, setter: SlideSetter, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AssetMissing, match="no PNG, JPEG, WebP or SVG"):
        setter.screens(one(Layout.PICTURE, Picture(asset=name)), SMALL, tmp_path)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(setter: SlideSetter, tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    with pytest.raises(AssetMissing, match="million pixels"):
        setter.screens(one(Layout.PICTURE, Picture(asset="bomb.png")), SMALL, tmp_path)


def test_a_broken_svg_names_its_slide(setter: SlideSetter, tmp_path: Path) -> None:
    (tmp_path / "x.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g></svg>')
    with pytest.raises((SlideFailed, AssetMissing)) as error:
        setter.screens(one(Layout.PICTURE, Picture(asset="x.svg")), SMALL, tmp_path)
    assert error.value.data["slide"] == "leaf"


def test_control_characters_and_lone_surrogates_are_shown_as_something(setter: SlideSetter, tmp_path: Path) -> None:
    text = "a\x00b\x07c\u202ed\ufffee"
    assert setter.screens(one(Layout.BULLETS, Paragraph(text=text), title=text), SMALL, tmp_path)
