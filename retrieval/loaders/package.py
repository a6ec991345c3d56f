"""What reading Word and PowerPoint files has in common: refusals, names of XML elements, descriptions of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders.archive import broken, member, opened
from retrieval.loaders.decoding import clean
from retrieval.loaders.wording import escaped

# What programs write where nobody described the picture.
_NO_DESCRIPTION = re.compile(
    r"^(?:(?:picture|image|img|grafik|bild|imagen|imagem|immagine|graphic|grafico|gráfico|content placeholder|diagram|"
    r"chart|screenshot|text ?box)[\s_-]*\d*|.*\.(?:png|jpe?g|gif|svg|bmp|tiff?|emf|wmf|webp))$",
    re.I,
)
_GENERATED = re.compile(
    r"\s*(?:(?:description|descripción) (?:automatically )?(?:generated|generada).*|AI-generated content.*|"
    r"automatisch generierte beschreibung.*|description générée automatiquement.*)$",
    re.I | re.S,
)
# What programs call a file that nobody gave a title: "PowerPoint-Präsentation", "Microsoft Word - notes.doc".
_NO_TITLE = re.compile(
    r"powerpoint|^(?:microsoft )?word (?:document|-)|^(?:untitled|document ?\d*|title)$|\.(?:docx?|pptx?)$", re.I
)


def transitional(data: bytes, path: str) -> None:
    """Refuse the dialect of Office files that the libraries don't read. Raises ``UnreadableDocument`` (``strict``)."""
    with opened(data, path) as archive:
        relations = next((info for info in archive.infolist() if info.filename == "_rels/.rels"), None)
        if relations is not None and b"purl.oclc.org/ooxml" in member(archive, relations, path):
            raise UnreadableDocument(
                f"{path}: saved as Strict Open XML, which is not read. Save it as an ordinary .docx or .pptx.",
                path=path,
                reason="strict",
            )


def title_of(package: Any) -> str | None:
    """The title that a person gave the file, in its properties."""
    words = " ".join(clean(package.core_properties.title or "").split())
    return words if words and len(words) <= 200 and not _NO_TITLE.search(words) else None


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Libraries meet broken files with errors of every kind: each becomes ``UnreadableDocument`` (``broken``)."""
    try:
        yield
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:
        raise broken(path) from error


def attribute(node: Any, name: str, default: str = "") -> str:
    """An attribute by its local name, whatever its namespace."""
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), default)


def description(text: str) -> str:
    """What somebody wrote to describe a picture, as inline Markdown; empty where it was a program."""
    words = _GENERATED.sub("", " ".join(text.split()))
    return "" if _NO_DESCRIPTION.match(words) else escaped(words)
