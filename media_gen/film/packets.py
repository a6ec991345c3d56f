"""Coded packets kept in files, each named by the hash of everything that it was made from."""

import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"diotima-packets-2\n"


@dataclass(frozen=True)
class Packets:
    """``groups`` are runs of coded packets; what a run holds, its maker says. ``header`` is the decoder's
    configuration (FFmpeg's extradata); packets with the same header can stand in one stream."""

    header: bytes
    groups: tuple[tuple[bytes, ...], ...]


class PacketCache:
    """A folder of packets. Two processes may fill it at once: a file is complete before it gets its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def get(self, name: str, make: Callable[[], Packets]) -> Packets:
        """What is kept under ``name``, made anew where it is missing or damaged."""
        path = self.folder / name[:2] / name
        with suppress(OSError, ValueError, KeyError):
            return _loads(path.read_bytes())
        packets = make()
        self.made += 1
        write_whole(path, _dumps(packets))
        return packets


def name_of(*inputs: object) -> str:
    """The hash of all inputs; bytes as they are, everything else by its ``repr``."""
    digest = hashlib.sha256()
    for item in inputs:
        part = item if isinstance(item, bytes) else repr(item).encode()
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def file_hash(path: Path) -> bytes:
    if path.stat().st_size < 1 << 20:
        return hashlib.sha256(path.read_bytes()).digest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def write_whole(path: Path, data: bytes) -> None:
    """Write so that the name never stands for a part of it: temporary name, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _dumps(packets: Packets) -> bytes:
    about = {"header": packets.header.hex(), "groups": [[len(packet) for packet in group] for group in packets.groups]}
    head = json.dumps(about).encode() + b"\n"
    body = b"".join((_MAGIC, head, *(packet for group in packets.groups for packet in group)))
    return body + zlib.crc32(body).to_bytes(4, "big")  # against damage, not against people: that is the folder's job


def _loads(data: bytes) -> Packets:
    body, check = data[:-4], data[-4:]
    if not body.startswith(_MAGIC) or zlib.crc32(body).to_bytes(4, "big") != check:
        raise ValueError("damaged")
    line_end = body.index(b"\n", len(_MAGIC))
    about = json.loads(body[len(_MAGIC) : line_end])
    place = line_end + 1
    groups: list[tuple[bytes, ...]] = []
    for sizes in about["groups"]:
        groups.append(tuple(_cut(body, place, sizes)))
        place += sum(sizes)
    return Packets(bytes.fromhex(about["header"]), tuple(groups))


def _cut(body: bytes, place: int, sizes: Sequence[int]) -> list[bytes]:
    cuts = []
    for size in sizes:
        cuts.append(body[place : place + size])
        place += size
    return cuts
