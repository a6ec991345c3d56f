"""Course material as the trainer keeps it: documents, uploads and the work on them."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from tutor import locales
from tutor.domain.accounts import Account, Role
from tutor.domain.curriculum import Course
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.jobs import Job
from tutor.services.course_file import slug
from tutor.services.uploads import UploadRefused
from web.reading import reading_href
from web.security import signed_in
from web.views import locale_of, render

router = APIRouter(prefix="/courses")
Trainer = Annotated[Account, Depends(signed_in(Role.TRAINER))]

MAX_TITLE = 120
SHOWN_JOBS = 8


def _counts(system: Any) -> list[tuple[Course, int, int]]:
    found = []
    for course in system.store.library.courses():
        documents = system.store.library.documents(course.id)
        found.append((course, len(documents), sum(each.passages for each in documents)))
    return found


def busy(jobs: tuple[Job, ...]) -> bool:
    return any(job.status in ("pending", "running") for job in jobs)


@router.get("")
async def courses(request: Request, account: Trainer) -> Response:
    found = await asyncio.to_thread(_counts, request.app.state.system)
    languages = [locales.load(tag) for tag in locales.available()]
    return render(request, "courses.html", found=found, languages=languages)


@router.post("")
async def create(request: Request, account: Trainer) -> Response:
    fields = await request.form()
    title = " ".join(str(fields.get("title", "")).split())
    language = str(fields.get("language", "en"))
    if not title or len(title) > MAX_TITLE or language not in locales.available():
        raise InvalidInput(field="title")
    system = request.app.state.system
    library = system.store.library

    def put() -> str:
        try:
            base = slug(title)
        except InvalidInput:  # a title in another script still needs an address
            base = slug(f"course {system.new_id()[:8]}")
        name = base
        number = 2
        while library.course(name) is not None:
            name, number = f"{base}-{number}", number + 1
        library.put_course(Course(name, title, language))
        return name

    name = await asyncio.to_thread(put)
    return RedirectResponse(f"/courses/{name}/material", status_code=303)


@router.get("/{course}/material")
def material(
    request: Request,
    course: str,
    account: Trainer,
    started: bool = False,
) -> Response:
    """The page, or with the header ``X-Fragment: jobs`` only the work under way."""
    system = request.app.state.system
    if request.headers.get("x-fragment") == "jobs":
        _found(system, course)
        jobs = system.ingest.jobs(course, limit=SHOWN_JOBS)
        return render(request, "material_jobs.html", jobs=jobs, busy=busy(jobs))
    return _page(request, course, started=started)


def _found(system: Any, course: str) -> Course:
    found: Course | None = system.store.library.course(course)
    if found is None:
        raise NotFound("There is no such course.")
    return found


def _page(request: Request, course: str, *, started: bool = False, refused: Sequence[str] = ()) -> Response:
    system = request.app.state.system
    found = _found(system, course)
    jobs = system.ingest.jobs(course, limit=SHOWN_JOBS)
    return render(
        request,
        "material.html",
        status=422 if refused else 200,
        course=found,
        documents=system.store.library.documents(course),
        vectors=system.settings.embedder != "none",
        jobs=jobs,
        busy=busy(jobs),
        accepted=",".join(system.ingest.accepted()),
        kinds=", ".join(system.ingest.kinds()),
        archives=system.ingest.archives(course),
        notice=locale_of(request).t("material.started") if started and busy(jobs) else "",
        refused=refused,
        href=lambda path: reading_href(course, path),
    )


@router.post("/{course}/material")
async def upload(request: Request, course: str, account: Trainer) -> Response:
    """Files that can be read are taken, and those that can't are named."""
    system = request.app.state.system
    limit = system.settings.max_upload_mb * 1024 * 1024
    async with request.form() as fields:
        files = [each for each in fields.getlist("files") if isinstance(each, UploadFile) and each.filename]
        if not files:
            raise InvalidInput(field="files")
        refused = []
        for file in files:
            name = file.filename or ""
            try:
                await asyncio.to_thread(system.ingest.save_upload, course, name, file.file, limit, account.id)
            except UploadRefused as error:
                refused.append(str(error.data.get("advice") or error.data.get("filename") or name))
    if refused:
        return await asyncio.to_thread(_page, request, course, refused=refused)
    return RedirectResponse(f"/courses/{course}/material?started=true", status_code=303)


@router.post("/{course}/material/remove")
async def remove(request: Request, course: str, account: Trainer) -> Response:
    system = request.app.state.system
    path = str((await request.form()).get("document", ""))
    await asyncio.to_thread(system.ingest.remove, course, path, account.id)
    return RedirectResponse(f"/courses/{course}/material", status_code=303)
