"""The reviewer's plain page: every conversation, why each turn in it is what it is, and the contested grades."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.items import solution
from tutor.ports import ConversationSummary, Store
from tutor.services.deciding import Question, question_of
from web.markdown import render as markdown
from web.markdown import render_inline
from web.places import place_text
from web.security import signed_in
from web.views import locale_of, render
from web.wire import citation_href, reply_html

router = APIRouter(prefix="/review")
Reviewer = Annotated[Account, Depends(signed_in(Role.REVIEWER))]


def _listed(store: Store, search: str) -> tuple[tuple[ConversationSummary, ...], dict[str, str], dict[str, str]]:
    rows = tuple(row for row in store.conversations.listed(search=search, limit=200) if row.turns)
    names = {account.id: account.display_name for account in store.accounts.listed()}
    titles = {course.id: course.title for course in store.library.courses()}
    return rows, names, titles


@dataclass(frozen=True)
class Key:
    """What an answer was graded against, as HTML: the question, its answer, and its ideas and misconceptions by id."""

    prompt: str
    answer: str
    ideas: dict[str, str]


def _keys(store: Store, transcript: Transcript) -> dict[str, Key]:
    """By turn, for every graded answer whose question is still known."""
    found: dict[str, Key] = {}
    for turn in transcript.turns.values():
        question = question_of(transcript, turn) or _as_now(store, transcript.course, turn)
        if question is None:
            continue
        item = question.item
        expectations: Any = getattr(item.body, "expectations", ())
        ideas = {one.id: render_inline(one.text) for one in expectations}
        ideas |= {one.id: render_inline(one.title) for one in item.misconceptions}
        found[turn.id] = Key(markdown(question.prompt), markdown(solution(item)), ideas)
    return found


def _as_now(store: Store, course: str, turn: Turn) -> Question | None:
    """The question as the course has it now, where the log doesn't hold it."""
    item = store.bank.get(course, turn.graded.item) if turn.graded is not None and not turn.graded.hint else None
    return Question(item.prompt, item) if item is not None else None


@router.get("")
async def conversations(
    request: Request, account: Reviewer, search: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    rows, names, titles = await asyncio.to_thread(_listed, request.app.state.system.store, search.strip())
    contested = await request.app.state.system.review.contested(account)
    return render(
        request,
        "review_list.html",
        rows=rows,
        names=names,
        titles=titles,
        search=search.strip(),
        contested=contested,
    )


@router.get("/{conversation}")
async def transcript(request: Request, conversation: str, account: Reviewer) -> Response:
    system = request.app.state.system
    found = await system.chat.transcript(account, conversation)
    learner = await system.accounts.get(found.learner)
    turns = list(found.turns.values())

    keys = await asyncio.to_thread(_keys, system.store, found)

    def rendered() -> dict[str, str]:
        return {turn.id: reply_html(turn.reply, turn.citations, found.course) for turn in turns}

    course = await asyncio.to_thread(system.store.library.course, found.course)

    def asked() -> dict[str, str]:
        return {turn.id: reply_html(turn.posed.prompt, (), found.course) for turn in turns if turn.posed}

    return render(
        request,
        "review.html",
        conversation=conversation,
        components={component.id: component.title for component in course.components} if course else {},
        transcript=found,
        turns=turns,
        learner=learner.display_name if learner else found.learner,
        html=await asyncio.to_thread(rendered),
        prompts=await asyncio.to_thread(asked),
        keys=keys,
        href=lambda cited: citation_href(found.course, cited),
        place=lambda cited: place_text(locale_of(request), cited.document, cited.page, cited.second),
    )


@router.post("/{conversation}/grade")
async def decide(
    request: Request,
    conversation: str,
    account: Reviewer,
    turn: Annotated[str, Form(max_length=128)],
    verdict: Annotated[str, Form(max_length=32)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    await request.app.state.system.review.decide(account, conversation, turn, verdict, note.strip())
    return RedirectResponse(f"/review/{quote(conversation, safe='')}#{quote(turn, safe='')}", status_code=303)
