"""Whether what a voice gave can be the sentence: a voice may fall silent, break off or never stop."""

import unicodedata
from typing import Literal

from media_gen.speech.port import RATE

Fault = Literal["silent", "runaway"]

# People speak about 15 letters a second. Three times as quick is no speech; three times as slow is a voice gone astray.
QUICKEST = 45.0
SLOWEST = 5.0
PAUSES = 2.5  # seconds more for what is said before and after, and for short texts


def letters(text: str) -> float:
    """The length of a text as it is spoken, in letters: a Chinese or Japanese sign is a syllable, a digit a word."""
    return sum(_weight(sign) for sign in text)


def _weight(sign: str) -> float:
    category = unicodedata.category(sign)
    if category == "Lo" and ("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" or sign >= "\U00020000"):
        return 3.5
    if category[0] == "N":
        return 5.0
    return 1.0 if category[0] == "L" else 0.2


def fault(text: str, samples: int) -> Fault | None:
    """What is wrong with ``samples`` of sound (after trimming) for ``text``; None where it may be the sentence."""
    seconds, length = samples / RATE, letters(text)
    if samples == 0 or seconds < length / QUICKEST:
        return "silent"
    return "runaway" if seconds > PAUSES + length / SLOWEST else None
