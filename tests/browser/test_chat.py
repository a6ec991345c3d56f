"""A conversation in a real browser, on the demo course."""

import re

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.rig import QUESTION, answered, ask, turns, words
from tutor.domain.accounts import Role
from tutor.domain.errors import ModelUnavailable
from tutor.llm.scripted import Fail, Pause, Say


async def test_sign_in_with_a_demo_account(open_rig: Open) -> None:
    async with open_rig(demo=True) as rig:
        await rig.house.system.accounts.create("student", "demo-student", "Demo student")
        page = await rig.visitor()
        await page.goto(rig.house.http + "/")
        await expect(page).to_have_title(re.compile("Sign in"))
        await page.get_by_role("button", name="Fill in as Student").click()
        await expect(page.get_by_label("Username")).to_have_value("student")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="What would you like to understand?")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()


async def test_a_wrong_password_is_said_kindly(open_rig: Open) -> None:
    async with open_rig() as rig:
        page = await rig.visitor()
        await page.goto(rig.house.http + "/sign-in")
        await page.get_by_label("Username").fill("nobody")
        await page.get_by_role("textbox", name="Password").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("don't match")
        await expect(page.get_by_label("Username")).to_have_value("nobody")


async def test_ask_and_open_the_citation_beside_the_answer(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        turn = await answered(page)
        await expect(turn).to_contain_text("quoting the course itself")
        await expect(page).to_have_url(re.compile(r"/chat/[\w-]+$"))
        await expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
        chip = turn.locator("a.source").first
        number = await chip.get_attribute("data-number")
        inside = page.locator(f"a.citation[data-number='{number}']")
        marker = turn.locator(f"a.citation[data-number='{number}']")
        quote = re.sub(r"\s*\d+$", "", await words(turn.locator(".reply p").filter(has=inside).first))
        await marker.click()
        panel = page.get_by_role("complementary", name="Passage from the course")
        mark = panel.locator("#quote")
        await expect(mark).to_be_visible()
        await expect(mark).to_be_in_viewport()
        shown = " ".join([await words(each) for each in await panel.locator("mark").all()])
        assert shown == quote
        await expect(marker).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()
        await expect(marker).to_be_focused()


async def test_a_long_conversation_scrolls_inside_the_page(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person(), viewport={"width": 1280, "height": 600})
        for count in (1, 2, 3):
            await ask(page)
            turn = await answered(page, count)
        await turn.locator("a.source").first.click()
        await expect(page.locator(".passage mark").first).to_be_in_viewport()
        tall, room, top = await page.evaluate(
            "[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollTop]"
        )
        assert (tall, top) == (room, 0)


async def test_what_the_course_does_not_hold_is_refused(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page, "Who won the football world cup in 1998?")
        turn = await answered(page)
        await expect(turn).to_contain_text("I'd rather not guess")
        await expect(turn.locator("a.source")).to_have_count(0)


async def test_a_suggestion_starts_the_conversation(open_rig: Open) -> None:
    async with open_rig(with_model=False) as rig:
        page = await rig.signed_in(rig.house.person())
        suggestion = page.locator(".suggestions button").nth(1)
        text = await words(suggestion)
        await suggestion.click()
        turn = await answered(page)
        await expect(turn.locator(".message")).to_have_text(text)


STREAM = [Say("# Energy\n\nThe **first** part.\n\n"), Pause(1), Say("And $x^2$ in the "), Pause(1), Say("second.")]


async def test_text_streams_in_and_ends_as_html(open_rig: Open) -> None:
    async with open_rig(STREAM) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        reply = turns(page).locator(".reply")
        await expect(reply).to_contain_text("first part.")
        await expect(turns(page)).to_have_attribute("aria-busy", "true")
        await expect(page.get_by_role("button", name="Stop")).to_be_visible()
        rig.gate.let_pass()
        await expect(reply).to_contain_text("in the")
        # What is finished is already set while the rest is still being written.
        await expect(reply.locator("strong", has_text="first")).to_have_text("first")
        rig.gate.let_pass()
        turn = await answered(page)
        await expect(turn.locator("math")).to_have_count(1)
        await expect(turn.locator(".tail")).to_be_hidden()
        await expect(page.locator("tutor-chat > [role=status]")).to_have_text("The answer is complete.")
        assert await page.get_by_role("log").get_attribute("aria-live") == "off"


async def test_a_refresh_in_the_middle_loses_and_doubles_nothing(open_rig: Open) -> None:
    async with open_rig([Say("One two three. "), Pause(1), Say("Four five six.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await expect(turns(page).locator(".reply")).to_contain_text("three.")
        await page.get_by_role("textbox", name="Your message").fill("half a thou")
        await page.reload()
        await expect(turns(page).locator(".reply")).to_contain_text("three.")
        await expect(page.get_by_role("textbox", name="Your message")).to_have_value("half a thou")
        rig.gate.let_pass()
        turn = await answered(page)
        assert await words(turn.locator(".reply")) == "One two three. Four five six."
        await expect(page.locator(".message")).to_have_count(1)


async def test_two_windows_show_the_same(open_rig: Open) -> None:
    async with open_rig([Say("One two three. "), Pause(1), Say("Four five six.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page)
        await expect(turns(page).locator(".reply")).to_contain_text("three.")
        other = await rig.signed_in(person, "/" + page.url.split("/", 3)[3])
        await expect(turns(other).locator(".reply")).to_contain_text("three.")
        rig.gate.let_pass()
        for each in (page, other):
            assert await words((await answered(each)).locator(".reply")) == "One two three. Four five six."


async def test_stop(open_rig: Open) -> None:
    async with open_rig([Say("A beginning. And then "), Pause(1), Say("an end.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await expect(turns(page).locator(".reply")).to_contain_text("A beginning.")
        await page.get_by_role("button", name="Stop").click()
        turn = await answered(page)
        await expect(turn).to_have_attribute("data-status", "stopped")
        await expect(turn).to_contain_text("A beginning.")
        await expect(turn).to_contain_text("You stopped this answer.")
        await expect(page.get_by_role("button", name="Stop")).to_be_hidden()


async def test_edit_retry_and_switch_branches(open_rig: Open) -> None:
    async with open_rig([Say("First answer.")], [Say("Second answer.")], [Say("Third answer.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page, "What is ATP?")
        turn = await answered(page)
        await turn.get_by_role("button", name="Edit").click()
        await page.get_by_role("textbox", name="Edit your message").fill("What is ATP made of?")
        await page.get_by_role("button", name="Send again").click()
        await expect(turns(page)).to_contain_text("Second answer.")
        turn = await answered(page)
        await expect(turn.locator(".message")).to_have_text("What is ATP made of?")
        await expect(turn.locator(".branches")).to_have_text("2 / 2")
        await turn.locator(".answered").get_by_role("button", name="Try again").click()
        await expect(turns(page)).to_contain_text("Third answer.")
        turn = await answered(page)
        await expect(turn.locator(".branches")).to_have_text("3 / 3")
        await turn.get_by_role("button", name="Previous version").click()
        await expect(turns(page)).to_contain_text("Second answer.")
        await page.keyboard.press("Enter")
        await expect(turns(page)).to_contain_text("First answer.")
        await expect(turns(page).locator(".message")).to_have_text("What is ATP?")
        await page.reload()
        await expect(turns(page)).to_contain_text("Third answer.")


async def test_going_on_from_an_older_branch(open_rig: Open) -> None:
    async with open_rig([Say("First answer.")], [Say("Second answer.")], [Say("Following on.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page, "What is ATP?")
        turn = await answered(page)
        await turn.locator(".answered").get_by_role("button", name="Try again").click()
        await expect(turns(page)).to_contain_text("Second answer.")
        await (await answered(page)).get_by_role("button", name="Previous version").click()
        await ask(page, "And what is ADP?")
        await answered(page, 2)
        await expect(turns(page).nth(0)).to_contain_text("First answer.")
        await expect(turns(page).nth(1)).to_contain_text("Following on.")


async def test_a_model_that_fails_midway_offers_another_try(open_rig: Open) -> None:
    async with open_rig([Say("It begins well. And then "), Fail(ModelUnavailable())], [Say("Now it is whole.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        turn = await answered(page)
        await expect(turn).to_have_attribute("data-status", "failed")
        await expect(turn.locator(".reply")).to_have_text("It begins well.")
        await turn.locator(".outcome").get_by_role("button", name="Try again").click()
        await expect(turns(page)).to_contain_text("Now it is whole.")


async def test_thumbs_and_a_comment_reach_the_log(open_rig: Open) -> None:
    async with open_rig([Say("An answer.")]) as rig:
        person = rig.house.person()
        page = await rig.signed_in(person)
        await ask(page)
        turn = await answered(page)
        await turn.get_by_role("button", name="Not helpful").click()
        await page.get_by_role("textbox", name="What could have been better?").fill("Too short.")
        await turn.get_by_role("button", name="Send", exact=True).click()
        await expect(turn).to_contain_text("A person will read this.")
        await expect(turn.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")
        conversation = page.url.rpartition("/")[2]
        transcript = await rig.house.system.chat.transcript(person.account, conversation)
        assert transcript.latest is not None
        assert (transcript.latest.rating, transcript.latest.comment) == (-1, "Too short.")


async def test_copy_gives_the_markdown(open_rig: Open) -> None:
    async with open_rig([Say("A **bold** answer.")]) as rig:
        page = await rig.signed_in(rig.house.person(), permissions=["clipboard-read", "clipboard-write"])
        await ask(page)
        await (await answered(page)).get_by_role("button", name="Copy").click()
        await expect(page.locator("tutor-chat > [role=status]")).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == "A **bold** answer."


async def test_the_list_of_conversations(open_rig: Open) -> None:
    async with open_rig([Say("Yes.")], [Say("No.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        rail = page.get_by_role("navigation", name="Your conversations")
        await ask(page, "What do enzymes do?")
        await answered(page)
        await rail.get_by_role("link", name="New conversation").click()
        await expect(page.get_by_role("heading", name="What would you like to understand?")).to_be_visible()
        await ask(page, "Where does oxygen come from?")
        await answered(page)
        await expect(rail.locator("li")).to_have_count(2)
        await rail.get_by_role("searchbox").fill("enzymes")
        await expect(rail.locator("li")).to_have_count(1)
        await rail.get_by_role("link", name="What do enzymes do?").click()
        await expect(turns(page)).to_contain_text("Yes.")
        await rail.get_by_role("button", name="More about “What do enzymes do?”").click()
        await page.get_by_role("button", name="Rename").click()
        await page.get_by_role("textbox", name="Name of the conversation").fill("Enzymes")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Enzymes")
        await rail.get_by_role("searchbox").fill("")
        await expect(rail.get_by_role("link", name="Enzymes")).to_have_attribute("aria-current", "page")
        await page.go_back()
        await expect(turns(page)).to_contain_text("No.")
        await rail.get_by_role("button", name="More about “Enzymes”").click()
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(rail.locator("li")).to_have_count(1)
        await expect(turns(page)).to_contain_text("No.")


async def test_everything_by_keyboard(open_rig: Open) -> None:
    async with open_rig([Say("ATP is a coin [1]. "), Pause(1), Say("Why?")], [Say("Edited.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        await page.keyboard.type("What is ATP?")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("And ADP?")
        await page.keyboard.press("Enter")
        await expect(turns(page).locator(".message")).to_have_text("What is ATP?\nAnd ADP?")
        await expect(turns(page).locator(".reply")).to_contain_text("coin")
        await page.keyboard.press("Escape")
        await expect(await answered(page)).to_have_attribute("data-status", "stopped")
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_role("textbox", name="Edit your message")).to_be_focused()
        await page.keyboard.press("End")
        await page.keyboard.type("!")
        await page.keyboard.press("Enter")
        await expect(turns(page)).to_contain_text("Edited.")
        await page.get_by_role("heading", level=1).click()
        await page.keyboard.press("/")
        await expect(page.get_by_role("searchbox")).to_be_focused()
        await page.get_by_role("heading", level=1).click()
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.keyboard.press("m")
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()


async def test_scrolling_follows_only_at_the_end(open_rig: Open) -> None:
    long = "\n\n".join(f"Paragraph {n} of a long answer that goes on." for n in range(40))
    async with open_rig([Say(long), Pause(1), Say("\n\nThe very end.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await expect(page.get_by_text("Paragraph 39 of")).to_be_in_viewport()
        await page.locator(".pane").evaluate("pane => { pane.scrollTop = 0; }")
        latest = page.get_by_role("button", name="Jump to the latest")
        await expect(latest).to_be_visible()
        rig.gate.let_pass()
        await answered(page)
        await expect(page.get_by_text("Paragraph 1 of")).to_be_in_viewport()
        await latest.click()
        await expect(page.get_by_text("The very end.")).to_be_in_viewport()
        await expect(latest).to_be_hidden()


async def test_markup_in_a_reply_is_only_text(open_rig: Open) -> None:
    hostile = (
        'Look: <img src="https://evil.example/a.png" onerror="document.title=\'taken\'"> '
        "![p](https://evil.example/b.png) [x](javascript:document.title='taken') "
        "<script>document.title='taken'</script>"
    )
    async with open_rig([Say(hostile), Pause(1), Say(" end")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await expect(turns(page).locator(".reply")).to_contain_text("Look:")
        rig.gate.let_pass()
        turn = await answered(page)
        await expect(turn.locator(".reply :is(img, script, a)")).to_have_count(0)
        assert "taken" not in await page.title()


async def test_somebody_elses_conversation_is_not_there(open_rig: Open) -> None:
    async with open_rig([Say("A secret.")]) as rig:
        page = await rig.signed_in(rig.house.person())
        await ask(page)
        await answered(page)
        path = "/" + page.url.split("/", 3)[3]
        other = await rig.signed_in(rig.house.person(), path)
        await expect(other.get_by_role("heading", name="There is nothing here")).to_be_visible()
        reviewer = await rig.signed_in(rig.house.person(Role.REVIEWER), path)
        await expect(reviewer.get_by_role("heading", name="There is nothing here")).to_be_visible()
