"""Narration's sound: trimmed, at one loudness, with no peak that clips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_gen.speech import audio
from media_gen.speech.guard import fault, letters
from media_gen.speech.port import RATE, Samples


def tone(seconds: float, level: float = 0.1, pitch: float = 440.0) -> Samples:
    return (level * np.sin(2 * np.pi * pitch * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def syllables(seconds: float, level: float) -> Samples:
    """Like speech: loud and quiet in turn, with short peaks far above the rest."""
    noise = np.random.default_rng(1).normal(0, 1, round(seconds * RATE))
    swell = 0.1 + np.abs(np.sin(2 * np.pi * 2 * np.arange(len(noise)) / RATE)) ** 4
    return (level * noise * swell).astype(np.float32)


@pytest.mark.parametrize("level", [0.002, 0.05, 0.9])
@pytest.mark.parametrize("seconds", [0.15, 0.39, 1.0, 6.0])
def test_every_sentence_comes_out_as_loud_as_the_next(level: float, seconds: float) -> None:
    for sound in (tone(seconds, level), syllables(seconds, level)):
        made = audio.normalised(sound)
        assert audio.loudness(made) == pytest.approx(-16, abs=0.5)
        assert audio.true_peak(made) <= -1.5 + 0.01
        assert len(made) == len(sound)


def test_peaks_between_the_samples_count() -> None:
    # A quarter of the rate, an eighth of a period off: all samples are at 0.707 of the wave's height.
    wave = np.sin(2 * np.pi * RATE / 4 * np.arange(RATE) / RATE + np.pi / 4).astype(np.float32)
    assert np.max(np.abs(wave)) == pytest.approx(0.7071, abs=1e-3)
    assert audio.true_peak(wave[100:-100]) == pytest.approx(0, abs=0.2)


def test_the_limiter_leaves_quiet_sound_alone() -> None:
    quiet = tone(1.0, 0.3)
    assert np.array_equal(audio.limited(quiet, -1.5), quiet)
    loud = audio.limited(tone(1.0, 0.3) + np.eye(1, RATE, RATE // 2, dtype=np.float32)[0], -1.5)
    assert audio.true_peak(loud) <= -1.4
    assert np.allclose(loud[: RATE // 4], tone(0.25, 0.3), atol=1e-4)


def test_silence_at_both_ends_is_cut_and_soft_ends_stay() -> None:
    soft = tone(0.05, 0.002)
    sound = np.concatenate([silence(1.0), soft, tone(1.0), soft, silence(0.7)])
    assert 1.1 <= len(audio.trimmed(sound)) / RATE <= 1.25
    assert np.max(np.abs(audio.trimmed(sound)[:5])) < 0.01
    assert np.max(np.abs(audio.trimmed(sound)[-5:])) < 0.01


@pytest.mark.parametrize("sound", [silence(1.0), silence(0.0), tone(1.0, 0.0005)])
def test_what_is_silent_is_empty_and_has_no_loudness(sound: Samples) -> None:
    assert len(audio.trimmed(sound)) == 0
    assert audio.loudness(audio.trimmed(sound)) == float("-inf")
    assert audio.true_peak(audio.trimmed(sound)) == float("-inf")
    assert len(audio.normalised(audio.trimmed(sound))) == 0


@given(st.integers(0, 3000), st.integers(0, 2**32 - 1))
def test_any_sound_can_be_trimmed(length: int, seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, 0.1, length).astype(np.float32)
    assert len(audio.trimmed(sound)) <= length
    assert np.max(np.abs(audio.trimmed(sound)), initial=0.0) <= np.max(np.abs(sound), initial=0.0)


def test_speech_far_too_short_or_long_for_its_text_is_noticed() -> None:
    text = "Plants make sugar from light."
    assert fault(text, 2 * RATE) is None
    assert fault(text, 0) == "silent"
    assert fault(text, RATE // 4) == "silent"
    assert fault(text, 20 * RATE) == "runaway"
    assert fault("No.", RATE // 3) is None
    assert fault("植物用光制造糖。", 2 * RATE) is None
    assert fault("植物用光制造糖。", RATE // 4) == "silent"


def test_a_chinese_sign_is_as_long_as_a_syllable() -> None:
    assert letters("糖") > 3 * letters("a")
    assert letters("ab, cd") == pytest.approx(4.4)
