"""The shipped fake: a quiet tone as long as the text would take to say. Quick, deterministic, needs nothing."""

import numpy as np

from media_gen.speech.guard import letters
from media_gen.speech.port import RATE, Samples, Utterance

LETTERS = 12.0  # a second, as ``guard`` counts them: an unhurried speaker in any language
SHORTEST = 0.5


class SilentEngine:
    name = "silent"
    online = False
    version = "1.1"

    def missing(self) -> str:
        return ""

    def voices(self, language: str) -> tuple[str, ...]:
        return ("tone",)

    def speak(self, utterance: Utterance) -> Samples:
        seconds = max(SHORTEST, letters(utterance.text) / LETTERS) / utterance.speed
        time = np.arange(round(seconds * RATE)) / RATE
        swell = np.minimum(1.0, np.minimum(time, seconds - time) * 20)  # 50 ms at both ends: no clicks
        return np.asarray(0.05 * swell * np.sin(2 * np.pi * 220 * time), dtype=np.float32)

    def close(self) -> None:
        """There is nothing to end."""
