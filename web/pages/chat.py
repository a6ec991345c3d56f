"""The conversation page: a shell with what <tutor-chat> needs to begin; the rest comes over its socket."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tutor.domain.accounts import Account
from tutor.domain.curriculum import Course
from tutor.locales import Entry, Locale
from tutor.ports import Library
from web.security import signed_in
from web.views import locale_of, render

router = APIRouter()

SUGGESTIONS = 4


def suggestions(library: Library, course: Course, locale: Locale) -> list[str]:
    """Questions to begin with, made from the course's own headings."""
    topics = [unit.title for unit in course.units]
    if len(topics) < SUGGESTIONS:
        topics += [title for title in library.titles(course.id).values() if title not in topics]
    return [locale.variant("chat.empty.suggestion", i, topic=topic) for i, topic in enumerate(topics[:SUGGESTIONS])]


def wording(locale: Locale) -> dict[str, Entry]:
    """What the chat's scripts say."""
    return {
        **locale.section("chat"),
        **{f"reading.{key}": entry for key, entry in locale.section("reading").items()},
        **{f"verdict.{key}": entry for key, entry in locale.section("grading.verdict").items()},
        "close": locale.t("nav.close"),
        "error.offline": locale.t("error.offline"),
    }


def _courses(library: Library, locale: Locale) -> list[dict[str, Any]]:
    return [
        {"id": course.id, "title": course.title, "suggestions": suggestions(library, course, locale)}
        for course in library.courses()
    ]


@router.get("/chat")
@router.get("/chat/{conversation}")
async def chat(
    request: Request,
    account: Annotated[Account, Depends(signed_in())],
    conversation: str | None = None,
    course: str | None = None,
) -> Response:
    system = request.app.state.system
    locale = locale_of(request)
    if conversation is not None:
        state = await system.chat.transcript(account, conversation, write=True)
        course = state.course
    courses = await asyncio.to_thread(_courses, system.store.library, locale)
    boot = {
        "account": account.id,
        "conversation": conversation,
        "course": course,
        "courses": courses,
        "limit": system.settings.max_message_chars,
        "strings": wording(locale),
    }
    return render(request, "chat.html", boot=boot)
