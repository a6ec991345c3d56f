"""Conversations over REST, and what guards every unsafe request."""

import httpx
import pytest

from tests.web.server.harness import COURSE, QUESTION, Builder, House, Person
from tutor.domain.accounts import Role


async def begin(client: httpx.AsyncClient, **body: str) -> str:
    answer = await client.post("/api/conversations", json={"course": COURSE, **body})
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def asked(house: House, person: Person, conversation: str, text: str = QUESTION) -> None:
    await house.system.chat.send(person.account, conversation, text, text)
    await house.system.chat.settled(conversation)


async def test_from_beginning_to_end(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.client(person) as client:
            one, two = await begin(client), await begin(client, language="es")
            await asked(house, person, one)
            listed = (await client.get("/api/conversations")).json()["conversations"]
            assert [row["id"] for row in listed] == [one, two]
            assert listed[0]["title"] == QUESTION
            assert (listed[0]["turns"], listed[0]["open_turn"], listed[0]["course"]) == (1, None, COURSE)
            assert listed[1]["language"] == "es"

            renamed = await client.patch(f"/api/conversations/{one}", json={"title": "  Green   leaves "})
            assert renamed.status_code == 204
            found = (await client.get("/api/conversations", params={"search": "green leaves"})).json()["conversations"]
            assert [row["title"] for row in found] == ["Green leaves"]

            export = await client.get(f"/api/conversations/{one}/export")
            assert export.headers["content-type"].startswith("text/markdown")
            assert export.headers["content-disposition"].startswith("attachment")
            assert "Green-leaves.md" in export.headers["content-disposition"]
            assert export.text.startswith("# Green leaves\n")
            assert f"> {QUESTION}" in export.text
            assert f"{house.http}/courses/{COURSE}/read/leaves.md?from=" in export.text

            assert (await client.delete(f"/api/conversations/{one}")).status_code == 204
            assert [row["id"] for row in (await client.get("/api/conversations")).json()["conversations"]] == [two]
            assert (await client.get(f"/api/conversations/{one}/export")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"course": "no-such-course"}, 404, "not_found"),
        ({"course": COURSE, "language": "xx"}, 422, "invalid_input"),
        ({"course": ""}, 422, "invalid_input"),
        ({}, 422, "invalid_input"),
    ],
)
async def test_conversations_that_cannot_begin(builder: Builder, body: dict[str, str], status: int, code: str) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        answer = await client.post("/api/conversations", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_anothers_conversation_is_missing_in_every_way(builder: Builder) -> None:
    async with builder.open() as house:
        owner, other = house.person(), house.person()
        theirs = await house.conversation(owner)
        async with house.client(other) as client:
            for wanted in (theirs, "nothing"):
                path = f"/api/conversations/{wanted}"
                answers = [
                    await client.patch(path, json={"title": "mine"}),
                    await client.delete(path),
                    await client.get(f"{path}/export"),
                    await client.post(f"{path}/frames", json={"type": "stop"}),
                ]
                assert [a.status_code for a in answers] == [404] * 4
                assert len({a.text for a in answers}) == 1
            assert (await client.get("/api/conversations")).json() == {"conversations": []}
        assert (await house.system.chat.transcript(owner.account, theirs)).title == ""


async def test_a_reviewer_reads_but_does_not_write(builder: Builder) -> None:
    async with builder.open() as house:
        owner, reviewer = house.person(), house.person(Role.REVIEWER)
        theirs = await house.conversation(owner)
        async with house.client(reviewer) as client:
            assert (await client.get(f"/api/conversations/{theirs}/export")).status_code == 200
            assert (await client.delete(f"/api/conversations/{theirs}")).status_code == 404
            assert (await client.get(f"/api/conversations/{theirs}/events")).status_code == 404


async def test_who_is_not_signed_in(builder: Builder) -> None:
    async with builder.open() as house, house.client() as client:
        answer = await client.get("/api/conversations", headers={"Accept-Language": "es"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "signed_out"
        assert answer.json()["message"].startswith("Se ha cerrado") or answer.json()["message"]
        assert (await client.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize("token", [None, "", "csrf-of-person2", "guess", "ü"])
async def test_a_request_without_its_token_is_refused(builder: Builder, token: str | None) -> None:
    async with builder.open() as house:
        person, _other = house.person(), house.person()
        headers = person.cookie | ({} if token is None else {"X-CSRF-Token": token.encode()})  # type: ignore[operator]
        async with httpx.AsyncClient(base_url=house.http, headers=headers) as client:
            answer = await client.post("/api/conversations", json={"course": COURSE})
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
            assert (await client.get("/api/conversations")).json() == {"conversations": []}


async def test_a_foreign_origin_is_refused_whatever_it_carries(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        answer = await client.post(
            "/api/conversations", json={"course": COURSE}, headers={"Origin": "http://evil.example"}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


async def test_an_allowed_origin_passes(builder: Builder) -> None:
    async with (
        builder.open(allowed_origins=("https://portal.example",)) as house,
        house.client(house.person()) as client,
    ):
        answer = await client.post(
            "/api/conversations", json={"course": COURSE}, headers={"Origin": "https://portal.example"}
        )
        assert answer.status_code == 201


async def test_too_many_conversations(builder: Builder) -> None:
    async with builder.open(messages_per_minute=2) as house, house.client(house.person()) as client:
        await begin(client)
        await begin(client)
        answer = await client.post("/api/conversations", json={"course": COURSE})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) == answer.json()["retry_after"]


async def test_what_no_route_answers(builder: Builder) -> None:
    async with builder.open() as house, house.client() as client:
        answer = await client.get("/api/nothing")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.put("/api/conversations", json={})).status_code in (403, 405)
        assert (await client.get("/openapi.json", headers={"Accept": "application/json"})).status_code == 404
        assert "default-src 'none'" in answer.headers["content-security-policy"]
