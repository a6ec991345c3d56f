"""Phone, right-to-left, dark, zoom and print: what must hold however the page is looked at."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.rig import PHONE, QUESTION, answered, ask, turns
from tutor.domain.accounts import Role
from tutor.llm.scripted import Say

WIDE = "| a | b | c | d |\n|---|---|---|---|\n" + "| a_rather_long_cell_without_breaks | two | three | four |\n" * 2
SUM = " + ".join("bcdefghijk" * 6)
LONG = f"Words and `a_very_long_identifier_that_never_ends_{'x' * 80}`.\n\n{WIDE}\n\n$${SUM}$$"
PAGES = [
    (Role.STUDENT, "/chat"),
    (Role.STUDENT, "/courses/energy-for-life"),
    (Role.STUDENT, "/courses/energy-for-life/read/1-energy/04-atp.md?from=200&to=320"),
    (Role.STUDENT, "/settings"),
    (Role.STUDENT, "/no-such-page"),
    (Role.TRAINER, "/courses"),
    (Role.TRAINER, "/courses/energy-for-life/material"),
    (Role.REVIEWER, "/review"),
]


async def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    width, room = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= room, f"{page.url} is {width} px wide in {room} px"


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_every_page_fits_a_narrow_phone(open_rig: Open, language: str) -> None:
    async with open_rig() as rig:
        for role in (Role.STUDENT, Role.TRAINER, Role.REVIEWER):
            narrow = {**PHONE, "viewport": {"width": 360, "height": 740}}
            page = await rig.signed_in(rig.house.person(role, language), "/settings", **narrow)
            for path in (path for whose, path in PAGES if whose is role):
                await page.goto(rig.house.http + path)
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
                assert await page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
                await assert_fits(page)
        page = await rig.visitor(viewport={"width": 360, "height": 740})
        await page.goto(rig.house.http + "/sign-in")
        await assert_fits(page)


async def test_a_conversation_on_a_phone(open_rig: Open) -> None:
    async with open_rig([Say(LONG)], with_model=True) as rig:
        page = await rig.signed_in(rig.house.person(), **PHONE)
        await page.get_by_role("textbox", name="Your message").fill(QUESTION)
        await page.get_by_role("button", name="Send").click()
        turn = await answered(page)
        await assert_fits(page)
        table = turn.locator(".scroll").first
        await expect(table).to_have_attribute("tabindex", "0")
        rail = page.get_by_role("navigation", name="Your conversations")
        await expect(rail).to_be_hidden()
        await page.get_by_role("button", name="Show the conversations").click()
        await expect(rail.get_by_role("link", name=QUESTION)).to_be_in_viewport()
        await page.keyboard.press("Escape")
        await expect(rail).to_be_hidden()
        await expect(page.get_by_role("button", name="Show the conversations")).to_be_focused()


async def test_a_citation_on_a_phone_is_a_page_and_back_is_the_conversation(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person(), **PHONE)
        await page.get_by_role("textbox", name="Your message").fill(QUESTION)
        await page.get_by_role("button", name="Send").click()
        turn = await answered(page)
        await turn.locator("a.source").first.click()
        await expect(page.locator("#quote")).to_be_in_viewport()
        await page.go_back()
        await expect(turns(page)).to_have_count(1)
        await expect(turns(page).locator("a.source").first).to_be_visible()


async def test_right_to_left(open_rig: Open) -> None:
    async with open_rig([Say("الطاقة تنتقل. Water is $3 + 4 = 7$ and ATP.\n\nAn English paragraph.")]) as rig:
        page = await rig.signed_in(rig.house.person(language="ar"))
        await page.get_by_role("textbox", name="رسالتك").fill(QUESTION)
        await page.keyboard.press("Enter")
        turn = await answered(page)
        rail = await page.get_by_role("navigation", name="محادثاتك").bounding_box()
        talk = await page.get_by_role("main").bounding_box()
        assert rail is not None
        assert talk is not None
        assert rail["x"] > talk["x"]
        paragraphs = turn.locator(".html > p")
        assert [await p.evaluate("p => getComputedStyle(p).direction") for p in await paragraphs.all()] == [
            "rtl",
            "ltr",
        ]
        assert await turn.locator("math").evaluate("m => getComputedStyle(m).direction") == "ltr"
        await assert_fits(page)


@pytest.mark.parametrize(
    ("scheme", "chosen", "dark"), [("dark", None, True), ("light", "dark", True), ("dark", "light", False)]
)
async def test_dark_follows_the_device_unless_chosen(
    open_rig: Open, scheme: str, chosen: str | None, dark: bool
) -> None:
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person(), "/settings", color_scheme=scheme)
        if chosen:
            await page.get_by_role("radio", name=chosen.title()).check()
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_role("status")).to_have_text("Saved.")
        channels = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
        assert (sum(channels) < 200) is dark


async def test_twice_the_size(open_rig: Open) -> None:
    async with open_rig([Say(LONG)]) as rig:
        # A window of 1280 by 800 at 200 % has the room of one of 640 by 400.
        page = await rig.signed_in(rig.house.person(), viewport={"width": 640, "height": 400}, device_scale_factor=2)
        await ask(page)
        await answered(page)
        await assert_fits(page)
        await expect(page.get_by_role("textbox", name="Your message")).to_be_in_viewport()


async def test_print_shows_the_whole_conversation_and_nothing_else(open_rig: Open) -> None:
    long = "\n\n".join(f"Paragraph {n}." for n in range(60))
    async with open_rig([Say(long)]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await answered(page)
        await page.emulate_media(media="print")
        await expect(page.get_by_role("textbox", name="Your message")).to_be_hidden()
        await expect(page.get_by_role("navigation", name="Your conversations")).to_be_hidden()
        assert await page.locator(".pane").evaluate("pane => getComputedStyle(pane).overflowY") == "visible"


async def test_less_motion_when_asked(open_rig: Open) -> None:
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person(), reduced_motion="reduce")
        await expect(page.get_by_role("heading", name="What would you like to understand?")).to_be_visible()
        running = await page.evaluate("document.getAnimations().filter((a) => a.playState === 'running').length")
        assert running == 0
