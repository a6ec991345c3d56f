"""Answers that a reviewer decided about: who says the same again is judged the same, and nobody reads them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.classroom import Classroom, classroom
from tutor.domain import events as e
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Turn
from tutor.services.adopting import course_stream
from tutor.services.deciding import Decisions
from tutor.services.privacy import erase_learner

ODD = "Out of rain and thin air, and the bright sky pays for it."
NEARLY = "It is out of the rain and of thin air, and the bright sky pays for sugar!"


@pytest.fixture(params=["sqlite", "memory"])
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Classroom]:
    async with classroom(tmp_path, in_memory=request.param == "memory") as made:
        yield made


@pytest.fixture
async def reviewer(room: Classroom) -> Account:
    return await room.system.accounts.create("reviewer", "a long password", "Reviewer", Role.REVIEWER, "en")


async def answered(room: Classroom, text: str) -> Turn:
    """The turn in which ``text`` was sent as the answer to the question about sugar."""
    await room.press("practise", item="sugar")
    posed = room.turns[-1].posed
    assert posed is not None
    assert posed.item == "sugar-from"
    return await room.say(text, item="sugar-from")


def verdict(turn: Turn) -> str:
    assert turn.graded is not None
    return turn.graded.verdict


async def decided(room: Classroom, reviewer: Account, text: str, says: str) -> Turn:
    turn = await answered(room, text)
    await room.press("contest")
    await room.system.review.decide(reviewer, room.conversation, turn.id, says)
    return turn


async def test_what_a_reviewer_decided_is_right_is_right_from_the_next_learner_in_nearly_the_same_words(
    room: Classroom, reviewer: Account
) -> None:
    first = await decided(room, reviewer, ODD, "correct")
    assert verdict(first) != "correct"
    assert verdict(await answered(await room.joined_by("next"), NEARLY)) == "correct"
    for n, other in enumerate(("It is not out of rain and thin air, and the bright sky pays.", "Out of thin air.")):
        assert verdict(await answered(await room.joined_by(f"other{n}"), other)) != "correct"


async def test_what_a_reviewer_decided_is_wrong_is_wrong_from_the_next_learner(
    room: Classroom, reviewer: Account
) -> None:
    lucky = "From carbon dioxide and water in the sky, energy from sunlight in the soil."
    assert verdict(await decided(room, reviewer, lucky, "incorrect")) == "correct"
    assert verdict(await answered(await room.joined_by("next"), lucky)) == "incorrect"


async def test_a_decision_taken_back_counts_no_more(room: Classroom, reviewer: Account) -> None:
    turn = await decided(room, reviewer, ODD, "correct")
    await room.system.review.decide(reviewer, room.conversation, turn.id, "incorrect", "I misread it.")
    assert verdict(await answered(await room.joined_by("next"), NEARLY)) == "incorrect"
    await room.system.review.decide(reviewer, room.conversation, turn.id, "correct", "No, I was right.")
    assert verdict(await answered(await room.joined_by("third"), NEARLY)) == "correct"


async def test_of_two_who_said_the_same_the_last_decision_counts(room: Classroom, reviewer: Account) -> None:
    other = await room.joined_by("other")
    early = await answered(other, ODD)
    await decided(room, reviewer, ODD, "correct")
    await other.press("contest")
    await room.system.review.decide(reviewer, other.conversation, early.id, "incorrect")
    assert verdict(await answered(await room.joined_by("next"), ODD)) == "incorrect"


async def test_an_idea_said_before_is_not_what_the_decided_answer_said(room: Classroom, reviewer: Account) -> None:
    await answered(room, "Sugar is made from carbon dioxide and water.")
    rest = await room.say("The bright sky pays for it.", item="sugar-from")
    await room.press("contest")
    await room.system.review.decide(reviewer, room.conversation, rest.id, "correct")
    turn = await answered(await room.joined_by("next"), "The bright sky pays for it.")
    assert turn.graded is not None
    assert turn.graded.covered == ("energy",)


async def test_it_ends_with_the_conversation_and_with_the_learner(room: Classroom, reviewer: Account) -> None:
    await decided(room, reviewer, ODD, "correct")
    erase_learner(room.system.store, room.student.id)
    assert verdict(await answered(await room.joined_by("next"), NEARLY)) != "correct"


async def test_it_counts_in_its_course_and_for_its_question_only(room: Classroom, reviewer: Account) -> None:
    await decided(room, reviewer, ODD, "correct")
    decisions = Decisions(room.system.store.log, room.system.store.conversations)
    assert decisions.of("plants", "sugar-from") is not None
    assert decisions.of("plants", "gas-in") is None
    assert decisions.of("animals", "sugar-from") is None
    graded = decisions.of("plants", "sugar-from")
    assert graded is not None
    assert graded("Another question?", "The energy comes from sunlight.") == ()


async def test_nobody_is_shown_what_another_learner_wrote(room: Classroom, reviewer: Account) -> None:
    await decided(room, reviewer, ODD, "correct")
    pointers = [one.event for one in room.system.store.log.read(course_stream("plants"))]
    assert "thin air" not in json.dumps([vars(one) for one in pointers])
    other = await room.joined_by("next")
    await answered(other, "It is out of rain and thin air, the bright sky pays for it.")
    stream = room.system.store.log.read(e.conversation_stream(other.conversation))
    told = [repr(one.event) for one in stream if not isinstance(one.event, e.MessageSent | e.AnswerGraded)]
    assert not any("thin air" in text for text in told)
