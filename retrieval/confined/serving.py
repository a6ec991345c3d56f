"""The inside of a confined process: files come in on standard input, what they say goes out on standard output.

It loads every library first, then confines itself (``confinement``), then works. It ends when its input ends, when
nothing was asked of it for a while, and after many files, so that what libraries forget to free is freed.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import select
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from retrieval.confined.confinement import Confinement
from retrieval.confined.frames import Frame, packed, request
from retrieval.errors import UnreadableDocument

IDLE = 120.0  # seconds
FILES = 200  # opened by one process

# What Python and the libraries import when they first need it.
_LATE = ("heapq", "yaml", "html.entities", "decimal", "fractions", "traceback", "textwrap", "bz2", "lzma", "zlib")

Job = Callable[[dict[str, Any], bytes], Iterator[Frame]]


def serve(jobs: Mapping[str, Job], load: Callable[[], object]) -> None:
    """``python -c ... MEMORY SECONDS``: bytes of memory for files, and seconds of processor time for each. ``load``
    imports all that ``jobs``, by what the header wants done, may need."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    # What libraries print would break the protocol: from here on it goes to the standard error.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(5)  # a chat beside it stays quick
    load()
    _load_late()
    confined = Confinement(memory, answers.fileno() + 1)
    asked = sys.stdin.buffer
    for count in range(FILES, 0, -1):
        if not select.select([asked], [], [], IDLE)[0]:
            return
        confined.allow(seconds)
        confined.reached.clear()
        over: dict[str, Any] = {"over": True}
        last = count == 1
        wanted = None
        try:
            wanted = request(asked)
            if wanted is None:
                return
            for frame in jobs[wanted[0]["do"]](*wanted):
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
        del wanted
        answers.write(packed({**over, "last": last, "reached": confined.reached}))
        answers.flush()
        if last:
            return


def _load_late() -> None:
    import encodings

    for module in pkgutil.iter_modules(encodings.__path__):  # Python loads a codec when a text first asks for it
        if module.name not in ("mbcs", "oem"):
            importlib.import_module(f"encodings.{module.name}")
    for name in _LATE:
        importlib.import_module(name)
