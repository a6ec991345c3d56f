"""Files whose address never changes its content, sent whole or in one range.

A video player asks for one range at a time. What asks for several, or for nonsense, gets the whole file: that is what
RFC 9110 (section 14.2) allows a server that sees no use in them, and it costs a look at a short header, whatever it
holds (compare CVE-2025-62727, where merging ranges took quadratic time).
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

CHUNK = 1 << 18
LONGEST_HEADER = 64
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)
FOR_EVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Span:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class Unsatisfiable(Exception):
    """The range lies outside the file."""


def span_of(header: str | None, size: int) -> Span | None:
    """The one range that a ``Range`` header asks for, of a file of ``size`` bytes; None: send the whole file.

    Raises ``Unsatisfiable``.
    """
    found = _RANGE.fullmatch(header.strip()) if header is not None and len(header) <= LONGEST_HEADER else None
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:  # the last so many bytes
        wanted = int(found[2])
        if wanted == 0 or size == 0:
            raise Unsatisfiable
        return Span(max(0, size - wanted), size - 1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None  # no range at all, so it doesn't count
    if first >= size:
        raise Unsatisfiable
    return Span(first, last)


def _names(header: str | None, etag: str) -> bool:
    """Whether a header of validators names ours."""
    if header is None:
        return False
    return header.strip() == "*" or etag in [part.strip().removeprefix("W/") for part in header[:2000].split(",")]


async def send_file(
    request: Request, path: Path, *, size: int, sha256: str, media_type: str, download: str = ""
) -> Response:
    """The file, which never changes; ``download`` is the name to save it under. Raises ``FileNotFoundError``."""
    etag = f'"{sha256}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": FOR_EVER,
        "x-content-type-options": "nosniff",
    }
    if download:
        headers["content-disposition"] = f'attachment; filename="{download}"'
    if _names(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    condition = request.headers.get("if-range")
    try:
        span = span_of(wanted, size) if condition is None or condition.strip() == etag else None
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    status = 200 if span is None else 206
    if span is not None:
        headers["content-range"] = f"bytes {span.first}-{span.last}/{size}"
    sent = span or Span(0, size - 1)
    headers |= {"content-length": str(sent.size), "content-type": media_type}
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    file = await run_in_threadpool(path.open, "rb")
    return StreamingResponse(_pieces(file, sent), status_code=status, headers=headers)


async def _pieces(file: IO[bytes], span: Span) -> AsyncIterator[bytes]:
    with closing(file):
        at = span.first
        while at <= span.last:
            piece = await asyncio.to_thread(os.pread, file.fileno(), min(CHUNK, span.last - at + 1), at)
            if not piece:
                raise OSError("the file is shorter than it was")
            at += len(piece)
            yield piece
