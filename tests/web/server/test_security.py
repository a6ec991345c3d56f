"""The layers in front of the application, one by one."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from web.security import (
    BodyLimitMiddleware,
    HeadersMiddleware,
    OriginMiddleware,
    origin_allowed,
    safe_next,
    set_cookie,
)


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


INNER = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://school.example:8000")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://school.example:8000", True),
        ("https://school.example:8000", True),
        ("HTTP://SCHOOL.example:8000", True),
        ("https://portal.example", True),
        ("https://portal.example/", True),
        ("http://portal.example", False),
        ("http://school.example", False),
        ("http://school.example:8000.evil.example", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        ("file://school.example:8000", False),
    ],
)
def test_origins(origin: str | None, allowed: bool) -> None:
    assert origin_allowed(origin, "school.example:8000", ("https://portal.example",)) is allowed


async def test_a_foreign_page_may_look_but_not_act() -> None:
    async with client(OriginMiddleware(INNER, allowed=())) as browser:
        foreign = {"origin": "http://evil.example"}
        assert (await browser.get("/", headers=foreign)).status_code == 200
        refused = await browser.post("/", headers=foreign)
        assert refused.status_code == 403
        assert refused.json()["code"] == "origin_refused"
        assert (await browser.post("/", headers={"origin": "http://school.example:8000"})).status_code == 200


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/chat/c1?x=1", "/chat/c1?x=1"),
        (None, "/"),
        ("", "/"),
        ("chat", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/ok\\..\\evil", "/"),
        ("https://evil.example/", "/"),
        ("/a\r\nset-cookie: x", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_after_sign_in_one_stays_on_this_site(target: str | None, expected: str) -> None:
    assert safe_next(target) == expected


async def test_a_body_within_its_limit_passes() -> None:
    app = BodyLimitMiddleware(INNER, default=10, limits=(("/up", "load", 20),))
    async with client(app) as browser:
        assert (await browser.post("/", content=b"x" * 10)).text == "10"
        assert (await browser.post("/upload", content=b"x" * 20)).text == "20"


@pytest.mark.parametrize(("path", "size"), [("/", 11), ("/upload", 21), ("/load", 11)])
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "streamed"])
async def test_a_body_over_its_limit_is_refused(path: str, size: int, declared: bool) -> None:
    app = BodyLimitMiddleware(INNER, default=10, limits=(("/up", "load", 20),))

    async def pieces() -> object:
        for _ in range(size):
            yield b"x"

    content = b"x" * size if declared else pieces()
    async with client(app) as browser:
        answer = await browser.post(path, content=content)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_headers_of_every_answer() -> None:
    async with client(HeadersMiddleware(INNER, https_only=False)) as browser:
        headers = (await browser.get("/")).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


async def test_hsts_only_where_the_site_is_https_alone() -> None:
    async with client(HeadersMiddleware(INNER, https_only=True)) as browser:
        assert "max-age=31536000" in (await browser.get("/")).headers["strict-transport-security"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites() -> None:
    plain = set_cookie("name", "value", secure=False)
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert "Path=/" in plain
    assert "Secure" not in plain
    assert "Secure" in set_cookie("name", "value", secure=True, max_age=60)
