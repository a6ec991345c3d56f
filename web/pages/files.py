"""Files of the course: a page as a picture, and the file itself, for those who may see them."""

import hashlib
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from retrieval.values import Document
from tutor.domain.accounts import Account
from tutor.domain.errors import NotFound
from tutor.services.facsimiles import Facsimile
from web.media_files import send_file
from web.reading import fingerprint
from web.security import signed_in

router = APIRouter(prefix="/courses/{course}")
Anyone = Annotated[Account, Depends(signed_in())]
Page = Annotated[int, Field(ge=1, le=1_000_000)]
Offset = Annotated[int, Field(ge=0, le=1_000_000_000)]

#: The browser's own viewer shows the file as a plugin with a style of its own; nothing else in it may run or load.
VIEWER_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Wanted(BaseModel):
    """Where to open a document: at a quote, or at a page. ``is`` is the fingerprint of the quote's words."""

    start: Annotated[Offset | None, Field(alias="from")] = None
    end: Annotated[Offset | None, Field(alias="to")] = None
    words: Annotated[str, Field(alias="is", max_length=64)] = ""
    page: Page | None = None

    def span(self, text: str) -> tuple[int, int] | None:
        """The quote's place in the document's text: empty, which marks nothing, where other words stand there now;
        None where no quote is asked for."""
        if self.start is None or self.end is None:
            return None
        if self.words and fingerprint(text[self.start : self.end]) != self.words:
            return 0, 0
        return self.start, self.end


def picture_href(course: str, document: str, picture: Facsimile, span: tuple[int, int] | None) -> str:
    marked = f"?from={span[0]}&to={span[1]}" if span else ""
    return f"/courses/{quote(course, safe='')}/page/{picture.page}/{quote(document)}{marked}"


def original_href(course: str, document: str, page: int | None) -> str:
    at = f"#page={page}" if page is not None else ""
    return f"/courses/{quote(course, safe='')}/file/{quote(document)}{at}"


def _document(request: Request, course: str, path: str) -> Document:
    found: Document | None = request.app.state.system.store.library.document(course, path)
    if found is None:
        raise NotFound("There is no such document.")
    return found


@router.get("/page/{number}/{document:path}")
async def picture(
    request: Request, course: str, number: Page, document: str, account: Anyone, wanted: Annotated[Wanted, Query()]
) -> Response:
    """A page of the document's file as a PNG, the quote marked. 404 where this account may not see it."""
    request.app.state.preview_limit.hit(account.id)

    def made() -> Facsimile | None:
        shown = _document(request, course, document)
        found: Facsimile | None = request.app.state.system.facsimiles.page(
            account, shown, number, wanted.span(shown.text)
        )
        return found

    found = await run_in_threadpool(made)
    if found is None:
        raise NotFound("There is no such page.")
    try:
        data = await run_in_threadpool(found.path.read_bytes)
    except FileNotFoundError:
        raise NotFound("There is no such page.") from None
    etag = f'"{hashlib.sha256(data).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="image/png", headers=headers)


@router.get("/file/{document:path}")
async def original(request: Request, course: str, document: str, account: Anyone) -> Response:
    """The document's file as it was brought in."""
    shown = await run_in_threadpool(_document, request, course, document)
    path = await run_in_threadpool(request.app.state.system.facsimiles.original, account, shown)
    try:
        size = (await run_in_threadpool(path.stat)).st_size
        sent = await send_file(request, path, size=size, sha256=shown.sha256, media_type="application/pdf")
    except FileNotFoundError:
        raise NotFound("There is no such file.") from None
    name = quote(document.rpartition("/")[2], safe="")
    sent.headers["content-disposition"] = f"inline; filename*=UTF-8''{name}"
    sent.headers["content-security-policy"] = VIEWER_POLICY
    # Another file may come under this name, and another rule about who may see it.
    sent.headers["cache-control"] = "private, no-cache"
    return sent
