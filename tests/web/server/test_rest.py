"""What the first page does without: loaded with the first request for anything else, or when that page is out."""

import asyncio
from typing import Any

import pytest

from tests.web.server.harness import Builder, House, eventually
from tutor.domain.errors import StoreBusy
from web import app as web_app
from web.rest import Rest


@pytest.fixture(autouse=True)
def no_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the tests do loads anything."""
    monkeypatch.setattr(web_app, "SETTLE_SECONDS", 3600.0)
    monkeypatch.setattr(web_app, "IDLE_SECONDS", 3600.0)


def rest_of(house: House) -> Rest:
    found: Rest = house.app.state.rest
    return found


async def test_the_sign_in_page_and_its_files_need_none_of_it(builder: Builder) -> None:
    async with builder.open() as house, house.client() as client:
        page, style, well = [await client.get(path) for path in ("/sign-in", "/static/app.css", "/healthz")]
        assert [answer.status_code for answer in (page, style, well)] == [200, 200, 200]
        assert not rest_of(house).ready


@pytest.mark.parametrize("path", ["/chat", "/api/conversations", "/nowhere", "/ws/chat"])
async def test_any_other_address_brings_it(builder: Builder, path: str) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        answer = await client.get(path)
        assert answer.status_code == {"/nowhere": 404, "/ws/chat": 404}.get(path, 200)
        assert rest_of(house).ready


async def test_a_socket_that_comes_first_is_served(builder: Builder) -> None:
    async with builder.open() as house:
        person = house.person()
        async with house.page(person) as page:
            assert rest_of(house).ready
            assert page is not None


async def test_many_who_come_at_once_load_it_once(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        served: list[int] = []
        serve = Rest.serve

        def counted(self: Rest, found: Any) -> None:
            served.append(len(found))
            serve(self, found)

        monkeypatch.setattr(Rest, "serve", counted)
        answers = await asyncio.gather(*(client.get("/api/conversations") for _ in range(12)))
        assert [answer.status_code for answer in answers] == [200] * 12
        assert len(served) == 1


async def test_a_database_that_is_away_refuses_them_and_the_next_try_works(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        chat = type(house.system.chat)
        with monkeypatch.context() as away:

            async def busy(self: Any, alive: Any) -> int:
                raise StoreBusy("the database is away")

            away.setattr(chat, "recover", busy)
            refused = await client.get("/api/conversations")
        assert (refused.status_code, refused.json()["code"]) == (503, "store_busy")
        assert not rest_of(house).ready
        assert (await client.get("/api/conversations")).status_code == 200


async def test_who_leaves_while_it_loads_stops_it_for_nobody(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    async with builder.open() as house:
        going, chat = asyncio.Event(), type(house.system.chat)
        recover = chat.recover

        async def slow(self: Any, alive: Any) -> int:
            await going.wait()
            return await recover(self, alive)

        monkeypatch.setattr(chat, "recover", slow)
        person = house.person()
        async with house.client(person) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get("/api/conversations"), 0.2)
        going.set()
        await eventually(lambda: rest_of(house).ready)
        async with house.client(person) as client:
            assert (await client.get("/api/conversations")).status_code == 200


async def test_behind_the_first_page_it_is_tried_until_the_database_is_there(
    builder: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_app, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(web_app, "AGAIN_SECONDS", 0.01)
    tries: list[int] = []
    async with builder.open() as house, house.client() as client:
        chat = type(house.system.chat)
        recover = chat.recover

        async def busy_twice(self: Any, alive: Any) -> int:
            tries.append(1)
            if len(tries) < 3:
                raise StoreBusy("the database is away")
            return await recover(self, alive)

        monkeypatch.setattr(chat, "recover", busy_twice)
        assert (await client.get("/sign-in")).status_code == 200
        await eventually(lambda: rest_of(house).ready)
    assert len(tries) == 3
