"""The studio over HTTP: for trainers alone, nothing written is lost, and what a film says can be found."""

import asyncio

from tests.web.server.harness import COURSE, Builder, eventually
from tutor.domain.accounts import Role
from tutor.services.film_text import document_name

DECK = """# Pores in the leaf

<!-- A leaf has small pores called stomata. -->

---

## At night

- They close

<!-- At night the quiet stomata close. -->
"""


async def test_students_and_reviewers_have_no_studio(builder: Builder) -> None:
    async with builder.open() as house:
        for role in (Role.STUDENT, Role.REVIEWER):
            async with house.client(house.person(role)) as client:
                assert (await client.get("/studio")).status_code == 403


async def test_a_script_is_kept_changed_and_taken_away(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        made = await client.post("/studio", data={"text": DECK, "course": COURSE})
        assert made.status_code == 303
        address = made.headers["location"]
        page = (await client.get(address)).text
        assert "Pores in the leaf" in page
        changed = await client.post(
            address, data={"text": DECK.replace("At night", "By day"), "course": COURSE, "revision": "1"}
        )
        assert changed.status_code == 303
        late = await client.post(address, data={"text": "# Mine", "course": COURSE, "revision": "1"})
        assert late.status_code == 409
        assert "# Mine" in late.text
        broken = await client.post(address, data={"text": "---\ntitle: [\n---\n", "course": COURSE, "revision": "2"})
        assert broken.status_code == 422
        assert "title: [" in broken.text
        assert (await client.post(f"{address}/remove")).status_code == 303
        assert (await client.get(address)).status_code == 404


async def test_a_file_that_is_no_script_is_refused(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        for name, data in (("a.exe", b"MZ"), ("a.md", b"\xff\xfe\x00"), ("a.pptx", b"not a zip")):
            answer = await client.post("/studio", data={"course": ""}, files={"file": (name, data)})
            assert answer.status_code == 422, name
            assert 'role="alert"' in answer.text


async def test_a_translation_is_written_beside_its_source(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        address = (await client.post("/studio", data={"text": DECK, "course": COURSE})).headers["location"]
        script = address.rpartition("/")[2]
        page = f"{address}/languages/hi"
        assert (await client.get(page)).status_code == 200
        assert (await client.get(f"{address}/languages/tlh")).status_code == 404
        key = "text:_lesson/title"
        assert (await client.post(page, data={key: "पत्ती के छिद्र"})).status_code == 303
        stored = house.system.store.scripts.get(script)
        assert stored is not None
        assert "पत्ती के छिद्र" in stored.translations["hi"]
        refused = await client.post(f"{address}/films", data={"language": "hi"})
        assert refused.status_code == 422


async def test_what_a_shared_film_says_can_be_found_and_cited(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        address = (await client.post("/studio", data={"text": DECK, "course": COURSE})).headers["location"]
        name = document_name(address.rpartition("/")[2])
        asked = await client.post(f"{address}/films", data={"language": "en", "shared": "on"})
        assert asked.status_code == 303
        library = house.system.store.library

        async def there() -> bool:
            return any(one.path.endswith(name) for one in await asyncio.to_thread(library.documents, COURSE))

        await eventually(there)
        path = next(one.path for one in library.documents(COURSE) if one.path.endswith(name))
        await asyncio.to_thread(house.system.film_workers.run_pending)
        page = (await client.get(f"/courses/{COURSE}/read/{path}")).text
        assert "At night the quiet stomata close." in page
        assert "/film.mp4" in page

        async def found() -> bool:
            hits = await asyncio.to_thread(house.system.retriever.search, COURSE, "quiet stomata at night")
            return any(hit.passage.document == path for hit in hits.hits)

        await eventually(found)


async def test_pictures_of_a_script_may_be_large(builder: Builder) -> None:
    async with builder.open() as house, house.client(house.person(Role.TRAINER)) as client:
        text = f"{DECK}\n---\n\n## Seen\n\n![A leaf](leaf.png)\n\n<!-- This is a leaf. -->\n"
        address = (await client.post("/studio", data={"text": text, "course": ""})).headers["location"]
        assert "leaf.png" in (await client.get(address)).text
        kept = await client.post(f"{address}/assets", files=[("files", ("leaf.png", b"x" * 3_000_000))])
        assert kept.status_code == 303
        script = house.system.store.scripts.get(address.rpartition("/")[2])
        assert script is not None
        assert list(script.assets) == ["leaf.png"]
