"""The trainer's studio: scripts, their slides and translations, and the films made of them."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from starlette.responses import FileResponse, RedirectResponse, Response

from tutor.domain.accounts import Account, Role
from tutor.domain.errors import InvalidInput, NotFound, SequenceConflict
from tutor.domain.films import BATCH, Script
from tutor.services.film_scripts import Content, ScriptRefused
from tutor.services.films import FilmRefused, Wanted
from web.pages.chat import wording
from web.security import signed_in
from web.studio_views import SIZES, film_row, language_names, segment_rows, slide_rows, voices_of
from web.views import locale_of, render

router = APIRouter(prefix="/studio")
Trainer = Annotated[Account, Depends(signed_in(Role.TRAINER))]
MEGABYTE = 1024 * 1024


def _see(path: str) -> Response:
    return RedirectResponse(path, status_code=303)


# -- scripts -------------------------------------------------------------------------------------------------------


@router.get("")
async def listed(request: Request, account: Trainer) -> Response:
    system = request.app.state.system
    scripts = await asyncio.to_thread(system.studio.scripts.listed, account)
    titles = {course.id: course.title for course in system.store.library.courses()}
    return render(request, "studio.html", scripts=scripts, titles=titles, text="", problem=None, chosen="")


@router.post("")
async def add(
    request: Request,
    account: Trainer,
    course: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, Form()] = None,
) -> Response:
    system = request.app.state.system
    try:
        assets: dict[str, str] = {}
        if file is not None and file.filename:
            text, assets = await asyncio.to_thread(system.studio.read_upload, file.filename, await file.read())
        if not text.strip():
            raise ScriptRefused(locale_of(request).t("studio.nothing_written"))
        script = await asyncio.to_thread(
            system.studio.scripts.add, account, Content(text.replace("\r\n", "\n"), "deck", course, None, assets)
        )
    except ScriptRefused as error:
        scripts = await asyncio.to_thread(system.studio.scripts.listed, account)
        titles = {one.id: one.title for one in system.store.library.courses()}
        values = {"scripts": scripts, "titles": titles, "text": text, "problem": _problem(error), "chosen": course}
        return render(request, "studio.html", status=422, **values)
    return _see(f"/studio/{script.id}")


@router.get("/{script}")
async def edited(request: Request, account: Trainer, script: str, saved: bool = False) -> Response:
    found = await asyncio.to_thread(request.app.state.system.studio.scripts.get, account, script)
    return await _script_page(request, found, found.text, saved=saved)


@router.post("/{script}")
async def save(
    request: Request,
    account: Trainer,
    script: str,
    revision: Annotated[int, Form()],
    text: Annotated[str, Form()] = "",
    course: Annotated[str, Form()] = "",
) -> Response:
    """What was written comes back with what is wrong, and is never lost."""
    system = request.app.state.system
    text = text.replace("\r\n", "\n")
    known = await asyncio.to_thread(system.studio.scripts.get, account, script)
    try:
        content = Content(text, known.format, course)
        await asyncio.to_thread(system.studio.scripts.save, account, script, content, revision)
    except ScriptRefused as error:
        return await _script_page(request, known, text, problem=_problem(error), status=422)
    except SequenceConflict:
        problem = {"message": locale_of(request).t("studio.changed_elsewhere"), "line": None}
        return await _script_page(request, known, text, problem=problem, status=409)
    return _see(f"/studio/{script}?saved=1")


@router.post("/{script}/assets")
async def add_assets(request: Request, account: Trainer, script: str, files: list[UploadFile]) -> Response:
    """Pictures and clips, each under the path that the script gives it: the one of that file name."""
    system = request.app.state.system
    known = await asyncio.to_thread(system.studio.scripts.get, account, script)
    missing = await asyncio.to_thread(system.studio.assets_missing, known)
    named = {Path(path).name: path for path in missing}
    data = {named.get(one.filename or "", one.filename or ""): await one.read() for one in files if one.filename}
    if data:
        await asyncio.to_thread(system.studio.add_assets, account, script, data)
    return _see(f"/studio/{script}")


@router.post("/{script}/remove")
async def remove(request: Request, account: Trainer, script: str) -> Response:
    await asyncio.to_thread(request.app.state.system.studio.scripts.remove, account, script)
    return _see("/studio")


async def _script_page(
    request: Request,
    script: Script,
    text: str,
    *,
    saved: bool = False,
    problem: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    system = request.app.state.system
    rows: tuple[Any, ...] = ()
    missing: tuple[str, ...] = ()
    unset, language = None, ""
    try:
        missing = await asyncio.to_thread(system.studio.assets_missing, script)
        lesson = await asyncio.to_thread(system.studio.lesson, script)
        language = lesson.language
        rows = await asyncio.to_thread(slide_rows, system.studio, script, language)
    except ScriptRefused as error:
        unset = _problem(error)
    return render(
        request,
        "studio_script.html",
        status=status,
        script=script,
        tab="script",
        text=text,
        language=language,
        saved=saved,
        problem=problem or unset,
        slides=rows,
        missing=missing,
    )


def _problem(error: InvalidInput) -> dict[str, Any]:
    return {"message": str(error), "line": error.data.get("line")}


@router.get("/{script}/slides/{language}/{number}.png")
async def slide(request: Request, account: Trainer, script: str, language: str, number: int) -> Response:
    """The picture of a screen with all its steps shown, counted from 1."""
    system = request.app.state.system
    found = await asyncio.to_thread(system.studio.scripts.get, account, script)
    screens = await asyncio.to_thread(system.studio.screens, found, language)
    if not 1 <= number <= len(screens):
        raise NotFound("There is no such slide.")
    return FileResponse(screens[number - 1].pictures[-1], media_type="image/png", headers={"cache-control": "no-cache"})


# -- translations --------------------------------------------------------------------------------------------------


@router.get("/{script}/languages")
async def languages(request: Request, account: Trainer, script: str) -> Response:
    system = request.app.state.system
    found = await asyncio.to_thread(system.studio.scripts.get, account, script)
    rows = await asyncio.to_thread(system.studio.languages, found)
    names = language_names(locale_of(request))
    return render(request, "studio_languages.html", script=found, tab="languages", rows=rows, names=names)


@router.get("/{script}/languages/{language}")
async def translation(request: Request, account: Trainer, script: str, language: str, saved: bool = False) -> Response:
    system = request.app.state.system
    found = await asyncio.to_thread(system.studio.scripts.get, account, script)
    rows = await asyncio.to_thread(segment_rows, system.studio, found, language)
    pictures = await asyncio.to_thread(slide_rows, system.studio, found, language)
    states = {row.tag: row for row in await asyncio.to_thread(system.studio.languages, found)}
    if language not in states:
        raise NotFound("There is no such translation.")
    return render(
        request,
        "studio_translation.html",
        script=found,
        tab="languages",
        language=language,
        names=language_names(locale_of(request)),
        row=states[language],
        segments=rows,
        slides=pictures,
        saved=saved,
    )


@router.post("/{script}/languages/{language}")
async def write(request: Request, account: Trainer, script: str, language: str) -> Response:
    """Texts are in fields ``text:<segment>``, approvals in ``approved:<segment>``; ``everything`` approves all."""
    system = request.app.state.system
    form = await request.form(max_fields=5000)
    texts = {key.removeprefix("text:"): str(value) for key, value in form.items() if key.startswith("text:")}
    approved = {key.removeprefix("approved:") for key in form if key.startswith("approved:")}
    if "everything" in form:
        approved |= set(texts)
    await asyncio.to_thread(system.studio.write, account, script, language, texts, frozenset(approved))
    return _see(f"/studio/{script}/languages/{language}?saved=1")


@router.post("/{script}/languages/{language}/draft")
async def draft(request: Request, account: Trainer, script: str, language: str) -> Response:
    await asyncio.to_thread(request.app.state.system.studio.draft, account, script, language)
    return _see(f"/studio/{script}/languages/{language}?saved=1")


# -- films ---------------------------------------------------------------------------------------------------------


@router.get("/{script}/films")
async def films(request: Request, account: Trainer, script: str) -> Response:
    found = await asyncio.to_thread(request.app.state.system.studio.scripts.get, account, script)
    return await _films_page(request, account, found)


@router.post("/{script}/films")
async def make(request: Request, account: Trainer, script: str) -> Response:
    """``language`` as often as there are languages, ``voice:<tag>`` for each that is to have another voice."""
    system = request.app.state.system
    found = await asyncio.to_thread(system.studio.scripts.get, account, script)
    form = await request.form(max_fields=200)
    tags = [str(tag) for tag in form.getlist("language")]
    voices = {key.removeprefix("voice:"): str(value) for key, value in form.items() if key.startswith("voice:")}
    wanted = Wanted(
        size=str(form.get("size", "720p")),
        voices={tag: voice for tag, voice in voices.items() if voice},
        translations=found.translations,
        script=found.id,
        shared=bool(found.course) and "shared" in form,
    )
    try:
        if not tags:
            raise FilmRefused(locale_of(request).t("studio.choose_languages"))
        lesson = await asyncio.to_thread(system.studio.lesson, found)
        await asyncio.to_thread(
            system.films.request, lesson, tags, owner=account.id, course=found.course, priority=BATCH, wanted=wanted
        )
        if wanted.shared:
            await asyncio.to_thread(system.studio.publish, account, found)
    except (FilmRefused, ScriptRefused) as error:
        return await _films_page(request, account, found, problem=str(error), status=422)
    return _see(f"/studio/{script}/films")


async def _films_page(
    request: Request, account: Account, script: Script, *, problem: str = "", status: int = 200
) -> Response:
    system = request.app.state.system
    locale = locale_of(request)
    rows = await asyncio.to_thread(system.studio.languages, script)
    lesson = await asyncio.to_thread(system.studio.lesson, script)
    jobs = await asyncio.to_thread(system.films.listed, account)
    made = [film_row(job) for job in jobs if job.arguments.get("script") == script.id]
    tags = [lesson.language, *(row.tag for row in rows)]
    voices = await asyncio.to_thread(voices_of, system, tags)
    return render(
        request,
        "studio_films.html",
        status=status,
        script=script,
        tab="films",
        problem=problem,
        own=lesson.language,
        rows=rows,
        names=language_names(locale),
        voices=voices,
        sizes=SIZES,
        boot={"films": made, "strings": wording(locale)},
    )
