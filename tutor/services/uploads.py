"""Files that people upload: a name that is safe on any disk, a size limit, and all or nothing on the disk."""

import errno
import hashlib
import os
import unicodedata
from pathlib import Path
from typing import IO

from tutor.domain.errors import InvalidInput, StoreFull

CHUNK = 1 << 18
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAX_NAME = 200  # bytes of UTF-8; 255 is the usual limit of a disk
# Names that Windows gives to devices: material folders get copied there.
_DEVICES = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}


class UploadRefused(InvalidInput):
    """``data["reason"]``: name, hidden, suffix, too_large or empty."""

    code = "upload_refused"


def safe_name(filename: str, suffixes: tuple[str, ...]) -> str:
    """The last part of what a browser called the file, fit for a disk. Raises ``UploadRefused``."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join("-" if c in '<>:"|?*' else c for c in name if unicodedata.category(c)[0] != "C").strip(" .\t")
    if filename.replace("\\", "/").rsplit("/", 1)[-1].startswith("."):
        raise UploadRefused("Hidden files are not taken.", reason="hidden", filename=name)
    stem, dot, suffix = name.rpartition(".")
    if not stem or stem.split(".")[0].lower() in _DEVICES:
        raise UploadRefused(f"{name or filename!r} is no name for a file.", reason="name", filename=name)
    if (dot + suffix).lower() not in suffixes:
        kinds = ", ".join(suffixes)
        message = f"{name}: files of this kind can't be read yet; known are {kinds}."
        raise UploadRefused(message, reason="suffix", filename=name)
    kept = stem.encode("utf-8", "ignore")[: MAX_NAME - len(suffix) - 1].decode("utf-8", "ignore").rstrip(" .")
    return f"{kept}.{suffix.lower()}"


def save(folder: Path, filename: str, stream: IO[bytes], *, limit: int, suffixes: tuple[str, ...]) -> tuple[Path, str]:
    """Write the upload into ``folder``; its path and SHA-256. A file of the same name is replaced whole.

    ``limit`` in bytes. Raises ``UploadRefused``, and ``StoreFull`` where the disk has no room; then nothing is left
    behind.
    """
    name = safe_name(filename, suffixes)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{os.getpid()}-{os.urandom(6).hex()}.part"
    digest, size = hashlib.sha256(), 0
    try:
        with temporary.open("xb") as file:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UploadRefused(
                        f"{name} is larger than {limit / (1 << 20):.3g} MB.", reason="too_large", filename=name
                    )
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if size == 0:
            raise UploadRefused(f"{name} is empty.", reason="empty", filename=name)
        temporary.replace(folder / name)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull("there is no room for the file", filename=name) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return folder / name, digest.hexdigest()
