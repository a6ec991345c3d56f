"""Themes: three of ours, and brand files."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from media_gen.errors import AssetMissing, ScriptInvalid
from media_gen.lesson import Layout
from media_gen.slides.setter import SlideSetter
from media_gen.slides.theme import LIGHT, THEMES, Theme, contrast, load, too_faint
from tests.media_gen.slides.decks import SMALL, bullets, one, pixels


def brand(folder: Path, text: str) -> Theme:
    (folder / "brand.toml").write_text(text)
    return load("brand.toml", folder)


def test_contrast_is_wcag_s() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_our_themes_can_be_read(theme: Theme) -> None:
    assert too_faint(theme.colours) == ()


def test_a_brand_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    theme = brand(tmp_path, '[colours]\naccent = "#7a1f5c"')
    assert theme.colours.accent == "#7a1f5c"
    assert theme.colours.series[0] == "#7a1f5c"
    assert theme.colours.ink == LIGHT.colours.ink


def test_text_on_a_brand_s_accent_is_the_one_that_can_be_read(tmp_path: Path) -> None:
    assert brand(tmp_path, '[colours]\naccent = "#ffe000"').colours.on_accent == "#101418"
    assert brand(tmp_path, '[colours]\naccent = "#30105c"').colours.on_accent == "#ffffff"


def test_a_faint_brand_is_found_and_named(tmp_path: Path) -> None:
    brand(tmp_path, '[colours]\naccent = "#9fd8d0"\nink = "#999999"')
    deck = one(Layout.BULLETS, bullets("a")).model_copy(update={"theme": "brand.toml"})
    findings = SlideSetter(tmp_path / "cache", None).findings(deck, SMALL, tmp_path)
    assert {finding.code for finding in findings} == {"contrast"}
    pairs = {(finding.facts["what"], finding.facts["on"]) for finding in findings}
    assert {("ink", "background"), ("accent", "background"), ("series 1", "background")} <= pairs
    assert all(float(f.facts["ratio"]) < float(f.facts["needed"]) for f in findings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[colours]\naccent = 'teal'", "#0b6b70"),
        ("[colours]\naccnt = '#0b6b70'", "accnt"),
        ("[colours]\nseries = []", "at least one"),
        ("base = 'blue'", "light, dark, contrast"),
        ("color = 1", "color"),
        ("logo = 3", "path of a picture"),
        ("[fonts]\nbody = 'x'", "text, heading, mono"),
        ("[fonts]\ntext = 3", "fonts.text"),
        ("[fonts]\nfiles = ['brand.toml']", ".ttf or .otf"),
        ("[colours", "no TOML"),
    ],
)
def test_a_wrong_brand_file_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ScriptInvalid, match=r"brand\.toml") as error:
        brand(tmp_path, text)
    assert said in str(error.value)


def test_a_theme_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScriptInvalid, match="light, dark, contrast"):
        load("sepia", tmp_path)
    with pytest.raises(AssetMissing):
        load("none.toml", tmp_path)
    with pytest.raises(AssetMissing):
        load("../brand.toml", tmp_path)


def test_a_brand_below_the_script_names_its_files_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "brand"
    folder.mkdir()
    Image.new("RGB", (40, 20), "#ff0000").save(folder / "logo.png")
    (folder / "brand.toml").write_text('logo = "logo.png"')
    deck = one(Layout.BULLETS, bullets("a"))
    setter = SlideSetter(tmp_path / "cache", None)
    (plain,) = setter.screens(deck, SMALL, tmp_path)
    (branded,) = setter.screens(deck.model_copy(update={"theme": "brand/brand.toml"}), SMALL, tmp_path)
    red = (pixels(branded.pictures[0]) == [255, 0, 0]).all(axis=2)
    assert red.any()
    assert not (pixels(plain.pictures[0]) == [255, 0, 0]).all(axis=2).any()
    assert red[: red.shape[0] * 4 // 5].sum() == 0  # in the footer


def test_a_broken_brand_font_is_no_font(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(b"none")
    brand(tmp_path, '[fonts]\ntext = "Own"\nfiles = ["own.ttf"]')
    deck = one(Layout.BULLETS, bullets("a")).model_copy(update={"theme": "brand.toml"})
    assert SlideSetter(tmp_path / "cache", None).screens(deck, SMALL, tmp_path)
    shutil.rmtree(tmp_path / "cache")
