"""Contested grades: listed for reviewers, decided by them, and made good in the learner's record."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.classroom import Classroom, classroom
from tutor.domain import events as e
from tutor.domain.accounts import Account, Role
from tutor.domain.dialogue import Turn
from tutor.domain.errors import InvalidInput, NotAllowed


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Classroom]:
    async with classroom(tmp_path) as made:
        yield made


@pytest.fixture
async def reviewer(room: Classroom) -> Account:
    return await room.system.accounts.create("reviewer", "a long password", "Reviewer", Role.REVIEWER, "en")


async def contested(room: Classroom) -> Turn:
    """A wrong answer about the component "gases" whose grade the learner contests."""
    await room.press("practise", item="gases")
    for _ in range(6):
        posed = room.turns[-1].posed
        assert posed is not None
        if posed.item == "rate":
            break
        await room.press("skip")
    graded = await room.say("7 mL/min", item="rate")
    assert graded.graded is not None
    assert graded.graded.verdict == "incorrect"
    await room.press("contest")
    return graded


async def test_a_contested_grade_is_listed_until_it_is_decided(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    (found,) = await room.system.review.contested(reviewer)
    assert found.turn.id == turn.id
    await room.system.review.decide(reviewer, room.conversation, turn.id, "incorrect", "It says soil.")
    assert await room.system.review.contested(reviewer) == ()


async def test_a_grade_that_was_wrong_is_made_good(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    before = room.model.belief("gases", room.clock()).mean
    await room.system.review.decide(reviewer, room.conversation, turn.id, "correct")
    assert room.model.belief("gases", room.clock()).mean > before
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    sources = [one.event.source for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert sources[-1] == "reviewer"
    assert "chat" in sources  # the first grade stays in the record


async def test_only_reviewers_decide_and_only_about_grades(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    with pytest.raises(NotAllowed):
        await room.system.review.decide(room.student, room.conversation, turn.id, "correct")
    with pytest.raises(NotAllowed):
        await room.system.review.contested(room.student)
    with pytest.raises(InvalidInput):
        await room.system.review.decide(reviewer, room.conversation, turn.id, "brilliant")
    with pytest.raises(InvalidInput):
        await room.system.review.decide(reviewer, room.conversation, room.turns[0].id, "correct")


async def test_the_same_decision_twice_counts_once(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    await room.system.review.decide(reviewer, room.conversation, turn.id, "correct")
    once = room.model
    await room.system.review.decide(reviewer, room.conversation, turn.id, "correct", "pressed twice")
    assert room.model == once


async def test_two_reviewers_at_once_count_once(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    decide = room.system.review.decide
    await asyncio.gather(*(decide(reviewer, room.conversation, turn.id, "correct") for _ in range(4)))
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    sources = [one.event.source for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert sources.count("reviewer") == 1


async def test_a_decision_can_be_taken_back(room: Classroom, reviewer: Account) -> None:
    turn = await contested(room)
    assert turn.graded is not None
    await room.system.review.decide(reviewer, room.conversation, turn.id, "correct")
    await room.system.review.decide(reviewer, room.conversation, turn.id, "incorrect", "I misread it.")
    stream = room.system.store.log.read(e.learner_stream(room.student.id))
    seen = [one.event for one in stream if isinstance(one.event, e.EvidenceObserved)]
    assert [one.credit for one in seen if one.source == "reviewer"] == [1.0, 0.0]
