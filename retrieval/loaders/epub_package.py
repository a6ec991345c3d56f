"""The parts of an EPUB that say what it is: container, package, table of contents, encryption."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote
from zipfile import ZipFile

from retrieval.errors import UnreadableDocument
from retrieval.loaders import html_tree
from retrieval.loaders.archive import broken, member
from retrieval.loaders.elements import Element

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_PACKAGE, _NCX = "application/oebps-package+xml", "application/x-dtbncx+xml"
_TEXTS = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"})
# Fonts may be scrambled in a book that anybody can read.
_SCRAMBLED = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_RIGHTS = ("META-INF/sinf.xml", "META-INF/license.lcpl")
_NO_CHAPTERS = frozenset({"toc", "cover", "index", "copyright-page"})
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table of contents calls a file, and how deep (1-based)."""

    label: str
    depth: int


@dataclass(frozen=True, slots=True)
class Package:
    """``chapters`` are names in the archive in reading order; ``contents`` says which have a title."""

    title: str
    language: str | None
    chapters: tuple[str, ...]
    contents: dict[str, Entry] = field(default_factory=dict)


def package_of(archive: ZipFile, path: str) -> Package:
    """Raises ``UnreadableDocument`` (``protected``, ``broken``, ``entities``)."""
    files = _Files(archive, path)
    _readable(files, path)
    roots = [file.attributes.get("full-path", "") for file in files.tree(_CONTAINER).find("rootfile")]
    place = next((name for name in roots if name in files), None)
    if place is None:
        raise broken(path)
    package = files.tree(place)
    manifest = {
        item.attributes.get("id", ""): item for section in package.find("manifest") for item in section.find("item")
    }
    names = {id_: _resolved(place, item.attributes.get("href", "")) for id_, item in manifest.items()}
    left_out = {
        _resolved(place, mark.attributes.get("href", ""))
        for guide in package.find("guide")
        for mark in guide.find("reference")
        if mark.attributes.get("type", "").lower() in _NO_CHAPTERS
    }
    left_out |= {names[id_] for id_, item in manifest.items() if "nav" in item.attributes.get("properties", "").split()}
    spine = [mark.attributes.get("idref", "") for part in package.find("spine") for mark in part.find("itemref")]
    chapters = [names[id_] for id_ in spine if id_ in names and _is_text(manifest[id_])]
    # A book of one file may name it as its cover as well.
    kept = [name for name in chapters if name not in left_out] or chapters
    about = [part for section in package.find("metadata") for part in section.find("title", "language")]
    languages = [part.words().strip() for part in about if part.tag == "language"]
    return Package(
        title=next((" ".join(part.words().split()) for part in about if part.tag == "title"), ""),
        language=next((said for said in languages if _TAG.fullmatch(said)), None),
        chapters=tuple(dict.fromkeys(kept)),
        contents=_contents(files, manifest, names),
    )


class _Files:
    """The files of one book by name."""

    def __init__(self, archive: ZipFile, path: str) -> None:
        self._archive, self._path = archive, path
        self._entries = {info.filename: info for info in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def bytes(self, name: str) -> bytes:
        if name not in self._entries:
            raise broken(self._path)
        return member(self._archive, self._entries[name], self._path)

    def tree(self, name: str) -> Element:
        return html_tree.sound_xml(self.bytes(name), self._path)

    def page(self, name: str) -> Element:
        return html_tree.chapter(self.bytes(name), self._path)


def _readable(files: _Files, path: str) -> None:
    locked = any(name in files for name in _RIGHTS)
    if _ENCRYPTION in files:
        for entry in files.tree(_ENCRYPTION).find("encrypteddata"):
            methods = {method.attributes.get("algorithm", "") for method in entry.find("encryptionmethod")}
            locked = locked or not methods or not methods <= _SCRAMBLED
    if locked:
        raise UnreadableDocument(
            f"{path}: is protected against copying (DRM), so it can't be read. Ask its publisher for a copy without.",
            path=path,
            reason="protected",
        )


def _is_text(item: Element) -> bool:
    kind = item.attributes.get("media-type", "").lower()
    return kind in _TEXTS or (not kind and item.attributes.get("href", "").lower().endswith(("html", "htm", "xml")))


def _contents(files: _Files, manifest: dict[str, Element], names: dict[str, str]) -> dict[str, Entry]:
    """The first entry of each file: of the navigation document (EPUB 3), else of the NCX (EPUB 2). A broken table of
    contents is none."""
    found: dict[str, Entry] = {}
    for id_, item in manifest.items():
        name = names[id_]
        try:
            if "nav" in item.attributes.get("properties", "").split() and name in files:
                entries = list(_navigation(files.page(name)))
            elif item.attributes.get("media-type") == _NCX and name in files:
                entries = list(_points(next(iter(files.page(name).find("navmap")), Element("navmap")), 1))
                if found:
                    continue
            else:
                continue
        except UnreadableDocument:
            continue
        for reference, entry in entries:
            found.setdefault(_resolved(name, reference), entry)
    return found


def _navigation(root: Element) -> Iterator[tuple[str, Entry]]:
    navs = root.find("nav")
    chosen = [nav for nav in navs if "toc" in nav.attributes.get("epub:type", "").split()] or navs
    for nav in chosen[:1]:
        for ordered in nav.find("ol")[:1]:
            yield from _listed(ordered, 1)


def _listed(ordered: Element, depth: int) -> Iterator[tuple[str, Entry]]:
    for item in ordered.find("li"):
        below = item.find("ol")
        own = [child for child in item.children if isinstance(child, Element) and child.tag != "ol"]
        links = [link for child in own for link in ([child] if child.tag == "a" else child.find("a"))]
        for link in links[:1]:
            yield link.attributes.get("href", ""), Entry(" ".join(link.words().split()), min(depth, 6))
        for inner in below[:1]:
            yield from _listed(inner, depth + 1)


def _points(node: Element, depth: int) -> Iterator[tuple[str, Entry]]:
    for point in node.find("navpoint"):
        label = next((" ".join(part.words().split()) for part in point.find("navlabel")), "")
        target = next(
            (child for child in point.children if isinstance(child, Element) and child.tag == "content"), None
        )
        if target is not None:
            yield target.attributes.get("src", ""), Entry(label, min(depth, 6))
        yield from _points(point, depth + 1)


def _resolved(base: str, reference: str) -> str:
    """The name in the archive that a reference of the file ``base`` stands for."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(reference.partition("#")[0])))
