"""What a speech engine is, and what comes out of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 24_000  # samples per second of all narration, mono

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """What an engine is asked to say: ``text`` as it is to be spoken (numbers and signs already written out),
    ``language`` a BCP 47 tag, ``voice`` one of the engine's. ``speed`` 1.0 is the voice's own pace."""

    text: str
    language: str
    voice: str
    speed: float = 1.0


class Engine(Protocol):
    """One way of speaking. Runs in a process of its own: GPL parts and crashes stay there.

    ``version`` changes whenever the same utterance would sound different: it is part of the name of what is cached.
    ``online`` engines send the text to somebody else; they are used only where they are asked for.
    """

    name: str
    version: str
    online: bool

    def missing(self) -> str:
        """What has to be installed before this engine can speak here, in a sentence for a person; empty: nothing."""
        ...

    def voices(self, language: str) -> tuple[str, ...]:
        """Its voices for this language, best first; empty where it doesn't speak it."""
        ...

    def speak(self, utterance: Utterance) -> Samples:
        """Mono at ``RATE``, as the engine gives it: not yet trimmed or normalised.

        Raises ``VoiceMissing``, ``VoiceBusy`` or ``SpeechFailed``."""
        ...

    def close(self) -> None:
        """End its processes; what is being said is finished first."""
        ...


@dataclass(frozen=True)
class Speech:
    """One sentence, spoken: ``path`` a WAV file (mono, 16 bit, ``RATE``), normalised to -16 LUFS and -1.5 dBTP,
    trimmed of silence at both ends. ``samples`` is its length. ``spoken`` is the text as it was given to the voice."""

    path: Path
    samples: int
    engine: str
    voice: str
    spoken: str
    loudness: float
    peak: float

    @property
    def seconds(self) -> float:
        return self.samples / RATE


class Narrator(Protocol):
    """Speaks sentences through the chain of a language's voices, each only once (``media_gen.speech.narrator``)."""

    def narrate(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech:
        """Speak inline Markdown ``text`` (or ``say`` in its place), with ``voice`` ("engine:voice") tried first.

        Raises ``SpeechFailed`` when no voice of the chain could."""
        ...

    def cached(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech | None:
        """What ``narrate`` would give without speaking, if it is there."""
        ...
