"""What a confined process and its asker say to each other: frames of JSON and bytes, never anything that can run.

A frame is two lengths (4 bytes each, big endian), a JSON header and a body.
"""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")
LONGEST_SENTENCE = 2_000  # characters of a message

Frame = tuple[dict[str, Any], bytes]


def packed(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A frame."""
    head = json.dumps(header).encode()
    return LENGTHS.pack(len(head), len(body)) + head + body


def request(stream: BinaryIO) -> Frame | None:
    """The next frame of a stream that waits; None at its end."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    return dict(json.loads(stream.read(head))), stream.read(body)
