"""Piper: quick neural voices, one model a voice. Optional: its package, piper-tts, is GPL-3 and runs in the process."""

import importlib.metadata
import importlib.util
from pathlib import Path

import numpy as np

from media_gen.errors import VoiceMissing
from media_gen.speech.pool import Pool
from media_gen.speech.port import Samples, Utterance
from media_gen.speech.worker import Speak


class PiperEngine:
    """Speaks with every ``<language>_<region>-<name>-<quality>.onnx`` in ``piper-*`` below the models folder, so that a
    voice is added by laying its two files there. A voice's name is that of its file: ``en_US-joe-medium``."""

    name = "piper"
    online = False

    def __init__(self, models: Path, *, size: int = 1) -> None:
        self._models = models
        installed = importlib.util.find_spec("piper") is not None
        self.version = f"1 piper-tts {importlib.metadata.version('piper-tts')}" if installed else "1"
        self._pool = Pool(self.name, f"{__name__}:speaker", {"models": str(models)}, size=size)

    def missing(self) -> str:
        if importlib.util.find_spec("piper") is None:
            return "Piper needs the package piper-tts (`pip install diotima[piper]`); it is GPL-3."
        if not _files(self._models):
            return "Piper has no voice here; `diotima models fetch piper-joe` brings one."
        return ""

    def voices(self, language: str) -> tuple[str, ...]:
        if self.missing():
            return ()
        tag = language.lower().replace("-", "_")
        names = sorted(_files(self._models))
        return tuple(
            [name for name in names if name.lower().startswith(f"{tag}-")]
            + [name for name in names if name.lower().startswith(f"{tag.partition('_')[0]}_") and "_" not in tag]
        )

    def speak(self, utterance: Utterance) -> Samples:
        return self._pool.speak(utterance)

    def close(self) -> None:
        self._pool.close()


def _files(models: Path) -> dict[str, Path]:
    return {path.stem: path for path in models.glob("piper-*/*.onnx") if path.with_suffix(".onnx.json").exists()}


# -- in the speech process -------------------------------------------------------------------------------------------


def speaker(models: str) -> Speak:
    from piper import PiperVoice, SynthesisConfig

    loaded: dict[str, PiperVoice] = {}

    def speak(utterance: Utterance) -> tuple[Samples, int]:
        file = _files(Path(models)).get(utterance.voice)
        if file is None:
            raise VoiceMissing(f"there is no voice {utterance.voice}")
        if utterance.voice not in loaded:
            loaded[utterance.voice] = PiperVoice.load(file)
        slower = SynthesisConfig(length_scale=1 / utterance.speed)
        chunks = list(loaded[utterance.voice].synthesize(utterance.text, slower))
        samples = np.concatenate([np.zeros(0, np.float32), *(chunk.audio_float_array for chunk in chunks)])
        return samples, loaded[utterance.voice].config.sample_rate

    return speak
