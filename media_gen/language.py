"""A language of films: one TOML file in ``media_gen/languages``, and adding a language is adding that file.

The file says what is needed to set, speak and caption a lesson: the language's name and direction, its fonts, its
voices, how numbers and dates are written, the few words that a film itself shows, and how units, signs and
abbreviations are read aloud.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from media_gen.errors import LanguageUnknown

WORDS = (
    "question",  # heading of a question slide
    "answer",  # heading of its answer
    "poll",
    "think",  # "Think for a moment."
    "sources",
    "continued",  # added to the title of a slide that was split: "{title} ({part}/{parts})"
    "draft",  # "Machine translation, not reviewed"
    "notes",  # heading of the narration in the handout
    "transcript",
    "chapters",
    "summary",
    "example",  # "Worked example"
    "step",  # "Step {number}"
)


@dataclass(frozen=True)
class Language:
    """``tag`` is the BCP 47 tag. ``fonts`` and ``mono`` are font families, best first.

    ``voices`` is the chain to try, best first, as (engine, voice). ``captions`` is the longest caption line in
    characters; ``rate`` the comfortable and the fastest speaking rate, in ``unit`` a minute. ``decimal`` and
    ``group`` are how numbers are written; ``date`` is a ``strftime``-like pattern of {day} {month} {year}; ``months``
    are their twelve names. ``words`` has every key of ``WORDS``.

    ``spoken`` are the tables for reading aloud (``media_gen.speech.spoken``), the first two and the last with the same
    keys in every language: ``units`` (read after a number; forms by number, joined by "|": one for all numbers, or
    one|other, or in Arabic one|two|3 to 10|11 and more), ``symbols`` (read where they stand), ``abbreviations`` (of
    that language, as written), ``letters`` (the names of A to Z and of the language's own letters, for what is spelled
    out) and ``phrases`` (with {a}, {b}, {n}, {x} as places).
    """

    tag: str
    name: str
    english: str
    direction: Literal["ltr", "rtl"]
    fonts: tuple[str, ...]
    mono: tuple[str, ...]
    voices: tuple[tuple[str, str], ...]
    captions: int
    rate: tuple[float, float]
    unit: Literal["words", "characters"]
    decimal: str
    group: str
    date: str
    months: tuple[str, ...]
    words: Mapping[str, str]
    spoken: Mapping[str, Mapping[str, str]]


FOLDER = Path(str(files("media_gen") / "languages"))
SPOKEN = ("units", "symbols", "abbreviations", "letters", "phrases", "fractions")


@cache
def available(folder: Path = FOLDER) -> tuple[str, ...]:
    """The tags of all languages of ``folder``, English first and then by tag."""
    return tuple(sorted((file.stem for file in folder.glob("*.toml")), key=lambda tag: (tag != "en", tag)))


@cache
def load(tag: str, folder: Path = FOLDER) -> Language:
    """The language of a BCP 47 tag, or of its primary language (``es-MX`` is ``es``, ``pt`` is ``pt-BR``).

    Raises ``LanguageUnknown``, also for a file that lacks something.
    """
    wanted = tag.replace("_", "-").lower()
    for match in (str.lower, primary):
        for known in available(folder):
            if match(known) == match(wanted):
                return _read(known, folder)
    raise LanguageUnknown(f"There is no language {tag}; known are {', '.join(available(folder))}.", language=tag)


def primary(tag: str) -> str:
    """The language without its region or script: ``pt-BR`` is ``pt``."""
    return tag.replace("_", "-").partition("-")[0].lower()


def _read(tag: str, folder: Path) -> Language:
    table: dict[str, Any] = tomllib.loads((folder / f"{tag}.toml").read_text("utf-8"))
    try:
        language = _language(tag, table)
    except KeyError as error:
        raise LanguageUnknown(f"The language file {tag}.toml lacks {error.args[0]}.", language=tag) from error
    absent = [f"words.{key}" for key in WORDS if key not in language.words]
    absent += [f"spoken.{key}" for key in SPOKEN if key not in language.spoken]
    if absent or len(language.months) != 12:
        raise LanguageUnknown(
            f"The language file {tag}.toml lacks {', '.join(absent) or 'some of the twelve months'}.", language=tag
        )
    return language


def _language(tag: str, table: Mapping[str, Any]) -> Language:
    about, numbers, speech = table["language"], table["numbers"], table["speech"]
    return Language(
        tag=tag,
        name=about["name"],
        english=about["english"],
        direction=about["direction"],
        fonts=tuple(about["fonts"]),
        mono=tuple(about["mono"]),
        voices=tuple((engine, voice) for engine, _, voice in (entry.partition(":") for entry in speech["voices"])),
        captions=about["caption_line"],
        rate=(float(speech["comfortable"]), float(speech["fastest"])),
        unit=speech["unit"],
        decimal=numbers["decimal"],
        group=numbers["group"],
        date=numbers["date"],
        months=tuple(numbers["months"]),
        words=MappingProxyType(dict(table["words"])),
        spoken=MappingProxyType({name: MappingProxyType(dict(rows)) for name, rows in table["spoken"].items()}),
    )
