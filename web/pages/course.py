"""The course as the learner reads it: its contents, and each document with a cited passage marked in its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from retrieval.values import Anchor, Document
from tutor.domain.accounts import Account
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.errors import NotFound
from tutor.locales import Locale
from tutor.ports import DocumentState, Library
from tutor.services.film_text import script_of
from web.films_api import film_href
from web.pages.files import Wanted, original_href, picture_href
from web.places import clock, is_slides
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


@dataclass(frozen=True)
class ShownFilm:
    """The film whose words a document is: addresses of its files. ``second`` is where the quote is said."""

    film: str
    poster: str
    captions: str
    language: str
    second: float | None = None


def _film(request: Request, account: Account, document: Document) -> tuple[ShownFilm | None, Document]:
    """The film whose words the document is, in the reader's language if there is one; and the document with the seconds
    of that film as its places."""
    script = script_of(document.path)
    if script is None:
        return None, document
    system = request.app.state.system
    job = system.film_places.film(script, document.course, locale_of(request).tag, account)
    if job is None:
        return None, document
    film, poster, captions = (film_href(job.key, name) for name in ("film.mp4", "poster.jpg", "captions.vtt"))
    shown = ShownFilm(film, poster, captions, job.arguments.get("language", ""))
    return shown, replace(document, anchors=system.film_places.in_film(document.course, document.path, job))


def _label(locale: Locale, document: str) -> Callable[[Anchor], str]:
    """The words for a place in the text."""

    def label(place: Anchor) -> str:
        if place.page is not None:
            return locale.t("reading.slide_number" if is_slides(document) else "reading.page_number", number=place.page)
        return clock(place.second or 0.0)

    return label


@router.get("/read/{document:path}")
def reading(
    request: Request,
    course: str,
    document: str,
    account: Anyone,
    wanted: Annotated[Wanted, Query()],
) -> Response:
    """The whole page, or with the header ``X-Fragment: passage`` only its text, for the panel beside the chat."""
    system = request.app.state.system
    library = system.store.library
    found = _course(library, course)
    stored = library.document(course, document)
    if stored is None:
        raise NotFound("There is no such document.")
    documents = library.documents(course)
    before, after = neighbours(documents, document)
    film, shown = _film(request, account, stored)
    label = _label(locale_of(request), document)
    span = wanted.span(shown.text)
    page = read(shown, frozenset(each.path for each in documents), span, page=wanted.page, label=label)
    number = page.place.page if page.place else None
    facsimiles = system.facsimiles
    if facsimiles.kept(shown):
        request.app.state.preview_limit.hit(account.id)  # a picture costs more than a text
    picture = facsimiles.page(account, shown, number, span if page.found else None) if number is not None else None
    if film is not None and page.marked and page.place is not None:
        film = replace(film, second=page.place.second)
    fragment = request.headers.get("x-fragment") == "passage"
    response = render(
        request,
        "reading_fragment.html" if fragment else "reading.html",
        course=found,
        document=shown,
        above=[title for title in shown.breadcrumb if title != found.title],
        reading=page,
        before=before,
        after=after,
        film=film,
        picture=picture,
        picture_href=picture_href(course, document, picture, span if page.found else None) if picture else "",
        hidden=number is not None and picture is None and facsimiles.kept(shown),
        original=original_href(course, document, number) if facsimiles.may_open(account, shown) else "",
        label=lambda number: label(Anchor(0, page=number)),
        turned=lambda number: f"{reading_href(course, document)}?page={number}#page-{number}",
        href=lambda path: reading_href(course, path),
    )
    response.headers["vary"] = "x-fragment, cookie"
    return response
