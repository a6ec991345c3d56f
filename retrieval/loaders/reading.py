"""The inside of the reading process: files come in on standard input, what they say goes out on standard output.

It loads every parser first, then confines itself (``confinement``), then reads. It ends when its input ends, when
nothing was asked of it for a while, and after many files, so that what parsers forget to free is freed.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from retrieval.errors import UnreadableDocument
from retrieval.loaders.confinement import Confinement
from retrieval.loaders.exchange import LENGTHS, loaded_data, packed, source_of
from retrieval.loaders.formats import FORMATS, loader_for

IDLE = 120.0  # seconds
FILES = 200  # read by one process

# What Python and the parsers import when they first need it.
_LATE = ("heapq", "yaml", "html.entities", "decimal", "fractions", "traceback", "textwrap", "bz2", "lzma", "zlib")

Frames = Iterator[tuple[dict[str, Any], bytes]]


def main() -> None:
    """``python -c ... MEMORY SECONDS``: bytes of memory for files, and seconds of processor time for each."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    # What libraries print would break the protocol: from here on it goes to the standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(5)  # a chat beside it stays quick
    _load_everything()
    confined = Confinement(memory, answers.fileno() + 1)
    asked = sys.stdin.buffer
    for count in range(FILES, 0, -1):
        if not select.select([asked], [], [], IDLE)[0]:
            return
        confined.allow(seconds)
        confined.reached.clear()
        over: dict[str, Any] = {"over": True}
        last = count == 1
        request = None
        try:
            request = _request(asked)
            if request is None:
                return
            for frame in _JOBS[request[0]["do"]](*request):
                answers.write(packed(*frame))
        except UnreadableDocument as error:
            over |= {"error": error.message, "data": error.data}
        except MemoryError:
            over |= {"reason": "too_much_memory"}
            last = True
        except RecursionError:
            over |= {"reason": "broken", "fault": "RecursionError"}
        except Exception as error:
            over |= {"reason": "broken", "fault": f"{type(error).__name__}: {error}"[:500]}
        del request
        answers.write(packed({**over, "last": last, "reached": confined.reached}))
        answers.flush()
        if last:
            return


def _load(header: dict[str, Any], body: bytes) -> Frames:
    source = source_of(header["source"])
    loader = loader_for(source.path)
    if loader is None:
        raise UnreadableDocument(
            f"{source.path}: no loader for this kind of file.", path=source.path, reason="unknown_format"
        )
    # As a body: JSON of a long text needs no second copy inside a header.
    yield {}, json.dumps(loaded_data(loader.load(body, source))).encode()


def _unpack(header: dict[str, Any], body: bytes) -> Frames:
    from retrieval.loaders import unpacking

    yield from unpacking.entries(body, str(header["path"]))


_JOBS: dict[str, Callable[[dict[str, Any], bytes], Frames]] = {"load": _load, "unpack": _unpack}


def _load_everything() -> None:
    """Import all that may be needed: later nothing can be opened."""
    import encodings

    for known in FORMATS:
        importlib.import_module(f"retrieval.loaders.{known.module}")
    importlib.import_module("retrieval.loaders.unpacking")
    for module in pkgutil.iter_modules(encodings.__path__):  # Python loads a codec when a text first asks for it
        if module.name not in ("mbcs", "oem"):
            importlib.import_module(f"encodings.{module.name}")
    for name in _LATE:
        importlib.import_module(name)


def _request(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    return dict(json.loads(stream.read(head))), stream.read(body)
