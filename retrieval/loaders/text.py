"""Plain text: paragraphs parted by blank lines, nothing marked up."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from retrieval.loaders.decoding import decode
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.values import Document


class TextLoader:
    """Reads ``.txt``. Lines keep their breaks; runs of blank lines become one."""

    suffixes = (".txt", ".text")
    media_type = "text/plain"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        lines = [line.rstrip() for line in decode(data, source.path).split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
        return LoadedDocument(
            Document(
                course=source.course,
                path=source.path,
                title=source.title or title_from_name(source.path),
                sha256=hashlib.sha256(data).hexdigest(),
                media_type=self.media_type,
                order=source.order,
                breadcrumb=source.breadcrumb,
                language=source.language,
                text=text,
                kcs=source.kcs,
            )
        )


def title_from_name(path: str) -> str:
    """``02-water_cycle.txt`` reads as ``Water cycle``."""
    stem = PurePosixPath(path).stem
    words = re.sub(r"^\d+[\s._-]*", "", stem).replace("_", " ").replace("-", " ").strip() or stem
    return words[:1].upper() + words[1:]


LOADER = TextLoader()
