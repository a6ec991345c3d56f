"""Paths of pictures and clips as a script writes them: always below the script's folder."""

import posixpath
import re
from urllib.parse import unquote

from media_gen.errors import AssetMissing
from media_gen.script.place import Place

CLIPS = frozenset({".mp4", ".webm", ".mov", ".m4v", ".gif", ".mkv"})
_KEPT = re.compile(r"sha256:[0-9a-f]{64}\Z")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


def asset(path: str, place: Place) -> str:
    """The path, put in order. A deck often comes from a folder deeper in a course, so leading ``../`` are dropped:
    the picture is looked for below the script's folder, and is a finding of the checks where it is not there.

    Raises ``AssetMissing`` for an address, an absolute path, or one with a character that no file name has.
    """
    if _KEPT.match(path):
        return path
    clean = unquote(path).strip()
    if _SCHEME.match(clean) or clean.startswith(("/", "\\", "~")):
        raise _refused(place, clean, "it is not a path below the script's folder. Put the file beside the script")
    if not clean or len(clean) > 400 or re.search(r"[\x00-\x1f\x7f\\]", clean):
        raise _refused(place, clean, "no file can be called so")
    parts = [part for part in posixpath.normpath(clean).split("/") if part != ".."]
    if not parts or parts == ["."]:
        raise _refused(place, clean, "it names no file")
    return "/".join(parts)


def is_clip(path: str) -> bool:
    return posixpath.splitext(path)[1].lower() in CLIPS


def _refused(place: Place, path: str, why: str) -> AssetMissing:
    return AssetMissing(
        f"{place.name()}the file {path[:80]!r} can't be used: {why}.",
        asset=path[:400],
        slide=place.slide,
        line=place.line,
    )
