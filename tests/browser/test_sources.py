"""Citations that open a page of a file, or a moment of a talk, with the quote marked."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.rig import PHONE, answered, ask, words
from tests.browser.test_accessibility import findings
from tests.browser.test_looks import assert_fits
from tests.retrieval.facsimile.files import pdf
from tests.web.server.harness import eventually
from tutor.bootstrap import System
from tutor.domain.accounts import Account, Role
from tutor.domain.curriculum import Course
from tutor.services.film_scripts import Content, lesson_of
from tutor.services.films import Wanted as Wished
from tutor.services.indexing import Wanted

PLANTS = "Plants make their own food of water and air, and they give oxygen back to the air around them. " * 4
STOMATA = "At night the quiet stomata close, and the photosynthesising mesophyll rests until the morning comes."
PAGES = (
    f"= Light\nChlorophyll absorbs red and blue light, and so leaves look green to us.\n\n{PLANTS}",
    f"= Stomata\nStomata are small pores in the skin of a leaf.\n\n{STOMATA}\n\n{PLANTS}",
    f"= Roots\nRoots take water from the soil. The stem carries the water up to the leaves.\n\n{PLANTS}",
)
TALK = """WEBVTT

00:00:01.000 --> 00:00:04.000
Welcome to this talk about the leaf.

00:12:25.000 --> 00:12:30.000
At dusk the turgid guard cells lose their water.

00:12:31.400 --> 00:12:36.000
Then the pores close for the whole night.

01:01:40.000 --> 01:01:44.000
In the morning they open again.
"""
NIGHT = "What do the quiet stomata do at night?"


def bring_in(system: System, folder: Path, *pages: str) -> None:
    material = folder / "files"
    material.mkdir(exist_ok=True)
    pdf(material / "leaf.pdf", *pages)
    (material / "talk.vtt").write_text(TALK, encoding="utf-8")
    system.ingest.enqueue(Wanted(material, "leaf", "files", "The leaf", "en"))
    system.ingest.run_pending()


async def opened(page: Page, question: str, count: int = 1) -> tuple[Locator, str]:
    """Ask, and press the first source; what it says, and where it leads."""
    await ask(page, question)
    chip = (await answered(page, count)).locator("a.source").first
    text, address = await words(chip), await chip.get_attribute("href")
    await chip.click()
    return chip, f"{text} {address}"


async def seen(picture: Locator) -> None:
    """Wait until the picture is there."""
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300


async def test_a_quote_of_a_pdf_opens_its_page_with_the_words_marked(open_rig: Open, tmp_path: Path) -> None:
    async with open_rig(with_model=False) as rig:
        bring_in(rig.house.system, tmp_path, *PAGES)
        page = await rig.signed_in(rig.house.person(), "/chat?course=leaf")
        chip, said = await opened(page, NIGHT)
        await expect(chip).to_contain_text("p. 2")
        panel = page.get_by_role("complementary", name="Passage from the course")
        mark = panel.locator("#quote")
        await expect(mark).to_have_text(STOMATA)
        await expect(mark).to_be_in_viewport()
        picture = panel.get_by_role("img", name="Page 2 of “Light” as a picture, the quoted words marked")
        await seen(picture)
        assert await findings(page) == []
        # Another page of the file beside the conversation.
        await panel.get_by_role("link", name="Page 3").first.click()
        await seen(panel.get_by_role("img", name="Page 3 of “Light” as a picture", exact=True))
        await expect(panel.locator("mark")).to_have_count(0)
        await page.goto(rig.house.http + said.rpartition(" ")[2])
        await seen(page.get_by_role("img", name="Page 2 of “Light”"))
        await expect(page.locator("#quote")).to_be_in_viewport()
        assert await findings(page) == []
        address = await page.get_by_role("link", name="Open the file").get_attribute("href")
        assert address == "/courses/leaf/file/leaf.pdf#page=2"
        await page.locator(".page-turn a[rel=prev]").click()
        await seen(page.get_by_role("img", name="Page 1 of “Light” as a picture", exact=True))


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_page_of_a_file_fits_a_phone(open_rig: Open, tmp_path: Path, language: str) -> None:
    async with open_rig(with_model=False) as rig:
        bring_in(rig.house.system, tmp_path, *PAGES)
        page = await rig.signed_in(
            rig.house.person(language=language), "/courses/leaf/read/leaf.pdf?page=2", color_scheme="dark", **PHONE
        )
        await seen(page.locator(".facsimile img"))
        await assert_fits(page)
        assert await findings(page) == []


async def test_when_the_file_says_something_else_now_nothing_is_marked(open_rig: Open, tmp_path: Path) -> None:
    async with open_rig(with_model=False) as rig:
        bring_in(rig.house.system, tmp_path, *PAGES)
        page = await rig.signed_in(rig.house.person(), "/chat?course=leaf")
        chip, _ = await opened(page, NIGHT)
        await expect(page.locator(".passage #quote")).to_be_visible()
        await page.keyboard.press("Escape")
        bring_in(
            rig.house.system, tmp_path, PAGES[0], PAGES[1].replace("At night the quiet", "By day the lively"), PAGES[2]
        )
        await chip.click()
        panel = page.get_by_role("complementary", name="Passage from the course")
        await expect(panel.get_by_role("status")).to_contain_text("the course has changed")
        await seen(panel.get_by_role("img", name="Page 2 of “Light” as a picture", exact=True))
        await expect(panel.locator("mark")).to_have_count(0)


async def test_a_quote_of_a_talk_opens_at_its_second(open_rig: Open, tmp_path: Path) -> None:
    async with open_rig(with_model=False) as rig:
        bring_in(rig.house.system, tmp_path, *PAGES)
        page = await rig.signed_in(rig.house.person(), "/chat?course=leaf")
        chip, said = await opened(page, "What do the turgid guard cells lose at dusk?")
        await expect(chip).to_contain_text("12:25")
        await expect(page.locator(".passage #quote")).to_contain_text(
            "At dusk the turgid guard cells lose their water."
        )
        await page.goto(rig.house.http + said.rpartition(" ")[2])
        await expect(page.locator("#quote")).to_be_in_viewport()
        await expect(page.locator("a.place").first).to_have_text("0:01")
        await assert_fits(page)
        assert await findings(page) == []


DECK = """# Pores in the leaf

<!-- A leaf has small pores that are called stomata. They let the air in. -->

---

## At night

- They close

<!-- The guard cells lose their water. At night the turgid guardians relax. -->
"""


def bring_in_a_film(system: System, trainer: Account) -> None:
    """A film of the course, made, and its words a document."""
    system.store.library.put_course(Course("leaf", "The leaf", "en"))
    script = system.scripts.add(trainer, Content(text=DECK, course="leaf"))
    system.studio.publish(trainer, script)
    wanted = Wished(script=script.id, shared=True)
    system.films.request(lesson_of(script), ["en"], owner=trainer.id, course="leaf", wanted=wanted)
    system.film_workers.run_pending()


async def test_a_quote_of_a_film_opens_the_film_at_the_sentence(open_rig: Open) -> None:
    async with open_rig(with_model=False, render="tests.fakes.small_film:render") as rig:
        system = rig.house.system
        await asyncio.to_thread(bring_in_a_film, system, rig.house.person(Role.TRAINER).account)

        def found() -> bool:
            return bool(system.retriever.search("leaf", "turgid guardians").hits)

        await eventually(lambda: asyncio.to_thread(found))
        page = await rig.signed_in(rig.house.person(), "/chat?course=leaf")
        chip, said = await opened(page, "What do the turgid guardians do at night?")
        await expect(chip).to_contain_text("0:")
        for place in (page.get_by_role("complementary", name="Passage from the course"), page.get_by_role("main")):
            mark, film = place.locator("#quote"), place.locator("video")
            await expect(mark).to_contain_text("At night the turgid guardians relax.")
            times = place.locator("a.place")
            seconds = [float(await each.get_attribute("data-second") or 0) for each in await times.all()]
            address = await film.get_attribute("src") or ""
            begins = float(address.rpartition("#t=")[2])
            assert begins > seconds[0]
            await film.evaluate(
                "film => film.readyState || new Promise(r => film.addEventListener('loadedmetadata', r))"
            )
            await expect(film).to_have_js_property("currentTime", begins)
            await film.evaluate("film => { film.muted = true; }")
            await times.first.click()
            await film.evaluate("film => film.seeking && new Promise(r => film.addEventListener('seeked', r))")
            assert await film.evaluate("film => film.currentTime") < begins
            await film.evaluate("film => film.pause()")
            await page.goto(rig.house.http + said.rpartition(" ")[2])
        assert await findings(page) == []
