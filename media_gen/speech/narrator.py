"""Speaks sentences through the chain of a language's voices, each sentence once.

What was spoken lies in a folder, named by everything that made it: text, language, voice, engine and its version. A
sentence that a voice can't say (it is silent, or never stops) is remembered too, so that it isn't tried again.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from media_gen import language as languages
from media_gen.errors import SpeechFailed, VoiceMissing
from media_gen.language import Language
from media_gen.speech import guard
from media_gen.speech.port import Engine, Samples, Speech, Utterance
from media_gen.speech.recording import Recordings
from media_gen.speech.spoken import read_aloud

VERSION = "1"  # of everything here that shapes the sound, and of ``audio`` and ``recording``
SLOWER = 0.95  # the pace of a second try: the same again would sound the same


@dataclass(frozen=True)
class _Attempt:
    """One voice and the sentence: ``key`` names what comes of it."""

    engine: Engine
    utterance: Utterance
    key: str


class ChainNarrator:
    """Implements port ``Narrator``. A language's own chain comes first, then the other engines given that work here
    and keep the text on this machine. An engine that sends text away is used only where its voice is asked for."""

    def __init__(
        self, cache: Path, engines: Sequence[Engine], load: Callable[[str], Language] = languages.load
    ) -> None:
        self._recordings = Recordings(cache)
        self._engines = {engine.name: engine for engine in engines}
        self._load = load

    def narrate(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech:
        known = self._load(language)
        spoken = read_aloud(say or text, known)
        if not spoken:
            raise SpeechFailed("There is nothing to say in an empty sentence.", language=language)
        failed: list[str] = []
        for attempt in self._attempts(spoken, known, voice, failed):
            if (found := self._recordings.read(attempt.key)) is not None:
                return found
            if (refused := self._recordings.refused(attempt.key)) is not None:
                failed.append(refused)
                continue
            try:
                return self._record(attempt)
            except SpeechFailed as error:
                failed.append(str(error))
        reasons = " ".join(failed) or "none of its voices is installed."
        raise SpeechFailed(f"No voice could say this in {known.english}: {reasons}", language=language, failed=failed)

    def cached(self, text: str, language: str, *, say: str = "", voice: str = "") -> Speech | None:
        known = self._load(language)
        spoken = read_aloud(say or text, known)
        for attempt in self._attempts(spoken, known, voice, []):
            if self._recordings.refused(attempt.key) is None:
                return self._recordings.read(attempt.key)
        return None

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()

    def _attempts(self, spoken: str, known: Language, wanted: str, failed: list[str]) -> Iterator[_Attempt]:
        for name, voice in self._chain(known, wanted):
            engine = self._engines.get(name)
            if engine is None:
                failed.append(f"{name} is not among the engines here.")
            elif missing := engine.missing():
                failed.append(missing)
            else:
                voices = engine.voices(known.tag)
                if (voice and voice not in voices) or not voices:
                    failed.append(f"{name} has no voice {voice or 'at all'} for {known.english}.")
                else:
                    utterance = Utterance(spoken, known.tag, voice or voices[0])
                    yield _Attempt(engine, utterance, _key(engine, utterance))

    def _chain(self, known: Language, wanted: str) -> tuple[tuple[str, str], ...]:
        """(engine, voice) in the order to try; an empty voice is the engine's best."""
        engine, _, voice = wanted.partition(":")
        asked = ((engine, voice),) if engine else ()
        named = {name for name, _ in known.voices}
        others = [(e.name, "") for e in self._engines.values() if e.name not in named and not e.online]
        return tuple(dict.fromkeys((*asked, *known.voices, *others)))

    def _record(self, attempt: _Attempt) -> Speech:
        """Speak, and once more where that failed; raises ``SpeechFailed``."""
        try:
            samples, problem = self._spoken(attempt.engine, attempt.utterance)
        except VoiceMissing:
            raise
        except SpeechFailed as error:
            if error.retryable:  # an online engine that is busy has waited and tried again by itself
                raise
            samples, problem = self._spoken(attempt.engine, attempt.utterance)
        if problem is not None:
            slower = Utterance(**{**vars(attempt.utterance), "speed": attempt.utterance.speed * SLOWER})
            samples, problem = self._spoken(attempt.engine, slower)
        voice = f"{attempt.engine.name}:{attempt.utterance.voice}"
        if problem is not None:
            said = {"silent": "fell silent", "runaway": "did not stop in time"}[problem]
            self._recordings.refuse(attempt.key, f"{voice} {said}.")
            raise SpeechFailed(f"{voice} {said}.", engine=attempt.engine.name, language=attempt.utterance.language)
        return self._recordings.write(attempt.key, samples, attempt.engine.name, attempt.utterance)

    def _spoken(self, engine: Engine, utterance: Utterance) -> tuple[Samples, guard.Fault | None]:
        from media_gen.speech import audio  # scipy and pyloudnorm are loaded only when something is spoken

        samples = engine.speak(utterance)
        if not np.isfinite(samples).all():
            return samples, "silent"
        samples = audio.trimmed(samples)
        return samples, guard.fault(utterance.text, len(samples))


def _key(engine: Engine, utterance: Utterance) -> str:
    inputs: dict[str, Any] = {**vars(utterance), "engine": [engine.name, engine.version], "version": VERSION}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
