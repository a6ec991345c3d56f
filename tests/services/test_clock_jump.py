"""The machine's clock is put forward and back under a lesson: order goes by the log, and nothing runs amok."""

import math
from datetime import timedelta
from pathlib import Path

import pytest

from tests.services.classroom import Classroom, classroom
from tutor.domain import events as e
from tutor.domain.learner import LearnerProfile

DAY = 24 * 3600.0
YEAR = 365 * DAY


def sound(room: Classroom) -> LearnerProfile:
    """The profile, of which every number is one and which refolding gives again."""
    profile = room.system.store.learners.profile(room.student.id)
    for component in profile.course("plants").components.values():
        for point in component.history:
            assert all(math.isfinite(share) and 0 <= share <= 1 for share in (point.before, point.after, point.lower))
        if component.review is not None:
            assert math.isfinite(component.review.stability)
            assert component.review.stability > 0
    room.system.store.log.refold()
    assert room.system.store.learners.profile(room.student.id) == profile
    return profile


async def lesson(room: Classroom, answers: int) -> None:
    for _ in range(answers):
        turn = await room.press("practise")
        assert turn.status == "complete"
        if turn.posed is not None:  # else the few questions are used up
            answered = await room.say("I think it is carbon dioxide, from the air.", item=turn.posed.item)
            assert answered.status == "complete"
        sound(room)


@pytest.mark.parametrize("jump", [-YEAR, -2 * DAY, -60.0, 2 * DAY, 50 * YEAR])
async def test_a_lesson_goes_on(tmp_path: Path, jump: float) -> None:
    async with classroom(tmp_path) as room:
        await lesson(room, 2)
        room.clock.pass_time(seconds=jump)
        await lesson(room, 2)
        room.clock.pass_time(seconds=-jump)
        await lesson(room, 1)
        transcript = await room.system.chat.transcript(room.student, room.conversation)
        assert list(transcript.turns) == [turn.id for turn in room.turns], "in the order of sending"
        recorded = room.system.store.log.read(e.conversation_stream(room.conversation))
        assert [one.seq for one in recorded] == list(range(1, len(recorded) + 1))
        assert all(turn.seconds is not None and 0 <= turn.seconds < 60 for turn in room.turns), (
            "measured by no such clock"
        )


async def test_who_is_signed_in_stays_so_unless_the_clock_says_that_time_is_up(tmp_path: Path) -> None:
    async with classroom(tmp_path, in_memory=True) as room:
        token, session, _ = await room.system.accounts.sign_in("student", "a long password", "127.0.0.1")
        room.clock.pass_time(days=-400)
        assert await room.system.accounts.resolve(token) is not None
        room.clock.pass_time(days=401)
        assert await room.system.accounts.resolve(token) is None
        room.clock.pass_time(days=-1)  # it was a mistake: put right, nobody has lost anything
        found = await room.system.accounts.resolve(token)
        assert found is not None
        assert found[1] == session
        assert session.expires_at - session.created_at == timedelta(hours=12)
