"""Signing in and out."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tutor.domain.accounts import Role
from tutor.domain.errors import RateLimited, SignInFailed
from web.security import client_address, end_session, safe_next, session_token, signed, start_session
from web.views import locale_of, render

first = APIRouter()  # what a visitor meets before everything else is loaded (``web.rest``)
router = APIRouter()


def _form(
    request: Request, *, username: str = "", target: str = "/", notice: str = "", problem: str = "", status: int = 200
) -> Response:
    people = []
    if request.app.state.system.settings.demo:
        from tutor.services.demo import PEOPLE

        people = sorted(PEOPLE, key=lambda person: list(Role).index(person.role))
    return render(
        request,
        "sign_in.html",
        status=status,
        username=username,
        next=target,
        notice=notice,
        problem=problem,
        people=people,
    )


@first.get("/sign-in")
async def form(request: Request, next: str = "/", expired: bool = False, erased: bool = False) -> Response:
    target = safe_next(next)
    if signed(request) is not None:
        return RedirectResponse(target, status_code=303)
    t = locale_of(request).t
    return _form(
        request, target=target, notice=t("settings.erased") if erased else t("sign_in.expired") if expired else ""
    )


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    fields = await request.form()
    username, password = str(fields.get("username", "")), str(fields.get("password", ""))
    target = safe_next(str(fields.get("next", "/")))
    system = request.app.state.system
    t = locale_of(request).t
    try:
        token, session, _ = await system.accounts.sign_in(username, password, client_address(request))
    except SignInFailed:
        return _form(request, username=username, target=target, problem=t("sign_in.failed"), status=401)
    except RateLimited as error:
        refused = _form(request, username=username, target=target, problem=t("sign_in.rate_limited"), status=429)
        refused.headers["retry-after"] = str(error.data.get("retry_after", 60))
        return refused
    response = RedirectResponse(target, status_code=303)
    start_session(response, token, session, secure=system.settings.cookie_secure)
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    system = request.app.state.system
    token = session_token(request)
    if token:
        await system.accounts.sign_out(token)
    response = RedirectResponse("/sign-in", status_code=303)
    end_session(response, secure=system.settings.cookie_secure)
    return response
