"""A contact sheet shows what a viewer sees, step by step."""

from pathlib import Path

import pytest
from PIL import Image

from media_gen.contact_sheet import write_contact_sheet
from media_gen.errors import AssetMissing
from media_gen.render import render
from tests.media_gen.film.material import SMALL, Painter, bullets, lesson_of, silent_narrator


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sheet")
    return render(
        lesson_of(bullets("one", "First there is this.", "Then there is that.", steps=1), bullets("two", "Last.")),
        folder / "out",
        assets=folder,
        setter=Painter(folder / "slides"),
        narrator=silent_narrator(folder / "speech"),
        cache=folder / "cache",
        size=SMALL,
    ).folder


def test_there_is_a_frame_for_each_step_of_each_slide(rendered: Path, tmp_path: Path) -> None:
    assert write_contact_sheet(rendered, tmp_path / "sheet.png", columns=2) == 3
    with Image.open(tmp_path / "sheet.png") as sheet:
        frames = [sheet.convert("RGB").getpixel((8 + 160, top + 25)) for top in (8, 8 + 180 + 30)]
        second = sheet.convert("RGB").getpixel((8 + 328 + 160, 8 + 25))
    assert frames[0] != frames[1], "two slides of two colours"
    assert min(second) > 240, "the second frame has the white bar of its first step"


def test_a_film_without_a_timeline_is_shown_every_few_seconds(rendered: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes((rendered / "film.mp4").read_bytes())
    assert write_contact_sheet(tmp_path / "film.mp4", tmp_path / "sheet.png") >= 1


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    with pytest.raises(AssetMissing):
        write_contact_sheet(tmp_path, tmp_path / "sheet.png")
