"""The course as the learner reads it: its contents, and each document with a cited passage marked in its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from tutor.domain.accounts import Account
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.errors import NotFound
from tutor.ports import DocumentState, Library
from tutor.services.film_text import script_of
from web.films_api import film_href
from web.reading import neighbours, read, reading_href
from web.security import signed_in
from web.views import locale_of, render

router = APIRouter(prefix="/courses/{course}")
Anyone = Annotated[Account, Depends(signed_in())]


@dataclass(frozen=True)
class Chapter:
    """Documents that stand in one folder, under the unit's title where the course names one."""

    title: str
    documents: tuple[DocumentState, ...]
    components: tuple[KnowledgeComponent, ...] = ()


def chapters(library: Library, course: Course, documents: Sequence[DocumentState]) -> tuple[Chapter, ...]:
    """The documents in course order, grouped by the title above them."""
    groups: dict[str, list[DocumentState]] = {}
    for state in documents:
        document = library.document(course.id, state.path)
        above = [title for title in (document.breadcrumb if document else ()) if title != course.title]
        groups.setdefault(above[0] if above else "", []).append(state)
    units = {unit.title: unit.id for unit in course.units}
    return tuple(
        Chapter(title, tuple(members), tuple(c for c in course.components if c.unit == units.get(title)))
        for title, members in groups.items()
    )


def _course(library: Library, course: str) -> Course:
    found = library.course(course)
    if found is None:
        raise NotFound("There is no such course.")
    return found


@router.get("")
def contents(request: Request, course: str, account: Anyone) -> Response:
    library = request.app.state.system.store.library
    found = _course(library, course)
    documents = library.documents(course)
    return render(
        request,
        "course.html",
        course=found,
        documents=documents,
        chapters=chapters(library, found, documents),
        href=lambda path: reading_href(course, path),
    )


def _film(request: Request, account: Account, course: str, document: str) -> str | None:
    """The address of the film whose words the document is: in the reader's language if there is one."""
    script = script_of(document)
    if script is None:
        return None
    jobs = request.app.state.system.films.listed(account, course)
    made = [job for job in jobs if job.arguments.get("script") == script and job.status == "done"]
    mine = [job for job in made if job.arguments.get("language") == locale_of(request).tag]
    return film_href((mine or made)[0].key, "film.mp4") if made else None


@router.get("/read/{document:path}")
def reading(
    request: Request,
    course: str,
    document: str,
    account: Anyone,
    start: Annotated[int | None, Query(alias="from", ge=0)] = None,
    end: Annotated[int | None, Query(alias="to", ge=0)] = None,
) -> Response:
    """The whole page, or with the header ``X-Fragment: passage`` only its text, for the panel beside the chat."""
    library = request.app.state.system.store.library
    found = _course(library, course)
    shown = library.document(course, document)
    if shown is None:
        raise NotFound("There is no such document.")
    documents = library.documents(course)
    before, after = neighbours(documents, document)
    span = (start, end) if start is not None and end is not None else None
    fragment = request.headers.get("x-fragment") == "passage"
    response = render(
        request,
        "reading_fragment.html" if fragment else "reading.html",
        course=found,
        document=shown,
        above=[title for title in shown.breadcrumb if title != found.title],
        reading=read(shown, frozenset(each.path for each in documents), span),
        before=before,
        after=after,
        film=_film(request, account, course, document),
        href=lambda path: reading_href(course, path),
    )
    response.headers["vary"] = "x-fragment, cookie"
    return response
