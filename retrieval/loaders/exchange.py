"""Sources and documents as plain values, on their way to the reading process and back.

What comes back is hostile as its file was: every value's type is checked, and what the asker knows itself (course,
path, order, hash) is never taken from it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from retrieval.confined.frames import LONGEST_SENTENCE
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.values import Anchor, Document, ItemKind, ItemMaterial


class BadAnswer(ValueError):
    """What came back is no answer."""


def source_data(source: Source) -> dict[str, Any]:
    """A source as plain values."""
    return asdict(source)


def source_of(data: dict[str, Any]) -> Source:
    """The other way."""
    return Source(**{**data, "breadcrumb": tuple(data["breadcrumb"]), "kcs": tuple(data["kcs"])})


def loaded_data(loaded: LoadedDocument) -> dict[str, Any]:
    """What the process found out, as plain values."""
    document = loaded.document
    return {
        "title": document.title,
        "media_type": document.media_type,
        "language": document.language,
        "text": document.text,
        "kcs": document.kcs,
        "anchors": [(anchor.start, anchor.page, anchor.second) for anchor in document.anchors],
        "items": [
            (item.kind, item.question, item.options, item.answer, item.start, item.end, item.group)
            for item in loaded.items
        ],
        "unread": loaded.unread,
    }


def loaded_of(data: dict[str, Any], source: Source, sha256: str) -> LoadedDocument:
    """The document of ``source``, whose bytes have this hash. Raises ``BadAnswer``."""
    try:
        document = Document(
            course=source.course,
            path=source.path,
            title=_text(data["title"]),
            sha256=sha256,
            media_type=_text(data["media_type"]),
            order=source.order,
            breadcrumb=source.breadcrumb,
            language=None if data["language"] is None else _text(data["language"]),
            text=_text(data["text"]),
            kcs=_texts(data["kcs"]),
            anchors=tuple(_anchor(*row) for row in data["anchors"]),
        )
        items = tuple(_item(source, *row) for row in data["items"])
        starts = [anchor.start for anchor in document.anchors]
        _check(starts == sorted(starts))
        places = [*starts, *(item.start for item in items), *(item.end for item in items)]
        _check(all(0 <= place <= len(document.text) for place in places))
        return LoadedDocument(document, items, tuple(words[:LONGEST_SENTENCE] for words in _texts(data["unread"])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAnswer(f"the document that came back is none: {error}") from error


def _anchor(start: object, page: object, second: object) -> Anchor:
    _check(page is None or (type(page) is int and page > 0))
    _check(second is None or (type(second) in (int, float) and 0 <= second < 1e9))  # type: ignore[operator]
    return Anchor(_number(start), page, None if second is None else float(second))  # type: ignore[arg-type]


def _item(source: Source, kind: Any, question: Any, options: Any, answer: Any, *rest: Any) -> ItemMaterial:
    start, end, group = rest
    return ItemMaterial(
        source.course,
        source.path,
        ItemKind(kind),
        _text(question),
        _texts(options),
        None if answer is None else _text(answer),
        _number(start),
        _number(end),
        _text(group),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is missing")
    value.encode()  # a lone surrogate fails here and not in the database
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return tuple(_text(each) for each in value)


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a number is missing")
    return value


def _check(holds: bool) -> None:
    if not holds:
        raise ValueError("a value is out of its range")
