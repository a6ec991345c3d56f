"""Questions in the conversation: what becomes of an answer, and the ways out of a question."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.planted import PlantedTutor, asked, asks, grades, says
from tests.browser.rig import PHONE, answered, turns, words
from tests.browser.test_accessibility import findings
from tests.browser.test_card_answers import (
    BANK,
    BLANKS,
    CHOICE,
    FORMULAS,
    NUMBER,
    SHIFT,
    STEPS,
    SYMBOLIC,
    WRITTEN,
    card,
    choose,
    send,
)
from tests.browser.test_looks import assert_fits
from tutor.domain import events as e


async def assert_card_fits(page: Page) -> None:
    """Nothing in the conversation is wider than its pane, which hides what is."""
    await assert_fits(page)
    wide, room = await page.locator(".pane").evaluate("pane => [pane.scrollWidth, pane.clientWidth]")
    assert wide <= room, f"{wide} px in {room} px"


async def test_a_grade_says_what_it_changed_and_can_be_contested(open_rig: Open) -> None:
    partial = grades(
        "partial",
        asks(CHOICE, item="two", text="Think of the bonds."),
        covered=("one",),
        missing=("two", "three"),
        shifts=(SHIFT,),
        note="negated",
    )
    tutor = PlantedTutor([asks(WRITTEN, reason="no-such-code"), partial, says("A person will look at it.")])
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        status = page.locator("tutor-chat > [role=status]")
        await card(page).get_by_role("textbox").fill("It is not quick.")
        await send(page)
        turn = await answered(page, 2)
        grade = turn.locator(".grade")
        await expect(grade).to_contain_text("Partly right")
        await expect(grade).to_contain_text("1 of 3 ideas")
        await expect(grade).to_contain_text("Your sentence says the opposite.")
        await expect(grade.get_by_role("list", name="What this changed")).to_contain_text(
            "right on the first try, after 3 days"
        )
        await expect(status).to_contain_text("Partly right")
        await expect(status).to_contain_text("There is a question for you.")
        # Whoever answered on a card is at the next one.
        await expect(card(page).get_by_role("radio", name="The sugar")).to_be_focused()
        await grade.get_by_role("button", name="I don't think that's right").click()
        await answered(page, 3)
        reply = tutor.heard[-1].reply
        assert reply is not None
        assert (reply.item, reply.action, tutor.heard[-1].text) == ("one", "contest", "I don't think that's right")
        graded, contesting = tutor.heard[1].turn, tutor.heard[2].turn
        conversation = page.url.rpartition("/")[2]
        for event in (e.GradeContested(contesting, graded, "one"), e.GradeReviewed(graded, "correct", "r")):
            await tutor.record(conversation, event)
            if isinstance(event, e.GradeContested):
                await expect(grade).to_contain_text("A person will look at this grade.")
                await expect(grade.get_by_role("button")).to_have_count(0)
        await expect(grade.locator(".verdict")).to_have_text("Right")
        await expect(grade).to_contain_text("A person has looked at this grade.")
        await expect(card(page)).to_be_visible()


async def test_the_ways_out_of_a_question(open_rig: Open) -> None:
    tutor = PlantedTutor(
        [
            asks(CHOICE, purpose="review"),
            says("Think of a spring.", "hint", asks(CHOICE)),
            says("Plants are green because of chlorophyll.", "question"),
            says("Not yet.", "tell_me"),
            says("As you like.", "skip", actions=("next", "explain", "hint")),
            asks(CHOICE, item="two", purpose="placement"),
        ]
    )
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        await expect(card(page)).to_contain_text("Coming back to this")
        await card(page).get_by_role("radio", name="The bonds").check()
        await card(page).get_by_role("button", name="Give me a hint").click()
        # The question is put again, as it was filled in; above it stands what was asked.
        turn = await answered(page, 2)
        await expect(turn.locator(".question")).to_have_count(1)
        await expect(turns(page).nth(0).locator(".record .verdict")).to_have_count(0)
        await expect(card(page).get_by_role("radio", name="The bonds")).to_be_checked()
        assert tutor.heard[-1].reply == e.ItemReply("one", "", action="hint")
        await page.get_by_role("textbox", name="Your message").fill("Why are plants green?")
        await page.keyboard.press("Enter")
        await answered(page, 3)
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        await expect(card(page).get_by_role("radio", name="The bonds")).to_be_checked()
        await card(page).get_by_role("button", name="Show me the answer").click()
        await answered(page, 4)
        assert tutor.heard[-1].reply == e.ItemReply("one", "", action="tell_me")
        await card(page).get_by_role("button", name="Skip").click()
        turn = await answered(page, 5)
        await expect(card(page)).to_have_count(0)
        await expect(turns(page).nth(0).locator(".record .verdict")).to_have_text("Skipped")
        await expect(page.locator(".record:visible")).to_have_count(1)
        chips = page.get_by_role("group", name="What next?").get_by_role("button")
        await expect(chips).to_have_text(["Go on", "Explain this"])
        await chips.first.click()
        await answered(page, 6)
        assert tutor.heard[-1].reply == e.ItemReply(action="next")
        await expect(card(page)).to_contain_text("Finding out what you know")
        await expect(card(page).get_by_role("button", name="Give me a hint")).to_have_count(0)
        await expect(card(page).get_by_role("button", name="Skip")).to_be_visible()


async def test_a_conversation_begins_with_a_button(open_rig: Open) -> None:
    tutor = PlantedTutor([asks(CHOICE)])
    async with open_rig(seat=tutor.seated) as rig:
        for name, action in (("Start learning", "practise"), ("Find out what I already know", "placement")):
            page = await rig.signed_in(rig.house.person())
            await page.get_by_role("button", name=name).click()
            await expect(card(page)).to_be_visible()
            assert tutor.heard[-1].reply == e.ItemReply(action=action)
            await expect(turns(page).locator(".message")).to_have_text(name)
            await expect(turns(page).get_by_role("button", name="Edit")).to_have_count(0)


async def test_a_sub_question_hands_back_to_its_question(open_rig: Open) -> None:
    tutor = PlantedTutor(
        [
            asks(CHOICE, "The question?"),
            grades("incorrect", asks(NUMBER, "The step?", hint="h1")),
            grades("correct", hint="h1"),
        ]
    )
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        await choose(page)
        await answered(page, 2)
        await expect(turns(page).nth(0).locator(".record li")).to_have_count(3)
        await expect(card(page)).to_have_accessible_name("The step?")
        await expect(card(page)).to_contain_text("A smaller step")
        await card(page).get_by_role("textbox").fill("12")
        await page.keyboard.press("Enter")
        await answered(page, 3)
        assert tutor.heard[-1].reply is not None
        assert tutor.heard[-1].reply.hint == "h1"
        await expect(card(page)).to_have_accessible_name("The question?")
        await expect(page.get_by_role("group", name="The step?")).to_have_count(0)


async def test_an_answer_is_changed_on_its_card(open_rig: Open) -> None:
    right = grades("correct", text="Good.")
    tutor = PlantedTutor([asks(STEPS), grades("incorrect", asks(STEPS), text="Not yet."), right])
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        await send(page)
        turn = await answered(page, 2)
        await turn.get_by_role("button", name="Edit").click()
        again = turn.locator(".message .question")
        await expect(again.get_by_role("button", name="Move down: Three")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(again).to_have_count(0)
        await expect(turn.locator(".message li").first).to_have_text("Three")
        await turn.get_by_role("button", name="Edit").click()
        await again.get_by_role("button", name="Move down: Three").click()
        await again.get_by_role("button", name="Move down: Three").click()
        await again.get_by_role("button", name="Answer", exact=True).click()
        await expect(turns(page)).to_have_count(2)
        await expect(turns(page).nth(1).locator(".message li").first).to_have_text("One")
        await expect(turns(page).nth(1).locator(".branches")).to_contain_text("2 / 2")
        assert tutor.heard[-1].parent == tutor.heard[0].turn
        assert tutor.heard[-1].reply is not None
        assert tutor.heard[-1].reply.selected == ("s1", "s2", "s3")
        await expect(card(page)).to_have_count(0)
        await page.get_by_role("button", name="Previous version").click()
        await expect(turns(page).nth(1).locator(".grade .verdict")).to_have_text("Not yet")
        await expect(card(page)).to_be_visible()
        await turns(page).nth(1).get_by_role("button", name="Try again").click()
        await expect(turns(page).nth(1).locator(".branches")).to_contain_text("3 / 3")
        assert tutor.heard[-1].reply is not None
        assert tutor.heard[-1].reply.selected == ("s3", "s1", "s2")


async def test_a_half_filled_card_survives_a_lost_line_and_a_reload(open_rig: Open) -> None:
    tutor = PlantedTutor([asks(BLANKS), grades("correct")])
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        blank = card(page).get_by_role("textbox", name="Blank 1 of 2")
        await blank.fill("air")
        await page.context.set_offline(True)
        await expect(page.locator(".line")).to_contain_text("offline")
        await expect(blank).to_have_value("air")
        await expect(blank).to_be_focused()
        await page.context.set_offline(False)
        await expect(page.locator(".line")).to_be_hidden()
        await page.reload()
        await expect(blank).to_have_value("air")
        await card(page).get_by_role("textbox", name="Blank 2 of 2").fill("oxygen")
        await page.context.set_offline(True)
        await send(page)
        # It waits in the outbox, and can't be sent twice.
        await expect(page.locator(".pending .message")).to_have_text("Plants take in air and give off oxygen.")
        await expect(card(page).get_by_role("button", name="On its way")).to_be_disabled()
        await page.context.set_offline(False)
        turn = await answered(page, 2)
        await expect(turn.locator(".grade .verdict")).to_have_text("Right")
        assert [sent.reply and sent.reply.selected for sent in tutor.heard] == [(), ("air", "oxygen")]
        await page.reload()
        await answered(page, 2)
        await expect(turns(page).nth(1).locator(".message")).to_have_text("Plants take in air and give off oxygen.")
        await expect(card(page)).to_have_count(0)


async def test_confidence_is_not_asked_of_those_who_do_not_want_it(open_rig: Open) -> None:
    tutor = PlantedTutor([asks(CHOICE)])
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person))
        await card(page).get_by_role("radio", name="Certain").check()
        await card(page).get_by_role("button", name="Don't ask how sure I am").click()
        await expect(card(page).get_by_role("radio", name="Certain")).to_be_hidden()
        await page.reload()
        await expect(card(page).get_by_role("radio", name="Certain")).to_be_hidden()
        await card(page).get_by_role("button", name="Say how sure I am").click()
        await expect(card(page).get_by_role("radio", name="Certain")).not_to_be_checked()


LOOKS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "dark": ("en", {"color_scheme": "dark"}, [CHOICE, BANK]),
    "phone": ("en", {**PHONE, "viewport": {"width": 360, "height": 740}}, [NUMBER, STEPS]),
    "right-to-left": ("ar", {**PHONE}, [SYMBOLIC, FORMULAS]),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_cards_are_accessible_and_fit(open_rig: Open, look: str) -> None:
    language, options, (one, two) = LOOKS[look]
    script = [
        asks(one, item="q0", text="LONG " * 30),
        grades("partial", asks(two, item="q1"), item="q0", shifts=(SHIFT,), reading="x = 3/4", note="sign"),
        grades("correct", item="q1", shifts=(SHIFT, SHIFT), actions=("next", "confirm")),
    ]
    tutor = PlantedTutor(script)
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person(language=language)
        path = await asked(rig, person)
        page = await rig.signed_in(person, path, **options)
        problems: dict[str, list[str]] = {}
        for index, kind in enumerate((one, two)):
            await expect(turns(page)).to_have_count(index + 1)
            await expect(card(page)).to_have_attribute("data-type", kind["type"])
            problems[kind["type"]] = await findings(page)
            await assert_card_fits(page)
            chat, conversation = rig.house.system.chat, path.rpartition("/")[2]
            reply = e.ItemReply(f"q{index}")
            await chat.send(person.account, conversation, f"m{index}", "An answer", reply=reply)
        await answered(page, 3)
        await expect(page.locator(".next button")).to_have_count(2)
        problems["after"] = await findings(page)
        await assert_card_fits(page)
        assert {state: found for state, found in problems.items() if found} == {}


async def test_a_question_taller_than_the_page_is_read_from_its_beginning(open_rig: Open) -> None:
    tall = {**CHOICE, "options": [{"id": str(n), "text": f"Option {n}"} for n in range(20)]}
    tutor = PlantedTutor(
        [asks(WRITTEN, text="Words.\n\n" * 9), grades("correct", asks(tall, "The tall one?", item="two"))]
    )
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person), **PHONE)
        await expect(card(page).get_by_role("button", name="Skip")).to_be_in_viewport()
        await card(page).get_by_role("textbox").fill("x")
        await card(page).get_by_role("button", name="Answer", exact=True).click()
        await answered(page, 2)
        await expect(card(page).get_by_text("The tall one?")).to_be_in_viewport()
        await expect(page.get_by_role("button", name="Jump to the latest")).to_be_hidden()
        # On a touch screen the question itself has the focus, which brings up no keyboard.
        await expect(card(page)).to_be_focused()


async def test_nothing_moves_for_those_who_do_not_want_it(open_rig: Open) -> None:
    tutor = PlantedTutor([asks(CHOICE), grades("correct", shifts=(SHIFT,))])
    async with open_rig(seat=tutor.seated) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person, await asked(rig, person), reduced_motion="reduce")
        await choose(page)
        turn = await answered(page, 2)
        await expect(turn.locator(".moving .meter")).to_be_visible()
        assert "52" not in await words(turn.locator(".shift-why"))
        running = "document.getAnimations().filter((a) => a.playState === 'running').length"
        assert await page.evaluate(running) == 0
