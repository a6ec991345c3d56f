"""Who is asking, and whether they may: sessions, CSRF, origins, limits and headers.

Everything here that sees every request is plain ASGI, so that streams pass through untouched.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tutor.domain.accounts import Account, Role, Session
from tutor.domain.errors import DiotimaError, NotAllowed

SESSION_COOKIE = "diotima_session"
VISITOR_COOKIE = "diotima_visitor"
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


class SignInNeeded(DiotimaError):
    """Nobody is signed in: a page answers with the sign-in form, an API call with 401."""

    code = "signed_out"


class CsrfFailed(DiotimaError):
    """The form or call did not carry this session's token; a reload gets a fresh one."""

    code = "csrf_failed"
    retryable = True


@dataclass(frozen=True)
class SignedIn:
    account: Account
    session: Session


# -- sessions ------------------------------------------------------------------------------------------------------


class SessionMiddleware:
    """Finds the session of the cookie, and gives a visitor without one a token that protects the sign-in form.

    Puts ``signed`` (``SignedIn`` or None) into ``request.state``. Static files cost no look-up.
    """

    def __init__(
        self, app: ASGIApp, *, accounts: Any, secure: bool, unguarded: tuple[str, ...] = ("/static/",)
    ) -> None:
        self.app = app
        self.accounts = accounts
        self.secure = secure
        self.unguarded = unguarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(self.unguarded):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        token = HTTPConnection(scope).cookies.get(SESSION_COOKIE)
        try:
            found = await self.accounts.resolve(token) if token else None
        except DiotimaError as error:
            if scope["type"] == "websocket":
                raise
            # Not known to be signed out: raised again where an error has a page.
            state["session_error"], found = error, None
        state["signed"] = SignedIn(*found) if found else None

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and "new_visitor" in state:
                cookie = set_cookie(VISITOR_COOKIE, state["new_visitor"], secure=self.secure)
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def set_cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> str:
    """A ``Set-Cookie`` value: HttpOnly, SameSite=Lax, whole site; without ``max_age`` until the browser closes."""
    response = Response()
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=secure, path="/")
    return response.headers["set-cookie"]


def start_session(response: Response, token: str, session: Session, *, secure: bool) -> None:
    """Give the browser its session, and take away the visitor's token: what was known before sign-in is worthless."""
    age = int((session.expires_at - session.created_at).total_seconds())
    response.headers.append("set-cookie", set_cookie(SESSION_COOKIE, token, secure=secure, max_age=age))
    response.headers.append("set-cookie", set_cookie(VISITOR_COOKIE, "", secure=secure, max_age=0))


def end_session(response: Response, *, secure: bool) -> None:
    response.headers.append("set-cookie", set_cookie(SESSION_COOKIE, "", secure=secure, max_age=0))


def session_token(connection: HTTPConnection) -> str | None:
    return connection.cookies.get(SESSION_COOKIE)


def signed(connection: HTTPConnection) -> SignedIn | None:
    return getattr(connection.state, "signed", None)


def signed_in(*roles: Role) -> Callable[[Request], Awaitable[Account]]:
    """A dependency: the account that asks, which must have one of ``roles`` (none given: any role will do).

    Raises ``SignInNeeded`` or ``NotAllowed``.
    """

    async def account(request: Request) -> Account:
        found = signed(request)
        if found is None:
            raise SignInNeeded
        if roles and not found.account.may(*roles):
            raise NotAllowed
        return found.account

    return account


def client_address(connection: HTTPConnection) -> str:
    """The peer's address; behind a proxy that uvicorn trusts, the one that the proxy names."""
    return connection.client.host if connection.client else ""


def safe_next(target: str | None) -> str:
    """Where to go after signing in: only ever a path of this site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    parts = _split(target)
    return "/" if parts is None or parts.scheme or parts.netloc or any(ord(c) < 32 for c in target) else target


def _split(address: str) -> SplitResult | None:
    """None for what is no address (``http://[``)."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def sign_in_url(request: Request) -> str:
    """The sign-in page, that leads back to where a GET was going."""
    if request.method != "GET" or request.url.path == "/":
        return "/sign-in"
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/sign-in?next={quote(target, safe='')}"


# -- cross-site requests -------------------------------------------------------------------------------------------


def csrf_token(request: HTTPConnection) -> str:
    """The token that this browser's forms must carry: the session's, or before sign-in one bound to a cookie."""
    found = signed(request)
    if found is not None:
        return found.session.csrf
    token = request.cookies.get(VISITOR_COOKIE) or getattr(request.state, "new_visitor", None)
    if not token:
        token = request.state.new_visitor = secrets.token_urlsafe()
    return token


async def csrf_protected(connection: HTTPConnection) -> None:
    """App-wide dependency: every unsafe request carries the token, in the header or in the form field.

    Raises ``CsrfFailed``, and what kept the session from being looked up.
    """
    if (trouble := getattr(connection.state, "session_error", None)) is not None:
        raise trouble
    if connection.scope["type"] != "http" or connection.scope["method"] in SAFE_METHODS:
        return
    found = signed(connection)
    expected = found.session.csrf if found else connection.cookies.get(VISITOR_COOKIE, "")
    given = connection.headers.get(CSRF_HEADER)
    if given is None and isinstance(connection, Request):
        kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            field = (await connection.form()).get(CSRF_FIELD)
            given = field if isinstance(field, str) else None
    if not expected or not given or not hmac.compare_digest(expected.encode(), given.encode()):
        raise CsrfFailed


def origin_allowed(origin: str | None, host: str, allowed: Iterable[str]) -> bool:
    """Whether a page of ``origin`` may act on the server that is called ``host``.

    Only programs that are no browsers leave the header out, and those have no cookie to abuse. The scheme is left out
    of the comparison with our own host, because a proxy in front may end TLS.
    """
    if origin is None:
        return True
    parts = _split(origin)
    if (
        parts is not None
        and parts.scheme in ("http", "https")
        and parts.netloc
        and parts.netloc.lower() == host.lower()
    ):
        return True
    return origin.rstrip("/").lower() in {a.rstrip("/").lower() for a in allowed}


class OriginMiddleware:
    """Refuses unsafe requests and websockets that a foreign page started: 403, or close code 4403."""

    def __init__(self, app: ASGIApp, *, allowed: tuple[str, ...]) -> None:
        self.app = app
        self.allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in SAFE_METHODS)
        if guarded:
            headers = Headers(scope=scope)
            if not origin_allowed(headers.get("origin"), headers.get("host", ""), self.allowed):
                await _refuse_origin(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _refuse_origin(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Accepted first, because a browser tells a script the close code only of an open socket.
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4403, "reason": "origin refused"})
        return
    await problem_response(403, "origin_refused")(scope, receive, send)


# -- limits --------------------------------------------------------------------------------------------------------


def problem_response(status: int, code: str) -> Response:
    """A refusal before the app (and so before a language) is known: the bare code."""
    body = f'{{"code":"{code}","message":"{code}","retryable":false}}'
    return Response(body, status_code=status, media_type="application/json")


class BodyLimitMiddleware:
    """Answers 413 when a body is larger than its path allows, whether or not it said so beforehand.

    ``limits`` are (path prefix, path suffix, bytes); the first that fits counts, and ``default`` otherwise.
    """

    def __init__(self, app: ASGIApp, *, default: int, limits: tuple[tuple[str, str, int], ...] = ()) -> None:
        self.app = app
        self.default = default
        self.limits = limits

    def limit_for(self, path: str) -> int:
        for prefix, suffix, limit in self.limits:
            if path.startswith(prefix) and path.endswith(suffix):
                return limit
        return self.default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit_for(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        refused = problem_response(413, "too_large")
        if declared.isdigit() and int(declared) > limit:
            await refused(scope, receive, send)
            return
        got = 0
        started = over = False

        async def counted() -> Message:
            nonlocal got, over
            message = await receive()
            if message["type"] == "http.request":
                got += len(message.get("body", b""))
                if got > limit:
                    over = True
                    return {"type": "http.disconnect"}
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            if over and not started:
                return
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counted, guarded)
        except Exception:
            if not over:
                raise
        if over and not started:
            await refused(scope, receive, send)


# -- headers -------------------------------------------------------------------------------------------------------


def security_headers(*, https_only: bool) -> dict[str, str]:
    """Headers of every response; HSTS only where the site is served over HTTPS alone."""
    headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if https_only:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


class HeadersMiddleware:
    """Adds the security headers, and keeps signed-in pages out of shared caches."""

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self.app = app
        self.headers = security_headers(https_only=https_only)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)
