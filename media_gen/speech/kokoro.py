"""Kokoro-82M: a small neural voice (StyleTTS 2) that speaks eight languages well, on a processor without a GPU.

Phonemes come from espeak-ng (GPL-3, through kokoro-onnx) and for Chinese from misaki; both only in the speech process.
German, which no voice was trained on, is spoken by ``hf_alpha`` from German phonemes: it was understood best of all
voices (``python -m bench.narration``). https://huggingface.co/hexgrad/Kokoro-82M
"""

import importlib.metadata
import importlib.util
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from media_gen.errors import SpeechFailed, VoiceMissing
from media_gen.speech.pool import Pool
from media_gen.speech.port import RATE, Samples, Utterance
from media_gen.speech.worker import Speak

# Of each voice, its first letter says the language: the espeak-ng language of its phonemes.
PHONEMES = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br", "z": "zh"}
# Teaching is comfortable at 160 to 180 words a minute; the voices speak 185 to 210 of them
# (``python -m bench.narration``). So "their own pace" is this part of it, by the first letter.
PACE = {"a": 0.85, "b": 0.88, "e": 0.93, "f": 0.89, "h": 1.0, "i": 0.91, "p": 0.9, "z": 1.0}
# The voices fetched with the model (tutor.model_list), best first.
VOICES = {
    "en": ("af_heart", "af_bella", "am_michael", "bf_emma", "bm_george"),
    "en-gb": ("bf_emma", "bm_george"),
    "es": ("ef_dora", "em_alex"),
    "fr": ("ff_siwis",),
    "hi": ("hf_alpha", "hm_omega"),
    "it": ("if_sara", "im_nicola"),
    "pt": ("pf_dora", "pm_alex"),
    "zh": ("zf_xiaobei", "zm_yunxi"),
    "de": ("hf_alpha", "hm_omega"),
}
MODEL = "kokoro-v1.0.int8.onnx"
PACKAGES = ("kokoro-onnx", "espeakng-loader", "misaki", "onnxruntime")


class KokoroEngine:
    """``models`` is the models folder. ``threads`` are those of one sentence; 0: half of the machine's processors."""

    name = "kokoro"
    online = False

    def __init__(self, models: Path, *, size: int = 1, threads: int = 0) -> None:
        self._folder = models / "kokoro"
        known = [name for name in PACKAGES if importlib.util.find_spec(name.replace("-", "_"))]
        self.version = " ".join(["2", MODEL, *(f"{name} {importlib.metadata.version(name)}" for name in known)])
        threads = threads or max(1, (os.cpu_count() or 1) // 2)
        options = {"folder": str(self._folder), "threads": threads}
        self._pool = Pool(self.name, f"{__name__}:speaker", options, size=size)

    def missing(self) -> str:
        absent = [name for name in PACKAGES if importlib.util.find_spec(name.replace("-", "_")) is None]
        if absent:
            return f"Kokoro needs the package {absent[0]}."
        if not (self._folder / MODEL).exists() or not any(self._folder.glob("voices/*.bin")):
            return "Kokoro's model files are not here; `diotima models fetch kokoro` brings them."
        return ""

    def voices(self, language: str) -> tuple[str, ...]:
        tag = language.lower()
        names = VOICES.get(tag) or VOICES.get(tag.partition("-")[0], ())
        return tuple(name for name in names if (self._folder / MODEL).exists() and _file(self._folder, name).exists())

    def speak(self, utterance: Utterance) -> Samples:
        return self._pool.speak(utterance)

    def close(self) -> None:
        self._pool.close()


def _file(folder: Path, voice: str) -> Path:
    return folder / "voices" / f"{voice}.bin"


# -- in the speech process -------------------------------------------------------------------------------------------


def speaker(folder: str, threads: int) -> Speak:
    import onnxruntime
    from kokoro_onnx import Kokoro

    if not (Path(folder) / MODEL).exists():
        raise VoiceMissing("its model files are not here")
    limited = onnxruntime.SessionOptions()
    limited.intra_op_num_threads, limited.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(Path(folder) / MODEL), limited, providers=["CPUExecutionProvider"])
    with tempfile.TemporaryDirectory() as empty:  # it wants a file of voices; ours are given to each call
        np.savez(Path(empty) / "voices.npz", none=np.zeros(1, np.float32))
        kokoro = Kokoro.from_session(session, str(Path(empty) / "voices.npz"))
    espeak: dict[str, Any] = {}
    chinese: list[Any] = []

    def phonemes(text: str, language: str) -> str:
        if language not in espeak:
            from phonemizer.backend import EspeakBackend

            # A word of another language is marked "(en)...(fr)" by default, and the marks would be spoken.
            espeak[language] = EspeakBackend(
                language, preserve_punctuation=True, with_stress=True, language_switch="remove-flags"
            )
        return str(espeak[language].phonemize([text])[0])

    def chinese_phonemes(text: str) -> str:
        if not chinese:
            from misaki.zh import ZHG2P

            chinese.append(ZHG2P())
        # misaki leaves Latin words as they are: those are spoken in English.
        parts = re.split(r"([A-Za-z][A-Za-z' -]*)", text)
        return " ".join(
            phonemes(part, "en-us") if at % 2 else chinese[0](part)[0] for at, part in enumerate(parts) if part.strip()
        )

    def speak(utterance: Utterance) -> tuple[Samples, int]:
        file = _file(Path(folder), utterance.voice)
        if not file.exists():
            raise VoiceMissing(f"there is no voice {utterance.voice}")
        style = np.fromfile(file, np.float32).reshape(510, 1, 256)
        language = PHONEMES[utterance.voice[0]]
        if utterance.language.lower().partition("-")[0] == "de":
            language = "de"
        sounds = chinese_phonemes(utterance.text) if language == "zh" else phonemes(utterance.text, language)
        if not sounds.strip():
            raise SpeechFailed("there is nothing in this that can be spoken")
        speed = utterance.speed * PACE[utterance.voice[0]]
        samples, rate = kokoro.create(sounds, style, speed=max(0.5, min(2.0, speed)), is_phonemes=True, trim=False)
        return np.asarray(samples, np.float32), int(rate or RATE)

    return speak
