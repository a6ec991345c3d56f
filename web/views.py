"""HTML answers: the templates, the words in the reader's language, and the error pages."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tutor import locales
from tutor.domain.curriculum import Course
from tutor.domain.errors import (
    DiotimaError,
    InvalidInput,
    ModelError,
    NotAllowed,
    NotFound,
    RateLimited,
    SequenceConflict,
    SignInFailed,
    StoreBusy,
    TurnInProgress,
)
from web.security import CsrfFailed, SignInNeeded, csrf_token, sign_in_url, signed

if TYPE_CHECKING:
    from jinja2 import Environment

    from tutor.ports import Library

ROOT = Path(__file__).parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
LANGUAGE_COOKIE = "diotima_language"

_STATUS: tuple[tuple[type[DiotimaError], int], ...] = (
    (SignInNeeded, 401),
    (SignInFailed, 401),
    (CsrfFailed, 403),
    (NotAllowed, 403),
    (NotFound, 404),
    (TurnInProgress, 409),
    (SequenceConflict, 409),
    (InvalidInput, 422),
    (RateLimited, 429),
    (ModelError, 502),
    (StoreBusy, 503),
)
_CODES = {400: "invalid_input", 401: "signed_out", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed"}
_CODES |= {413: "too_large", 422: "invalid_input", 429: "rate_limited"}

_WORDS = {"csrf_failed": "page.expired", "internal": "page.broken", "too_large": "error.message_too_long"}


# -- language ------------------------------------------------------------------------------------------------------


def negotiate(accept: str, available: Sequence[str], default: str) -> str:
    """The best of ``available`` (BCP 47 tags) for an ``Accept-Language`` header; a region falls back to its language.

    A malformed header is as good as none.
    """
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            continue
        if tag and 0 < quality <= 1:
            wanted.append((-quality, place, tag.strip().lower()))
    known = {tag.lower(): tag for tag in available}
    for _, _, tag in sorted(wanted):
        while tag:
            if tag in known:
                return known[tag]
            tag = tag.rpartition("-")[0]
    return default


def language_of(connection: HTTPConnection) -> str:
    """The account's language, else the cookie's, else the browser's, else the setting."""
    available = locales.available()
    found = signed(connection)
    for choice in (found.account.language if found else "", connection.cookies.get(LANGUAGE_COOKIE, "")):
        if choice in available:
            return choice
    default = connection.app.state.system.settings.language
    default = default if default in available else "en"
    return negotiate(connection.headers.get("accept-language", ""), available, default)


def locale_of(connection: HTTPConnection) -> locales.Locale:
    return locales.load(language_of(connection))


# -- pages ---------------------------------------------------------------------------------------------------------


class Courses(Sequence[Course]):
    """The courses, read from the store only when a template asks for them."""

    def __init__(self, library: "Callable[[], Library]") -> None:
        self._library = library
        self._found: tuple[Course, ...] | None = None

    def _all(self) -> tuple[Course, ...]:
        if self._found is None:
            self._found = self._library().courses()
        return self._found

    @overload
    def __getitem__(self, index: int) -> Course: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Course]: ...
    def __getitem__(self, index: int | slice) -> Course | Sequence[Course]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Course]:
        return iter(self._all())


@lru_cache(maxsize=256)
def _content_hash(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def static_url(path: str) -> str:
    """The address of a static file, with its content's hash, so that browsers may keep it for good."""
    file = STATIC / path
    return f"/static/{path}?v={_content_hash(file, file.stat().st_mtime_ns)}"


@lru_cache(maxsize=1)
def environment() -> "Environment":
    """The template engine. An undefined name is an error, not an empty string."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["static"] = static_url
    return found


def render(request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Template ``name`` as a response.

    Adds ``request``, ``account`` (None for a visitor), ``csrf``, ``locale``, ``t``, ``lang``, ``dir``, ``settings``,
    ``courses``; in templates ``static("chat.js")`` gives a file's address.
    """
    locale = locale_of(request)
    found = signed(request)
    system = request.app.state.system
    values = {
        "request": request,
        "account": found.account if found else None,
        "csrf": csrf_token(request),
        "locale": locale,
        "t": locale.t,
        "lang": locale.tag,
        "dir": locale.direction,
        "settings": system.settings,
        "courses": Courses(lambda: system.store.library),
    }
    return HTMLResponse(environment().get_template(name).render({**values, **context}), status_code=status)


# -- errors --------------------------------------------------------------------------------------------------------


def status_of(error: DiotimaError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def words(locale: locales.Locale, code: str, **data: Any) -> str:
    """What to tell a person about an error."""
    key = _WORDS.get(code, f"error.{code}")
    return locale.t(key if locale.has(key) else "error.error", **data)


def problem(error: DiotimaError, locale: locales.Locale) -> dict[str, Any]:
    """An error as JSON: ``{code, message, retryable, ...data}``."""
    # What is missing and what is somebody else's must look the same to the last byte.
    data = {} if isinstance(error, NotFound) else error.data
    return {
        **data,
        "code": error.code,
        "message": words(locale, error.code, **error.data),
        "retryable": error.retryable,
    }


def wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)


def error_response(request: Request, error: DiotimaError) -> Response:
    """The answer to an error that nobody caught: a page for browsers, JSON for calls."""
    status = status_of(error)
    if wants_json(request):
        response: Response = JSONResponse(problem(error, locale_of(request)), status_code=status)
    elif isinstance(error, SignInNeeded):
        response = RedirectResponse(sign_in_url(request), status_code=303)
    else:
        response = error_page(request, status, error.code, **error.data)
    if "retry_after" in error.data:
        response.headers["retry-after"] = str(error.data["retry_after"])
    return response


def status_response(request: Request, status: int, headers: dict[str, str] | None = None) -> Response:
    """The answer for a bare HTTP status, for example of a route that doesn't exist."""
    code = _CODES.get(status, "error")
    if wants_json(request):
        body = {"code": code, "message": words(locale_of(request), code), "retryable": status >= 500}
        return JSONResponse(body, status_code=status, headers=headers)
    response = error_page(request, status, code)
    response.headers.update(headers or {})
    return response


def error_page(request: Request, status: int, code: str, **data: Any) -> Response:
    message = words(locale_of(request), code, **data)
    return render(request, "error.html", status=status, code=code, message=message, ours=status >= 500)
