"""Questions as the trainer keeps them: what may be asked in a course, to approve, reject and edit; and drafts."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from tutor.domain.accounts import Account, Role
from tutor.domain.curriculum import Course
from tutor.domain.errors import InvalidInput, NotFound
from tutor.domain.items import TYPES, solution
from tutor.domain.items.form import as_item
from tutor.domain.items.item import BadItem, Item, Origin, State
from tutor.services.item_text import LONGEST, from_text, to_text
from tutor.services.sections import nearest_passage
from web.markdown import render as html
from web.markdown import render_inline
from web.reading import reading_href
from web.security import signed_in
from web.views import render

router = APIRouter(prefix="/courses")
Trainer = Annotated[Account, Depends(signed_in(Role.TRAINER))]

STATES: tuple[str, ...] = get_args(State)
ORIGINS: tuple[str, ...] = get_args(Origin)
PAGE = 20
MAX_SEARCH = 200


@dataclass(frozen=True)
class Choice:
    """What the list shows: each empty for all. ``page`` counts from 1."""

    state: str = ""
    origin: str = ""
    kc: str = ""
    search: str = ""
    page: int = 1

    def query(self, **changes: Any) -> str:
        """As the query of an address; what is as by default is left out."""
        values = {**vars(self), **changes}
        return urlencode({key: value for key, value in values.items() if value not in ("", 1)})


@dataclass(frozen=True)
class Shown:
    """One item as HTML. ``components`` are (title, whether the course has it), ``ideas`` (text, hint), ``hints``
    (text, answer)."""

    item: Item
    prompt: str
    components: tuple[tuple[str, bool], ...]
    options: tuple[tuple[str, bool], ...]
    answer: str
    ideas: tuple[tuple[str, str], ...]
    misconceptions: tuple[tuple[str, str], ...]
    hints: tuple[tuple[str, str], ...]
    solution: str
    place: tuple[str, str] | None
    quote: str
    needs: tuple[str, ...]


def _course(system: Any, course: str) -> Course:
    found: Course | None = system.store.library.course(course)
    if found is None:
        raise NotFound("There is no such course.")
    return found


def _item(system: Any, course: str, item: str) -> Item:
    found: Item | None = system.store.bank.get(course, item)
    if found is None:
        raise NotFound("There is no such question.")
    return found


def shown(item: Item, course: Course, titles: Mapping[str, str]) -> Shown:
    """``titles`` are those of the course's documents by path."""
    names = {component.id: component.title for component in course.components}
    body: Any = item.body
    options = tuple((render_inline(one.text), one.correct) for one in getattr(body, "options", ()) if _is_option(one))
    expectations = getattr(body, "expectations", ())
    ideas = tuple((render_inline(one.text), render_inline(one.hint)) for one in expectations)
    plain = "" if options or ideas else html(TYPES[item.type].solution(body, item))
    needs = item.extra.get("needs", ())
    return Shown(
        item=item,
        prompt=html(item.prompt),
        components=tuple((names.get(name, name), name in names) for name in item.kcs),
        options=options,
        answer=plain,
        ideas=ideas,
        misconceptions=tuple((render_inline(one.title), render_inline(one.repair)) for one in item.misconceptions),
        hints=tuple(
            (html(hint.text), html(solution(as_item(item, hint))) if hint.is_scaffold else "") for hint in item.hints
        ),
        solution=html(item.explanation) if item.explanation else "",
        place=(titles[item.place], reading_href(course.id, item.place)) if item.place in titles else None,
        quote=str(item.extra.get("quote", "")),
        needs=tuple(str(need) for need in needs) if isinstance(needs, list | tuple) else (),
    )


def _is_option(one: object) -> bool:
    return hasattr(one, "correct")


def _listed(request: Request, course: str, choice: Choice, saved: bool) -> Response:
    system = request.app.state.system
    found = _course(system, course)
    bank = system.store.bank
    every = bank.summaries(course)
    wanted: dict[str, Any] = {
        "state": choice.state or None,
        "origin": choice.origin or None,
        "kc": choice.kc or None,
        "search": choice.search,
    }
    # Words are looked for in the store; everything else is counted in what is in memory.
    if choice.search:
        total = len(bank.listed(course, limit=1_000_000, **wanted))
    else:
        total = sum(
            choice.state in ("", one.state)
            and choice.origin in ("", one.origin)
            and (not choice.kc or choice.kc in one.kcs)
            for one in every
        )
    pages = max(1, -(-total // PAGE))
    page = min(choice.page, pages)
    items = bank.listed(course, limit=PAGE, offset=(page - 1) * PAGE, **wanted)
    documents = system.store.library.documents(course)
    titles = {document.path: document.title for document in documents}
    used = {name for one in every for name in one.kcs}
    return render(
        request,
        "items.html",
        course=found,
        rows=[shown(item, found, titles) for item in items],
        choice=choice,
        total=total,
        page=page,
        pages=pages,
        every=len(every),
        states=[(state, count) for state, count in _counted(STATES, [one.state for one in every])],
        origins=[(origin, count) for origin, count in _counted(ORIGINS, [one.origin for one in every]) if count],
        components=[component for component in found.components if component.id in used],
        documents=[document for document in documents if document.passages],
        can_draft=system.drafting.available,
        drafts=system.drafting.jobs(course),
        titles=titles,
        saved=saved,
    )


def _counted(names: tuple[str, ...], found: list[str]) -> list[tuple[str, int]]:
    counts = Counter(found)
    return [(name, counts[name]) for name in names]


@router.get("/{course}/items")
def items(
    request: Request,
    course: str,
    account: Trainer,
    state: Annotated[str, Query(max_length=20)] = "",
    origin: Annotated[str, Query(max_length=20)] = "",
    kc: Annotated[str, Query(max_length=200)] = "",
    search: Annotated[str, Query(max_length=MAX_SEARCH)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    saved: bool = False,
) -> Response:
    choice = Choice(
        state if state in STATES else "", origin if origin in ORIGINS else "", kc, " ".join(search.split()), page
    )
    return _listed(request, course, choice, saved)


@router.post("/{course}/items/state")
async def set_state(
    request: Request,
    course: str,
    account: Trainer,
    item: Annotated[str, Form(max_length=300)],
    state: Annotated[str, Form(max_length=20)],
    back: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    if state not in STATES:
        raise InvalidInput(field="state")
    system = request.app.state.system
    await asyncio.to_thread(system.store.bank.set_state, course, item, state)
    return RedirectResponse(_list_address(course, back), status_code=303)


@router.get("/{course}/items/edit")
def edit(
    request: Request,
    course: str,
    account: Trainer,
    item: Annotated[str, Query(max_length=300)],
    back: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    found = _item(request.app.state.system, course, item)
    return _editor(request, course, found, to_text(found), back)


@router.post("/{course}/items/edit")
async def save(
    request: Request,
    course: str,
    account: Trainer,
    item: Annotated[str, Form(max_length=300)],
    text: Annotated[str, Form(max_length=4 * LONGEST)],
    back: Annotated[str, Form(max_length=1000)] = "",
    approve: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """What can't be saved comes back as it was typed, with what is wrong with it."""
    system = request.app.state.system

    def store() -> Response:
        old = _item(system, course, item)
        try:
            new = from_text(text, old)
            _check_components(new, _course(system, course))
            system.store.bank.save(new)
        except InvalidInput as error:
            return _editor(request, course, old, text, back, problem=str(error))
        if approve:
            system.store.bank.set_state(course, item, "approved")
        return RedirectResponse(_list_address(course, back, saved="true"), status_code=303)

    return await asyncio.to_thread(store)


@router.post("/{course}/items/draft")
async def draft(
    request: Request, course: str, account: Trainer, document: Annotated[str, Form(max_length=2000)]
) -> Response:
    await request.app.state.system.drafting.ask(course, document, account.id)
    return RedirectResponse(_list_address(course, urlencode({"state": "draft"})), status_code=303)


def _check_components(item: Item, course: Course) -> None:
    known = {component.id for component in course.components}
    for name in item.kcs:
        if name not in known:
            raise BadItem(f"kcs: the course has no component {name}")


def _editor(request: Request, course: str, item: Item, text: str, back: str, *, problem: str = "") -> Response:
    system = request.app.state.system
    found = _course(system, course)
    library = system.store.library
    titles = library.titles(course)
    passage = None
    if item.place in titles and "quote" not in item.extra:
        statement = f"{item.prompt}\n{solution(item)}"
        passage = nearest_passage(tuple(library.passages(course, item.place)), statement, found.language)
    return render(
        request,
        "items_edit.html",
        status=422 if problem else 200,
        course=found,
        row=shown(item, found, titles),
        text=text,
        problem=problem,
        back=_known(back),
        address=_list_address(course, back),
        passage=html(passage.text) if passage else "",
        heading=passage.prefix if passage else "",
        components=found.components,
    )


def _known(back: str) -> str:
    """The part of a query that the list understands: an address comes from the form, and so from anybody."""
    return urlencode([(key, value) for key, value in parse_qsl(back) if key in Choice.__dataclass_fields__])


def _list_address(course: str, back: str, **more: str) -> str:
    query = "&".join(part for part in (_known(back), urlencode(more)) if part)
    return f"/courses/{course}/items" + (f"?{query}" if query else "")
