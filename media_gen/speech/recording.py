"""The folder of what was spoken: ``ab/abcd...wav`` with what is known of it in the ``.json`` beside it.

A file appears whole or not at all (write, fsync, rename); one that is damaged counts as missing and is made anew.
"""

import contextlib
import hashlib
import io
import json
import os
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np

from media_gen.speech.port import RATE, Samples, Speech, Utterance


class Recordings:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str) -> Speech | None:
        about = self._about(key)
        sound = self._path(key, ".wav")
        try:
            if about is None or hashlib.sha256(sound.read_bytes()).hexdigest() != about.pop("sha256"):
                return None
            return Speech(path=sound, **about)
        except (OSError, TypeError, KeyError):
            return None

    def refused(self, key: str) -> str | None:
        """Why this voice can't say this sentence, if that is known."""
        about = self._about(key)
        return str(about["refused"]) if about and "refused" in about else None

    def refuse(self, key: str, why: str) -> None:
        _put(self._path(key, ".json"), json.dumps({"refused": why}).encode())

    def write(self, key: str, samples: Samples, engine: str, utterance: Utterance) -> Speech:
        """Normalise ``samples`` and keep them."""
        from media_gen.speech import audio

        pcm = np.round(np.clip(audio.normalised(samples), -1, 1) * 32767).astype("<i2")
        heard = _samples(pcm.tobytes())
        sound = _wav(pcm.tobytes())
        about: dict[str, Any] = {
            "samples": len(pcm),
            "engine": engine,
            "voice": utterance.voice,
            "spoken": utterance.text,
            "loudness": round(audio.loudness(heard), 2),
            "peak": round(audio.true_peak(heard), 2),
        }
        _put(self._path(key, ".wav"), sound)
        told = {**about, "sha256": hashlib.sha256(sound).hexdigest()}
        _put(self._path(key, ".json"), json.dumps(told, ensure_ascii=False).encode())
        return Speech(path=self._path(key, ".wav"), **about)

    def _path(self, key: str, ending: str) -> Path:
        return self._folder / key[:2] / f"{key}{ending}"

    def _about(self, key: str) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._path(key, ".json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None


def read_samples(path: Path) -> Samples:
    """The samples of a recording, -1 to 1."""
    with wave.open(str(path)) as file:
        return _samples(file.readframes(file.getnframes()))


def _samples(frames: bytes) -> Samples:
    return np.asarray(np.frombuffer(frames, "<i2") / 32767, np.float32)


def _wav(frames: bytes) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    return buffer.getvalue()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
