"""Zip archives and the XML inside them, opened as what they may be: hostile.

Used by every format that is a zip of parts (DOCX, PPTX, EPUB) and by archives of course material. Nothing is ever
written to a disk here, no name in an archive is used as a path, and no entity is expanded. Runs in the reading process.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from stat import S_ISLNK

from lxml import etree

from retrieval.errors import UnreadableDocument
from retrieval.loaders.entry_names import shown

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office before 2007, and the wrapping of an encrypted newer file
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = re.compile(r"(?:^|/)(?:vbaProject\.bin|vbaData\.xml)$", re.I)
# Entities are declared in ASCII, in UTF-16 of either order, or in UTF-32.
_DECLARED = re.compile(rb"<\0{0,3}!\0{0,3}E\0{0,3}N\0{0,3}T\0{0,3}I\0{0,3}T\0{0,3}Y")
_XML = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".vml", ".svg")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold: ``entries``, bytes unpacked in all (``total``) and in one entry (``entry``), and how
    many times larger than packed an entry above ``small`` bytes may be (``ratio``)."""

    entries: int = 10_000
    total: int = 500_000_000
    entry: int = 200_000_000
    ratio: int = 250
    small: int = 5_000_000


OFFICE = ArchiveLimits(entries=20_000, total=400_000_000)


def opened(data: bytes, path: str, limits: ArchiveLimits = OFFICE) -> zipfile.ZipFile:
    """The archive, once its table of contents has been found bearable. The caller closes it.

    Raises ``UnreadableDocument`` naming ``path``: ``broken``, ``encrypted``, ``bomb``, ``legacy_office``.
    """
    if data.startswith(_OLE):
        raise _ole(data, path)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise broken(path) from error
    try:
        _bearable(archive.infolist(), len(data), path, limits)
    except BaseException:
        archive.close()
        raise
    return archive


def office(data: bytes, path: str, limits: ArchiveLimits = OFFICE) -> None:
    """Look through an Office file or an EPUB before a library opens it.

    Raises ``UnreadableDocument`` as ``opened`` does, and ``macros`` and ``entities``.
    """
    with opened(data, path, limits) as archive:
        for info in archive.infolist():
            _bearable_entry(info, path, limits)
            if _MACROS.search(info.filename):
                raise UnreadableDocument(
                    f"{path}: holds macros (programs), so it was not opened. Save it without macros, as .docx or"
                    " .pptx.",
                    path=path,
                    reason="macros",
                )
        for info in archive.infolist():
            if info.filename.casefold().endswith(_XML):
                without_entities(member(archive, info, path, limits), path)


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, limits: ArchiveLimits = OFFICE) -> bytes:
    """The bytes of one entry, checked against its checksum. Raises ``UnreadableDocument`` (``broken``, ``encrypted``,
    ``bomb``)."""
    if info.flag_bits & 0x1:
        raise encrypted(path)
    _bearable_entry(info, path, limits)
    try:
        with archive.open(info) as stream:
            found = stream.read(limits.entry + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise broken(path) from error
    except Exception as error:  # lzma.LZMAError and what other decompressors raise
        raise broken(path) from error
    if len(found) > limits.entry:
        raise _bomb(path, f"{shown(info.filename)} unpacks to more than {limits.entry // 1_000_000} MB")
    return found


def xml(data: bytes, path: str) -> etree._Element:
    """The root of an XML part. No entity is expanded and nothing is fetched.

    Raises ``UnreadableDocument`` (``broken``, ``entities``).
    """
    without_entities(data, path)
    # One a call: a parser that has failed may keep state.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken(path) from error


def without_entities(data: bytes, path: str) -> None:
    """Refuse XML that declares entities of its own. Raises ``UnreadableDocument`` (``entities``)."""
    if _DECLARED.search(data):
        raise UnreadableDocument(
            f"{path}: declares XML entities, which can be used to overload a reader, so it was not opened. Save it"
            " anew from the program it was made with.",
            path=path,
            reason="entities",
        )


def is_link(info: zipfile.ZipInfo) -> bool:
    """Whether the entry is a symbolic link."""
    return S_ISLNK(info.external_attr >> 16)


def broken(path: str) -> UnreadableDocument:
    """The refusal of a file that is damaged or not what its name says."""
    return UnreadableDocument(
        f"{path}: damaged, or not the kind of file that its name says. Open it in the program it was made with and save"
        " it again.",
        path=path,
        reason="broken",
    )


def encrypted(path: str) -> UnreadableDocument:
    """The refusal of a file that asks for a password."""
    return UnreadableDocument(
        f"{path}: is protected by a password. Save it without one.", path=path, reason="encrypted"
    )


def _ole(data: bytes, path: str) -> UnreadableDocument:
    if _ENCRYPTED in data:
        return encrypted(path)
    return UnreadableDocument(
        f"{path}: made by an Office before 2007. Save it as .docx or .pptx.", path=path, reason="legacy_office"
    )


def _bomb(path: str, why: str) -> UnreadableDocument:
    return UnreadableDocument(f"{path}: not unpacked, because {why}.", path=path, reason="bomb")


def _bearable(entries: list[zipfile.ZipInfo], size: int, path: str, limits: ArchiveLimits) -> None:
    if len(entries) > limits.entries:
        raise _bomb(path, f"it holds more than {limits.entries:,} files")
    if sum(entry.file_size for entry in entries) > limits.total:
        raise _bomb(path, f"it unpacks to more than {limits.total // 1_000_000} MB")
    if sum(entry.compress_size for entry in entries) > size:
        raise _bomb(path, "its parts overlap")


def _bearable_entry(entry: zipfile.ZipInfo, path: str, limits: ArchiveLimits) -> None:
    if entry.file_size > limits.entry:
        raise _bomb(path, f"{shown(entry.filename)} unpacks to more than {limits.entry // 1_000_000} MB")
    if entry.file_size > limits.small and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise _bomb(path, f"{shown(entry.filename)} unpacks to more than {limits.ratio} times its size")
