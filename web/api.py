"""Conversations as resources: begin, list, rename, delete, take along."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from tutor import locales
from tutor.domain.accounts import Account
from tutor.domain.dialogue import Transcript
from tutor.domain.errors import InvalidInput
from tutor.domain.events import ItemPosed
from tutor.locales import Locale
from tutor.ports import ConversationSummary
from web.grade_words import worded
from web.places import place_text
from web.security import signed_in
from web.views import language_of, locale_of
from web.wire import citation_href

router = APIRouter(prefix="/api/conversations")
SignedInAccount = Annotated[Account, Depends(signed_in())]


class NewConversation(BaseModel):
    course: Annotated[str, Field(min_length=1, max_length=128)]
    language: Annotated[str, Field(max_length=35)] | None = None


class NewTitle(BaseModel):
    title: Annotated[str, Field(max_length=1000)]


def summary(found: ConversationSummary) -> dict[str, Any]:
    """A row of the list as JSON."""
    return {
        "id": found.id,
        "course": found.course,
        "title": found.title,
        "language": found.language,
        "started_at": found.started_at.isoformat(),
        "updated_at": found.updated_at.isoformat(),
        "last_seq": found.last_seq,
        "turns": found.turns,
        "open_turn": found.open_turn,
    }


@router.post("", status_code=201)
async def begin(request: Request, wanted: NewConversation, account: SignedInAccount) -> JSONResponse:
    """201 ``{id}``. The tutor speaks ``language`` (of those we have), or else the interface's."""
    request.app.state.message_limit.hit(account.id)
    language = wanted.language or language_of(request)
    if language not in locales.available():
        raise InvalidInput("no such language", field="language")
    conversation = await request.app.state.system.chat.start(account, wanted.course, language)
    return JSONResponse({"id": conversation}, status_code=201)


@router.get("")
async def listed(
    request: Request, account: SignedInAccount, search: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """``{conversations: [...]}``, newest first."""
    found = await request.app.state.system.chat.listed(account, search)
    return {"conversations": [summary(each) for each in found]}


@router.patch("/{conversation}")
async def rename(request: Request, conversation: str, wanted: NewTitle, account: SignedInAccount) -> Response:
    await request.app.state.system.chat.rename(account, conversation, wanted.title)
    return Response(status_code=204)


@router.delete("/{conversation}")
async def delete(request: Request, conversation: str, account: SignedInAccount) -> Response:
    """Erases what was said, for good."""
    await request.app.state.system.chat.delete(account, conversation)
    return Response(status_code=204)


@router.get("/{conversation}/export")
async def export(request: Request, conversation: str, account: SignedInAccount) -> Response:
    """The branch last spoken on, as Markdown."""
    transcript = await request.app.state.system.chat.transcript(account, conversation)
    name = quote("".join(c if c.isalnum() else "-" for c in transcript.title)[:60] or "conversation")
    return Response(
        as_markdown(transcript, locale_of(request), str(request.base_url).rstrip("/")),
        media_type="text/markdown; charset=utf-8",
        headers={"content-disposition": f"attachment; filename=\"conversation.md\"; filename*=UTF-8''{name}.md"},
    )


def as_markdown(transcript: Transcript, locale: Locale, site: str) -> str:
    """The conversation to keep or print, with every quote under the reply that cites it."""
    title = " ".join(transcript.title.split()) or locale.t("chat.untitled")
    parts = [f"# {title}"]
    for turn in transcript.path():
        message = "\n".join(f"> {line}".rstrip() for line in turn.message.splitlines())
        parts += [f"**{locale.t('chat.you')}** ({turn.sent_at:%Y-%m-%d %H:%M} UTC)", message]
        parts.append(f"**{locale.t('chat.tutor')}**")
        verdict = worded(locale, f"grading.verdict.{turn.graded.verdict}") if turn.graded else ""
        parts += [f"*{verdict}*"] if verdict else []
        parts.append(turn.reply or ("" if verdict or turn.posed else f"*{locale.t('chat.failed')}*"))
        for cited in turn.citations:
            quoted = " ".join(cited.quote.split())
            place = place_text(locale, cited.document, cited.page, cited.second)
            where = " › ".join(part for part in (cited.title, *cited.heading_path, place) if part)
            parts.append(f"[{cited.number}] “{quoted}” ({where}, <{site}{citation_href(transcript.course, cited)}>)")
        parts += _question(turn.posed, locale) if turn.posed else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _question(posed: ItemPosed, locale: Locale) -> list[str]:
    """What was asked, and what there was to choose, order or match."""
    parts = [f"**{locale.t('chat.card.practice')}**", posed.prompt]
    if texts := [part for part in posed.card.get("parts") or () if isinstance(part, str)]:
        parts.append(" ____ ".join(text.strip() for text in texts))
    for name in ("options", "steps", "left", "right"):
        choices = [one["text"] if isinstance(one, dict) else str(one) for one in posed.card.get(name) or ()]
        parts += ["\n".join(f"- {' '.join(text.split())}" for text in choices)] if choices else []
    return parts
