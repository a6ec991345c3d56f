"""Whole lessons in the browser, with no model and with the scripted one: asked, answered, helped and led on."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.rig import Rig, answered, ask, turns, words
from tutor.domain import events as e
from tutor.domain import items
from tutor.domain.accounts import Role
from tutor.domain.dialogue import Transcript, Turn
from tutor.domain.items.item import Item
from tutor.domain.lesson import fold
from tutor.services import oatutor

#: In OATutor's shape, with sentences of our own.
PROBLEMS = [
    {
        "id": f"sum{n}",
        "title": "Like terms",
        "body": "Simplify:",
        "lesson": "1.1 Terms",
        "lesson_id": "L1",
        "oer": "https://example.org <ours>",
        "license": "https://www.apache.org/licenses/LICENSE-2.0 <Apache-2.0>",
        "steps": [
            {
                "id": f"sum{n}a",
                "title": f"$${n}x+{n + 1}x$$",
                "body": "",
                "answer": [f"$${2 * n + 1}x$$"],
                "answer_type": "arithmetic",
                "problem_type": "TextBox",
                "choices": None,
                "skills": ["add_like_terms"],
                "hints": [
                    {"id": f"sum{n}a-h1", "type": "hint", "title": "Count", "text": "Count the x in both terms."},
                    {
                        "id": f"sum{n}a-h2",
                        "type": "scaffold",
                        "dependencies": [f"sum{n}a-h1"],
                        "title": "Add",
                        "text": f"What is $${n}+{n + 1}$$?",
                        "hintAnswer": [f"$${2 * n + 1}$$"],
                        "answerType": "arithmetic",
                        "problemType": "TextBox",
                    },
                ],
            }
        ],
    }
    for n in range(2, 8)
]
LESSONS = [{"id": "L1", "name": "Lesson 1.1", "topics": "Terms", "skills": {"add_like_terms": 0.85}}]


class Lesson:
    """A student in the browser who can look up the answers: the store is at hand."""

    def __init__(self, rig: Rig, page: Page, course: str) -> None:
        self.rig, self.page, self.course = rig, page, course
        self.count = 0

    @property
    def transcript(self) -> Transcript:
        row = self.rig.house.system.store.conversations.listed()[0]
        return self.rig.house.system.store.conversations.transcript(row.id)

    async def next(self) -> Turn:
        """The turn that just ended, as it is recorded."""
        self.count += 1
        await answered(self.page, self.count)
        found = self.transcript.latest
        assert found is not None
        return found

    def open(self) -> tuple[e.ItemPosed, Item]:
        posed = next(t.posed for t in reversed(self.transcript.path()) if t.posed)
        item = self.rig.house.system.store.bank.get(self.course, posed.item)
        assert item is not None
        return posed, item

    async def press(self, name: str) -> Turn:
        await self.page.get_by_role("button", name=name, exact=True).last.click()
        return await self.next()

    async def say(self, text: str) -> Turn:
        await ask(self.page, text)
        return await self.next()

    async def at_a_question(self) -> None:
        """Go on until a question is open that can be answered right."""
        for _ in range(4):
            state = fold(self.transcript.path())
            if state.awaiting == "confidence":
                await self.press("I was certain")
            elif state.awaiting == "offer":
                await self.press("No")
            elif state.open is None:
                await self.press("Ask me a question")
            elif self.open()[1].type == "poll":
                await self.right()
            else:
                return

    async def right(self) -> Turn:
        """Answer whatever is asked rightly, in words: the composer takes every type."""
        posed, item = self.open()
        hint = next((h for h in item.hints if h.id == posed.hint), None)
        asked = items.as_item(item, hint) if hint else item
        body: Any = asked.body
        text = {
            "short_answer": lambda: body.model_answer,
            "multiple_choice": lambda: ", ".join(o.text for o in body.options if o.correct),
            "poll": lambda: body.options[0].text,
            "cloze": lambda: ", ".join(blank[0] for blank in body.blanks),
        }.get(asked.type, lambda: items.answers(asked)[0])()
        return await self.say(text)


async def begun(rig: Rig, course: str, page: Page) -> Lesson:
    await page.goto(f"{rig.house.http}/learning/{course}")
    await page.get_by_role("button", name="Start learning").click()
    await page.wait_for_url("**/chat/*")
    lesson = Lesson(rig, page, course)
    turn = await lesson.next()
    assert turn.posed is not None
    return lesson


def assert_sound(transcript: Transcript) -> None:
    """What holds for every lesson: one question a turn, a rule for every move, a grade only for answers."""
    for turn in transcript.turns.values():
        assert turn.status == "complete", turn.error
        assert turn.move is not None
        assert turn.move.rule
        if turn.posed is not None and turn.source == "authored":
            asked = [line for line in turn.reply.splitlines() if "?" in line and not line.startswith(">")]
            assert asked == []
        if turn.graded is not None and turn.graded.verdict != "not_an_answer":
            assert turn.understood is not None
            assert turn.understood.intent in ("answer", "confirm")


@pytest.mark.parametrize("with_model", [False, True], ids=["no model", "scripted model"])
async def test_a_lesson_on_imported_algebra(open_rig: Open, with_model: bool) -> None:
    async with open_rig(with_model=with_model) as rig:
        system = rig.house.system
        made = oatutor.imported(
            oatutor.problems_of(json.dumps(one) for one in PROBLEMS),
            oatutor.lessons_of(json.dumps(LESSONS)),
            course="algebra",
        )
        oatutor.bring(system.store.library, system.store.bank, made)
        page = await rig.signed_in(rig.house.person())
        lesson = await begun(rig, "algebra", page)
        first, _ = lesson.open()
        wrong = await lesson.say("-4x")
        assert wrong.graded is not None
        assert wrong.graded.verdict == "incorrect"
        hint = await lesson.press("Give me a hint")
        assert "Count the x" in hint.reply
        scaffold = await lesson.press("Give me a hint")
        assert scaffold.posed is not None
        assert scaffold.posed.hint
        back = await lesson.right()
        assert back.posed is not None
        assert (back.posed.item, back.posed.hint) == (first.item, "")
        done = await lesson.right()
        assert done.graded is not None
        assert done.graded.verdict == "correct"
        assert done.posed is not None
        assert done.posed.item != first.item  # with help, so it is shown again on a fresh one
        for _ in range(3):
            await lesson.right()
        assert_sound(lesson.transcript)
        await page.goto(f"{rig.house.http}/learning/algebra")
        await page.locator(".beliefs summary").first.click()
        await expect(page.locator(".beliefs .evidence").first).to_contain_text("with help")


@pytest.mark.parametrize("with_model", [False, True], ids=["no model", "scripted model"])
async def test_a_lesson_on_the_demo_course(open_rig: Open, with_model: bool) -> None:
    async with open_rig(with_model=with_model) as rig:
        learner = rig.house.person()
        page = await rig.signed_in(learner)
        lesson = await begun(rig, "energy-for-life", page)
        for _ in range(2):
            await lesson.at_a_question()
            await lesson.right()
        await lesson.at_a_question()
        before, _ = lesson.open()
        question = await lesson.say("What is ATP?")
        assert question.graded is None
        assert question.posed is not None
        assert question.posed.item == before.item  # the lesson goes on where it was
        assert (await lesson.say("I have no idea")).posed is not None
        for _ in range(12):
            hint = await lesson.press("Give me a hint")
            assert hint.move is not None
            if hint.move.closes:
                break
        assert hint.move.move == "assertion"
        for _ in range(3):
            await lesson.at_a_question()
            await lesson.right()
        await lesson.at_a_question()
        assert (await lesson.press("Skip")).posed is not None
        assert_sound(lesson.transcript)
        graded = [
            t.graded for t in lesson.transcript.turns.values() if t.graded and t.graded.verdict != "not_an_answer"
        ]
        assert sum(one.verdict == "correct" for one in graded) >= 3
        await expect(turns(page).last).to_be_visible()
        profile = rig.house.system.store.learners.profile(learner.account.id)
        assert profile.course("energy-for-life").answers >= 3
        reviewer = await rig.signed_in(rig.house.person(Role.REVIEWER), "/review")
        await reviewer.locator("table.list a").first.click()
        told = await words(reviewer.locator("main"))
        assert "Correct" in told
        assert "Mastery" in told
