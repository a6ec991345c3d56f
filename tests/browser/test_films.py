"""Films in a real browser: made in the studio and in the chat, watched with captions, sought in and remembered."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.rig import PHONE, answered, ask
from tests.browser.test_accessibility import findings
from tests.browser.test_looks import assert_fits
from tutor.domain.accounts import Role

RENDER = "tests.fakes.toned_film:render"
SCRIPT = """---
title: Pores
---

# Pores in the leaf

<!-- A leaf has small pores. -->

---

## What they do

- Let gas in
- Save water

<!-- They let gas in. They close to save water. -->

---

## What closes them

- Guard cells

<!-- Two guard cells close each pore. -->
"""
MINUTE = 60_000


async def film_of(page: Page) -> None:
    await expect(page.locator(".film-card")).to_have_attribute("data-status", "done", timeout=MINUTE)


async def playing(video: Locator, seconds: float) -> None:
    """Wait until the film has got so far. (The page's policy lets no test put code into it.)"""
    for _ in range(300):
        if await video.evaluate("video => video.currentTime") > seconds:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the film doesn't play")


async def test_a_learner_asks_for_a_film_and_watches_it(open_rig: Open) -> None:
    async with open_rig(render=RENDER, with_model=False, film_workers=1) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page, "show me a video about stomata")
        turn = await answered(page, 1)
        await expect(turn.locator(".reply")).to_contain_text("short film")
        card = turn.locator(".film-card")
        await expect(card.get_by_role("progressbar")).to_be_visible()
        await film_of(page)
        video = card.locator("video")
        await video.evaluate("video => { video.muted = true; return video.play(); }")
        await playing(video, 1)
        # Captions of what is being said, and a chapter or a sentence leads to its place.
        shown = await video.evaluate(
            "video => video.textTracks[0].activeCues[0]?.text ?? video.textTracks[0].cues[0].text"
        )
        assert shown.strip()
        await card.get_by_text("Transcript").click()
        sentences = card.locator(".film-transcript button")
        await sentences.last.click()
        sought = await video.evaluate("video => video.currentTime")
        assert sought > 2
        await video.evaluate("video => video.pause()")
        store = rig.house.system.store
        for _ in range(100):
            if viewings := store.learners.profile(person.account.id).viewings:
                break
            await asyncio.sleep(0.1)
        assert next(iter(viewings.values())).seconds >= 1
        assert store.learners.profile(person.account.id).courses == {}  # seen is not known
        await assert_fits(page)
        assert await findings(page) == []


async def test_what_plays_before_the_film_is_whole_has_its_captions(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person())
        found = await page.evaluate(
            """async () => {
                const loaded = performance.getEntriesByType("resource").map(each => each.name);
                const { Player } = await import(loaded.find(name => name.includes("film/player.js")));
                const player = new Player({ t: key => key }, { title: "Pores", language: "es", direction: "ltr" });
                player.beginning("/media/k/first/2/film.mp4", "");
                const track = player.video.querySelector("track");
                return [track.getAttribute("src"), track.srclang, track.kind, track.default];
            }"""
        )
        assert found == ["/media/k/first/2/captions.vtt", "es", "captions", True]


async def test_a_film_comes_back_with_the_conversation_and_fits_a_phone(open_rig: Open) -> None:
    async with open_rig(render=RENDER, with_model=False, film_workers=1) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, **PHONE)
        await page.get_by_role("textbox", name="Your message").fill("make me a video about photosynthesis")
        await page.get_by_role("button", name="Send").click()
        await answered(page, 1)
        await film_of(page)
        await page.reload()
        await film_of(page)
        await assert_fits(page)


async def test_a_trainer_writes_a_script_translates_it_and_makes_its_films(open_rig: Open) -> None:
    async with open_rig(render=RENDER, with_model=False, film_workers=1) as rig:
        trainer = rig.house.person(role=Role.TRAINER)
        page = await rig.signed_in(trainer, "/studio")
        await page.get_by_label("Write or paste a script").fill(SCRIPT)
        await page.get_by_role("button", name="Create").click()
        await expect(page.get_by_role("heading", name="Pores", exact=True)).to_be_visible()
        slides = page.locator(".slides img")
        await expect(slides).to_have_count(3)
        await slides.first.evaluate("image => image.decode()")
        assert await findings(page) == []
        # Nobody's translation is made up: Hindi is written by hand, and only then can be made.
        await page.get_by_role("link", name="Languages").click()
        await page.get_by_role("link", name="Hindi").click()
        for number, field in enumerate(await page.locator(".segment textarea").all()):
            await field.fill(f"वाक्य {number}")
        await page.get_by_role("button", name="Save and approve all").click()
        await expect(page.get_by_role("status")).to_contain_text("Saved")
        await expect(page.locator('.chip:not([data-state="approved"])')).to_have_count(0)
        assert await findings(page) == []
        await page.get_by_role("link", name="Films", exact=True).last.click()
        await expect(page.get_by_role("checkbox", name="Hindi")).to_be_checked()
        await page.get_by_role("button", name="Make the films").click()
        cards = page.locator(".film-card")
        await expect(cards).to_have_count(2)
        for place in range(2):
            await expect(cards.nth(place)).to_have_attribute("data-status", "done", timeout=MINUTE)
        await assert_fits(page)
        assert await findings(page) == []


@pytest.mark.parametrize("text", ["---\ntitle: [\n---\n# x", ""])
async def test_a_script_that_is_none_is_refused_and_not_lost(open_rig: Open, text: str) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person(role=Role.TRAINER), "/studio")
        await page.get_by_label("Write or paste a script").fill(text)
        await page.get_by_role("button", name="Create").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_label("Write or paste a script")).to_have_value(text)


async def test_students_have_no_studio(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person(), "/studio")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("Films")
