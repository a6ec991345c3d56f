"""espeak-ng: a formant voice for more than a hundred languages. Robotic, tiny, quick, and always there.

Arabic is written without its short vowels, and espeak-ng doesn't know them: where piper-tts is installed, the model
in it (libtashkeel) writes them into the text first.

The library and its data come with the package espeakng-loader (GPL-3 inside), else from the system; both are loaded
only in the speech process. Calls: https://github.com/espeak-ng/espeak-ng/blob/1.52.0/src/include/espeak-ng/speak_lib.h
"""

import ctypes
import functools
import importlib.metadata
import importlib.util
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import numpy as np

from media_gen.errors import SpeechFailed, VoiceMissing
from media_gen.speech.pool import Pool
from media_gen.speech.port import Samples, Utterance
from media_gen.speech.worker import Speak

# Where several voices claim a language, the one that teaching is done in.
PREFERRED = {"en": "en-us", "fr": "fr", "zh": "cmn", "pt": "pt-br", "es": "es"}
WORDS_PER_MINUTE = 160
SYNCHRONOUS, CHARS_UTF8, RATE_PARAMETER, DONT_EXIT = 2, 1, 1, 0x8000


class EspeakEngine:
    name = "espeak"
    online = False

    def __init__(self, *, size: int = 1) -> None:
        packages = {"espeakng-loader": "espeakng_loader", "piper-tts": "piper"}
        found = [name for name, module in packages.items() if importlib.util.find_spec(module)]
        self.version = " ".join(["2", *(f"{name} {importlib.metadata.version(name)}" for name in found)])
        self._pool = Pool(self.name, f"{__name__}:speaker", {}, size=size)

    def missing(self) -> str:
        if library() is None:
            return "espeak-ng is not installed (package espeakng-loader, or Debian's espeak-ng)."
        return ""

    def voices(self, language: str) -> tuple[str, ...]:
        if self.missing():
            return ()
        wanted, primary = language.lower(), language.lower().partition("-")[0]
        found = [voice for voice, spoken in _languages().items() if wanted in spoken or primary in spoken]
        preferred = PREFERRED.get(wanted)
        order = sorted(
            found,
            key=lambda v: (v != preferred, wanted not in _languages()[v], v != wanted, v != PREFERRED.get(primary), v),
        )
        return tuple(order)

    def speak(self, utterance: Utterance) -> Samples:
        return self._pool.speak(utterance)

    def close(self) -> None:
        self._pool.close()


def library() -> tuple[str, str | None] | None:
    """Where espeak-ng's library and its data are (None: where the library itself looks); nothing is loaded."""
    spec = importlib.util.find_spec("espeakng_loader")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent
        for name in ("libespeak-ng.so", "libespeak-ng.dylib", "espeak-ng.dll"):
            if (folder / name).exists():
                return str(folder / name), str(folder / "espeak-ng-data")
    found = find_library("espeak-ng")
    return (found, None) if found else None


@functools.cache
def _languages() -> dict[str, tuple[str, ...]]:
    """Voice (the name of its data file, in lower case) -> the languages it speaks, from the file's own lines."""
    place = library()
    system = [Path("/usr/share/espeak-ng-data"), *Path("/usr/lib").glob("*/espeak-ng-data")]
    voices = {}
    for folder in [Path(place[1])] if place and place[1] else system:
        for file in folder.glob("lang/**/*"):
            if file.is_file():
                lines = file.read_text("utf-8", "replace").splitlines()
                spoken = [line.split()[1].lower() for line in lines if line.startswith("language ")]
                voices[file.name.lower()] = (*spoken, *{code.partition("-")[0] for code in spoken})
    return voices


# -- in the speech process -------------------------------------------------------------------------------------------


def speaker() -> Speak:
    place = library()
    if place is None:
        raise VoiceMissing("espeak-ng is not installed")
    speech = ctypes.CDLL(place[0])
    data = place[1].encode() if place[1] else None
    rate = int(speech.espeak_Initialize(SYNCHRONOUS, 200, data, DONT_EXIT))
    if rate <= 0:
        raise SpeechFailed("espeak-ng could not be started")
    heard: list[bytes] = []
    vowels: list[Any] = []  # what writes them, once it is loaded

    def listen(samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)(listen)

    def speak(utterance: Utterance) -> tuple[Samples, int]:
        heard.clear()
        speech.espeak_SetSynthCallback(callback)  # named here, so that it lives as long as the library calls it
        if utterance.voice not in _languages() or speech.espeak_SetVoiceByName(utterance.voice.encode()) != 0:
            raise VoiceMissing(f"there is no voice {utterance.voice}")
        speech.espeak_SetParameter(RATE_PARAMETER, round(WORDS_PER_MINUTE * utterance.speed), 0)
        words = utterance.text
        if utterance.language.lower().partition("-")[0] == "ar" and importlib.util.find_spec("piper"):
            if not vowels:
                from piper.tashkeel import TashkeelDiacritizer

                vowels.append(TashkeelDiacritizer())
            words = vowels[0](words)
        text = words.encode() + b"\0"
        if speech.espeak_Synth(text, len(text), 0, 0, 0, CHARS_UTF8, None, None) != 0:
            raise SpeechFailed("espeak-ng could not speak the sentence")
        speech.espeak_Synchronize()
        return np.asarray(np.frombuffer(b"".join(heard), np.int16) / 32768, np.float32), rate

    return speak
