"""The reviewer's plain page: every conversation, and in it why each turn is what it is. The desk comes later."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from tutor.domain.accounts import Account, Role
from tutor.ports import ConversationSummary, Store
from web.security import signed_in
from web.views import render
from web.wire import citation_href, reply_html

router = APIRouter(prefix="/review")
Reviewer = Annotated[Account, Depends(signed_in(Role.REVIEWER))]


def _listed(store: Store, search: str) -> tuple[tuple[ConversationSummary, ...], dict[str, str], dict[str, str]]:
    rows = tuple(row for row in store.conversations.listed(search=search, limit=200) if row.turns)
    names = {account.id: account.display_name for account in store.accounts.listed()}
    titles = {course.id: course.title for course in store.library.courses()}
    return rows, names, titles


@router.get("")
async def conversations(
    request: Request, account: Reviewer, search: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    rows, names, titles = await asyncio.to_thread(_listed, request.app.state.system.store, search.strip())
    return render(request, "review_list.html", rows=rows, names=names, titles=titles, search=search.strip())


@router.get("/{conversation}")
async def transcript(request: Request, conversation: str, account: Reviewer) -> Response:
    system = request.app.state.system
    found = await system.chat.transcript(account, conversation)
    learner = await system.accounts.get(found.learner)
    turns = list(found.turns.values())

    def rendered() -> dict[str, str]:
        return {turn.id: reply_html(turn.reply, turn.citations, found.course) for turn in turns}

    return render(
        request,
        "review.html",
        transcript=found,
        turns=turns,
        learner=learner.display_name if learner else found.learner,
        html=await asyncio.to_thread(rendered),
        href=lambda cited: citation_href(found.course, cited),
    )
