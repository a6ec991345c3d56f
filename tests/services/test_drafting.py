"""Drafts by a scripted model: grounded, checked, repaired once, and never taught unseen."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from retrieval.values import Document, Passage, passage_id
from tests.conftest import StillClock
from tutor.domain.curriculum import Course, KnowledgeComponent
from tutor.domain.errors import ModelGarbled, ModelRejected, ModelTimeout, NotFound
from tutor.domain.items.item import Item
from tutor.domain.items.short_answer import ShortAnswer
from tutor.domain.jobs import Job
from tutor.llm.scripted import Fail, Hang, Say, ScriptedChatModel, Step
from tutor.services.drafting import MOST_PASSAGES, Drafting, NoModel, read_reply
from tutor.store.memory import MemoryStore

TEXT = "Chlorophyll absorbs **red** and blue light. It reflects green light, and so leaves look green to us."
COURSE = Course(
    "light",
    "Light",
    "en",
    components=(
        KnowledgeComponent("green", "Leaves are green", ""),
        KnowledgeComponent("sugar", "Leaves make sugar", ""),
    ),
)
GOOD = {
    "type": "short_answer",
    "prompt": "Why do leaves look green?",
    "quote": "It reflects green light",
    "kcs": ["green"],
    "model_answer": "Chlorophyll reflects green light.",
    "expectation": [{"id": "reflects", "text": "Green light is reflected."}],
    "origin": "authored",
    "state": "approved",
}
CHOICE = {
    "type": "multiple_choice",
    "prompt": "Which light does chlorophyll absorb?",
    "quote": "absorbs red and blue light",
    "kcs": ["nobody's"],
    "option": [{"text": "red", "correct": True}, {"text": "green", "why": "It is reflected."}],
}


def passage(ordinal: int = 0, text: str = TEXT) -> Passage:
    name = passage_id("light", "leaves.md", ordinal, ("Leaves",), text)
    return Passage(name, "light", "leaves.md", ordinal, ("Leaves",), 0, len(text), text, ordinal)


def reply(*items: Any) -> list[Step]:
    return [Say(json.dumps({"items": list(items)}))]


class World:
    def __init__(self, clock: StillClock, *scripts: Sequence[Step], passages: int = 1, model: bool = True) -> None:
        self.store = MemoryStore(clock=clock)
        self.model = ScriptedChatModel(*scripts)
        document = Document("light", "leaves.md", "Leaves", "sha", "text/markdown", 0, (), "en", TEXT, ("green",))
        self.store.library.put_course(COURSE)
        self.store.library.put_document(document, "folder", [passage(number) for number in range(passages)], [])
        numbers = iter(range(1000))
        self.drafting = Drafting(
            self.store.library,
            self.store.bank,
            self.store.jobs,
            self.model if model else None,
            lambda: str(next(numbers)),
        )

    @property
    def items(self) -> dict[str, Item]:
        return {item.prompt: item for item in self.store.bank.listed("light", limit=100)}

    async def draft(self, owner: str | None = None) -> Job:
        """Ask for drafts and wait until the work beside the request is over."""
        job = await self.drafting.ask("light", "leaves.md", owner)
        while (found := self.store.jobs.get(job.id)) is None or found.status in ("pending", "running"):
            await asyncio.sleep(0.001)
        await self.drafting.close()
        return found

    def said(self, call: int) -> str:
        return "\n".join(text for _, text in self.model.requests[call].messages)


async def test_drafts_are_stored_with_their_passage_and_wait_for_a_trainer(clock: StillClock) -> None:
    world = World(clock, reply(GOOD, CHOICE))
    assert (await world.draft("trainer")).owner == "trainer"
    item = world.items["Why do leaves look green?"]
    assert (item.state, item.origin, item.kcs, item.kcs_guessed) == ("draft", "drafted", ("green",), False)
    assert (item.place, item.extra["quote"], item.extra["model"]) == (
        "leaves.md",
        "It reflects green light",
        "scripted",
    )
    assert item.extra["passage"] == passage().id
    assert isinstance(item.body, ShortAnswer)
    other = world.items["Which light does chlorophyll absorb?"]
    assert (other.kcs, other.kcs_guessed, other.extra["quote"]) == (("green",), True, "absorbs **red** and blue light")
    assert "green: Leaves are green" in world.said(0)
    assert "sugar: Leaves make sugar" not in world.said(0)


async def test_the_work_goes_on_beside_the_request(clock: StillClock) -> None:
    world = World(clock, reply(GOOD))
    found = await world.draft()
    assert (found.status, found.done, found.total, found.messages) == ("done", 1, 1, ())
    assert [each.id for each in world.drafting.jobs("light")] == [found.id]
    assert world.drafting.jobs("art") == ()
    await world.drafting.close()


async def test_what_is_wrong_is_sent_back_once(clock: StillClock) -> None:
    bad = {**CHOICE, "option": [{"text": "red"}, {"text": "green"}]}
    world = World(clock, reply(GOOD, bad), reply(CHOICE))
    found = await world.drafting.from_passage(COURSE, passage())
    assert [item.type for item in found.items] == ["short_answer", "multiple_choice"]
    assert found.problems == ()
    assert "option: none is correct" in world.said(1)
    assert '"quote": "absorbs red and blue light"' in world.said(1)


async def test_what_stays_wrong_is_dropped_and_told(clock: StillClock) -> None:
    world = World(clock, [Say("Here are some questions!")], [Say("Sorry.")])
    found = await world.draft()
    assert (found.status, found.messages) == ("done", ("the reply is not JSON",))
    assert world.items == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quote": "Leaves are made of cheese"}, "these words do not stand in the passage"),
        ({"quote": ""}, "quote is missing"),
        ({"type": "poll"}, "type must be one of"),
        ({"type": "riddle"}, "type must be one of"),
        ({"prompt": ""}, "prompt is empty"),
        ({"expectation": 3}, "expectation must be a list of tables"),
    ],
)
def test_every_rule_is_checked(change: dict[str, Any], problem: str) -> None:
    found = read_reply(json.dumps({"items": [{**GOOD, **change}, "no item"]}), COURSE, passage(), "m")
    assert found.items == ()
    assert problem in found.problems[0]
    assert "must be an object" in found.problems[1]


def test_a_reply_in_a_fence_is_read_and_one_of_another_shape_is_not() -> None:
    fenced = f"```json\n{json.dumps({'items': [GOOD]})}\n```"
    assert len(read_reply(fenced, COURSE, passage(), "m").items) == 1
    for text in ("[]", "{}", '{"items": 3}', "[" * 100_000):
        assert read_reply(text, COURSE, passage(), "m").problems != ()


async def test_a_draft_that_a_trainer_rejected_does_not_come_back(clock: StillClock) -> None:
    world = World(clock, reply(GOOD), reply(GOOD))
    await world.draft()
    name = world.items["Why do leaves look green?"].id
    world.store.bank.set_state("light", name, "rejected")
    await world.draft()
    assert {item.state for item in world.items.values()} == {"rejected"}
    assert "Why do leaves look green?" in world.said(1)


async def test_a_passage_that_fails_does_not_stop_the_others(clock: StillClock) -> None:
    world = World(clock, [Fail(ModelTimeout())], reply(GOOD), passages=2)
    found = await world.draft()
    assert (found.status, len(world.items)) == ("done", 1)


@pytest.mark.parametrize(
    ("script", "code"), [([Fail(ModelRejected())], ModelRejected.code), ([Say("  ")], ModelGarbled.code)]
)
async def test_a_model_that_does_not_serve_fails_the_job(clock: StillClock, script: list[Step], code: str) -> None:
    world = World(clock, script)
    found = await world.draft()
    assert (found.status, found.error) == ("failed", code)


async def test_a_long_document_is_sampled_evenly(clock: StillClock) -> None:
    world = World(clock, *[reply() for _ in range(50)], passages=50)
    await world.draft()
    assert len(world.model.requests) == MOST_PASSAGES


async def test_without_a_model_nothing_is_drafted(clock: StillClock) -> None:
    world = World(clock, model=False)
    assert not world.drafting.available
    with pytest.raises(NoModel):
        await world.drafting.ask("light", "leaves.md")
    world.drafting.wake()
    await world.drafting.close()


async def test_an_unknown_document_is_refused(clock: StillClock) -> None:
    world = World(clock)
    with pytest.raises(NotFound):
        await world.drafting.ask("light", "nowhere.md")


async def test_a_closing_process_hands_the_job_back(clock: StillClock) -> None:
    world = World(clock, [Hang()])
    job = await world.drafting.ask("light", "leaves.md")
    while not world.model.requests:
        await asyncio.sleep(0.001)
    await world.drafting.close()
    found = world.store.jobs.get(job.id)
    assert found is not None
    assert (found.status, found.attempts) == ("pending", 0)
