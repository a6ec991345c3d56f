"""The shipped fake: a quiet tone as long as the text would take to say. Quick, deterministic, needs nothing."""

import numpy as np

from media_gen.speech.port import RATE, Samples, Utterance

SECONDS_PER_CHARACTER = 0.06  # about 170 English words a minute
SHORTEST = 0.5


class SilentEngine:
    name = "silent"
    online = False
    version = "1"

    def missing(self) -> str:
        return ""

    def voices(self, language: str) -> tuple[str, ...]:
        return ("tone",)

    def speak(self, utterance: Utterance) -> Samples:
        seconds = max(SHORTEST, SECONDS_PER_CHARACTER * len(utterance.text)) / utterance.speed
        time = np.arange(round(seconds * RATE)) / RATE
        swell = np.minimum(1.0, np.minimum(time, seconds - time) * 20)  # 50 ms at both ends: no clicks
        return np.asarray(0.05 * swell * np.sin(2 * np.pi * 220 * time), dtype=np.float32)

    def close(self) -> None:
        """There is nothing to end."""
