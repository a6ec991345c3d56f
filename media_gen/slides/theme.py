"""The look of a film's slides: three themes of ours, or a brand file that changes some of one of them.

A brand file is TOML (docs/themes.md). Contrast is WCAG 2.2's: text needs 4.5:1, large text and what is drawn 3:1.
"""

import re
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from media_gen.errors import ScriptInvalid
from media_gen.slides import pictures

AA_TEXT = 4.5
AA_LARGE = 3.0  # large text (24 px and more on a 720p slide, 19 px bold) and graphics
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Colours:
    """``#rrggbb`` each. ``ink`` is text, ``muted`` quieter text, ``surface`` cards, ``line`` rules between things,
    ``on_accent`` text on the accent, ``series`` the parts of a chart."""

    background: str
    ink: str
    muted: str
    accent: str
    on_accent: str
    surface: str
    line: str
    series: tuple[str, ...]
    keyword: str
    string: str
    comment: str
    number: str


@dataclass(frozen=True)
class Theme:
    """``fonts`` and ``mono`` come before the language's own families; ``files`` are font files of the brand."""

    name: str
    colours: Colours
    decorated: bool = True
    logo: Path | None = None
    fonts: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    mono: tuple[str, ...] = ()
    files: tuple[Path, ...] = field(default=())


LIGHT = Theme(
    "light",
    Colours(
        background="#fbfaf6",
        ink="#18212f",
        muted="#525d6e",
        accent="#0b6b70",
        on_accent="#ffffff",
        surface="#f0eee6",
        line="#d8d4c8",
        series=("#0b6b70", "#c2571a", "#5a4fa2", "#8a6d00", "#a3365f"),
        keyword="#8a2f6b",
        string="#2f6b1f",
        comment="#5d6675",
        number="#a0430c",
    ),
)
DARK = Theme(
    "dark",
    Colours(
        background="#12171f",
        ink="#eef1f5",
        muted="#a9b4c3",
        accent="#5fd0c5",
        on_accent="#0c1418",
        surface="#1d2530",
        line="#36414f",
        series=("#5fd0c5", "#f2a65a", "#b3a5f0", "#e6d36a", "#f08fb0"),
        keyword="#f08fb0",
        string="#a8d98a",
        comment="#9aa6b5",
        number="#f2b880",
    ),
)
CONTRAST = Theme(
    "contrast",
    Colours(
        background="#000000",
        ink="#ffffff",
        muted="#ffffff",
        accent="#ffd83d",
        on_accent="#000000",
        surface="#000000",
        line="#ffffff",
        series=("#ffd83d", "#ffffff", "#58d6ff", "#ff9d5c", "#b8f06a"),
        keyword="#ffd83d",
        string="#b8f06a",
        comment="#e0e0e0",
        number="#58d6ff",
    ),
    decorated=False,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}


# -- contrast ------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """WCAG's relative luminance, 0 to 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def too_faint(colours: Colours) -> tuple[tuple[str, str, float, float], ...]:
    """The pairs that WCAG AA refuses, as (what, on what, ratio, needed)."""
    text = [(name, ground) for name in ("ink", "muted") for ground in ("background", "surface")]
    text += [("on_accent", "accent"), ("accent", "background"), ("accent", "surface")]
    text += [(name, "surface") for name in ("keyword", "string", "comment", "number")]
    table = asdict(colours)
    pairs = [(a, b, table[a], table[b], AA_TEXT) for a, b in text]
    pairs += [(f"series {n}", "background", c, colours.background, AA_LARGE) for n, c in enumerate(colours.series, 1)]
    measured = [(a, b, contrast(x, y), needed) for a, b, x, y, needed in pairs]
    return tuple(found for found in measured if found[2] < found[3])


# -- brand files ---------------------------------------------------------------------------------------------------

_COLOURS = tuple(f.name for f in fields(Colours))


def load(name: str, assets: Path) -> Theme:
    """The theme of a lesson: one of ours by its name, or a brand file below ``assets``. Raises ``ScriptInvalid``."""
    if name in THEMES:
        return THEMES[name]
    if not name.endswith(".toml"):
        raise ScriptInvalid(f"There is no theme {name}; there are {', '.join(THEMES)}, or a brand file (.toml).")
    path = pictures.inside(name, assets, slide="")
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ScriptInvalid(f"The brand file {name} is no TOML: {error}") from error
    return _brand(table, name, path.parent, assets)


def _brand(table: dict[str, Any], name: str, folder: Path, assets: Path) -> Theme:
    def wrong(what: str) -> ScriptInvalid:
        return ScriptInvalid(f"The brand file {name}: {what}")

    if unknown := sorted(set(table) - {"base", "colours", "logo", "fonts"}):
        raise wrong(f"there is no {', '.join(unknown)}; it has base, colours, logo and fonts")
    base = THEMES.get(str(table.get("base", "light")))
    if base is None:
        raise wrong(f"base is one of {', '.join(THEMES)}")
    colours = table.get("colours", {})
    if not isinstance(colours, dict) or (unknown := sorted(set(colours) - set(_COLOURS))):
        raise wrong(f"there is no colour {', '.join(unknown)}; there are {', '.join(_COLOURS)}")
    chosen: dict[str, Any] = {}
    for key, value in colours.items():
        values = value if key == "series" else [value]
        if not isinstance(values, list) or not all(isinstance(v, str) and _HEX.fullmatch(v) for v in values):
            raise wrong(f"colours.{key} is written like {'a list of colours' if key == 'series' else '#0b6b70'}")
        if key == "series" and not values:
            raise wrong("colours.series names at least one colour")
        chosen[key] = tuple(values) if key == "series" else value
    if "accent" in chosen and "on_accent" not in chosen:
        chosen["on_accent"] = max(("#ffffff", "#101418"), key=lambda c: contrast(c, chosen["accent"]))
    if "accent" in chosen and "series" not in chosen:
        chosen["series"] = (chosen["accent"], *base.colours.series[1:])
    logo = table.get("logo")
    if logo is not None and not isinstance(logo, str):
        raise wrong("logo is the path of a picture")
    return replace(
        base,
        name=name,
        colours=replace(base.colours, **chosen),
        logo=pictures.inside(_beside(logo, folder, assets), assets, slide="") if logo else None,
        **_fonts(table.get("fonts", {}), folder, assets, wrong),
    )


def _fonts(table: Any, folder: Path, assets: Path, wrong: Any) -> dict[str, Any]:
    known = {"text", "heading", "mono", "files"}
    if not isinstance(table, dict) or not set(table) <= known:
        raise wrong("fonts has text, heading, mono (families) and files (.ttf or .otf)")
    lists = {key: [value] if isinstance(value, str) else value for key, value in table.items()}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise wrong(f"fonts.{key} is a name or a list of names")
    files = tuple(pictures.inside(_beside(f, folder, assets), assets, slide="") for f in lists.get("files", []))
    if odd := [f.name for f in files if f.suffix.lower() not in (".ttf", ".otf")]:
        raise wrong(f"{', '.join(odd)}: font files are .ttf or .otf")
    named = {key: tuple(lists.get(key, ())) for key in ("text", "heading", "mono")}
    return {"fonts": named["text"], "heading": named["heading"], "mono": named["mono"], "files": files}


def _beside(path: str, folder: Path, assets: Path) -> str:
    """A path written in a brand file, seen from the script's folder."""
    return str((folder / path).relative_to(assets.resolve())) if folder != assets.resolve() else path
