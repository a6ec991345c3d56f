"""No room on the disk: the learner is told so, nothing said before is lost, and with room again everything goes on."""

import resource
from pathlib import Path

from tests.web.server.harness import COURSE, QUESTION, Page
from tests.web.server.processes import Remote, begun, opened, server, signed_in, uploaded, with_course
from tutor.domain.accounts import Role


def no_room(house: Remote) -> None:
    """No file of the server's grows beyond a page any more, as if the disk were full."""
    _, hard = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (4096, hard))


def room(house: Remote) -> None:
    _, hard = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


async def asked(page: Page, client_id: str) -> str:
    await page.ask(client_id=client_id)
    return str((await page.until("finished"))["outcome"])


async def test_a_full_disk_is_said_and_survived(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with opened(f"sqlite:///{folder / 'diotima.db'}") as store:
        with_course(store)
        ada, trainer = signed_in(store), signed_in(store, "trainer", Role.TRAINER)
    async with server(folder, scripted_seconds_per_word=0.02, chat_model="scripted") as house:
        assert await uploaded(house, trainer) == 303
        talk = await begun(house, ada)
        async with house.page(ada, talk) as page:
            assert await asked(page, "m1") == "complete"

            no_room(house)
            for _ in range(2):
                await page.say(type="send", client_id="m2", text=QUESTION)
                error = await page.until("error")
                assert (error["code"], error["retryable"], error["client_id"]) == ("store_full", True, "m2")
                assert "disk is full" in error["message"]
            assert await uploaded(house, trainer, "big.md", "# Big\n\n" + "Many words. " * 200_000) == 503
            # What is there can be read.
            async with house.page(ada, talk) as other:
                assert other.replies == page.replies
            async with house.client(ada) as client:
                assert talk in (await client.get("/api/conversations")).text

            room(house)
            assert await asked(page, "m2") == "complete"

            # A turn that runs out of room in its middle is closed as soon as there is some.
            turn = (await page.ask(client_id="m3"))["turn"]
            no_room(house)
            await page.say(type="send", client_id="m4", text=QUESTION)
            assert (await page.until("error"))["client_id"] == "m4"
            room(house)
            finished = await page.until("finished")
            assert (finished["turn"], finished["outcome"]) in [(turn, "failed"), (turn, "complete")]
            assert await asked(page, "m5") == "complete"
        assert not (folder / "material" / COURSE / "big.md").exists()
        assert not list(folder.rglob("*.part"))
