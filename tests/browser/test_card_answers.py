"""Each kind of question answered by mouse and by keyboard."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.planted import PlantedTutor, Said, asked, asks, grades
from tests.browser.rig import answered, turns
from tutor.domain import events as e

SHIFT = e.MasteryShift("atp", 0.52, 0.6, 0.4, 0.7, "right_after_gap", {"days": 3.0})
CHOICE = {
    "type": "multiple_choice",
    "several": False,
    "options": [{"id": "a", "text": "The *sugar*"}, {"id": "b", "text": "The **bonds**"}, {"id": "c", "text": "$x^2$"}],
}
SEVERAL = {**CHOICE, "several": True}
POLL = {**CHOICE, "type": "poll"}
WRITTEN = {"type": "short_answer", "lines": 3}
NUMBER = {"type": "numeric", "unit": "", "units": ["cm", "m"]}
SYMBOLIC = {"type": "symbolic", "variables": ["x"]}
BLANKS = {"type": "cloze", "parts": ["Plants take in ", " and give off ", "."], "options": []}
BANK = {**BLANKS, "options": ["carbon dioxide", "oxygen"]}
STEPS = {
    "type": "ordering",
    "steps": [{"id": "s3", "text": "Three"}, {"id": "s1", "text": "One"}, {"id": "s2", "text": "Two"}],
}
PAIRS = {
    "type": "matching",
    "left": [{"id": "l1", "text": "Leaf"}, {"id": "l2", "text": "Root"}],
    "right": [{"id": "r1", "text": "drinks"}, {"id": "r2", "text": "breathes"}],
}
FORMULAS = {
    **PAIRS,
    "right": [{"id": "r1", "text": "$\\pi r^2$"}, {"id": "r2", "text": "$a^2$"}],
}


def card(page: Page) -> Locator:
    return page.locator(".card-place .question")


async def send(page: Page) -> None:
    await card(page).get_by_role("button", name="Answer", exact=True).click()


async def choose(page: Page) -> None:
    await card(page).get_by_role("radio", name="The bonds").check()
    await card(page).get_by_role("radio", name="Fairly sure").check()
    await send(page)


async def choose_by_keyboard(page: Page) -> None:
    await card(page).get_by_role("radio", name="The sugar").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")


async def choose_several(page: Page) -> None:
    await card(page).get_by_role("checkbox", name="x^2").check()
    await card(page).get_by_role("checkbox", name="The sugar").check()
    await send(page)


async def vote(page: Page) -> None:
    await expect(card(page).get_by_role("radio", name="Certain")).to_have_count(0)
    await expect(card(page).get_by_role("button", name="Give me a hint")).to_have_count(0)
    await card(page).get_by_text("The sugar").click()
    await send(page)


async def write(page: Page) -> None:
    await card(page).get_by_role("textbox").fill("Because it is quick.")
    await send(page)


async def write_by_keyboard(page: Page) -> None:
    await card(page).get_by_role("textbox").focus()
    await page.keyboard.type("One line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("and another")
    await page.keyboard.press("Enter")


async def number(page: Page) -> None:
    await card(page).get_by_role("textbox").fill("-3,5")
    await card(page).get_by_role("combobox", name="Unit").select_option("cm")
    await send(page)


async def expression(page: Page) -> None:
    await card(page).get_by_role("textbox").focus()
    await page.keyboard.type("3/x^2")
    await expect(card(page).locator(".reading math")).to_be_visible()
    await page.keyboard.press("Enter")


async def blanks(page: Page) -> None:
    await card(page).get_by_role("textbox", name="Blank 1 of 2").fill("air")
    await page.keyboard.press("Tab")
    await expect(card(page).get_by_role("button", name="Answer", exact=True)).to_be_disabled()
    await page.keyboard.type("oxygen")
    await page.keyboard.press("Enter")


async def bank(page: Page) -> None:
    await card(page).get_by_role("combobox", name="Blank 1 of 2").select_option("carbon dioxide")
    await card(page).get_by_role("combobox", name="Blank 2 of 2").select_option("oxygen")
    await send(page)


async def drag(page: Page) -> None:
    rows = card(page).locator(".steps li")
    first, last = await rows.nth(0).bounding_box(), await rows.nth(2).bounding_box()
    assert first is not None
    assert last is not None
    await page.mouse.move(first["x"] + 60, first["y"] + first["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(first["x"] + 62, last["y"] + last["height"] / 2 + 4, steps=8)
    await page.mouse.up()
    await expect(page.locator("tutor-chat > [role=status]")).to_have_text("Three: now 3 of 3")
    await send(page)


async def move_by_keyboard(page: Page) -> None:
    await card(page).get_by_role("button", name="Move down: Three").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("tutor-chat > [role=status]")).to_have_text("Three: now 2 of 3")
    await page.keyboard.press("Enter")
    await expect(card(page).get_by_role("button", name="Move down: Three")).to_be_focused()
    await page.keyboard.press("Enter")
    await card(page).get_by_role("button", name="Answer", exact=True).press("Enter")


async def match(page: Page) -> None:
    await card(page).get_by_role("combobox", name="Partner of: Leaf").select_option("breathes")
    await card(page).get_by_role("combobox", name="Partner of: Root").select_option("drinks")
    await send(page)


async def match_letters(page: Page) -> None:
    await card(page).get_by_role("combobox", name="Partner of: Leaf").focus()
    await page.keyboard.type("A")
    await page.keyboard.press("Tab")
    await page.keyboard.type("B")
    await card(page).get_by_role("button", name="Answer", exact=True).press("Enter")


ANSWERS: list[tuple[dict[str, Any], Any, str, tuple[str, ...]]] = [
    (CHOICE, choose, "The **bonds**", ("b",)),
    (CHOICE, choose_by_keyboard, "The **bonds**", ("b",)),
    (SEVERAL, choose_several, "The *sugar*; $x^2$", ("a", "c")),
    (POLL, vote, "The *sugar*", ("a",)),
    (WRITTEN, write, "Because it is quick.", ()),
    (WRITTEN, write_by_keyboard, "One line\nand another", ()),
    (NUMBER, number, "-3,5 cm", ()),
    (SYMBOLIC, expression, "3/x^2", ()),
    (BLANKS, blanks, "Plants take in air and give off oxygen.", ("air", "oxygen")),
    (BANK, bank, "Plants take in carbon dioxide and give off oxygen.", ("carbon dioxide", "oxygen")),
    (STEPS, drag, "1. One\n2. Two\n3. Three", ("s1", "s2", "s3")),
    (STEPS, move_by_keyboard, "1. One\n2. Two\n3. Three", ("s1", "s2", "s3")),
    (PAIRS, match, "Leaf: breathes\nRoot: drinks", ("l1=r2", "l2=r1")),
    (FORMULAS, match_letters, "Leaf: $\\pi r^2$\nRoot: $a^2$", ("l1=r1", "l2=r2")),
]


async def test_every_kind_of_question_is_answered(open_rig: Open) -> None:
    """By mouse or by keyboard, one conversation after the other on one page."""
    script: list[Said] = []
    for index, (kind, *_) in enumerate(ANSWERS):
        end = grades("noted" if kind is POLL else "correct", item=f"q{index}", shifts=() if kind is POLL else (SHIFT,))
        script += [asks(kind, f"Question {index}?", item=f"q{index}"), end]
    tutor = PlantedTutor(script)
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        for index, (kind, answer, text, selected) in enumerate(ANSWERS):
            await page.goto(rig.house.http + await asked(rig, person))
            question = card(page)
            await expect(question).to_have_accessible_name(f"Question {index}?")
            await answer(page)
            turn = await answered(page, 2)
            sent = tutor.heard[-1]
            assert (sent.text, sent.reply and sent.reply.selected) == (text, selected), kind["type"]
            assert sent.reply is not None
            assert (sent.reply.item, sent.reply.action) == (f"q{index}", "")
            assert sent.reply.confidence == (0.7 if answer in (choose, choose_by_keyboard) else None)
            assert sent.reply.seconds is not None
            assert 0 <= sent.reply.seconds < 60
            await expect(question).to_have_count(0)
            record = turns(page).nth(0).locator(".record")
            await expect(record.locator(".verdict")).to_have_text("Noted" if kind is POLL else "Right")
            if "options" in kind and kind is not BANK and kind is not BLANKS:
                await expect(record.locator("[data-chosen]")).to_have_count(len(selected))
            await expect(turn.locator(".grade .verdict")).to_have_count(1)
        await expect(page.get_by_role("textbox", name="Your message")).to_be_editable()
