"""EPUB books to canonical text: the chapters in reading order, each under its title from the table of contents.

A book becomes one document. Headings are brought to the depth that the table of contents gives their chapter, because
books split over files begin each file anew. Pages are those of the printed book, where the EPUB marks them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from zipfile import ZipFile

from retrieval.blocks import plain
from retrieval.errors import UnreadableDocument
from retrieval.loaders import html_tree
from retrieval.loaders.archive import member, office, opened
from retrieval.loaders.assembly import Part, assembled, loaded, without_text
from retrieval.loaders.entry_names import shown
from retrieval.loaders.epub_package import Entry, Package, package_of
from retrieval.loaders.html_content import content
from retrieval.loaders.html_walk import Walk
from retrieval.loaders.port import LoadedDocument, Source
from retrieval.loaders.wording import escaped, heading

_HEADING = re.compile(r"(#{1,6}) (.*)")
_NAMED = 20  # chapters that can't be read are named, up to so many


class EpubLoader:
    """Reads ``.epub``, versions 2 and 3."""

    suffixes = (".epub",)
    media_type = "application/epub+zip"

    def load(self, data: bytes, source: Source) -> LoadedDocument:
        """See :class:`retrieval.loaders.port.Loader`."""
        office(data, source.path)
        with opened(data, source.path) as archive:
            package = package_of(archive, source.path)
            language = package.language or source.language
            walk = Walk(language)
            parts, lost = _chapters(archive, package, walk, source.path)
        whole = assembled(parts, walk.exercises)
        if not whole.text and not whole.exercises:
            raise without_text(source.path, "Pages that are pictures have to be turned into text first.")
        title = source.title or escaped(package.title) or None
        read = loaded(whole, data, source, self.media_type, title=title, language=language)
        return replace(read, unread=tuple(lost[:_NAMED]))


def _chapters(archive: ZipFile, package: Package, walk: Walk, path: str) -> tuple[list[Part], list[str]]:
    """The blocks of every chapter, and a sentence for each chapter that can't be read."""
    entries = {info.filename: info for info in archive.infolist()}
    parts: list[Part] = []
    lost: list[str] = []
    shift = 0
    for name in package.chapters:
        inside = f"{path}/{shown(name)}"
        if name not in entries:
            lost.append(f"{inside}: this chapter is missing in the book.")
            continue
        try:
            root = html_tree.chapter(member(archive, entries[name], path), inside)
        except UnreadableDocument as error:
            lost.append(error.message)
            continue
        found = walk.parts(content(root, book=True))
        if any(part.text for part in found):
            found, shift = _titled(found, package.contents.get(name), shift)
        parts += found
    return parts, lost


def _titled(parts: Sequence[Part], entry: Entry | None, shift: int) -> tuple[list[Part], int]:
    """A chapter with its headings at the depth of its entry in the table of contents, and how far they moved.

    A file without an entry goes on with the chapter before it, moved as far.
    """
    levels = [(len(match[1]), _folded(match[2])) for part in parts if (match := _HEADING.fullmatch(part.text))]
    above: list[Part] = []
    if entry is not None:
        label = _folded(entry.label)
        named = any(words and (words in label or label in words) for _, words in levels[:3])
        if not named and label:
            above = [Part(heading(escaped(entry.label), entry.depth))]
        top = min((level for level, _ in levels), default=1)
        shift = entry.depth + len(above) - top
    return [*above, *(_moved(part, shift) for part in parts)], shift


def _moved(part: Part, shift: int) -> Part:
    match = _HEADING.fullmatch(part.text)
    if match is None or not shift:
        return part
    text = heading(match[2], len(match[1]) + shift)
    by = len(text) - len(part.text)
    return Part(text, tuple(replace(anchor, start=max(0, anchor.start + by)) for anchor in part.anchors))


def _folded(words: str) -> str:
    return " ".join(re.findall(r"\w+", plain(words).casefold()))


LOADER = EpubLoader()
