"""The inside of a speech process: reads utterances on its standard input, writes samples to its standard output.

``python -m media_gen.speech.worker package.module:function '{"option": ...}'``. The function is called once with the
options and returns what speaks: text and voice in, samples and their rate out. Everything that is GPL, that may crash
or that takes much memory is imported by that function, so that it stays in this process.

A message, either way, is two lengths (4 bytes each, big endian), a JSON header and a body: an ``Utterance`` asks,
float32 samples at ``RATE`` answer, or a header with ``error``. The process ends when its input ends, or when nothing
was asked of it for ``IDLE`` seconds.
"""

import dataclasses
import importlib
import json
import os
import select
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from media_gen.errors import MediaError, SpeechFailed
from media_gen.speech.port import RATE, Samples, Utterance

IDLE = 300.0  # seconds
LENGTHS = struct.Struct(">II")
LONGEST = RATE * 4 * 600  # bytes of samples in one answer: ten minutes

Speak = Callable[[Utterance], tuple[Samples, int]]  # samples (mono, float, -1 to 1) and their rate


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    head = json.dumps(header).encode()
    return LENGTHS.pack(len(head), len(body)) + head + body


def main() -> None:
    source, options = sys.argv[1], json.loads(sys.argv[2])
    # What libraries print would break the protocol: from here on it goes to the standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, _, function = source.partition(":")
    asked = sys.stdin.buffer
    speak: Speak | None = None
    while select.select([asked], [], [], IDLE)[0] and (header := _read(asked)) is not None:
        try:
            if speak is None:
                speak = getattr(importlib.import_module(module), function)(**options)
            answers.write(_answer(speak(Utterance(**header))))
        except MediaError as error:
            answers.write(pack({"error": error.code, "message": str(error), "data": error.data}))
        except Exception as error:
            answers.write(pack({"error": SpeechFailed.code, "message": f"{type(error).__name__}: {error}", "data": {}}))
        answers.flush()


def _answer(spoken: tuple[Samples, int]) -> bytes:
    samples = at_rate(*spoken)
    if samples.nbytes > LONGEST:
        raise SpeechFailed(f"the voice spoke for {len(samples) / RATE:.0f} seconds")
    return pack({"samples": len(samples)}, samples.tobytes())


def at_rate(samples: Samples, rate: int) -> Samples:
    """The same sound at ``RATE``."""
    if rate != RATE and len(samples):
        from scipy.signal import resample_poly

        samples = resample_poly(samples, RATE, rate)
    return np.ascontiguousarray(samples, dtype=np.float32)


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    header = json.loads(stream.read(head))
    stream.read(body)
    return dict(header)


def request(utterance: Utterance) -> bytes:
    return pack(dataclasses.asdict(utterance))


if __name__ == "__main__":
    main()
