"""The application around the chat: sign-in, roles, errors and static files, as a browser meets them."""

import re

import httpx
import pytest

from tests.web.server.harness import Builder, House
from tutor.domain.accounts import Role
from web.views import STATIC, static_url


async def form_of(client: httpx.AsyncClient, path: str = "/sign-in") -> tuple[str, httpx.Response]:
    """The hidden token of the page's form, and the page."""
    page = await client.get(path)
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1], page


async def ada(house: House) -> dict[str, str]:
    await house.system.accounts.create("ada", "correct horse", "Ada", Role.STUDENT)
    return {"username": "ada", "password": "correct horse"}


async def test_signing_in_and_out(builder: Builder) -> None:
    async with builder.open() as house, house.client() as browser:
        fields = await ada(house)
        away = await browser.get("/chat", headers={"Accept": "text/html"})
        assert away.status_code == 303
        assert away.headers["location"] == "/sign-in?next=%2Fchat"
        token, _ = await form_of(browser, away.headers["location"])
        answer = await browser.post("/sign-in", data={**fields, "csrf": token, "next": "/chat"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("diotima_session="))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert browser.cookies.get("diotima_visitor") is None
        page = await browser.get("/settings")
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        mine = re.search(r'<meta name="csrf-token" content="([^"]+)"', page.text)
        assert mine is not None
        assert mine[1] != token
        stale = await browser.post("/sign-out", data={"csrf": token})
        assert stale.status_code == 403
        out = await browser.post("/sign-out", data={"csrf": mine[1]})
        assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
        assert (await browser.get("/settings")).status_code == 303


async def test_a_wrong_password_and_a_forged_form(builder: Builder) -> None:
    async with builder.open() as house, house.client() as browser:
        fields = await ada(house)
        token, _ = await form_of(browser)
        wrong = await browser.post("/sign-in", data={**fields, "password": "guess guess", "csrf": token})
        assert wrong.status_code == 401
        forged = await browser.post("/sign-in", data={**fields, "csrf": "forged"})
        assert forged.status_code == 403
        assert "text/html" in forged.headers["content-type"]
        async with house.client() as elsewhere:
            # Signing somebody else in, from a page that has no cookie of ours, does not work either.
            assert (await elsewhere.post("/sign-in", data={**fields, "csrf": token})).status_code == 403


async def test_secure_cookies_behind_https(builder: Builder) -> None:
    async with builder.open(cookie_secure=True) as house, house.client() as browser:
        answer = await browser.get("/sign-in")
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_too_many_sign_ins(builder: Builder) -> None:
    async with builder.open(sign_ins_per_minute=1) as house, house.client() as browser:
        token, _ = await form_of(browser)
        fields = {"username": "nobody", "password": "guess guess", "csrf": token}
        assert (await browser.post("/sign-in", data=fields)).status_code == 401
        answer = await browser.post("/sign-in", data=fields)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.STUDENT, "/review", 403),
        (Role.STUDENT, "/courses/light/material", 403),
        (Role.TRAINER, "/review", 403),
        (Role.REVIEWER, "/review", 200),
        (Role.ADMIN, "/review", 200),
        (Role.STUDENT, "/settings", 200),
    ],
)
async def test_what_a_role_opens(builder: Builder, role: Role, path: str, status: int) -> None:
    async with builder.open() as house, house.client(house.person(role)) as browser:
        assert (await browser.get(path)).status_code == status


async def test_pages_that_are_not_there(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(language="es")) as browser:
        page = await browser.get("/nothing/here", headers={"Accept": "text/html"})
        assert page.status_code == 404
        assert '<html lang="es"' in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accept", "lang", "direction"), [("ar", "ar", "rtl"), ("es-MX", "es", "ltr"), ("", "en", "ltr")]
)
async def test_a_visitor_reads_their_own_language(builder: Builder, accept: str, lang: str, direction: str) -> None:
    async with builder.open() as house, house.client() as browser:
        page = await browser.get("/sign-in", headers={"Accept-Language": accept})
        assert re.search(f'<html[^>]* lang="{lang}"', page.text)
        assert re.search(f'<html[^>]* dir="{direction}"', page.text)
        browser.cookies.set("diotima_language", "es")
        page = await browser.get("/sign-in", headers={"Accept-Language": accept})
        assert re.search('<html[^>]* lang="es"', page.text)


async def test_no_page_has_a_script_or_style_of_its_own(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person()) as browser:
        for path in ("/chat", "/settings"):
            text = (await browser.get(path)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)
            assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", text.replace(house.http, ""))


async def test_static_files_are_kept_only_under_their_hash(builder: Builder) -> None:
    name = next(STATIC.glob("*.css")).name
    async with builder.open() as house, house.client() as browser:
        hashed = await browser.get(static_url(name))
        assert hashed.status_code == 200
        assert "immutable" in hashed.headers["cache-control"]
        bare = await browser.get(f"/static/{name}")
        assert bare.headers["cache-control"] == "no-cache"
        again = await browser.get(f"/static/{name}", headers={"If-None-Match": bare.headers["etag"]})
        assert again.status_code == 304
        missing = await browser.get("/static/../app.py")
        assert missing.status_code == 404


async def test_an_upload_may_be_larger_than_other_bodies(builder: Builder) -> None:
    async with builder.open(max_upload_mb=2) as house, house.client(house.person(Role.TRAINER)) as browser:
        fine = await browser.post("/courses/light/material", files={"files": ("a.md", b"# A\n\n" + b"word " * 300_000)})
        assert fine.status_code != 413
        large = await browser.post("/courses/light/material", files={"files": ("a.md", b"x" * 4_000_000)})
        assert large.status_code == 413
        other = await browser.post("/settings/appearance", content=b"x" * 1_100_000)
        assert other.status_code == 413
