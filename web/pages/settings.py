"""What a person decides about their own account."""

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from tutor import locales
from tutor.domain.accounts import Account
from tutor.domain.errors import SignInFailed, WeakPassword
from web.security import client_address, end_session, signed_in, start_session
from web.views import LANGUAGE_COOKIE, locale_of, render

router = APIRouter(prefix="/settings")
Anyone = Annotated[Account, Depends(signed_in())]

THEME_COOKIE = "diotima_theme"
THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


def _page(request: Request, *, saved: str = "", problem: str = "", at: str = "", status: int = 200) -> Response:
    theme = request.cookies.get(THEME_COOKIE, "auto")
    return render(
        request,
        "settings.html",
        status=status,
        languages=[locales.load(tag) for tag in locales.available()],
        theme=theme if theme in THEMES else "auto",
        themes=THEMES,
        saved=saved,
        problem=problem,
        at=at,
    )


@router.get("")
async def form(request: Request, account: Anyone, saved: str = "") -> Response:
    known = {"appearance": "settings.saved", "password": "settings.password_changed"}
    return _page(request, saved=locale_of(request).t(known[saved]) if saved in known else "")


@router.post("/appearance")
async def appearance(request: Request, account: Anyone) -> Response:
    fields = await request.form()
    language, theme = str(fields.get("language", "")), str(fields.get("theme", ""))
    system = request.app.state.system
    response = RedirectResponse("/settings?saved=appearance", status_code=303)
    secure = system.settings.cookie_secure
    if language in locales.available():
        await system.accounts.set_language(account.id, language)
        # The cookie is for the sign-in page, which doesn't know yet who comes.
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, samesite="lax", secure=secure, httponly=True)
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="lax", secure=secure, httponly=True)
    return response


@router.post("/password")
async def password(request: Request, account: Anyone) -> Response:
    fields = await request.form()
    old, new, again = (str(fields.get(name, "")) for name in ("current", "new", "again"))
    system = request.app.state.system
    t = locale_of(request).t
    if new != again:
        return _page(request, problem=t("settings.passwords_differ"), at="password", status=422)
    try:
        await system.accounts.change_password(account.id, old, new)
    except SignInFailed:
        return _page(request, problem=t("settings.password_wrong"), at="password", status=422)
    except WeakPassword:
        return _page(request, problem=t("error.weak_password"), at="password", status=422)
    # Every session ended, this one too: begin a new one for the person who is here.
    token, session, _ = await system.accounts.sign_in(account.username, new, client_address(request))
    response = RedirectResponse("/settings?saved=password", status_code=303)
    start_session(response, token, session, secure=system.settings.cookie_secure)
    return response


@router.get("/export")
async def export(request: Request, account: Anyone) -> Response:
    from tutor.services.privacy import export_learner

    def exported() -> str:
        # Years of conversations are megabytes: written out in the thread too, and not while everybody waits.
        return json.dumps(export_learner(request.app.state.system.store, account.id), ensure_ascii=False, indent=2)

    return Response(
        await asyncio.to_thread(exported),
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="diotima-data.json"'},
    )


@router.post("/erase")
async def erase(request: Request, account: Anyone) -> Response:
    fields = await request.form()
    system = request.app.state.system
    if str(fields.get("confirm", "")).strip() != account.username:
        return _page(request, problem=locale_of(request).t("settings.erase_mismatch"), at="erase", status=422)
    from tutor.services.privacy import erase_learner

    # Sockets first, so that no turn is begun while everything is taken away.
    await system.accounts.revoke_all(account.id)
    for row in await system.chat.listed(account):
        if row.open_turn:
            await system.chat.stop(account, row.id, row.open_turn)
    await asyncio.to_thread(erase_learner, system.store, account.id, system.erasers)
    response = RedirectResponse("/sign-in?erased=true", status_code=303)
    end_session(response, secure=system.settings.cookie_secure)
    return response
