"""Sound as narration needs it: trimmed, as loud as broadcast speech, without peaks that clip. Pure functions.

Loudness is that of ITU-R BS.1770-4 (pyloudnorm); true peak is measured on four times as many samples, as its annex 2
says.
"""

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from scipy.signal import resample_poly

from media_gen.speech.port import RATE, Samples

LOUDNESS = -16.0  # LUFS
PEAK = -1.5  # dBTP
FRAME = RATE // 100
QUIET = -42.0  # dB below the loudest 10 ms: what is quieter at an end is silence
MARGIN = (4, 8)  # frames of it that stay at the start and at the end, for soft consonants
SILENCE = 10 ** (-60 / 20)  # a sound that is nowhere louder than this is none
LOOKAHEAD = RATE // 200  # samples; 5 ms
OVERSAMPLING = 4

_meter = pyloudnorm.Meter(RATE)


def trimmed(samples: Samples) -> Samples:
    """Without the silence at both ends; empty where there is no sound at all."""
    whole = len(samples) // FRAME * FRAME
    padded = samples if whole == len(samples) else np.pad(samples, (0, FRAME + whole - len(samples)))
    if not len(padded):
        return samples
    level = np.sqrt(np.mean(np.square(padded.reshape(-1, FRAME), dtype=np.float64), axis=1))
    loudest = float(level.max())
    if loudest < SILENCE:
        return samples[:0]
    heard = np.flatnonzero(level > loudest * 10 ** (QUIET / 20))
    start = max(0, int(heard[0]) - MARGIN[0]) * FRAME
    stop = min(len(samples), (int(heard[-1]) + 1 + MARGIN[1]) * FRAME)
    return faded(samples[start:stop])


def faded(samples: Samples, length: int = FRAME // 2) -> Samples:
    """Rises from nothing and falls to nothing in 5 ms, so that no cut clicks."""
    length = min(length, len(samples) // 2)
    ramp = np.linspace(0, 1, length, endpoint=False, dtype=np.float32)
    shaped = samples.astype(np.float32, copy=True)
    shaped[:length] *= ramp
    shaped[len(shaped) - length :] *= ramp[::-1]
    return shaped


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS, -inf for silence. What is too short for the measure's blocks is said repeatedly."""
    if not len(samples) or float(np.max(np.abs(samples))) < SILENCE:
        return float("-inf")
    repeats = -(-RATE // len(samples)) if len(samples) < RATE // 2 else 1
    return float(_meter.integrated_loudness(np.tile(samples.astype(np.float64), repeats)))


def true_peak(samples: Samples) -> float:
    """The highest peak between the samples too, in dBTP; -inf for silence."""
    highest = float(np.max(_peaks(samples))) if len(samples) else 0.0
    return 20 * float(np.log10(highest)) if highest > 0 else float("-inf")


def normalised(samples: Samples) -> Samples:
    """At ``LOUDNESS``, no peak above ``PEAK``. Silence stays as it is.

    Peaks are lowered by a limiter that looks 5 ms ahead; what it takes from the loudness is given back.
    """
    measured = loudness(samples)
    if not np.isfinite(measured):
        return samples
    gain = LOUDNESS - measured
    shaped = samples
    for _ in range(6):
        shaped = limited(samples * np.float32(10 ** (gain / 20)), PEAK - 0.1)
        lacking = LOUDNESS - loudness(shaped)
        if abs(lacking) < 0.1:
            break
        gain += lacking
    over = true_peak(shaped) - PEAK
    return shaped if over <= 0 else shaped * np.float32(10 ** (-over / 20))


def limited(samples: Samples, ceiling: float) -> Samples:
    """No true peak above ``ceiling`` dBTP: the gain falls smoothly before a peak and rises smoothly after it."""
    highest = 10 ** (ceiling / 20)
    wanted = np.minimum(1.0, highest / np.maximum(_peaks(samples), 1e-9))
    if wanted.min() >= 1.0:
        return samples
    # The lowest gain wanted near a sample, then its average over as wide a window: never above what is wanted.
    width = 2 * LOOKAHEAD + 1
    window = np.hanning(width + 2)[1:-1]
    lowest = np.pad(minimum_filter1d(wanted, width), LOOKAHEAD, mode="edge")
    smooth = np.convolve(lowest, window / window.sum(), mode="valid")
    return (samples * smooth).astype(np.float32)


def _peaks(samples: Samples) -> NDArray[np.float64]:
    """For each sample the highest value up to the next one."""
    finer = np.abs(resample_poly(samples.astype(np.float64), OVERSAMPLING, 1))
    return np.asarray(finer.reshape(-1, OVERSAMPLING).max(axis=1))
