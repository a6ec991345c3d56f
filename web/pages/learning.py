"""“My learning”: what the tutor believes of a learner, on what evidence, and what the learner says to it."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from tutor.domain import events as e
from tutor.domain.accounts import Account
from tutor.domain.beliefs import Point
from tutor.services.learning import MAX_INTERESTS, MAX_NOTE, Standing
from web.grade_words import shift_text, worded
from web.markdown import render_inline
from web.security import signed_in
from web.views import locale_of, render

router = APIRouter(prefix="/learning")
Learner = Annotated[Account, Depends(signed_in())]


def _address(course: str, place: str = "") -> str:
    return f"/learning/{quote(course, safe='')}{f'#{quote(place)}' if place else ''}"


@router.get("")
async def first(request: Request, account: Learner) -> Response:
    """The course talked about last, or else the first one."""
    system = request.app.state.system
    talked = await system.chat.listed(account)
    courses = await asyncio.to_thread(system.store.library.courses)
    known = [course.id for course in courses]
    course = next((row.course for row in talked if row.course in known), known[0] if known else None)
    if course is None:
        return render(request, "learning_empty.html")
    return RedirectResponse(_address(course), status_code=303)


@router.get("/{course}")
async def standing(request: Request, account: Learner, course: str) -> Response:
    system, locale = request.app.state.system, locale_of(request)
    found: Standing = await system.learning.standing(account, course)
    units: dict[str, list[Any]] = {}
    for state in found.map:
        units.setdefault(state.unit, []).append(state)
    titles = {unit.id: unit.title for unit in found.course.units}
    activity = found.activity
    facts: dict[str, Any] = dict(activity.facts) if activity else {}

    def moved(kc: str, point: Point) -> str:
        shift = e.MasteryShift(kc, point.before, point.after, point.lower, point.upper, point.why, dict(point.data))
        return shift_text(locale, shift)

    def written() -> dict[str, str]:
        prompts = {one.prompt for listed in found.evidence.values() for one in listed if one.prompt}
        return {prompt: render_inline(" ".join(prompt.split())) for prompt in prompts}

    return render(
        request,
        "learning.html",
        standing=found,
        prompts=await asyncio.to_thread(written),
        course=found.course,
        units=[(titles.get(unit, ""), states) for unit, states in units.items()],
        why=worded(locale, f"path.why.{activity.reason}", facts) if activity else "",
        kc_titles={state.kc: state.title for state in found.map},
        moved=moved,
        skipped=lambda one: sum(to - start for start, to in one.skipped),
        max_note=MAX_NOTE,
        max_interests=MAX_INTERESTS,
    )


@router.post("/{course}/practise")
async def practise(
    request: Request,
    account: Learner,
    course: str,
    kc: Annotated[str, Form(max_length=128)] = "",
    placement: Annotated[bool, Form()] = False,
) -> Response:
    """A new conversation that begins with a question: the path's next, or one on ``kc``."""
    system, locale = request.app.state.system, locale_of(request)
    request.app.state.message_limit.hit(account.id)
    conversation = await system.chat.start(account, course, locale.tag)
    shown = await asyncio.to_thread(system.store.library.course, course)
    title = next((one.title for one in shown.components if one.id == kc), shown.title) if shown else ""
    await system.chat.rename(account, conversation, title[:120])
    action = "placement" if placement else "practise"
    text = locale.t(f"learning.say_{action}")
    await system.chat.send(account, conversation, "begin", text, reply=e.ItemReply(item=kc, action=action))
    return RedirectResponse(f"/chat/{quote(conversation, safe='')}", status_code=303)


@router.post("/{course}/contest")
async def contest(
    request: Request,
    account: Learner,
    course: str,
    kc: Annotated[str, Form(max_length=128)],
    claim: Annotated[str, Form(max_length=16)],
    note: Annotated[str, Form()] = "",
) -> Response:
    request.app.state.command_limit.hit(account.id)
    await request.app.state.system.learning.contest(account, course, kc, claim, note)
    return RedirectResponse(_address(course, f"kc-{kc}"), status_code=303)


@router.post("/{course}/goal")
async def goal(request: Request, account: Learner, course: str) -> Response:
    request.app.state.command_limit.hit(account.id)
    fields = await request.form()
    chosen = tuple(str(value) for value in fields.getlist("kc"))
    await request.app.state.system.learning.choose_goal(account, course, chosen)
    return RedirectResponse(_address(course, "goal"), status_code=303)


@router.post("/{course}/interests")
async def interests(
    request: Request, account: Learner, course: str, interests: Annotated[str, Form()] = ""
) -> Response:
    request.app.state.command_limit.hit(account.id)
    await request.app.state.system.learning.tell_interests(account, interests)
    return RedirectResponse(_address(course, "interests"), status_code=303)
