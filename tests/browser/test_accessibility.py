"""axe-core finds nothing on any page, light and dark, left to right and right to left."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.rig import AXE, PHONE, QUESTION, answered, ask
from tests.browser.test_looks import LONG, PAGES
from tutor.domain.accounts import Role
from tutor.llm.scripted import Pause, Say


async def findings(page: Page) -> list[str]:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in tests/browser (make test does)", pytrace=False)
    # Transitions end first: a colour half way is nobody's.
    await page.evaluate(
        "Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations < 9).map(a => a.finished))"
    )
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"]]


LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", **PHONE},
}


@pytest.mark.parametrize(("look", "language"), [("light", "en"), ("dark", "ar"), ("phone", "en")])
async def test_every_page(open_rig: Open, look: str, language: str) -> None:
    async with open_rig() as rig:
        problems: dict[str, list[str]] = {}
        visitor = await rig.visitor(**LOOKS[look])
        await visitor.goto(rig.house.http + "/sign-in")
        problems["/sign-in"] = await findings(visitor)
        for role in (Role.STUDENT, Role.TRAINER, Role.REVIEWER):
            page = await rig.signed_in(rig.house.person(role, language), "/settings", **LOOKS[look])
            for path in (path for whose, path in PAGES if whose is role):
                await page.goto(rig.house.http + path)
                await expect(page.get_by_role("heading", level=1)).to_be_visible()
                problems[path] = await findings(page)
        assert {path: found for path, found in problems.items() if found} == {}


@pytest.mark.parametrize("look", ["dark", "phone"])
async def test_a_conversation_in_all_its_states(open_rig: Open, look: str) -> None:
    async with open_rig([Say(LONG + "\n\nMore [1]. "), Pause(1), Say("Done [1].")]) as rig:
        page = await rig.signed_in(rig.house.person(), **LOOKS[look])
        await page.get_by_role("textbox", name="Your message").fill(QUESTION)
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".reply")).to_contain_text("Words and")
        problems = {"writing": await findings(page)}
        rig.gate.let_pass()
        turn = await answered(page)
        await turn.get_by_role("button", name="Not helpful").click()
        await expect(page.get_by_role("textbox", name="What could have been better?")).to_be_visible()
        await turn.get_by_role("button", name="Edit").click()
        problems["editing"] = await findings(page)
        await page.get_by_role("button", name="Cancel").click()
        problems["answered"] = await findings(page)
        if look == "phone":
            await page.get_by_role("button", name="Show the conversations").click()
            problems["drawer"] = await findings(page)
        else:
            await turn.locator("a.source").first.click()
            await expect(page.locator("#quote")).to_be_visible()
            problems["passage"] = await findings(page)
            await page.keyboard.press("Escape")
            await page.get_by_role("button", name="Keyboard shortcuts").click()
            problems["shortcuts"] = await findings(page)
        assert {state: found for state, found in problems.items() if found} == {}


async def test_a_reviewed_transcript(open_rig: Open) -> None:
    async with open_rig() as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await answered(page)
        path = "/review/" + page.url.rpartition("/")[2]
        for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}):
            review = await rig.signed_in(rig.house.person(Role.REVIEWER), path, **look)
            await expect(review.get_by_role("heading", level=1)).to_be_visible()
            assert await findings(review) == []
