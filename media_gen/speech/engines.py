"""Every engine there is. A new one is a file of its own and a line here."""

from pathlib import Path

from media_gen.speech.espeak import EspeakEngine
from media_gen.speech.gtts import GoogleEngine
from media_gen.speech.kokoro import KokoroEngine
from media_gen.speech.piper import PiperEngine
from media_gen.speech.port import Engine


def every(models: Path) -> tuple[Engine, ...]:
    """All engines, those that lack something too (``missing`` says what). ``models`` is the models folder."""
    return (KokoroEngine(models), EspeakEngine(), PiperEngine(models), GoogleEngine())


def installed(models: Path) -> tuple[Engine, ...]:
    """The engines that can speak here."""
    return tuple(engine for engine in every(models) if not engine.missing())
