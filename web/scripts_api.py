"""Scripts of films as resources. ``/api/openapi.json`` describes them."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from tutor.domain.accounts import Account, Role
from tutor.domain.films import Script
from tutor.services.film_scripts import LONGEST, Content, lesson_of
from web.security import signed_in

router = APIRouter(prefix="/api/scripts", tags=["scripts"])
Trainer = Annotated[Account, Depends(signed_in(Role.TRAINER))]
Text = Annotated[str, Field(max_length=LONGEST)]
Tag = Annotated[str, Field(min_length=2, max_length=35)]
MEGABYTE = 1024 * 1024


class NewScript(BaseModel):
    """``text`` is a Markdown deck, or a Lesson as JSON. ``translations`` are texts of translation artefacts (TOML) by
    language; ``assets`` the SHA-256 of pictures by the path that the deck gives them. Left out: as they were."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    format: Literal["deck", "lesson"] = "deck"
    course: Annotated[str, Field(max_length=128)] = ""
    translations: dict[Tag, Text] | None = None
    assets: dict[Annotated[str, Field(max_length=400)], Annotated[str, Field(max_length=64)]] | None = None

    def content(self) -> Content:
        return Content(self.text, self.format, self.course, self.translations, self.assets)


class ChangedScript(NewScript):
    """``revision`` is the one that was changed; 409 when there is a newer one."""

    revision: Annotated[int, Field(ge=1)]


class ScriptRow(BaseModel):
    id: str
    title: str
    course: str
    format: Literal["deck", "lesson"]
    revision: int
    created_at: datetime
    updated_at: datetime
    languages: list[str]


class SlideView(BaseModel):
    id: str
    layout: str
    title: str


class ScriptView(ScriptRow):
    """``language`` is the script's own; ``languages`` those that there is a translation into."""

    text: str
    language: str
    slides: list[SlideView]
    translations: dict[str, str]
    assets: dict[str, str]


class ScriptRows(BaseModel):
    scripts: list[ScriptRow]


class Asset(BaseModel):
    sha256: str


def _row(script: Script) -> dict[str, object]:
    names = ("id", "title", "course", "format", "revision", "created_at", "updated_at")
    return {**{name: getattr(script, name) for name in names}, "languages": sorted(script.translations)}


def _view(script: Script) -> ScriptView:
    lesson = lesson_of(script)
    slides = [SlideView(id=slide.id, layout=slide.layout, title=slide.title) for slide in lesson.slides]
    more = {"text": script.text, "translations": script.translations, "assets": script.assets}
    return ScriptView.model_validate({**_row(script), **more, "language": lesson.language, "slides": slides})


@router.post("", status_code=201, response_model=ScriptView)
async def add(request: Request, wanted: NewScript, account: Trainer) -> ScriptView:
    request.app.state.command_limit.hit(account.id)
    system = request.app.state.system
    return await asyncio.to_thread(lambda: _view(system.scripts.add(account, wanted.content())))


@router.get("", response_model=ScriptRows)
async def listed(
    request: Request, account: Trainer, course: Annotated[str | None, Query(max_length=128)] = None
) -> ScriptRows:
    """Your own and those of courses, or of one course. The last changed first."""
    found = await asyncio.to_thread(request.app.state.system.scripts.listed, account, course)
    return ScriptRows(scripts=[ScriptRow.model_validate(_row(script)) for script in found])


@router.get("/{script}", response_model=ScriptView)
async def one(request: Request, script: str, account: Trainer) -> ScriptView:
    system = request.app.state.system
    return await asyncio.to_thread(lambda: _view(system.scripts.get(account, script)))


@router.put("/{script}", response_model=ScriptView)
async def save(request: Request, script: str, wanted: ChangedScript, account: Trainer) -> ScriptView:
    request.app.state.command_limit.hit(account.id)
    system = request.app.state.system
    return await asyncio.to_thread(
        lambda: _view(system.scripts.save(account, script, wanted.content(), wanted.revision))
    )


@router.delete("/{script}", status_code=204, response_class=Response)
async def remove(request: Request, script: str, account: Trainer) -> Response:
    """The films that were made of it stay."""
    await asyncio.to_thread(request.app.state.system.scripts.remove, account, script)
    return Response(status_code=204)


@router.post("/assets", status_code=201, response_model=Asset)
async def add_asset(request: Request, file: UploadFile, account: Trainer) -> Asset:
    """Keep a picture or a clip by its content; a script then names it in ``assets``."""
    request.app.state.command_limit.hit(account.id)
    system = request.app.state.system
    limit = system.settings.max_upload_mb * MEGABYTE
    return Asset(sha256=await asyncio.to_thread(system.films.files.put_asset, file.file, limit))
