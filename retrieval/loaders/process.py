"""Reading material that may be hostile, in a process that can reach nothing (``retrieval.confined``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from retrieval.confined.child import Waiting
from retrieval.confined.frames import Frame
from retrieval.confined.process import ConfinedProcess, Limits, crashed, nobody_minds
from retrieval.loaders import load
from retrieval.loaders.exchange import BadAnswer, loaded_of, source_data
from retrieval.loaders.formats import format_of
from retrieval.loaders.port import LoadedDocument, Source

# Shorter Markdown and text is read right here. There is no parser in C to take over, and the worst found for a file of
# this length, thousands of brackets that never close, takes two seconds; one five times as long takes half a minute.
SHORT = 6_000  # bytes


class ReadingProcess(ConfinedProcess):
    """Reads one file at a time, from any thread."""

    def __init__(self, limits: Limits = Limits()) -> None:
        super().__init__("retrieval.loaders.reading", limits)

    def read(self, data: bytes, source: Source, waiting: Waiting = nobody_minds) -> LoadedDocument:
        """What the file says. ``waiting`` is called every second; what it raises ends the reading.

        Raises ``UnreadableDocument`` naming the file: the loader's reasons, and those of ``ConfinedProcess.ask``.
        """
        known = format_of(source.path)
        if known is None or (not known.confined and len(data) <= SHORT):
            return load(data, source)
        sha256 = hashlib.sha256(data).hexdigest()
        answers = self.ask({"do": "load", "source": source_data(source)}, data, source.path, waiting)
        bodies = [body for _, body in answers]
        try:
            return loaded_of(json.loads(bodies[0]), source, sha256)
        except (BadAnswer, ValueError, IndexError, RecursionError) as error:
            raise crashed(source.path, "its answer was none") from error

    def unpack(self, data: bytes, path: str, largest: int, waiting: Waiting = nobody_minds) -> Iterator[Frame]:
        """The entries of an archive (``unpacking.entries``), at most ``largest`` bytes of them. Go through all of them.

        Raises ``UnreadableDocument`` as ``read`` does.
        """
        return self.ask({"do": "unpack", "path": path}, data, path, waiting, output=largest)
