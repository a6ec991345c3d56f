"""Films and scripts as resources: ask, follow, stop, watch. ``/api/openapi.json`` describes them."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field
from starlette.responses import Response

from tutor.domain.accounts import Account, Role
from tutor.domain.errors import NotFound, RateLimited
from tutor.domain.films import BATCH, PROBLEMS, USUAL, film_state, media_type
from tutor.domain.jobs import Job
from tutor.services.film_scripts import lesson_of
from tutor.services.films import Wanted, may_see
from web.connections import Connection
from web.media_files import send_file
from web.security import SignedIn, SignInNeeded, session_token, signed, signed_in

router = APIRouter(tags=["films"])
Anyone = Annotated[Account, Depends(signed_in())]
Trainer = Annotated[Account, Depends(signed_in(Role.TRAINER))]
Tag = Annotated[str, Field(min_length=2, max_length=35)]

#: Files of a film by the name that its state gives them.
FILES = {
    "film": "film.mp4",
    "captions": "captions.vtt",
    "chapters": "chapters.vtt",
    "poster": "poster.jpg",
    "handout": "handout.pdf",
    "transcript": "transcript.md",
    "timeline": "timeline.json",
    "lesson": "lesson.json",
    "manifest": "manifest.json",
}


FIRST = re.compile(r"first/([1-9][0-9]{0,12})/(film\.mp4|captions\.vtt)")  # of the beginning of this number


class FilmOrder(BaseModel):
    """Films of a script in several languages. ``voices`` are ``engine:voice`` by language. ``shared``: they are the
    course's, for everybody in it. ``only`` are ids of slides. ``waiting``: somebody waits for them, so they go before
    a batch."""

    script: Annotated[str, Field(max_length=128)]
    languages: Annotated[list[Tag], Field(min_length=1, max_length=20)]
    size: Annotated[str, Field(max_length=10)] = "720p"
    voices: dict[Tag, Annotated[str, Field(max_length=100)]] = {}
    shared: bool = False
    only: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=400)] = []
    waiting: bool = False


class FilmView(BaseModel):
    """A film and how far it is.

    ``percent`` is 0 to 100; ``stages`` are (steps done, steps in all) by stage. ``files`` are addresses, once it is
    done; until then ``first`` is the address of a film of the first slides, as soon as there is one, and then of a
    longer one.
    ``error`` is a code and ``problem`` the same in words; ``findings`` are what the checks refused or doubted.
    """

    id: str
    key: str
    title: str
    language: str
    direction: Literal["ltr", "rtl"]
    size: str
    course: str
    script: str
    status: Literal["pending", "running", "done", "failed", "cancelled"]
    percent: int
    stage: str
    stages: dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]]
    created_at: datetime
    updated_at: datetime
    error: str = ""
    problem: str = ""
    findings: list[dict[str, Any]] = []
    first: str | None = None
    poster: str | None = None
    files: dict[str, str] = {}


class Films(BaseModel):
    films: list[FilmView]


class Watched(BaseModel):
    """Stretches of a film that were played, from and to in whole seconds, in the order watched, and its length."""

    spans: Annotated[list[tuple[int, int]], Field(max_length=200)]
    length: Annotated[int, Field(gt=0)]


class ArtefactView(BaseModel):
    """``size`` in bytes; ``sha256`` of its content is its ETag too."""

    name: str
    type: str
    size: int
    sha256: str
    href: str


class Artefacts(BaseModel):
    artefacts: list[ArtefactView]


def film_href(key: str, name: str) -> str:
    """The address of a film's file. What is there never changes."""
    return f"/media/{key}/{name}"


@lru_cache(maxsize=64)
def _direction(language: str) -> Literal["ltr", "rtl"]:
    from media_gen.errors import LanguageUnknown
    from media_gen.language import load

    try:
        return load(language).direction
    except LanguageUnknown:
        return "ltr"


def film_view(system: Any, job: Job) -> FilmView:
    """The job as its followers see it. Looks at files, so call it off the event loop."""
    state = film_state(job)
    if state.status == "done" and system.films.film(state.key) is None:
        # To whoever looks it failed, and asking again makes it anew.
        state = replace(state, status="failed", error="files_lost", problem=PROBLEMS["files_lost"])
    film = system.films.film(state.key) if state.status == "done" else None
    first = system.films.files.first(state.key) if film is None else None
    return FilmView(
        id=state.job,
        key=state.key,
        title=state.title,
        language=state.language,
        direction=_direction(state.language),
        size=state.size,
        course=state.course,
        script=state.script,
        status=state.status,
        percent=state.percent,
        stage=state.stage,
        stages={name: list(steps) for name, steps in state.stages.items()},
        created_at=state.created_at,
        updated_at=state.updated_at,
        error=state.error,
        problem=state.problem,
        findings=[dict(finding) for finding in state.findings],
        first=film_href(first.key, f"first/{first.folder.name}/film.mp4") if first else None,
        poster=film_href(film.key, "poster.jpg") if film else None,
        files={name: film_href(film.key, file) for name, file in FILES.items() if film.artefact(file)} if film else {},
    )


# -- asking and following ------------------------------------------------------------------------------------------


@router.post("/api/films", status_code=202, response_model=Films)
async def ask(request: Request, order: FilmOrder, account: Trainer) -> Films:
    """Ask for films of a script, one in each language. The same asked for again is the same film."""
    request.app.state.command_limit.hit(account.id)
    system = request.app.state.system

    def enqueue() -> Films:
        script = system.scripts.get(account, order.script)
        wanted = Wanted(
            size=order.size,
            voices=order.voices,
            translations=script.translations,
            only=tuple(order.only),
            script=script.id,
            shared=order.shared,
        )
        jobs = system.films.request(
            lesson_of(script),
            order.languages,
            owner=account.id,
            course=script.course,
            priority=USUAL if order.waiting else BATCH,
            wanted=wanted,
        )
        if order.shared and script.course:
            system.studio.publish(account, script)
        return Films(films=[film_view(system, job) for job in jobs])

    return await asyncio.to_thread(enqueue)


@router.get("/api/films", response_model=Films)
async def listed(
    request: Request, account: Anyone, course: Annotated[str | None, Query(max_length=128)] = None
) -> Films:
    """Those that you asked for and, with ``course``, the course's; a trainer's list has everybody's. Newest first."""
    system = request.app.state.system

    def look() -> Films:
        return Films(films=[film_view(system, job) for job in system.films.listed(account, course)])

    return await asyncio.to_thread(look)


@router.get("/api/films/{film}", response_model=FilmView)
async def one(request: Request, film: str, account: Anyone) -> FilmView:
    system = request.app.state.system
    return await asyncio.to_thread(lambda: film_view(system, system.films.job(account, film)))


@router.get("/api/films/{film}/artefacts", response_model=Artefacts)
async def artefacts(request: Request, film: str, account: Anyone) -> Artefacts:
    """Every file of a finished film."""
    system = request.app.state.system
    found = await asyncio.to_thread(lambda: system.films.film_for(account, system.films.job(account, film).key))
    rows = [{**vars(each), "href": film_href(found.key, each.name)} for each in found.artefacts]
    return Artefacts(artefacts=[ArtefactView(**row) for row in rows])


@router.post("/api/films/{film}/cancel", response_model=FilmView)
async def cancel(request: Request, film: str, account: Anyone) -> FilmView:
    """Give up your share in it: it stops when nobody else wants it. A trainer stops it for everybody."""
    system = request.app.state.system
    return await asyncio.to_thread(lambda: film_view(system, system.films.cancel(account, film)))


@router.post("/api/films/{film}/retry", response_model=FilmView)
async def retry(request: Request, film: str, account: Anyone) -> FilmView:
    """Try what failed or was cancelled again."""
    request.app.state.command_limit.hit(account.id)
    system = request.app.state.system
    return await asyncio.to_thread(lambda: film_view(system, system.films.retry(account, film)))


@router.post("/api/films/{film}/watched", status_code=204)
async def watched(request: Request, film: str, seen: Watched, account: Anyone) -> Response:
    """What you saw of it: it shows in "My learning" and never counts as knowing."""
    request.app.state.preview_limit.hit(account.id)
    system = request.app.state.system
    job = await asyncio.to_thread(system.films.job, account, film)
    await system.learning.watched(account, film_state(job), tuple(seen.spans), seen.length)
    return Response(status_code=204)


# -- live ----------------------------------------------------------------------------------------------------------


class _Stream:
    """One open stream of a film's states; ends with the film, the session or the server."""

    def __init__(self, request: Request, account: Account, film: str) -> None:
        self._request = request
        self._account = account
        self._film = film
        self._ended = asyncio.Event()

    def end(self, code: int, reason: str) -> None:
        self._ended.set()

    async def events(self) -> AsyncGenerator[ServerSentEvent, None]:
        state = self._request.app.state
        ended = asyncio.create_task(self._ended.wait())
        async with contextlib.aclosing(state.system.film_feed.follow(self._film)) as jobs:
            coming: asyncio.Task[Job] = asyncio.ensure_future(anext(jobs))
            try:
                while not ended.done():
                    done, _ = await asyncio.wait(
                        (coming, ended), timeout=state.chat_limits.heartbeat, return_when=asyncio.FIRST_COMPLETED
                    )
                    if coming in done:
                        job = coming.result()
                        if not may_see(self._account, job):
                            return
                        view = await asyncio.to_thread(film_view, state.system, job)
                        yield ServerSentEvent(raw_data=view.model_dump_json())
                        coming = asyncio.ensure_future(anext(jobs))
                    elif not ended.done():
                        if await state.system.accounts.resolve(session_token(self._request) or "") is None:
                            return
                        yield ServerSentEvent(comment="still here")
            except StopAsyncIteration:
                return
            finally:
                for task in (coming, ended):
                    task.cancel()
                await asyncio.gather(coming, ended, return_exceptions=True)


async def open_stream(request: Request, film: str, account: Anyone) -> AsyncIterator[_Stream]:
    """Refuses before the stream begins; registers it, and lets go of it afterwards."""
    state = request.app.state
    who: SignedIn | None = signed(request)
    if who is None:
        raise SignInNeeded
    if state.connections.count(account.id) >= state.chat_limits.connections:
        raise RateLimited(retry_after=60)
    await asyncio.to_thread(state.system.films.job, account, film)
    stream = _Stream(request, account, film)
    connection = Connection(who, stream.end)
    state.connections.add(connection)
    try:
        yield stream
    finally:
        state.connections.remove(connection)


@router.get("/api/films/{film}/events", response_class=EventSourceResponse)
async def events(stream: Annotated[_Stream, Depends(open_stream)]) -> AsyncIterator[ServerSentEvent]:
    """A ``FilmView`` as the data of each event: now, and whenever something changes, until the film is over."""
    async with contextlib.aclosing(stream.events()) as found:
        async for event in found:
            yield event


# -- files ---------------------------------------------------------------------------------------------------------


@router.head("/media/{key}/{name:path}", include_in_schema=False)
@router.get("/media/{key}/{name:path}", response_class=Response)
async def file(request: Request, key: str, name: str, account: Anyone, download: bool = False) -> Response:
    """A file of a film, whole or one range of it. Its content never changes."""
    beginning = 0
    if found_first := FIRST.fullmatch(name):
        beginning, name = int(found_first[1]), found_first[2]
    if media_type(name) is None:
        raise NotFound("There is no such file.")
    system = request.app.state.system
    film = await asyncio.to_thread(lambda: system.films.film_for(account, key, beginning=beginning))
    found = film.artefact(name)
    if found is None:
        raise NotFound("There is no such file.")
    saved_as = name.replace("/", "-") if download else ""
    try:
        return await send_file(
            request, film.folder / name, size=found.size, sha256=found.sha256, media_type=found.type, download=saved_as
        )
    except FileNotFoundError:
        raise NotFound("There is no such file.") from None
