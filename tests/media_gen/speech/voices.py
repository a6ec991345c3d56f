"""Engines that go wrong, for the tests: some here in the process, some that a speech process loads."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from media_gen.errors import VoiceBusy, VoiceMissing
from media_gen.speech.port import RATE, Samples, Utterance
from media_gen.speech.silent import SilentEngine
from media_gen.speech.worker import Speak


class Scripted(SilentEngine):
    """Does what it is told for each sentence in turn, and speaks properly when the list is at its end."""

    def __init__(self, name: str, *doings: Callable[[Utterance], Samples], speaks: tuple[str, ...] = ("tone",)) -> None:
        self.name = name
        self._doings = list(doings)
        self._speaks = speaks
        self.asked: list[Utterance] = []
        self.lacking = ""
        self.closed = False

    def missing(self) -> str:
        return self.lacking

    def voices(self, language: str) -> tuple[str, ...]:
        return self._speaks

    def speak(self, utterance: Utterance) -> Samples:
        self.asked.append(utterance)
        return self._doings.pop(0)(utterance) if self._doings else super().speak(utterance)

    def close(self) -> None:
        self.closed = True


def nothing(utterance: Utterance) -> Samples:
    return np.zeros(RATE, np.float32)


def endless(utterance: Utterance) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, RATE * 60).astype(np.float32)


def not_a_number(utterance: Utterance) -> Samples:
    return np.full(RATE, np.nan, np.float32)


def raising(error: Exception) -> Callable[[Utterance], Samples]:
    def doing(utterance: Utterance) -> Samples:
        raise error

    return doing


# -- loaded by a speech process --------------------------------------------------------------------------------------


def obedient(log: str) -> Speak:
    """Does what the text says; writes the process's number to ``log`` when it is loaded."""
    with Path(log).open("a") as file:
        file.write(f"{os.getpid()}\n")

    def speak(utterance: Utterance) -> tuple[Samples, int]:
        match utterance.text:
            case "die":
                os._exit(3)
            case "crash":
                os.abort()
            case "hang":
                time.sleep(3600)
            case "print":
                sys.stdout.write("a library says something\n")
                sys.stdout.flush()
                os.write(1, b"and so does its C code\n")
            case "raise":
                raise ValueError("no such vowel")
            case "missing":
                raise VoiceMissing("there is no voice like this")
            case "busy":
                raise VoiceBusy("the service answered 429")
            case "leave":
                os._exit(0)  # as after a long time without work, but before the next sentence is heard
            case "babble":
                return np.zeros(RATE * 3600, np.float32), RATE
            case "slow rate":
                return np.sin(np.arange(8000) / 8000 * 2 * np.pi * 440).astype(np.float32), 8000
        return np.full(240, 0.5, np.float32), RATE

    return speak


def broken() -> Speak:
    raise ImportError("a library is missing")
