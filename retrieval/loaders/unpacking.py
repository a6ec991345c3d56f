"""The entries of an archive of course material, one by one, each with a name that is safe or a reason why not.

Runs in the reading process and writes nothing: see ``unpacked`` for the other side.
"""

from __future__ import annotations

import contextlib
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from retrieval.errors import UnreadableDocument
from retrieval.loaders.archive import ArchiveLimits, encrypted, is_link, member, opened
from retrieval.loaders.entry_names import safe_member_name, shown
from retrieval.loaders.folder import MANIFEST, SUMMARY
from retrieval.loaders.formats import format_of, is_archive, refusal

LIMITS = ArchiveLimits(entries=5_000, total=500_000_000)


def entries(data: bytes, path: str) -> Iterator[tuple[dict[str, Any], bytes]]:
    """``({"name": ...}, bytes)`` of every entry that can be read, ``({"name", "reason", "message"}, b"")`` of one that
    is refused. Entries that are no course material (pictures, hidden files) are left out.

    Raises ``UnreadableDocument`` where the archive as a whole is refused.
    """
    with opened(data, path, LIMITS) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if infos and all(info.flag_bits & 0x1 for info in infos):
            raise encrypted(path)
        for info in infos:
            name = _name(info)
            try:
                body = _entry(archive, info, name, path)
            except UnreadableDocument as error:
                yield {"name": shown(name), "reason": str(error.data["reason"]), "message": error.message}, b""
            else:
                if body is not None:
                    yield {"name": safe_member_name(name)}, body


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: str) -> bytes | None:
    inside = f"{path}/{shown(name)}"
    safe = safe_member_name(name)
    if safe is None:
        raise UnreadableDocument(f"{inside}: this path leaves the archive.", path=inside, reason="outside")
    if is_link(info):
        raise UnreadableDocument(f"{inside}: links are not followed.", path=inside, reason="outside")
    parts = PurePosixPath(safe).parts
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return None
    if is_archive(safe):
        raise UnreadableDocument(
            f"{inside}: an archive inside an archive is not opened. Add it by itself.", path=inside, reason="nested"
        )
    if (refused := refusal(inside)) is not None:
        raise refused
    known = format_of(safe)
    if known is None and parts[-1] not in (MANIFEST, SUMMARY):
        return None
    largest = min(known.largest if known else LIMITS.small, LIMITS.entry)
    if info.file_size > largest:
        raise UnreadableDocument(
            f"{inside}: larger than {largest // 1_000_000} MB.", path=inside, reason="too_large", largest=largest
        )
    return member(archive, info, inside, LIMITS)


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name; many programs write UTF-8 and do not say so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)
