"""Scripts and films over HTTP: who may do and see what, and files that are sent safely."""

import asyncio
import http.client
import json
from typing import Any

import httpx
import pytest

from tests.fakes.film import SIZE
from tests.services.film_room import lesson
from tests.web.server.harness import COURSE, Builder, House, Person, eventually
from tutor.domain.accounts import Role
from tutor.domain.films import ARTEFACTS, KIND


def script(**changes: Any) -> dict[str, Any]:
    return {"text": lesson("Light").model_dump_json(), "format": "lesson", "course": COURSE, **changes}


async def kept(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/scripts", json=script(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def made(house: House, trainer: Person, **order: Any) -> dict[str, Any]:
    """A film of a new script, finished."""
    async with house.client(trainer) as client:
        found = await kept(client)
        asked = await client.post("/api/films", json={"script": found["id"], "languages": ["en"], **order})
        assert asked.status_code == 202, asked.text
        await asyncio.to_thread(house.system.film_workers.run_pending)
        film: dict[str, Any] = (await client.get(f"/api/films/{asked.json()['films'][0]['id']}")).json()
    assert film["status"] == "done"
    return film


# -- scripts -------------------------------------------------------------------------------------------------------


async def test_a_script_from_beginning_to_end(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        asset = await client.post("/api/scripts/assets", files={"file": ("leaf.png", b"picture")})
        assert asset.status_code == 201
        found = await kept(client, assets={"leaf.png": asset.json()["sha256"]})
        assert (found["title"], found["revision"], found["language"]) == ("Light", 1, "en")
        assert [slide["id"] for slide in found["slides"]] == ["s1", "s2", "s3"]
        path = f"/api/scripts/{found['id']}"
        changed = script(text=lesson("Dark").model_dump_json(), revision=1)
        saved = (await client.put(path, json=changed)).json()
        assert (saved["title"], saved["revision"], saved["assets"]) == ("Dark", 2, found["assets"])
        late = await client.put(path, json=changed)
        assert (late.status_code, late.json()["code"], late.json()["revision"]) == (409, "sequence_conflict", 2)
        assert (await client.get(path)).json() == saved
        listed = (await client.get("/api/scripts", params={"course": COURSE})).json()["scripts"]
        assert [(row["id"], row["title"]) for row in listed] == [(found["id"], "Dark")]
        assert (await client.delete(path)).status_code == 204
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"text": "{}"}, 422, "script_invalid"),
        ({"course": "no-such"}, 404, "not_found"),
        ({"assets": {"a.png": "../../etc"}}, 422, "script_invalid"),
        ({"format": "novel"}, 422, "invalid_input"),
        ({"text": ""}, 422, "invalid_input"),
    ],
)
async def test_scripts_that_are_refused(builder: Builder, changes: dict[str, Any], status: int, code: str) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        answer = await client.post("/api/scripts", json=script(**changes))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        if code == "script_invalid":
            assert answer.json()["problem"]
        assert (await client.get("/api/scripts")).json() == {"scripts": []}


async def test_scripts_are_for_trainers_and_private_ones_for_their_owner(builder: Builder) -> None:
    async with builder.open() as house:
        tom, tina = house.person(Role.TRAINER), house.person(Role.TRAINER)
        async with house.client(tom) as client:
            shared, private = await kept(client), await kept(client, course="")
        async with house.client(tina) as client:
            assert (await client.get(f"/api/scripts/{shared['id']}")).status_code == 200
            assert (await client.get(f"/api/scripts/{private['id']}")).status_code == 404
            assert len((await client.get("/api/scripts")).json()["scripts"]) == 1
        for role in (Role.STUDENT, Role.REVIEWER):
            async with house.client(house.person(role)) as client:
                assert (await client.get("/api/scripts")).status_code == 403
                assert (await client.post("/api/scripts", json=script())).status_code == 403
                order = {"script": shared["id"], "languages": ["en"]}
                assert (await client.post("/api/films", json=order)).status_code == 403
        async with house.client() as client:
            for path in ("/api/scripts", "/api/films", "/api/openapi.json", f"/api/films/{'x' * 20}"):
                assert (await client.get(path)).status_code == 401


# -- films ---------------------------------------------------------------------------------------------------------


async def test_a_film_from_wish_to_file(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        found = await kept(client)
        order = {"script": found["id"], "languages": ["en"], "waiting": True}
        (asked,) = (await client.post("/api/films", json=order)).json()["films"]
        assert (asked["status"], asked["percent"], asked["files"], asked["first"]) == ("pending", 0, {}, None)
        assert (asked["language"], asked["direction"], asked["course"], asked["script"]) == (
            "en", "ltr", COURSE, found["id"],
        )  # fmt: skip
        (again,) = (await client.post("/api/films", json=order)).json()["films"]
        assert again["id"] == asked["id"]
        await asyncio.to_thread(house.system.film_workers.run_pending)
        film = (await client.get(f"/api/films/{asked['id']}")).json()
        assert (film["status"], film["percent"], film["stages"]["speech"]) == ("done", 100, [3, 3])
        assert (film["first"], film["poster"]) == (None, film["files"]["poster"])
        assert set(film["files"]) == {name.partition(".")[0] for name in ARTEFACTS}
        rows = (await client.get(f"/api/films/{asked['id']}/artefacts")).json()["artefacts"]
        for row in rows:
            file = await client.get(row["href"])
            assert (file.status_code, len(file.content), file.headers["content-type"]) == (
                200,
                row["size"],
                row["type"],
            )
            assert file.headers["etag"] == f'"{row["sha256"]}"'
        assert {row["name"] for row in rows} == {*ARTEFACTS, "thumbnails/001.jpg"}


async def test_the_first_slides_play_while_the_rest_is_made(builder: Builder) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        film = await made(house, trainer)
        files = house.system.films.files
        files.discard(files.films / film["key"])
        async with house.client(trainer) as client:
            await client.post(f"/api/films/{film['id']}/retry")
            early = (await client.get(f"/api/films/{film['id']}")).json()
            assert (early["status"], early["poster"], early["files"]) == ("pending", None, {})
            first = await client.get(early["first"], headers={"range": "bytes=0-9"})
            assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-9/{SIZE // 3}")
        async with house.client(house.person()) as client:
            assert (await client.get(early["first"])).status_code == 404


async def test_a_film_can_be_stopped_and_tried_again(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        found = await kept(client)
        (film,) = (await client.post("/api/films", json={"script": found["id"], "languages": ["en"]})).json()["films"]
        path = f"/api/films/{film['id']}"
        assert (await client.post(f"{path}/cancel")).json()["status"] == "cancelled"
        assert (await client.post(f"{path}/retry")).json()["status"] == "pending"
        await asyncio.to_thread(house.system.film_workers.run_pending)
        house.system.films.files.discard(house.system.films.files.films / film["key"])
        lost = (await client.get(path)).json()
        assert (lost["status"], lost["error"], lost["files"]) == ("failed", "files_lost", {})
        assert (await client.post(f"{path}/retry")).json()["status"] == "pending"
        await asyncio.to_thread(house.system.film_workers.run_pending)
        assert (await client.get(path)).json()["files"]


@pytest.mark.parametrize(
    ("order", "status", "reason"),
    [
        ({"languages": ["xx"]}, 422, "language_unknown"),
        ({"languages": ["de"]}, 422, "untranslated"),
        ({"languages": []}, 422, None),
        ({"languages": ["en"], "size": "8k"}, 422, "size"),
        ({"languages": ["en"], "only": ["nine"]}, 422, "slide"),
        ({"languages": ["en"], "script": "none"}, 404, None),
    ],
)
async def test_films_that_are_refused(builder: Builder, order: dict[str, Any], status: int, reason: str | None) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        found = await kept(client)
        answer = await client.post("/api/films", json={"script": found["id"], **order})
        assert (answer.status_code, answer.json().get("reason")) == (status, reason)
        assert (await client.get("/api/films")).json() == {"films": []}


async def test_a_learner_sees_a_courses_films_and_their_own_and_no_others(builder: Builder) -> None:
    async with builder.open() as house:
        trainer, learner = house.person(Role.TRAINER), house.person()
        private = await made(house, trainer)
        async with house.client(learner) as client:
            paths = [f"/api/films/{private['id']}{rest}" for rest in ("", "/artefacts", "/events")]
            paths += [*private["files"].values(), f"/media/{'0' * 64}/film.mp4", "/api/films/none"]
            answers = [await client.get(path) for path in paths]
            answers += [await client.post(f"/api/films/{private['id']}/{what}") for what in ("cancel", "retry")]
            assert {answer.status_code for answer in answers} == {404}
            assert (await client.get("/api/films")).json() == {"films": []}
        shared = await made(house, trainer, shared=True)
        assert shared["key"] == private["key"]  # the same film; it is the course's now
        async with house.client(learner) as client:
            assert (await client.get(private["files"]["film"])).status_code == 200
            assert (await client.get("/api/films")).json() == {"films": []}
            (seen,) = (await client.get("/api/films", params={"course": COURSE})).json()["films"]
            # What is everybody's is not one learner's to stop.
            await client.post(f"/api/films/{seen['id']}/cancel")
            assert (await client.get(f"/api/films/{seen['id']}")).json()["status"] == "done"
        async with house.client() as client:
            assert (
                await client.get(private["files"]["film"], headers={"accept": "application/json"})
            ).status_code == 401


async def test_progress_comes_as_it_happens(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        found = await kept(client)
        (film,) = (await client.post("/api/films", json={"script": found["id"], "languages": ["en"]})).json()["films"]
        seen = []
        async with client.stream("GET", f"/api/films/{film['id']}/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    seen.append(json.loads(line[5:]))
                    if len(seen) == 1:
                        house.system.film_workers.start(1)
        assert (seen[0]["status"], seen[-1]["status"], seen[-1]["percent"]) == ("pending", "done", 100)
        assert seen[-1]["files"]["film"].endswith("film.mp4")
        percents = [state["percent"] for state in seen]
        assert percents == sorted(percents)
        await eventually(lambda: len(house.app.state.connections) == 0)


async def test_a_stream_ends_with_its_session(builder: Builder) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        async with house.client(trainer) as client:
            found = await kept(client)
            order = {"script": found["id"], "languages": ["en"]}
            (film,) = (await client.post("/api/films", json=order)).json()["films"]
            async with client.stream("GET", f"/api/films/{film['id']}/events") as stream:
                lines = stream.aiter_lines()
                while not (await anext(lines)).startswith("data:"):
                    pass
                await house.system.accounts.revoke_all(trainer.account.id)
                assert [line async for line in lines if line.startswith("data:")] == []
        assert house.system.store.jobs.listed(KIND)[0].status == "pending"  # who looks away stops nothing


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=100-199", 100, 199),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=-{10 * SIZE}", 0, SIZE - 1),
        (f"bytes=10-{10 * SIZE}", 10, SIZE - 1),
    ],
)
async def test_one_range_of_a_file(builder: Builder, header: str, first: int, last: int) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        film = await made(house, trainer)
        async with house.client(trainer) as client:
            whole = await client.get(film["files"]["film"])
            part = await client.get(film["files"]["film"], headers={"range": header})
            assert (part.status_code, part.headers["content-range"]) == (206, f"bytes {first}-{last}/{SIZE}")
            assert part.content == whole.content[first : last + 1]
            assert int(part.headers["content-length"]) == last - first + 1


HOSTILE = [
    "bytes=" + ",".join("0-" for _ in range(900)),
    "bytes=0-1,5-6",
    "bytes=-",
    "bytes=5-2",
    "bytes=0-1,",
    "bytes=" + "9" * 900 + "-",
    "bytes=1e3-",
    "bytes=٣-٤",
    "bytes=--5",
    "pages=1-2",
    "bytes",
]


@pytest.mark.parametrize("header", HOSTILE)
async def test_a_hostile_range_costs_nothing(builder: Builder, header: str) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        film = await made(house, trainer)
        async with house.client(trainer) as client:
            answer = await client.get(film["files"]["film"], headers={"range": header.encode()})  # type: ignore[dict-item]
            assert (answer.status_code, len(answer.content)) == (200, SIZE)


async def test_what_comes_with_a_file(builder: Builder) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        film = await made(house, trainer)
        path = film["files"]["film"]
        async with house.client(trainer) as client:
            for header in (f"bytes={SIZE}-", "bytes=-0", f"bytes={'9' * 15}-"):
                none = await client.get(path, headers={"range": header})
                assert (none.status_code, none.headers["content-range"]) == (416, f"bytes */{SIZE}")
            whole = await client.get(path)
            etag = whole.headers["etag"]
            assert whole.headers["accept-ranges"] == "bytes"
            assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert whole.headers["x-content-type-options"] == "nosniff"
            assert whole.headers["content-type"] == "video/mp4"
            assert "content-disposition" not in whole.headers
            same = await client.get(path, headers={"if-none-match": f'"other", W/{etag}'})
            assert (same.status_code, same.content) == (304, b"")
            for condition, status in ((etag, 206), ('"other"', 200), (f"W/{etag}", 200)):
                part = await client.get(path, headers={"range": "bytes=0-9", "if-range": condition})
                assert part.status_code == status
            head = await client.head(path)
            assert (head.status_code, head.headers["content-length"], head.content) == (200, str(SIZE), b"")
            saved = await client.get(path, params={"download": "1"})
            assert saved.headers["content-disposition"] == 'attachment; filename="film.mp4"'


@pytest.mark.parametrize(
    "name",
    [
        "contents.json",
        "../contents.json",
        "..%2f..%2fdiotima.db",
        "%2e%2e/%2e%2e/orders",
        "thumbnails/../film.mp4",
        "thumbnails/1.jpg",
        "thumbnails/999.jpg",
        "film.mp4%00.jpg",
        "FILM.MP4",
        "",
    ],
)
async def test_only_the_names_of_artefacts_lead_to_files(builder: Builder, name: str) -> None:
    async with builder.open() as house:
        trainer = house.person(Role.TRAINER)
        film = await made(house, trainer)
        # A client that tidies no path up.
        status = await asyncio.to_thread(_status, house, f"/media/{film['key']}/{name}", trainer)
        assert status == 404


def _status(house: House, path: str, person: Person) -> int:
    connection = http.client.HTTPConnection(*house.address, timeout=20)
    try:
        connection.request("GET", path, headers={**person.headers, "Accept": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()


async def test_what_the_api_offers_is_described(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person()) as client:
        described = (await client.get("/api/openapi.json")).json()
        assert described["openapi"].startswith("3.")
        offered = {(path, method) for path, methods in described["paths"].items() for method in methods}
        assert offered >= {
            ("/api/scripts", "post"),
            ("/api/scripts/{script}", "put"),
            ("/api/films", "post"),
            ("/api/films/{film}", "get"),
            ("/api/films/{film}/events", "get"),
            ("/api/films/{film}/cancel", "post"),
            ("/media/{key}/{name}", "get"),
        }
        assert "FilmView" in described["components"]["schemas"]
        assert not [path for path in described["paths"] if "conversations" in path]
