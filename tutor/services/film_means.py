"""What films can be made of on this machine, language by language; and what would make them better."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media_gen.speech.port import Engine
    from media_gen.translation.port import Translator


@dataclass(frozen=True)
class Voice:
    """``default``: a narrator takes it first. ``lacks`` is what has to be done before it speaks; empty: it does.
    ``online``: it sends the text away, and is used only where it is asked for."""

    language: str
    engine: str
    name: str
    default: bool = False
    lacks: str = ""
    online: bool = False

    @property
    def wanted_as(self) -> str:
        return f"{self.engine}:{self.name}"


@dataclass(frozen=True)
class Means:
    """``voice`` is the one that speaks here; ``better`` what would bring the language's best one. ``unset`` are letters
    that no font here has. ``translators`` are the names of those from English."""

    language: str
    name: str
    voice: Voice | None
    better: str
    unset: str
    translators: tuple[str, ...]


def voices(language: str, engines: "Sequence[Engine]") -> tuple[Voice, ...]:
    """The voices of a language, best first: its own chain, and whatever else an engine has for it."""
    from media_gen.language import load

    known = load(language)
    by_name = {engine.name: engine for engine in engines}
    chain = [(engine, voice) for engine, voice in known.voices if engine in by_name]
    others = [(engine.name, voice) for engine in engines for voice in engine.voices(known.tag)[:4]]
    found: list[Voice] = []
    speaks = False
    for name, voice in dict.fromkeys([*chain, *others]):
        engine = by_name[name]
        lacks = engine.missing() or ("" if voice in engine.voices(known.tag) else "This voice is not here.")
        default = not speaks and not lacks and not engine.online
        speaks = speaks or default
        found.append(Voice(known.tag, name, voice, default, lacks, engine.online))
    return tuple(found)


def means(
    language: str, engines: "Sequence[Engine]", translators: "Sequence[Translator]", fonts: Path, source: str = "en"
) -> Means:
    """What there is for a language. ``fonts`` is the folder of the pinned ones."""
    from media_gen.language import load
    from media_gen.slides.fonts import load as load_fonts

    known = load(language)
    found = voices(language, engines)
    best = next((voice for voice in found if not voice.online), None)
    # Its own name and its months are written in its letters.
    letters = " ".join((known.name, *known.months))
    return Means(
        language=known.tag,
        name=known.english,
        voice=next((voice for voice in found if voice.default), None),
        better=best.lacks if best is not None else "",
        unset=load_fonts(fonts).missing(letters),
        translators=tuple(
            one.name for one in translators if known.tag != source and not one.refuses(source, known.tag)
        ),
    )
